//! The fields of a record as they were sent: by position in its record type, with their type, not yet judged.
//!
//! Three decoders fill them: JSON lines, CSV records, Parquet rows.

use std::borrow::Cow;

use tallyhouse_model::{Key, Micros};

use super::{Field, RecordType};

/// A value as it was sent. `null` is the same as absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Raw<'a> {
    /// Not there, or null.
    #[default]
    Absent,
    /// A string.
    Text(Cow<'a, str>),
    /// A JSON number as it was written, so that no digit is lost.
    Number(&'a str),
    /// An integer of a binary format.
    Integer(i128),
    /// True or false.
    Boolean(bool),
    /// A JSON object or array as text.
    Json(Cow<'a, str>),
    /// A cell of a format without types; it may mean a string, a number or a truth value.
    Cell(&'a str),
    /// An instant of a binary format.
    Time(Micros),
    /// 16 bytes of a binary format.
    Id(Key),
    /// A value that fits no field, and what is wrong with it.
    Unusable(&'static str),
}

/// The fields of one record.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields<'a> {
    record_type: &'static RecordType,
    values: Vec<Raw<'a>>,
}

/// A field, and what was sent for it.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'f> {
    /// The field.
    pub field: &'static Field,
    /// What was sent.
    pub raw: &'f Raw<'f>,
}

impl<'a> Fields<'a> {
    /// A record without any field.
    pub fn new(record_type: &'static RecordType) -> Self {
        let mut values = Vec::with_capacity(record_type.fields.len());
        values.resize_with(record_type.fields.len(), Raw::default);
        Self { record_type, values }
    }

    /// What it is a record of.
    pub fn record_type(&self) -> &'static RecordType {
        self.record_type
    }

    /// Sets what was sent for the field at a position; a field that is sent twice keeps its last value.
    pub fn set(&mut self, position: usize, value: Raw<'a>) {
        self.values[position] = value;
    }

    /// What was sent for the field at a position.
    pub fn sent(&self, position: usize) -> Sent<'_> {
        Sent { field: &self.record_type.fields[position], raw: &self.values[position] }
    }

    /// What was sent, field by field.
    pub fn iter(&self) -> impl Iterator<Item = Sent<'_>> {
        self.record_type.fields.iter().zip(&self.values).map(|(field, raw)| Sent { field, raw })
    }
}
