//! The store itself.

use std::path::Path;
use std::sync::Arc;

use tallyhouse_model::{AccountId, Micros, RowsQuery, SeriesQuery, TableId};

use crate::{
    Accepted, CheckReport, IngestError, OpenError, OpenReport, QuarantineEntry, QueryError, RowsAnswer,
    SeriesAnswer, Submission,
};

/// Settings of a store.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Bytes of quarantined lines per account; the oldest give way.
    pub quarantine_bytes_max: u64,
    /// How long a quarantined line is kept.
    pub quarantine_age_max: Micros,
}

/// An open data folder. Clones share it.
#[derive(Clone)]
pub struct Store {}

impl Store {
    /// Locks and opens a data folder, making it where there is none, and replays the log.
    pub fn open(_folder: &Path, _options: StoreOptions) -> Result<(Store, OpenReport), OpenError> {
        todo!()
    }

    /// Takes rows in; returns once they are synced to disk and visible. Blocks.
    pub fn ingest(&self, _submission: Submission) -> Result<Accepted, IngestError> {
        todo!()
    }

    /// Takes many rows in at once: they become parts on disk without passing through the log. Blocks. Best with
    /// some 200,000 rows at a time.
    pub fn import(&self, _submission: Submission) -> Result<Accepted, IngestError> {
        todo!()
    }

    /// What a reader sees from now on, whatever is written meanwhile.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        todo!()
    }

    /// Quarantined lines of an account with an id greater than `after`, oldest first, at most `limit`.
    pub fn quarantine(
        &self,
        _account: AccountId,
        _table: Option<TableId>,
        _after: i64,
        _limit: usize,
    ) -> Result<Vec<QuarantineEntry>, IngestError> {
        todo!()
    }

    /// Removes quarantined lines of an account; answers how many there were.
    pub fn quarantine_remove(&self, _account: AccountId, _ids: &[i64]) -> Result<u64, IngestError> {
        todo!()
    }

    /// Whether rows are being accepted (false while the disk is full).
    pub fn is_writable(&self) -> bool {
        todo!()
    }

    /// Stops taking rows, writes memory parts to disk and waits for background work. Idempotent.
    pub fn close(&self) {
        todo!()
    }
}

/// The rows that a reader sees.
pub struct Snapshot {}

impl Snapshot {
    /// Counts rows.
    pub fn series(&self, _query: &SeriesQuery) -> Result<SeriesAnswer, QueryError> {
        todo!()
    }

    /// Answers a page of rows.
    pub fn rows(&self, _query: &RowsQuery) -> Result<RowsAnswer, QueryError> {
        todo!()
    }

    /// Walks over all live rows of a table in chunks sorted by (time, key), for exports; with `deletions`, the
    /// deletions come behind them.
    pub fn export(
        &self,
        _account: AccountId,
        _table: TableId,
        _deletions: bool,
        _sink: &mut dyn FnMut(&tallyhouse_model::Batch) -> std::io::Result<()>,
    ) -> Result<std::io::Result<()>, QueryError> {
        todo!()
    }
}

/// Reads every file of a data folder that no server has open and compares all checksums and counts.
pub fn check(_folder: &Path) -> Result<CheckReport, OpenError> {
    todo!()
}
