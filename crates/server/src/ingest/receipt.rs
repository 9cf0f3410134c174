//! When a record arrived, which some of its values follow from.

use tallyhouse_model::Micros;

/// When a record arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The time now: what a record may be ahead of is counted from here.
    pub now: Micros,
    /// The version of records without an `updated_at`. Earlier than `now` only for a record that waited in quarantine.
    pub version: Micros,
}

impl Receipt {
    /// A record that has just arrived.
    pub fn at(now: Micros) -> Self {
        Self { now, version: now }
    }
}
