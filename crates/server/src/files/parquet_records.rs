//! Decodes Parquet: columns by name, in batches of rows so that memory stays bounded.
//!
//! Only what Parquet itself says about types counts, not the hints of the library that wrote the file: texts are
//! texts, whether they were a dictionary in somebody's memory or not.

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, ArrowTimestampType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BinaryArray, FixedSizeBinaryArray, RecordBatch, StringArray};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use tallyhouse_model::{Micros, render_record_time};

use super::ReadError;
use crate::ingest::{Fields, Raw, RecordSink, RecordType, Rule};

/// Rows that are decoded at once.
const BATCH_ROWS: usize = 8_192;

const NOT_UTF8: &str = "is not valid UTF-8";
const NO_TIME: &str = "is a time that cannot be expressed in microseconds";

/// A Parquet file that is being read.
pub struct ParquetRecords {
    reader: ParquetRecordBatchReader,
    rows: u64,
    record_type: &'static RecordType,
    /// The columns of a batch, and the positions of their fields.
    columns: Vec<(usize, Column)>,
    batch_rows: usize,
    next_row: usize,
}

impl ParquetRecords {
    /// Reads the schema.
    pub fn new(record_type: &'static RecordType, file: File) -> Result<Self, ReadError> {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder =
            ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(read_error)?;
        let columns = builder.schema().fields();
        if let Some(missing) =
            record_type.naming_fields().find(|field| columns.iter().all(|column| column.name() != field.name))
        {
            return Err(ReadError::Layout(format!(
                "there is no column {}; columns have to be named like the fields",
                missing.name
            )));
        }
        let is_known = |index: &usize| record_type.position(columns[*index].name(), 0).is_some();
        let known: Vec<usize> = (0..columns.len()).filter(is_known).collect();
        let rows = builder.metadata().file_metadata().num_rows().unsigned_abs();
        let mask = ProjectionMask::roots(builder.parquet_schema(), known);
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(read_error)?;
        Ok(Self { reader, rows, record_type, columns: Vec::new(), batch_rows: 0, next_row: 0 })
    }

    /// Rows in the file.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Hands the next row over. False at the end.
    pub fn next(&mut self, sink: &mut dyn RecordSink) -> Result<bool, ReadError> {
        while self.next_row == self.batch_rows {
            let Some(batch) = self.reader.next() else { return Ok(false) };
            let batch = batch.map_err(|error| ReadError::Parquet(error.to_string()))?;
            self.columns = columns_of(self.record_type, &batch);
            self.batch_rows = batch.num_rows();
            self.next_row = 0;
        }
        let mut fields = Fields::new(self.record_type);
        for (position, column) in &self.columns {
            fields.set(*position, column.value(self.next_row));
        }
        sink.record(&fields);
        self.next_row += 1;
        Ok(true)
    }
}

fn read_error(error: parquet::errors::ParquetError) -> ReadError {
    ReadError::Parquet(error.to_string())
}

fn columns_of(record_type: &RecordType, batch: &RecordBatch) -> Vec<(usize, Column)> {
    let schema = batch.schema();
    let named = schema.fields().iter().zip(batch.columns());
    let known = named.filter_map(|(column, values)| Some((record_type.position(column.name(), 0)?, values)));
    known.map(|(position, values)| (position, column_of(record_type.fields[position].rule, values))).collect()
}

/// A column as its field reads it: an object or a list may be a text of JSON, and a list one of Parquet.
fn column_of(rule: Rule, values: &ArrayRef) -> Column {
    if rule.is_json() && matches!(values.data_type(), DataType::List(_)) {
        if is_json(values.data_type()) {
            return Column::Nested(values.clone());
        }
        return Column::Values((0..values.len()).map(|row| not_json(values, row)).collect());
    }
    match Column::of(values) {
        Column::Texts(texts) if rule.is_json() => Column::Jsons(texts),
        column => column,
    }
}

