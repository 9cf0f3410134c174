//! Record types as tables of their fields: everything that reads, judges or writes records goes by these.
//!
//! To add a record type, declare it in `record_types/` and put it into its list. One whose columns follow from its
//! fields one by one needs nothing else.

use tallyhouse_model::{Cell, ColumnIndex, ColumnKind, Table};

use super::Rule;

/// What operators send under one name.
#[derive(Debug)]
pub struct RecordType {
    /// Where its rows live.
    pub table: &'static Table,
    /// Its fields, in the order of `docs/API.md`. Exports write them in this order.
    pub fields: &'static [Field],
    /// How a record becomes a row.
    pub row: RowForm,
}

/// How a record becomes a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowForm {
    /// Every column holds one field.
    Fields,
    /// The rules of segments: `segment/`.
    Segment,
}

/// One field of a record type.
#[derive(Debug)]
pub struct Field {
    /// Its name in JSON, in CSV headers and in Parquet schemas.
    pub name: &'static str,
    /// Which values it takes.
    pub rule: Rule,
    /// What becomes of its value.
    pub place: Place,
    /// What a record without it means.
    pub absence: Absence,
}

/// What becomes of the value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is kept in this column.
    Column(ColumnIndex),
    /// It is the final end of the row: what the table has as its `end`, where `finished` is set.
    FinalEnd,
    /// It says whether the record is a deletion.
    Deletion,
    /// It is looked at and not kept.
    Nowhere,
}

/// What a record without a field means. `null` is the same as absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Absence {
    /// The record is refused.
    Refused,
    /// The row has no value there.
    Kept,
    /// The row has this value there. It is taken from records as well, even where the rule would refuse it.
    Default(Cell<'static>),
    /// The row has a value there that follows from other fields or from the receipt.
    Derived,
}

impl RecordType {
    /// Its name: in `?name=`, on the command line and in messages.
    pub fn name(&self) -> &'static str {
        self.table.name
    }

    /// The position of the field of this name, looked for from a position on. Records name their fields in the order
    /// of the documents nearly always, so that the one behind the last is mostly the next.
    pub fn position(&self, name: &str, from: usize) -> Option<usize> {
        let (before, behind) = self.fields.split_at(from.min(self.fields.len()));
        match behind.iter().position(|field| field.name == name) {
            Some(index) => Some(before.len() + index),
            None => before.iter().position(|field| field.name == name),
        }
    }

    /// The fields that a file of rows has, in their order; behind them all comes `deleted` where there are deletions.
    pub fn kept_fields(&self) -> impl Iterator<Item = &'static Field> + Clone {
        self.fields.iter().filter(|field| matches!(field.place, Place::Column(_) | Place::FinalEnd))
    }

    /// The field that says whether a record is a deletion.
    pub fn deletion_field(&self) -> &'static Field {
        let field = self.fields.iter().find(|field| field.place == Place::Deletion);
        field.expect("every record type has deletions")
    }

    /// The fields that name the row. No record may lack one of them.
    pub fn naming_fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(|field| self.names(field))
    }

    /// Whether a field is one of those that name the row.
    pub fn names(&self, field: &Field) -> bool {
        let Place::Column(column) = field.place else { return false };
        column == Table::KEY || self.table.identity.contains(&column)
    }

    /// Whether a field is the version of the row.
    pub fn is_version(&self, field: &Field) -> bool {
        matches!(field.place, Place::Column(column) if Some(column) == self.table.version)
    }

    /// Whether a field is looked at even in a deletion: the others say nothing there, whatever they hold.
    pub fn is_read_of_deletions(&self, field: &Field) -> bool {
        self.names(field) || self.is_version(field) || field.place == Place::Deletion
    }

    /// The words of the column that a field is kept in.
    pub fn words(&self, field: &Field) -> &'static [&'static str] {
        let Place::Column(column) = field.place else { return &[] };
        match self.table.columns[column].kind {
            ColumnKind::Choice(words) => words,
            _ => &[],
        }
    }
}

impl PartialEq for RecordType {
    fn eq(&self, other: &Self) -> bool {
        self.table == other.table
    }
}

impl Field {
    /// A field that no record may lack.
    pub const fn required(name: &'static str, rule: Rule, column: ColumnIndex) -> Field {
        Field { name, rule, place: Place::Column(column), absence: Absence::Refused }
    }

    /// A field that records may lack, and rows as well.
    pub const fn optional(name: &'static str, rule: Rule, column: ColumnIndex) -> Field {
        Field { name, rule, place: Place::Column(column), absence: Absence::Kept }
    }

    /// A field that records may lack, and what rows have then.
    pub const fn or(name: &'static str, rule: Rule, column: ColumnIndex, default: Cell<'static>) -> Field {
        Field { name, rule, place: Place::Column(column), absence: Absence::Default(default) }
    }

    /// A field that records may lack, because what rows have then follows from something else.
    pub const fn derived(name: &'static str, rule: Rule, column: ColumnIndex) -> Field {
        Field { name, rule, place: Place::Column(column), absence: Absence::Derived }
    }

    /// A field that is looked at and not kept.
    pub const fn not_kept(name: &'static str, rule: Rule) -> Field {
        Field { name, rule, place: Place::Nowhere, absence: Absence::Kept }
    }

    /// `deleted`, which every record type has.
    pub const fn deleted() -> Field {
        Field { name: "deleted", rule: Rule::Flag, place: Place::Deletion, absence: Absence::Kept }
    }

    /// Whether a row may lack a value.
    pub fn is_nullable(&self) -> bool {
        self.absence == Absence::Kept
    }
}
