//! Writes rows as Parquet, for [`super::parquet_records`] to read back.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tallyhouse_model::{Batch, Cell};

use super::StoredRecords;
use crate::ingest::{Field, RecordType, Rule};

/// Rows of a row group: what is held in memory until it is written.
const ROW_GROUP_ROWS: usize = 131_072;

/// A Parquet file that is being written.
pub struct ParquetRows<W: Write + Send> {
    writer: ArrowWriter<W>,
    /// A column per field.
    fields: Vec<&'static Field>,
}

impl<W: Write + Send> ParquetRows<W> {
    /// Begins a file. `deleted` comes behind all fields where deletions are written.
    pub fn new(output: W, record_type: &RecordType, deletions: bool) -> io::Result<Self> {
        let deleted = deletions.then(|| record_type.deletion_field());
        let fields: Vec<_> = record_type.kept_fields().chain(deleted).collect();
        let nothing = Batch::new(record_type.table);
        let schema = record_batch(&StoredRecords::of(&nothing), &fields).schema();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(output, schema, Some(properties)).map_err(io_error)?;
        Ok(Self { writer, fields })
    }

    /// Writes rows.
    pub fn write(&mut self, records: &StoredRecords<'_>) -> io::Result<()> {
        self.writer.write(&record_batch(records, &self.fields)).map_err(io_error)
    }

    /// Writes the end of the file and gives the output back.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(io_error)
    }
}

/// The library wraps what the output reported; it comes out again, so that a closed pipe stays recognisable.
fn io_error(error: parquet::errors::ParquetError) -> io::Error {
    match error {
        parquet::errors::ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}

fn record_batch(records: &StoredRecords<'_>, fields: &[&'static Field]) -> RecordBatch {
    let columns = fields.iter().map(|field| (field.name, column(records, field), true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("all columns have a value per row")
}

/// The values of a field. Integers end at 2^63 - 1, which the rules make sure of.
fn column(records: &StoredRecords<'_>, field: &Field) -> ArrayRef {
    let rows = 0..records.rows();
    match field.rule {
        Rule::Time(_) | Rule::Receipt => {
            let times = rows.map(|row| match records.cell(row, field) {
                Cell::Time(at) => Some(at),
                _ => None,
            });
            Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        Rule::Integer(_) | Rule::Digits(_) => {
            let integers = rows.map(|row| match records.cell(row, field) {
                Cell::Integer(integer) => i64::try_from(integer).ok(),
                _ => None,
            });
            Arc::new(integers.collect::<Int64Array>())
        }
        Rule::Flag => {
            let flags = rows.map(|row| match records.cell(row, field) {
                Cell::Flag(flag) => Some(flag),
                _ => None,
            });
            Arc::new(flags.collect::<BooleanArray>())
        }
        Rule::Uuid
        | Rule::Word
        | Rule::Text(_)
        | Rule::Country
        | Rule::Object
        | Rule::List(_)
        | Rule::Address => Arc::new(rows.map(|row| records.text(row, field)).collect::<StringArray>()),
    }
}
