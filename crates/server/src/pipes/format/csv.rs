//! A line of names and a line per row, as ClickHouse writes `CSVWithNames`: texts and times in quotes, numbers without,
//! and `\N` for what is absent.

use super::time::{push_second, push_time};
use super::value::{Value, push_quoted};
use crate::pipes::answer::{AnswerColumn, Chunk};

/// Writes a header and rows.
pub struct CsvWriter {
    columns: Vec<AnswerColumn>,
}

impl CsvWriter {
    /// Writes these columns.
    pub fn new(columns: &[AnswerColumn]) -> Self {
        Self { columns: columns.to_vec() }
    }

    /// Writes the names.
    pub fn start(&mut self, out: &mut Vec<u8>) {
        for (index, column) in self.columns.iter().enumerate() {
            push_separator(index, out);
            push_text(&column.name, out);
        }
        out.push(b'\n');
    }

    /// Writes a row.
    pub fn row(&mut self, chunk: &Chunk, row: usize, out: &mut Vec<u8>) {
        for (index, (column, values)) in self.columns.iter().zip(&chunk.columns).enumerate() {
            push_separator(index, out);
            match Value::of(values, column.kind, row) {
                Value::Null => out.extend_from_slice(b"\\N"),
                Value::Text(text) => push_text(text, out),
                Value::Time(at) => push_quoted(out, |out| push_time(at, out)),
                Value::Second(at) => push_quoted(out, |out| push_second(at, out)),
                number => number.push_bare(out),
            }
        }
        out.push(b'\n');
    }
}

fn push_separator(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

/// Quotes inside are doubled; line breaks stay, as RFC 4180 allows between quotes.
fn push_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}
