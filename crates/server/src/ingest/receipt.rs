//! When a record arrived, which some of its values follow from.

use tallyhouse_model::Micros;

/// When a record arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The time now: what a record may be ahead of is counted from here.
    pub now: Micros,
    /// The version of records without an `updated_at`. Earlier than `now` only for a record that waited in quarantine.
    pub version: Micros,
    /// What fields say that are the time of receipt.
    pub arrival: Arrival,
}

/// What the fields say that are the time of receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// That the record arrives now.
    Now,
    /// What an export of this program says that they said: for a copy of it that nothing is stored from.
    AsExported,
}

impl Receipt {
    /// A record that has just arrived.
    pub fn at(now: Micros) -> Self {
        Self { now, version: now, arrival: Arrival::Now }
    }

    /// A record of an export that is copied to a file, and stays what it is.
    pub fn of_export(now: Micros) -> Self {
        Self { now, version: now, arrival: Arrival::AsExported }
    }
}
