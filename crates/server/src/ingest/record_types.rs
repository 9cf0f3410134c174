//! The record types there are.

mod demos;
mod documents;
mod reports;
mod sharing;
mod view_segments;

use tallyhouse_model::TableId;

pub use self::demos::{DEMO_ACTIVITY, DEMO_CHANGES, DEMO_SESSIONS};
pub use self::documents::{CHANNELS, FORMS, REPORT_STATES, USERS};
pub use self::reports::{REPORT_ALERTS, REPORT_READS, REPORTS};
pub use self::sharing::{REACTIONS, REFERRALS};
pub use self::view_segments::{VIEW_SEGMENTS, field as segment_field};
use super::RecordType;

static RECORD_TYPES: [&RecordType; 13] = [
    &VIEW_SEGMENTS,
    &DEMO_SESSIONS,
    &DEMO_ACTIVITY,
    &DEMO_CHANGES,
    &REPORTS,
    &REPORT_READS,
    &REPORT_ALERTS,
    &CHANNELS,
    &REPORT_STATES,
    &USERS,
    &FORMS,
    &REACTIONS,
    &REFERRALS,
];

/// Every record type, in the order of `docs/API.md`.
pub fn record_types() -> &'static [&'static RecordType] {
    &RECORD_TYPES
}

/// The record type of this name.
pub fn record_type_named(name: &str) -> Option<&'static RecordType> {
    record_types().iter().copied().find(|record_type| record_type.name() == name)
}

/// The record type whose rows live in a table.
pub fn record_type_of(table: TableId) -> Option<&'static RecordType> {
    record_types().iter().copied().find(|record_type| record_type.table.id == table)
}

#[cfg(test)]
mod tests;
