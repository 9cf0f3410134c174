//! Decodes CSV: the header names the fields, an empty cell is an absent field.
//!
//! CSV has no types, so a cell means whatever its field asks for. A cell of nothing but double quotes stands for two
//! fewer of them: that is how exports tell an empty text from an absent one.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ReadError;
use crate::ingest::{Fields, LINE_BYTES_MAX, Raw, Reason, RecordSink, RecordType};

/// Bytes of one record; more is a quote that is never closed.
const RECORD_BYTES_MAX: usize = 8 * LINE_BYTES_MAX;

/// A CSV file that is being read.
pub struct CsvRecords {
    reader: csv::Reader<Bounded>,
    record_type: &'static RecordType,
    /// The position of each column's field; none for columns that are not known.
    columns: Vec<Option<usize>>,
    record: csv::ByteRecord,
    bytes_left: Arc<AtomicUsize>,
    line: u64,
}

impl CsvRecords {
    /// Reads the header.
    pub fn new(record_type: &'static RecordType, input: Box<dyn BufRead + Send>) -> Result<Self, ReadError> {
        let bytes_left = Arc::new(AtomicUsize::new(RECORD_BYTES_MAX));
        let bounded = Bounded { input, bytes_left: bytes_left.clone() };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bounded);
        let columns = columns_of(record_type, reader.byte_headers().map_err(read_error)?)?;
        Ok(Self { reader, record_type, columns, record: csv::ByteRecord::new(), bytes_left, line: 1 })
    }

    /// The line on which the last record began.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Hands the next record over. False at the end.
    pub fn next(&mut self, sink: &mut dyn RecordSink) -> Result<bool, ReadError> {
        self.bytes_left.store(RECORD_BYTES_MAX, Ordering::Relaxed);
        if !self.reader.read_byte_record(&mut self.record).map_err(read_error)? {
            return Ok(false);
        }
        self.line = self.record.position().map_or(self.line, csv::Position::line);
        if self.record.len() != self.columns.len() {
            let problem =
                format!("has {} cells where the header has {}", self.record.len(), self.columns.len());
            sink.undecodable(Reason::record(problem), &text_of(&self.record));
            return Ok(true);
        }
        let mut fields = Fields::new(self.record_type);
        for (position, cell) in self.columns.iter().zip(&self.record) {
            let Some(position) = position else { continue };
            let Ok(cell) = std::str::from_utf8(cell) else {
                sink.undecodable(Reason::record("is not valid UTF-8"), &text_of(&self.record));
                return Ok(true);
            };
            fields.set(*position, raw_of(cell));
        }
        sink.record(&fields);
        Ok(true)
    }
}

fn raw_of(cell: &str) -> Raw<'_> {
    let quotes_only = cell.bytes().all(|byte| byte == b'"');
    match cell.len() {
        0 => Raw::Absent,
        length if length >= 2 && quotes_only => Raw::Text(cell[2..].into()),
        _ => Raw::Cell(cell),
    }
}

fn text_of(record: &csv::ByteRecord) -> String {
    let cells: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
    cells.join(",")
}

fn columns_of(record_type: &RecordType, header: &csv::ByteRecord) -> Result<Vec<Option<usize>>, ReadError> {
    let mut columns: Vec<Option<usize>> = Vec::new();
    for name in header {
        let name = name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name).trim_ascii();
        let position = std::str::from_utf8(name).ok().and_then(|name| record_type.position(name, 0));
        if position.is_some() && columns.contains(&position) {
            return Err(ReadError::Layout(format!(
                "the header names {} twice",
                String::from_utf8_lossy(name)
            )));
        }
        columns.push(position);
    }
    let named = |name| columns.iter().flatten().any(|position| record_type.fields[*position].name == name);
    match record_type.naming_fields().find(|field| !named(field.name)) {
        Some(missing) => Err(ReadError::Layout(format!(
            "the first line names no column {}; it has to name the fields",
            missing.name
        ))),
        None => Ok(columns),
    }
}

fn read_error(error: csv::Error) -> ReadError {
    let line = error.position().map(csv::Position::line);
    match (error.into_kind(), line) {
        (csv::ErrorKind::Io(error), _) => ReadError::Io(error),
        (_, Some(line)) => ReadError::Layout(format!("line {line} is not readable as CSV")),
        (_, None) => ReadError::Layout("not readable as CSV".into()),
    }
}

/// Refuses to read on when a single record takes too much.
struct Bounded {
    input: Box<dyn BufRead + Send>,
    bytes_left: Arc<AtomicUsize>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes_left = self.bytes_left.load(Ordering::Relaxed);
        if bytes_left == 0 {
            let problem =
                format!("a record is longer than {RECORD_BYTES_MAX} bytes; is a quote never closed?");
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        let bytes = self.input.read(buffer)?;
        self.bytes_left.store(bytes_left.saturating_sub(bytes), Ordering::Relaxed);
        Ok(bytes)
    }
}
