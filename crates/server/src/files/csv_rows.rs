//! Writes rows as CSV, for [`super::csv_records`] to read back.

use std::borrow::Cow;
use std::io::{self, Write};

use tallyhouse_model::{Cell, render_record_time};

use super::StoredRecords;
use crate::ingest::{Field, RecordType, render_uuid};

/// A CSV file that is being written.
pub struct CsvRows<W: Write> {
    writer: csv::Writer<W>,
    /// A column per field.
    fields: Vec<&'static Field>,
}

impl<W: Write> CsvRows<W> {
    /// Writes the header. `deleted` comes behind all fields where deletions are written.
    pub fn new(output: W, record_type: &RecordType, deletions: bool) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(output);
        let deleted = deletions.then(|| record_type.deletion_field());
        let fields: Vec<_> = record_type.kept_fields().chain(deleted).collect();
        writer.write_record(fields.iter().map(|field| field.name)).map_err(io_error)?;
        Ok(Self { writer, fields })
    }

    /// Writes rows.
    pub fn write(&mut self, records: &StoredRecords<'_>) -> io::Result<()> {
        for row in 0..records.rows() {
            for field in &self.fields {
                self.writer.write_field(cell(records, row, field).as_ref()).map_err(io_error)?;
            }
            self.writer.write_record(None::<&[u8]>).map_err(io_error)?;
        }
        Ok(())
    }

    /// Gives the output back, with everything written to it.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| io_error(error.into_error().into()))
    }
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn cell<'b>(records: &StoredRecords<'b>, row: usize, field: &Field) -> Cow<'b, str> {
    match records.cell(row, field) {
        Cell::Absent => "".into(),
        Cell::Time(at) => render_record_time(at).into(),
        Cell::Integer(integer) => integer.to_string().into(),
        Cell::Choice(choice) => records.word(field, choice).into(),
        Cell::Id(id) => render_uuid(&id).into(),
        // One of nothing but quotes, the empty one too, gets two more, so that an empty cell always means "absent".
        Cell::Text(text) if text.bytes().all(|byte| byte == b'"') => format!("\"\"{text}").into(),
        Cell::Text(text) => text.into(),
        Cell::Flag(flag) => if flag { "true" } else { "false" }.into(),
    }
}
