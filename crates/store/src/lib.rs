//! The embedded engine of Tallyhouse: everything between a validated batch and the disk, and back.
//!
//! Synchronous: callers block. It knows no HTTP and no API family, only the tables and queries of `tallyhouse-model`.

mod apply;
mod check;
mod checksummed;
mod column;
mod damage;
mod database;
mod dead;
mod dictionary;
mod encoded;
mod engine;
mod error;
mod frame;
mod hash_index;
mod ingest;
mod log;
mod mapped;
mod part;
mod quarantine;
mod query;
mod report;
mod rows;
mod snapshot;
mod stop;
mod store;

pub use check::check;
pub use engine::make_data_folder;
pub use error::{IngestError, OpenError, QueryError};
pub use ingest::{Accepted, PendingIngest, Submission};
pub use quarantine::{QuarantineEntry, QuarantinedLine};
pub use query::{Aggregates, GroupRows, Groups, RowScan};
pub use report::{CheckReport, Finding, OpenReport};
pub use rows::{AggregateRow, RowsAnswer, Scanned, SeriesAnswer, SweepAnswer};
pub use snapshot::Snapshot;
pub use stop::Stop;
pub use store::{MEMO_BYTES_MAX, PendingImport, Store, StoreOptions};
