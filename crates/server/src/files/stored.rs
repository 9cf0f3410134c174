//! What the rows of a batch hold, field by field: for everything that writes records out.

use std::borrow::Cow;

use tallyhouse_model::{Batch, Cell, Table, integer_of_key};

use crate::ingest::{Field, Place, RecordType, Rule, record_type_of, render_uuid};

/// A list without items, which rows keep as the empty text.
const NO_ITEMS: &str = "[]";

/// A batch as the records that its rows came from.
#[derive(Debug, Clone, Copy)]
pub struct StoredRecords<'b> {
    batch: &'b Batch,
    record_type: &'static RecordType,
}

impl<'b> StoredRecords<'b> {
    /// The rows of a batch of a table that records are sent to.
    pub fn of(batch: &'b Batch) -> Self {
        let record_type =
            record_type_of(batch.table.id).expect("only rows that were records are written out");
        Self { batch, record_type }
    }

    /// What they are records of.
    pub fn record_type(&self) -> &'static RecordType {
        self.record_type
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.batch.rows()
    }

    /// Whether a row is a deletion.
    pub fn is_deletion(&self, row: usize) -> bool {
        self.batch.deleted[row]
    }

    /// The value of a field. Deletions have what names the row, and their version.
    pub fn cell(&self, row: usize, field: &Field) -> Cell<'b> {
        let is_there =
            !self.is_deletion(row) || self.record_type.names(field) || self.record_type.is_version(field);
        match field.place {
            Place::Column(Table::KEY) if is_there => self.key(row, field),
            Place::Column(column) if is_there => match self.batch.columns[column].cell(row) {
                Cell::Text("") if matches!(field.rule, Rule::List(_)) => Cell::Text(NO_ITEMS),
                // Columns of plain texts have no other way to say it.
                Cell::Text("") if field.rule.empty_is_absent() => Cell::Absent,
                cell => cell,
            },
            Place::FinalEnd if is_there => self.final_end(row),
            Place::Deletion => Cell::Flag(self.is_deletion(row)),
            Place::Column(_) | Place::FinalEnd | Place::Nowhere => Cell::Absent,
        }
    }

    /// The value of a field that is a text, a word or a UUID.
    pub fn text(&self, row: usize, field: &Field) -> Option<Cow<'b, str>> {
        match self.cell(row, field) {
            Cell::Absent => None,
            Cell::Text(text) => Some(text.into()),
            Cell::Choice(choice) => Some(self.word(field, choice).into()),
            Cell::Id(id) => Some(render_uuid(&id).into()),
            other => unreachable!("{} is no text but {other:?}", field.name),
        }
    }

    /// The word that a choice of a field stands for.
    pub fn word(&self, field: &Field, choice: u8) -> &'static str {
        self.record_type.words(field)[usize::from(choice) - 1]
    }

    /// What was sent as the key of a row.
    fn key(&self, row: usize, field: &Field) -> Cell<'b> {
        match (self.batch.columns[Table::KEY].cell(row), field.rule) {
            (Cell::Id(key), Rule::Digits(_)) => Cell::Integer(integer_of_key(&key)),
            (cell, _) => cell,
        }
    }

    fn final_end(&self, row: usize) -> Cell<'b> {
        let table = self.batch.table;
        let (Some(end), Some(finished)) = (table.end, table.finished) else { return Cell::Absent };
        match self.batch.columns[finished].cell(row) {
            Cell::Flag(true) => self.batch.columns[end].cell(row),
            _ => Cell::Absent,
        }
    }
}
