//! Reads records out of a file of any format, one after the other.

use std::fs::File;
use std::io::{self, BufRead};

use super::csv_records::CsvRecords;
use super::parquet_records::ParquetRecords;
use crate::ingest::{RecordSink, RecordType, next_line};

/// Why a file cannot be read on. Rows that are merely invalid are no errors: they go to quarantine.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The input broke off, or is not compressed the way it seems to be.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is not laid out as its format asks for.
    #[error("{0}")]
    Layout(String),
    /// The file is not Parquet, or damaged.
    #[error("not a readable Parquet file: {0}")]
    Parquet(String),
}

/// A file that is being read.
pub struct RecordReader {
    source: Source,
    position: u64,
}

enum Source {
    Lines { input: Box<dyn BufRead + Send>, line: Vec<u8> },
    Csv(Box<CsvRecords>),
    Parquet(Box<ParquetRecords>),
}

impl RecordReader {
    /// NDJSON.
    pub fn lines(mut input: Box<dyn BufRead + Send>) -> Result<Self, ReadError> {
        if input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            input.consume(3);
        }
        Ok(Self { source: Source::Lines { input, line: Vec::new() }, position: 0 })
    }

    /// CSV with a header.
    pub fn csv(record_type: &'static RecordType, input: Box<dyn BufRead + Send>) -> Result<Self, ReadError> {
        Ok(Self { source: Source::Csv(Box::new(CsvRecords::new(record_type, input)?)), position: 1 })
    }

    /// Parquet.
    pub fn parquet(record_type: &'static RecordType, file: File) -> Result<Self, ReadError> {
        Ok(Self { source: Source::Parquet(Box::new(ParquetRecords::new(record_type, file)?)), position: 0 })
    }

    /// Where the last record stands: the number of its line, or of its row in Parquet, from 1.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Rows there are, where the file says so beforehand.
    pub fn rows(&self) -> Option<u64> {
        match &self.source {
            Source::Parquet(records) => Some(records.rows()),
            Source::Lines { .. } | Source::Csv(_) => None,
        }
    }

    /// Hands the next record over. False at the end of the file.
    pub fn next(&mut self, sink: &mut dyn RecordSink) -> Result<bool, ReadError> {
        match &mut self.source {
            Source::Lines { input, line } => {
                let more = next_line(input, line)?;
                self.position += u64::from(more);
                let text = line.trim_ascii();
                if !text.is_empty() {
                    sink.line(text);
                }
                Ok(more)
            }
            Source::Csv(records) => {
                let more = records.next(sink)?;
                self.position = records.line();
                Ok(more)
            }
            Source::Parquet(records) => {
                let more = records.next(sink)?;
                self.position += u64::from(more);
                Ok(more)
            }
        }
    }
}
