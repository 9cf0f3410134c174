//! Writes batches of segments to a file of any format.

use std::io::{self, Write};

use tallyhouse_model::Batch;

use super::csv_rows::CsvRows;
use super::json_rows::push_row;
use super::parquet_rows::ParquetRows;
use super::{FileFormat, Output, SegmentView};

/// A file that is being written.
pub enum SegmentWriter {
    /// NDJSON, with the text that is used again for every batch.
    Ndjson(Box<Output>, String),
    /// CSV.
    Csv(Box<CsvRows<Output>>),
    /// Parquet.
    Parquet(Box<ParquetRows<Output>>),
}

impl SegmentWriter {
    /// Begins a file. Without `deletions`, none may be written.
    pub fn new(output: Output, format: FileFormat, deletions: bool) -> io::Result<Self> {
        Ok(match format {
            FileFormat::Ndjson => SegmentWriter::Ndjson(Box::new(output), String::new()),
            FileFormat::Csv => SegmentWriter::Csv(Box::new(CsvRows::new(output, deletions)?)),
            FileFormat::Parquet => SegmentWriter::Parquet(Box::new(ParquetRows::new(output, deletions)?)),
        })
    }

    /// Writes rows.
    pub fn write(&mut self, batch: &Batch) -> io::Result<()> {
        let view = SegmentView::of(batch);
        match self {
            SegmentWriter::Ndjson(output, lines) => {
                for row in 0..view.rows() {
                    lines.clear();
                    push_row(lines, &view, row);
                    output.write_all(lines.as_bytes())?;
                }
                Ok(())
            }
            SegmentWriter::Csv(rows) => rows.write(&view),
            SegmentWriter::Parquet(rows) => rows.write(&view),
        }
    }

    /// Writes the end of the file.
    pub fn finish(self) -> io::Result<()> {
        let output = match self {
            SegmentWriter::Ndjson(output, _) => *output,
            SegmentWriter::Csv(rows) => rows.finish()?,
            SegmentWriter::Parquet(rows) => rows.finish()?,
        };
        output.finish()
    }
}