/// The values of a column of one batch.
enum Column {
    Texts(StringArray),
    Jsons(StringArray),
    Bytes(BinaryArray),
    Ids(FixedSizeBinaryArray),
    /// Structs and lists that become JSON row by row: that of all rows of a batch may be gigabytes.
    Nested(ArrayRef),
    /// Decoded already.
    Values(Vec<Raw<'static>>),
}

impl Column {
    fn of(values: &ArrayRef) -> Column {
        match values.data_type() {
            DataType::Utf8 => Column::Texts(values.as_string().clone()),
            DataType::Binary => Column::Bytes(values.as_binary().clone()),
            DataType::FixedSizeBinary(16) => Column::Ids(values.as_fixed_size_binary().clone()),
            DataType::Int8 => integers::<Int8Type>(values),
            DataType::Int16 => integers::<Int16Type>(values),
            DataType::Int32 => integers::<Int32Type>(values),
            DataType::Int64 => integers::<Int64Type>(values),
            DataType::UInt8 => integers::<UInt8Type>(values),
            DataType::UInt16 => integers::<UInt16Type>(values),
            DataType::UInt32 => integers::<UInt32Type>(values),
            DataType::UInt64 => integers::<UInt64Type>(values),
            DataType::Timestamp(TimeUnit::Second, _) => times::<TimestampSecondType>(values, 1_000_000, 1),
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                times::<TimestampMillisecondType>(values, 1_000, 1)
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => times::<TimestampMicrosecondType>(values, 1, 1),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => {
                times::<TimestampNanosecondType>(values, 1, 1_000)
            }
            DataType::Date32 => {
                let days = values.as_primitive::<Date32Type>().iter();
                Column::Values(days.map(|days| days.map_or(Raw::Absent, date)).collect())
            }
            DataType::Boolean => {
                let flags = values.as_boolean().iter();
                Column::Values(flags.map(|flag| flag.map_or(Raw::Absent, Raw::Boolean)).collect())
            }
            DataType::Struct(_) => Column::Nested(values.clone()),
            _ => Column::Values((0..values.len()).map(|row| unusable(values, row)).collect()),
        }
    }

    fn value(&self, row: usize) -> Raw<'_> {
        match self {
            Column::Texts(texts) if texts.is_valid(row) => Raw::Text(texts.value(row).into()),
            Column::Jsons(texts) if texts.is_valid(row) => Raw::Json(texts.value(row).into()),
            Column::Bytes(bytes) if bytes.is_valid(row) => match std::str::from_utf8(bytes.value(row)) {
                Ok(text) => Raw::Text(text.into()),
                Err(_) => Raw::Unusable(NOT_UTF8),
            },
            Column::Ids(ids) if ids.is_valid(row) => {
                Raw::Id(ids.value(row).try_into().expect("16 bytes wide"))
            }
            Column::Nested(values) => object(values, row),
            Column::Values(values) => values[row].clone(),
            Column::Texts(_) | Column::Jsons(_) | Column::Bytes(_) | Column::Ids(_) => Raw::Absent,
        }
    }
}

fn integers<T: ArrowPrimitiveType<Native: Into<i128>>>(values: &ArrayRef) -> Column {
    let integers = values.as_primitive::<T>().iter();
    Column::Values(
        integers.map(|value| value.map_or(Raw::Absent, |value| Raw::Integer(value.into()))).collect(),
    )
}

/// Times without a zone are taken as UTC: Parquet has no other way to write an instant than to say so or not.
fn times<T: ArrowTimestampType>(values: &ArrayRef, micros: Micros, per_micro: Micros) -> Column {
    let raw = |ticks: i64| match ticks.checked_mul(micros) {
        Some(at) => Raw::Time(at.div_euclid(per_micro)),
        None => Raw::Unusable(NO_TIME),
    };
    Column::Values(values.as_primitive::<T>().iter().map(|ticks| ticks.map_or(Raw::Absent, raw)).collect())
}

/// A day as a text, so that its field decides what a date alone means.
fn date(days: i32) -> Raw<'static> {
    let day =
        jiff::civil::date(1970, 1, 1).checked_add(jiff::SignedDuration::from_hours(24 * i64::from(days)));
    day.map_or(Raw::Unusable(NO_TIME), |day| Raw::Text(day.to_string().into()))
}

fn unusable(values: &ArrayRef, row: usize) -> Raw<'static> {
    let problem = match values.data_type() {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            "is a Parquet FLOAT or DOUBLE; send an integer or a text"
        }
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "is a Parquet DECIMAL; send an integer or a text",
        DataType::List(_) | DataType::Map(..) => "is a Parquet list or map, which this field cannot be",
        _ => "has a Parquet type that no field can have",
    };
    if values.is_null(row) { Raw::Absent } else { Raw::Unusable(problem) }
}

fn not_json(values: &ArrayRef, row: usize) -> Raw<'static> {
    if values.is_null(row) {
        return Raw::Absent;
    }
    Raw::Unusable("holds a Parquet type that is not read there; send a text of JSON")
}

/// Whether all values of a list of this type can be written as JSON that means the same.
fn is_json(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(item) => is_json(item.data_type()),
        DataType::Struct(members) => members.iter().all(|member| is_json(member.data_type())),
        DataType::Utf8 | DataType::Boolean | DataType::Timestamp(..) => true,
        integer => integer.is_integer(),
    }
}

