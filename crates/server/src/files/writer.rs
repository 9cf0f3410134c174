//! Writes batches of rows to a file of any format.

use std::io::{self, Write};

use tallyhouse_model::{Batch, TableId};

use super::csv_rows::CsvRows;
use super::json_rows::push_row;
use super::parquet_rows::ParquetRows;
use super::{FileFormat, Output, StoredRecords};
use crate::ingest::record_type_of;

/// A file that is being written.
pub enum RecordWriter {
    /// NDJSON, with the text that is used again for every batch.
    Ndjson(Box<Output>, String),
    /// CSV.
    Csv(Box<CsvRows<Output>>),
    /// Parquet.
    Parquet(Box<ParquetRows<Output>>),
}

impl RecordWriter {
    /// Begins a file of the rows of a table that records are sent to. Without `deletions`, none may be written.
    pub fn new(output: Output, format: FileFormat, table: TableId, deletions: bool) -> io::Result<Self> {
        let record_type = record_type_of(table).expect("only rows that were records are written out");
        Ok(match format {
            FileFormat::Ndjson => RecordWriter::Ndjson(Box::new(output), String::new()),
            FileFormat::Csv => RecordWriter::Csv(Box::new(CsvRows::new(output, record_type, deletions)?)),
            FileFormat::Parquet => {
                RecordWriter::Parquet(Box::new(ParquetRows::new(output, record_type, deletions)?))
            }
        })
    }

    /// Writes rows.
    pub fn write(&mut self, batch: &Batch) -> io::Result<()> {
        let records = StoredRecords::of(batch);
        match self {
            RecordWriter::Ndjson(output, lines) => {
                for row in 0..records.rows() {
                    lines.clear();
                    push_row(lines, &records, row);
                    output.write_all(lines.as_bytes())?;
                }
                Ok(())
            }
            RecordWriter::Csv(rows) => rows.write(&records),
            RecordWriter::Parquet(rows) => rows.write(&records),
        }
    }

    /// Writes the end of the file.
    pub fn finish(self) -> io::Result<()> {
        let output = match self {
            RecordWriter::Ndjson(output, _) => *output,
            RecordWriter::Csv(rows) => rows.finish()?,
            RecordWriter::Parquet(rows) => rows.finish()?,
        };
        output.finish()
    }
}
