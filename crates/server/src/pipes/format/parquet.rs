//! A Parquet file, in row groups that are bounded in rows and in bytes.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, RecordBatch, TimestampMillisecondArray, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tallyhouse_model::SECOND;

use super::value::Value;
use crate::pipes::answer::{AnswerColumn, AnswerKind, Chunk, ChunkValues};

/// Rows and bytes of a row group at most: it is in memory until it is written.
const ROW_GROUP_ROWS: usize = 131_072;
const ROW_GROUP_BYTES: usize = 8 << 20;

/// Rows that are handed to the library at once.
const BATCH_ROWS: usize = 1_024;

/// Writes a file whose bytes can be taken while it grows.
pub struct ParquetWriter {
    columns: Vec<AnswerColumn>,
    schema: SchemaRef,
    /// Gone once the end was written.
    writer: Option<ArrowWriter<Vec<u8>>>,
}

impl ParquetWriter {
    /// Writes these columns.
    pub fn new(columns: &[AnswerColumn]) -> Self {
        let fields = columns.iter().map(|column| {
            let (kind, nullable) = type_of(column.kind);
            Field::new(&column.name, kind, nullable)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties))
            .expect("all types of columns are supported, and memory can be written to");
        Self { columns: columns.to_vec(), schema, writer: Some(writer) }
    }

    /// Takes what the file has grown by.
    pub fn take(&mut self, out: &mut Vec<u8>) {
        let writer = self.writer.as_mut().expect("nothing is written behind the end");
        out.append(writer.inner_mut());
    }

    /// Writes some rows of a chunk from this one on; answers the first that it did not write.
    pub fn rows(&mut self, chunk: &Chunk, first: usize, out: &mut Vec<u8>) -> usize {
        let end = chunk.rows.min(first + BATCH_ROWS);
        let arrays = self.columns.iter().zip(&chunk.columns);
        let arrays = arrays.map(|(column, values)| array_of(column.kind, values, first, end));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays.collect())
            .expect("arrays are made to fit the schema");
        let writer = self.writer.as_mut().expect("nothing is written behind the end");
        writer.write(&batch).expect("memory can be written to");
        if writer.in_progress_size() > ROW_GROUP_BYTES {
            writer.flush().expect("memory can be written to");
        }
        self.take(out);
        end
    }

    /// Writes the end of the file.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        let writer = self.writer.take().expect("the end is written once");
        out.append(&mut writer.into_inner().expect("memory can be written to"));
    }
}

/// The type of a column, and whether its values may be absent.
fn type_of(kind: AnswerKind) -> (DataType, bool) {
    let time = || DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    match kind {
        AnswerKind::Text => (DataType::Utf8, false),
        AnswerKind::NullableText => (DataType::Utf8, true),
        AnswerKind::Time | AnswerKind::Second => (time(), false),
        AnswerKind::NullableTime => (time(), true),
        AnswerKind::Integer => (DataType::UInt64, false),
        AnswerKind::NullableInteger => (DataType::UInt64, true),
        AnswerKind::Decimal => (DataType::Float64, false),
        AnswerKind::Flag => (DataType::Boolean, false),
    }
}

/// The values of rows `first..end`.
fn array_of(kind: AnswerKind, values: &ChunkValues, first: usize, end: usize) -> ArrayRef {
    let values = (first..end).map(|row| Value::of(values, kind, row));
    match kind {
        AnswerKind::Text | AnswerKind::NullableText => {
            let mut texts = StringBuilder::new();
            values.for_each(|value| {
                texts.append_option(if let Value::Text(text) = value { Some(text) } else { None })
            });
            Arc::new(texts.finish())
        }
        AnswerKind::Time | AnswerKind::NullableTime | AnswerKind::Second => {
            let times = values.map(|value| match value {
                Value::Time(at) => Some(at.div_euclid(1_000)),
                Value::Second(at) => Some(at.div_euclid(SECOND) * 1_000),
                _ => None,
            });
            Arc::new(times.collect::<TimestampMillisecondArray>().with_timezone("UTC"))
        }
        AnswerKind::Integer | AnswerKind::NullableInteger => {
            let integers =
                values.map(|value| if let Value::Integer(integer) = value { Some(integer) } else { None });
            Arc::new(integers.collect::<UInt64Array>())
        }
        AnswerKind::Decimal => {
            let decimals =
                values.map(|value| if let Value::Decimal(decimal) = value { decimal } else { 0.0 });
            Arc::new(decimals.map(Some).collect::<Float64Array>())
        }
        AnswerKind::Flag => {
            let flags = values.map(|value| Some(value == Value::Flag(true)));
            Arc::new(flags.collect::<BooleanArray>())
        }
    }
}
