//! A JSON object per line, as ClickHouse writes `JSONEachRow`.

use super::value::{Value, push_json_text};
use crate::pipes::answer::{AnswerColumn, AnswerKind, Chunk};

/// Writes rows and nothing else.
pub struct NdjsonWriter {
    /// Per column: what stands in front of its value, and its kind.
    columns: Vec<(Vec<u8>, AnswerKind)>,
}

impl NdjsonWriter {
    /// Writes these columns.
    pub fn new(columns: &[AnswerColumn]) -> Self {
        let columns = columns.iter().enumerate().map(|(index, column)| {
            let mut before = if index == 0 { Vec::new() } else { vec![b','] };
            push_json_text(&column.name, &mut before);
            before.push(b':');
            (before, column.kind)
        });
        Self { columns: columns.collect() }
    }

    /// Writes a row.
    pub fn row(&mut self, chunk: &Chunk, row: usize, out: &mut Vec<u8>) {
        out.push(b'{');
        for ((before, kind), values) in self.columns.iter().zip(&chunk.columns) {
            out.extend_from_slice(before);
            Value::of(values, *kind, row).push_json(out);
        }
        out.extend_from_slice(b"}\n");
    }
}
