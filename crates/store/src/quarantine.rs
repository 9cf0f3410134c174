//! Rows that failed validation: kept with their reason, bounded per account in bytes and age.

use tallyhouse_model::{Micros, TableId};

/// A row on its way to quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedLine {
    /// Why it was refused; names the field.
    pub reason: String,
    /// What was sent, less what must not be stored.
    pub line: String,
}

/// A row in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineEntry {
    /// Its number within the store.
    pub id: i64,
    /// Where it was meant to go.
    pub table: TableId,
    /// When it arrived.
    pub received_at: Micros,
    /// Why it was refused; names the field.
    pub reason: String,
    /// What was sent, less what must not be stored.
    pub line: String,
}
