//! From outside bytes to a batch: every record, however it was sent, passes the same steps.
//!
//! 1. **Decode**: a JSON line (`json`), a CSV record or a Parquet row (`files`) becomes [`SegmentFields`], the
//!    values as they were sent.
//! 2. **Validate**: [`validate`] holds the fields against the rules of the record type.
//! 3. **Enrich**: what a valid record does not say itself comes from its user agent and its address (`enrich`).
//! 4. **Collect**: [`SegmentRows`] pushes the segments to the columns of a batch.
//! 5. **Quarantine**: what failed keeps its reason and its line, less the address it came from (`redact`).
//!
//! The list itself is in `rows.rs`. Nothing here blocks, reads a clock or knows HTTP.

mod agent;
mod columns;
mod device_info;
mod enrich;
#[cfg(test)]
mod enrich_tests;
mod fields;
mod geo;
mod json;
mod reason;
mod record_json;
mod redact;
pub mod resend;
mod rows;
mod uuid;
mod validate;
mod values;

#[cfg(test)]
mod lines_tests;
#[cfg(test)]
#[path = "../../tests/it/mmdb.rs"]
mod mmdb;
#[cfg(test)]
mod tests;

pub use columns::{Segment, SegmentColumns};
pub use device_info::{DEVICE_INFO_UNKNOWN, DeviceInfos};
pub use enrich::{Enricher, EnricherError, Enrichment, Found, Origin};
pub use fields::{Field, Raw, SegmentFields};
pub use reason::Reason;
pub use record_json::render_record;
pub use redact::{without_address, without_address_in_text};
pub use rows::{LINE_BYTES_MAX, RecordSink, SegmentRows, next_line};
pub use uuid::{parse_uuid, render_uuid};
pub use validate::{Receipt, Record, validate};
