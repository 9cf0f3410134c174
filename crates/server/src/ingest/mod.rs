//! From outside bytes to a batch: every record, however it was sent, passes the same steps.
//!
//! 1. **Decode**: a JSON line (`json`), a CSV record or a Parquet row (`files`) becomes [`Fields`], the values as they
//!    were sent, at the positions of their [`RecordType`].
//! 2. **Judge**: the fields are held against their rules (`row`; for segments `segment`, whose rules span fields).
//! 3. **Enrich**: what a valid segment does not say itself comes from its user agent and its address (`enrich`).
//! 4. **Collect**: the values are pushed to the columns of a batch.
//! 5. **Quarantine**: what failed keeps its reason and its line, less the address it came from (`redact`).
//!
//! The list itself is in `rows.rs`, the record types are in `record_types/`. Nothing here blocks, reads a clock or
//! knows HTTP.

mod agent;
mod device_info;
mod enrich;
#[cfg(test)]
mod enrich_tests;
mod fields;
mod geo;
mod json;
mod json_list;
mod members;
mod reason;
mod receipt;
mod record_json;
mod record_type;
mod record_types;
mod redact;
mod report;
pub mod resend;
mod row;
mod rows;
mod rule;
mod segment;
mod undecodable;
mod values;

#[cfg(test)]
mod demo_tests;
#[cfg(test)]
mod lines_tests;
#[cfg(test)]
#[path = "../../tests/it/mmdb.rs"]
mod mmdb;
#[cfg(test)]
mod sharing_tests;
#[cfg(test)]
mod tests;

pub use device_info::{DEVICE_INFO_UNKNOWN, DeviceInfos};
pub use enrich::{Enricher, EnricherError, Enrichment, Found, Origin};
pub use fields::{Fields, Raw, Sent};
pub use reason::Reason;
pub use receipt::{Arrival, Receipt};
pub use record_json::render_record;
pub use record_type::{Absence, Field, Place, RecordType, RowForm};
pub use record_types::{
    CHANNELS, DEMO_ACTIVITY, DEMO_CHANGES, DEMO_SESSIONS, FORMS, REACTIONS, REFERRALS, REPORT_ALERTS,
    REPORT_READS, REPORT_STATES, REPORTS, USERS, VIEW_SEGMENTS, record_type_named, record_type_of,
    record_types, segment_field,
};
pub use redact::{without_address, without_address_in_rest, without_address_in_text};
pub use rows::{LINE_BYTES_MAX, RecordRows, RecordSink, next_line};
pub use rule::{Empty, ID_MAX, ListBounds, ListOf, Rule, TextFrom, TextRule, Zoneless};
pub use segment::{Segment, SegmentColumns};
pub use tallyhouse_model::{parse_uuid, render_uuid};
pub use undecodable::render_undecodable;
