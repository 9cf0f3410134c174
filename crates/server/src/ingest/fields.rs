//! The fields of a record as they were sent: by position in its record type, with their type, not yet judged.
//!
//! Three decoders fill them: JSON lines, CSV records, Parquet rows.

use std::borrow::Cow;

use tallyhouse_model::{Key, Micros};

use super::values::{flag, wrong};
use super::{Field, Place, Reason, RecordType, Rule};

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

    /// The first value that fits no field, as the reason to refuse the record. Only fields that are looked at count:
    /// of a deletion those that name the row, its version and the deletion, and never the time of receipt.
    pub fn unusable(&self) -> Option<Reason> {
        let deletes = |sent: Sent<'_>| sent.field.place == Place::Deletion && flag(sent) == Ok(Some(true));
        let is_deletion = self.iter().any(deletes);
        let is_read = |sent: &Sent<'_>| match sent.field.rule {
            Rule::Receipt => false,
            _ => !is_deletion || self.record_type.is_read_of_deletions(sent.field),
        };
        self.iter().filter(is_read).find_map(|sent| match sent.raw {
            Raw::Unusable(problem) => Some(wrong(sent, *problem)),
            _ => None,
        })
    }

    /// What was sent, field by field.
    pub fn iter(&self) -> impl Iterator<Item = Sent<'_>> {
        self.record_type.fields.iter().zip(&self.values).map(|(field, raw)| Sent { field, raw })
    }
}
