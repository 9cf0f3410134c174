//! The formats an answer can be asked for in, and how its rows are written in each.
//!
//! A writer is given chunks and writes as much of them as fills a piece, so that no answer is ever whole in memory.

mod csv;
mod json;
mod ndjson;
mod parquet;
#[cfg(test)]
mod tests;
mod time;
mod value;

use std::time::Duration;

use tallyhouse_store::Scanned;

use self::csv::CsvWriter;
use self::json::JsonWriter;
use self::ndjson::NdjsonWriter;
use self::parquet::ParquetWriter;
use super::answer::{AnswerColumn, Chunk};

/// A piece of an answer is sent once it has grown past this.
pub const PIECE_BYTES: usize = 256 << 10;

/// A format of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `meta`, `data`, `rows` and `statistics`, as ClickHouse writes `FORMAT JSON`.
    Json,
    /// A line of names, then a line per row.
    Csv,
    /// A JSON object per line.
    Ndjson,
    /// A Parquet file.
    Parquet,
}

impl Format {
    /// The format that the end of a URL names.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "json" => Some(Format::Json),
            "csv" | "csvwithnames" => Some(Format::Csv),
            "ndjson" => Some(Format::Ndjson),
            "parquet" => Some(Format::Parquet),
            _ => None,
        }
    }

    /// What `Content-Type` says.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json; charset=UTF-8",
            Format::Csv => "text/csv; charset=UTF-8; header=present",
            Format::Ndjson => "application/x-ndjson",
            Format::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// What is told behind the rows, where the format has a place for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closing {
    /// Rows of this page.
    pub rows: u64,
    /// Rows on all pages together; only told where a page was asked for.
    pub total: Option<u64>,
    /// How long the query took.
    pub elapsed: Duration,
    /// What it touched.
    pub scanned: Scanned,
}

/// Writes the rows of one answer, once.
pub enum Writer {
    /// In [`Format::Json`].
    Json(JsonWriter),
    /// In [`Format::Csv`].
    Csv(CsvWriter),
    /// In [`Format::Ndjson`].
    Ndjson(NdjsonWriter),
    /// In [`Format::Parquet`].
    Parquet(Box<ParquetWriter>),
}

impl Writer {
    /// Writes these columns.
    pub fn new(format: Format, columns: &[AnswerColumn]) -> Self {
        match format {
            Format::Json => Writer::Json(JsonWriter::new(columns)),
            Format::Csv => Writer::Csv(CsvWriter::new(columns)),
            Format::Ndjson => Writer::Ndjson(NdjsonWriter::new(columns)),
            Format::Parquet => Writer::Parquet(Box::new(ParquetWriter::new(columns))),
        }
    }

    /// Writes what stands before the rows.
    pub fn start(&mut self, out: &mut Vec<u8>) {
        match self {
            Writer::Json(writer) => writer.start(out),
            Writer::Csv(writer) => writer.start(out),
            Writer::Ndjson(_) => {}
            Writer::Parquet(writer) => writer.take(out),
        }
    }

    /// Writes rows of a chunk from this one on, until the piece is full; answers the first that it did not write.
    pub fn rows(&mut self, chunk: &Chunk, first: usize, out: &mut Vec<u8>) -> usize {
        let mut row = first;
        while row < chunk.rows && out.len() < PIECE_BYTES {
            match self {
                Writer::Json(writer) => writer.row(chunk, row, out),
                Writer::Csv(writer) => writer.row(chunk, row, out),
                Writer::Ndjson(writer) => writer.row(chunk, row, out),
                Writer::Parquet(writer) => {
                    row = writer.rows(chunk, row, out);
                    continue;
                }
            }
            row += 1;
        }
        row
    }

    /// Writes what stands behind the rows.
    pub fn end(&mut self, closing: &Closing, out: &mut Vec<u8>) {
        match self {
            Writer::Json(writer) => writer.end(closing, out),
            Writer::Csv(_) | Writer::Ndjson(_) => {}
            Writer::Parquet(writer) => writer.end(out),
        }
    }
}
