//! The store: what the rest of the program calls.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use tallyhouse_model::{AccountId, Micros, TableId};

use crate::engine::Engine;
use crate::{
    Accepted, IngestError, OpenError, OpenReport, PendingIngest, QuarantineEntry, Snapshot, Submission,
};

/// Bytes of remembered answers, unless the settings say otherwise.
pub const MEMO_BYTES_MAX: u64 = 256_000_000;

/// Settings of a store.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Bytes of quarantined lines per account; the oldest give way.
    pub quarantine_bytes_max: u64,
    /// How long a quarantined line is kept.
    pub quarantine_age_max: Micros,
    /// Rows in memory parts that start a flush; at most [`FLUSH_ROWS`](tallyhouse_model::limits::FLUSH_ROWS) takes
    /// effect.
    pub flush_rows: u64,
    /// Bytes of remembered answers of all accounts; with 0, nothing is remembered.
    pub memo_bytes_max: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            quarantine_bytes_max: 64 << 20,
            quarantine_age_max: 30 * tallyhouse_model::DAY,
            flush_rows: tallyhouse_model::limits::FLUSH_ROWS as u64,
            memo_bytes_max: MEMO_BYTES_MAX,
        }
    }
}

/// An open data folder. Clones share it; the last one closes it.
#[derive(Clone)]
pub struct Store {
    engine: Arc<Engine>,
    _close: Arc<CloseOnDrop>,
}

/// Closes the engine when the last store is gone; its threads keep the engine itself alive until then.
struct CloseOnDrop(Arc<Engine>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Store {
    /// Locks and opens a data folder, making it where there is none, and replays the log.
    pub fn open(folder: &Path, options: StoreOptions) -> Result<(Store, OpenReport), OpenError> {
        let (engine, report) = Engine::open(folder, options)?;
        let close = Arc::new(CloseOnDrop(Arc::clone(&engine)));
        Ok((Store { engine, _close: close }, report))
    }

    /// Takes rows in; returns once they are synced to disk and visible. Blocks.
    pub fn ingest(&self, submission: Submission) -> Result<Accepted, IngestError> {
        self.engine.ingest(submission)
    }

    /// As [`ingest`](Self::ingest), but returns as soon as the rows wait to be written: what waits together needs one sync.
    pub fn begin_ingest(&self, submission: Submission) -> Result<PendingIngest, IngestError> {
        self.engine.begin_ingest(submission)
    }

    /// Takes many rows in at once: they become parts on disk without passing through the log. Blocks until they
    /// have. Best with some 200,000 rows at a time.
    pub fn import(&self, submission: Submission) -> Result<Accepted, IngestError> {
        self.begin_import(submission)?.wait()
    }

    /// As [`import`](Self::import), but returns as soon as the next rows may come, while these are written. Blocks
    /// while more than a few chunks wait.
    pub fn begin_import(&self, submission: Submission) -> Result<PendingImport, IngestError> {
        let (accepted, generation) = self.engine.begin_import(submission)?;
        Ok(PendingImport { engine: Arc::clone(&self.engine), accepted, generation })
    }

    /// What a reader sees from now on, whatever is written meanwhile.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.engine.snapshot()
    }

    /// Quarantined lines of an account with an id greater than `after`, oldest first, at most `limit`.
    pub fn quarantine(
        &self,
        account: AccountId,
        table: Option<TableId>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<QuarantineEntry>, IngestError> {
        let core = self.engine.core();
        core.database
            .quarantine(account, table, after, limit)
            .map_err(|error| IngestError::Disk(error.to_string()))
    }

    /// Removes quarantined lines of an account; answers how many there were.
    pub fn quarantine_remove(&self, account: AccountId, ids: &[i64]) -> Result<u64, IngestError> {
        let mut core = self.engine.core();
        core.database.quarantine_remove(account, ids).map_err(|error| IngestError::Disk(error.to_string()))
    }

    /// Writes all memory parts to disk. Blocks. For tools and tests; the store does it by itself when it is time.
    pub fn flush(&self) -> Result<(), IngestError> {
        self.engine.flush().map_err(|error| error.for_writer())
    }

    /// Merges the parts of one month, if any month has several; answers whether it did. Blocks. For tools and
    /// tests; the store does it by itself when it is worth it.
    pub fn compact(&self) -> Result<bool, IngestError> {
        self.engine.compact_any().map_err(|error| error.for_writer())
    }

    /// Whether rows are being accepted (false while the disk is full).
    pub fn is_writable(&self) -> bool {
        self.engine.is_writable()
    }

    /// Stops taking rows, writes memory parts to disk, waits for background work and lets go of the folder.
    /// Snapshots that are held stay readable. Idempotent.
    pub fn close(&self) {
        self.engine.close();
    }
}

/// Rows of an import that are visible and on their way to disk.
pub struct PendingImport {
    engine: Arc<Engine>,
    accepted: Accepted,
    generation: u64,
}

impl PendingImport {
    /// Waits until the rows are on disk.
    pub fn wait(self) -> Result<Accepted, IngestError> {
        self.engine.wait_until_flushed(self.generation)?;
        Ok(self.accepted)
    }
}

/// A lock whose holder panicked still guards whole data: every change here is made on a copy and swapped in.
pub(crate) fn unpoisoned<G>(result: Result<G, PoisonError<G>>) -> G {
    result.unwrap_or_else(PoisonError::into_inner)
}