fn object(values: &ArrayRef, row: usize) -> Raw<'static> {
    if values.is_null(row) {
        return Raw::Absent;
    }
    let mut json = String::new();
    push_json(&mut json, values, row);
    Raw::Json(json.into())
}

/// A value as JSON: what [`is_json`] tells of, and anything else as a truth value, which the rules for `device_info` refuse.
fn push_json(json: &mut String, values: &ArrayRef, row: usize) {
    match values.data_type() {
        _ if values.is_null(row) => json.push_str("null"),
        DataType::Utf8 => json.push_str(&quoted(values.as_string::<i32>().value(row))),
        DataType::Struct(members) => {
            let structs = values.as_struct();
            for (index, (member, values)) in members.iter().zip(structs.columns()).enumerate() {
                json.push(if index == 0 { '{' } else { ',' });
                json.push_str(&quoted(member.name()));
                json.push(':');
                push_json(json, values, row);
            }
            json.push_str(if members.is_empty() { "{}" } else { "}" });
        }
        DataType::List(_) => {
            let items = values.as_list::<i32>().value(row);
            json.push('[');
            for item in 0..items.len() {
                json.push_str(if item == 0 { "" } else { "," });
                push_json(json, &items, item);
            }
            json.push(']');
        }
        DataType::Boolean => json.push_str(if values.as_boolean().value(row) { "true" } else { "false" }),
        data_type if data_type.is_integer() || matches!(data_type, DataType::Timestamp(..)) => {
            match Column::of(&values.slice(row, 1)).value(0) {
                Raw::Integer(number) => json.push_str(&number.to_string()),
                Raw::Time(at) => json.push_str(&quoted(&render_record_time(at))),
                _ => json.push_str("true"),
            }
        }
        _ => json.push_str("true"),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is always JSON")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Float64Type;
    use arrow_array::{Float64Array, ListArray, StructArray};
    use arrow_schema::Field;

    use super::*;
    use crate::ingest::REPORTS;

    fn column(field: &str, values: ArrayRef) -> Column {
        column_of(REPORTS.fields[REPORTS.position(field, 0).unwrap()].rule, &values)
    }

    #[test]
    fn lists_of_parquet_are_read_as_json() {
        let items = [Some(vec![Some(1), None]), None];
        let list = ListArray::from_iter_primitive::<Int64Type, _, _>(items);
        let column_of_lists = column("images", Arc::new(list.clone()));
        assert!(matches!(column_of_lists, Column::Nested(_)), "not rendered before its row comes");
        assert_eq!(column_of_lists.value(0), Raw::Json("[1,null]".into()));
        assert_eq!(column_of_lists.value(1), Raw::Absent);
        let member = Arc::new(Field::new("at", DataType::Timestamp(TimeUnit::Millisecond, None), true));
        let times: ArrayRef = Arc::new(arrow_array::TimestampMillisecondArray::from(vec![Some(5), None]));
        let structs = StructArray::from(vec![(member, times)]);
        let column_of_structs = Column::of(&(Arc::new(structs.clone()) as ArrayRef));
        assert!(matches!(column_of_structs, Column::Nested(_)), "not rendered before its row comes");
        assert_eq!(column_of_structs.value(1), Raw::Json(r#"{"at":null}"#.into()));
        let item = Arc::new(Field::new("item", structs.data_type().clone(), true));
        let lists = ListArray::new(item, list.offsets().clone(), Arc::new(structs), None);
        let expected = r#"[{"at":"1970-01-01T00:00:00.005Z"},{"at":null}]"#;
        assert_eq!(column("form_fields", Arc::new(lists)).value(0), Raw::Json(expected.into()));
    }

    #[test]
    fn types_that_are_not_read_are_named() {
        let list = ListArray::from_iter_primitive::<Float64Type, _, _>([Some(vec![Some(0.5)])]);
        for (field, values, problem) in [
            (
                "report_id",
                Arc::new(Float64Array::from(vec![1.0])) as ArrayRef,
                "is a Parquet FLOAT or DOUBLE; send an integer or a text",
            ),
            (
                "images",
                Arc::new(list.clone()),
                "holds a Parquet type that is not read there; send a text of JSON",
            ),
            ("user_id", Arc::new(list), "is a Parquet list or map, which this field cannot be"),
        ] {
            assert_eq!(column(field, values).value(0), Raw::Unusable(problem), "{field}");
        }
    }
}
