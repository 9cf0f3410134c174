//! The embedded engine of Tallyhouse: everything between a validated batch and the disk, and back.
//!
//! Synchronous: callers block. It knows no HTTP and no API family, only the tables and queries of `tallyhouse-model`.

mod error;
mod ingest;
mod quarantine;
mod report;
mod rows;
mod store;

pub use error::{IngestError, OpenError, QueryError};
pub use ingest::{Accepted, Submission};
pub use quarantine::{QuarantineEntry, QuarantinedLine};
pub use report::{CheckReport, Finding, OpenReport};
pub use rows::{RowsAnswer, Scanned, SeriesAnswer};
pub use store::{Snapshot, Store, StoreOptions, check};
