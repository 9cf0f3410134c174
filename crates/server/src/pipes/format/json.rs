//! `FORMAT JSON` of ClickHouse, tab for tab: what the documented example shows and clients of that database are used to.

use std::io::Write as _;

use super::Closing;
use super::value::{Value, push_json_text};
use crate::pipes::answer::{AnswerColumn, AnswerKind, Chunk};

/// Writes `meta`, `data`, `rows`, `rows_before_limit_at_least` where a page was asked for, and `statistics`.
pub struct JsonWriter {
    /// Per column: what stands in front of its value, and its kind.
    columns: Vec<(Vec<u8>, AnswerKind)>,
    meta: Vec<u8>,
    has_rows: bool,
}

impl JsonWriter {
    /// Writes these columns.
    pub fn new(columns: &[AnswerColumn]) -> Self {
        let mut meta = b"{\n\t\"meta\":\n\t[\n".to_vec();
        for (index, column) in columns.iter().enumerate() {
            meta.extend_from_slice(if index == 0 {
                b"\t\t{\n\t\t\t\"name\": "
            } else {
                b",\n\t\t{\n\t\t\t\"name\": "
            });
            push_json_text(&column.name, &mut meta);
            meta.extend_from_slice(b",\n\t\t\t\"type\": ");
            push_json_text(column.kind.name(), &mut meta);
            meta.extend_from_slice(b"\n\t\t}");
        }
        meta.extend_from_slice(b"\n\t],\n\n\t\"data\":\n\t[\n");
        let columns = columns.iter().enumerate().map(|(index, column)| {
            let mut before = if index == 0 { b"\t\t\t".to_vec() } else { b",\n\t\t\t".to_vec() };
            push_json_text(&column.name, &mut before);
            before.extend_from_slice(b": ");
            (before, column.kind)
        });
        Self { columns: columns.collect(), meta, has_rows: false }
    }

    /// Writes `meta`, and what begins `data`.
    pub fn start(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.meta);
    }

    /// Writes a row.
    pub fn row(&mut self, chunk: &Chunk, row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.has_rows { b",\n\t\t{\n" } else { b"\t\t{\n" });
        self.has_rows = true;
        for ((before, kind), values) in self.columns.iter().zip(&chunk.columns) {
            out.extend_from_slice(before);
            Value::of(values, *kind, row).push_json(out);
        }
        out.extend_from_slice(b"\n\t\t}");
    }

    /// Writes what comes behind `data`.
    pub fn end(&mut self, closing: &Closing, out: &mut Vec<u8>) {
        let Closing { rows, total, elapsed, scanned } = closing;
        let total = total.map(|total| format!("\t\"rows_before_limit_at_least\": {total},\n\n"));
        write!(
            out,
            "\n\t],\n\n\t\"rows\": {rows},\n\n{}\t\"statistics\":\n\t{{\n\t\t\"elapsed\": {},\n\t\t\"rows_read\": {},\n\t\t\
             \"bytes_read\": {}\n\t}}\n}}\n",
            total.unwrap_or_default(),
            elapsed.as_secs_f64(),
            scanned.rows,
            scanned.bytes,
        )
        .expect("writing into memory never fails");
    }
}
