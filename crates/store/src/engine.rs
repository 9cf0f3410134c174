//! The engine behind a [`Store`](crate::Store): shared state, and the threads that work on it.
//!
//! | thread | does | file |
//! |---|---|---|
//! | writer | groups what waits in the queue into one transaction, then publishes | `writer.rs` |
//! | flusher | turns memory parts into parts on disk | `flush.rs` |
//! | compactor | merges small parts, rewrites parts with many dead rows | `compact.rs` |
//!
//! Lock order: `compaction_turn`, `flush_turn`, `core`. Readers take neither: they clone the published snapshot.

mod compact;
mod flush;
mod folder;
mod queue;
mod recover;
mod signals;
mod writer;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock};
use std::thread::JoinHandle;

use tallyhouse_model::limits::{FLUSH_ROWS, LOG_ROWS_MAX};

use crate::apply::{ApplyContext, Tables, apply};
use crate::damage::Damage;
use crate::database::{Database, NewQuarantine, QuarantineLimits};
use crate::dead::DeadRows;
use crate::dictionary::Dictionaries;
use crate::ingest::is_acceptable;
use crate::part::BuildError;
use crate::query::Memo;
use crate::store::unpoisoned;
use crate::{Accepted, IngestError, OpenError, OpenReport, Snapshot, StoreOptions, Submission};

use queue::Queue;
use signals::Signals;

pub use folder::{lock as lock_folder, make as make_data_folder};
pub use recover::live_parts;

/// Everything an open store consists of.
pub struct Engine {
    folder: PathBuf,
    limits: QuarantineLimits,
    flush_rows: u64,
    seed: u64,
    dictionaries: Arc<Dictionaries>,
    /// What readers remember; every snapshot has it.
    memo: Arc<Memo>,
    next_part: AtomicU64,
    core: Mutex<Core>,
    /// A flush ended, well or not.
    flush_ended: Condvar,
    /// Held by a flush from beginning to end, and by a compaction while it commits: what a flush found out about
    /// dead rows stays true until it is written.
    flush_turn: Mutex<()>,
    /// Held by a compaction from beginning to end: no part is merged twice. Holds the parts of merges that failed
    /// because one of them is damaged: they are left alone until the next start, so that others get their turn.
    compaction_turn: Mutex<HashSet<u64>>,
    published: RwLock<Arc<Snapshot>>,
    queue: Queue,
    signals: Signals,
    writable: AtomicBool,
    threads: Mutex<Vec<JoinHandle<()>>>,
    lock: File,
}

/// What the writer and the background threads change, one at a time.
pub struct Core {
    /// `store.db`.
    pub database: Database,
    /// The newest parts.
    pub tables: Tables,
    /// Per part on disk: the dead rows that `store.db` knows of, which are those of the last flush. Later deaths
    /// follow from the log; a compaction must not anticipate them, or replaying the log would meet rows missing
    /// that were there when it was written.
    pub settled: HashMap<u64, DeadRows>,
    /// The last row of the log that is in the tables.
    log_seq: i64,
    /// Rows in the log, owned ones included.
    log_rows: u64,
    /// Counts applications.
    generation: u64,
    /// The last application that is on disk in parts.
    flushed_generation: u64,
    /// The last application that a failed flush would have covered, and why it failed.
    failed: Option<(u64, String)>,
    /// Memory parts with lower numbers are being flushed; 0 when none is.
    flushing_through: u64,
}

/// Why background work stopped. Nothing has changed; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// What has to be read is damaged.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// The disk did not take it.
    #[error("{0}")]
    Disk(String),
    /// `store.db` failed in the middle of a commit; only the next start can tell whether it took effect. New files
    /// must stay, since they may be named by it.
    #[error("{0}")]
    Uncertain(String),
}

impl WorkError {
    /// As whoever sends rows has to see it.
    pub fn for_writer(self) -> IngestError {
        match self {
            WorkError::Damage(damage) => IngestError::Damaged(damage.to_string()),
            WorkError::Disk(problem) | WorkError::Uncertain(problem) => IngestError::Disk(problem),
        }
    }
}

impl From<BuildError> for WorkError {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Damage(damage) => WorkError::Damage(damage),
            BuildError::Write(error) => WorkError::Disk(error.to_string()),
        }
    }
}

impl From<std::io::Error> for WorkError {
    fn from(error: std::io::Error) -> Self {
        WorkError::Disk(error.to_string())
    }
}

impl From<rusqlite::Error> for WorkError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                rusqlite::ErrorCode::DiskFull
                | rusqlite::ErrorCode::DatabaseBusy
                | rusqlite::ErrorCode::DatabaseLocked
                | rusqlite::ErrorCode::ReadOnly,
            ) => WorkError::Disk(error.to_string()),
            _ => WorkError::Uncertain(error.to_string()),
        }
    }
}

impl Engine {
    /// Opens a folder and starts the threads.
    pub fn open(folder: &Path, options: StoreOptions) -> Result<(Arc<Engine>, OpenReport), OpenError> {
        let (engine, report) = recover::open(folder, options)?;
        let engine = Arc::new(engine);
        let spawn = |name: &str, work: fn(&Engine)| {
            let engine = Arc::clone(&engine);
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread
                .spawn(move || work(&engine))
                .map_err(|source| OpenError::Io { path: folder.to_path_buf(), source })
        };
        let threads = vec![
            spawn("writer", Engine::write_until_closed)?,
            spawn("flusher", Engine::flush_until_closed)?,
            spawn("compactor", Engine::compact_until_closed)?,
        ];
        *unpoisoned(engine.threads.lock()) = threads;
        engine.signals.ask_for_compaction();
        engine.flush_if_due(&engine.core());
        Ok((engine, report))
    }

    /// What changes one at a time.
    pub fn core(&self) -> MutexGuard<'_, Core> {
        unpoisoned(self.core.lock())
    }

    /// What readers see.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        let published = unpoisoned(self.published.read());
        Arc::clone(&published)
    }

    /// Whether the last write went well.
    pub fn is_writable(&self) -> bool {
        self.writable.load(Ordering::Relaxed)
    }

    /// See [`Store::begin_import`](crate::Store::begin_import).
    pub fn begin_import(&self, submission: Submission) -> Result<(Accepted, u64), IngestError> {
        assert_acceptable(&submission);
        let mut core = self.wait_for_room(self.core(), submission.batch.rows_with_owned() as u64)?;
        let (tables, mut accepted) = self.applied(&core, &[&submission])?;
        if !submission.quarantined.is_empty() {
            let result = core.database.append(&[], &[quarantine_of(&submission)], &self.limits);
            result.map_err(|error| IngestError::Disk(error.to_string()))?;
        }
        self.take_over(&mut core, tables);
        let generation = core.generation;
        drop(core);
        self.signals.ask_for_flush();
        let mut accepted = accepted.pop().expect("one submission has one outcome");
        accepted.quarantined = submission.quarantined.len() as u64;
        Ok((accepted, generation))
    }

    /// Waits until a flush has covered an application.
    pub fn wait_until_flushed(&self, generation: u64) -> Result<(), IngestError> {
        let mut core = self.core();
        while core.flushed_generation < generation {
            if let Some((failed, problem)) = &core.failed
                && *failed >= generation
            {
                return Err(IngestError::Disk(problem.clone()));
            }
            core = unpoisoned(self.flush_ended.wait(core));
        }
        Ok(())
    }

    /// Stops the threads and lets go of the folder. What is in memory goes to disk first, so that the next start
    /// has nothing to replay; if that fails, it is in the log.
    pub fn close(&self) {
        self.queue.close();
        let threads = std::mem::take(&mut *unpoisoned(self.threads.lock()));
        if threads.is_empty() {
            return;
        }
        // The writer goes first: what waits for it may need a flush to make room.
        let mut threads = threads.into_iter();
        join(threads.next());
        self.signals.close();
        threads.for_each(|thread| join(Some(thread)));
        if let Err(error) = self.flush() {
            tracing::warn!(%error, "memory parts could not be flushed at the end; they stay in the log");
        }
        if let Err(error) = self.core().database.checkpoint() {
            tracing::warn!(%error, "the write-ahead file of store.db stays");
        }
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the lock on the data folder ends with the process only");
        }
    }

    /// A copy of the tables with the submissions in it, and what became of each.
    fn applied(
        &self,
        core: &Core,
        submissions: &[&Submission],
    ) -> Result<(Tables, Vec<Accepted>), IngestError> {
        let context = ApplyContext {
            seed: self.seed,
            dictionaries: &self.dictionaries,
            next_part: &self.next_part,
            flushing_through: core.flushing_through,
        };
        let batches: Vec<_> = submissions.iter().map(|one| (one.account, &one.batch)).collect();
        let mut tables = core.tables.clone();
        let accepted = apply(&mut tables, &context, &batches);
        Ok((tables, accepted.map_err(|damage| IngestError::Damaged(damage.to_string()))?))
    }

    /// Makes the tables the newest ones and shows them to readers.
    fn take_over(&self, core: &mut Core, tables: Tables) {
        core.tables = tables;
        core.generation += 1;
        self.publish(core);
        self.flush_if_due(core);
    }

    fn publish(&self, core: &Core) {
        let (dictionaries, memo) = (Arc::clone(&self.dictionaries), Arc::clone(&self.memo));
        let snapshot = Snapshot::new(core.tables.clone(), dictionaries, memo);
        *unpoisoned(self.published.write()) = Arc::new(snapshot);
    }

    fn flush_if_due(&self, core: &Core) {
        let log_due = core.log_rows >= FLUSH_ROWS as u64;
        if core.flushing_through == 0 && (log_due || core.tables.memory_rows() >= self.flush_rows) {
            self.signals.ask_for_flush();
        }
    }

    /// Waits until so many more rows fit into the log and memory; a flush makes room.
    fn wait_for_room<'a>(
        &self,
        mut core: MutexGuard<'a, Core>,
        rows: u64,
    ) -> Result<MutexGuard<'a, Core>, IngestError> {
        while core.log_rows.max(core.tables.memory_rows()) + rows > LOG_ROWS_MAX as u64
            && core.has_memory_parts()
        {
            self.signals.ask_for_flush();
            if let Some((_, problem)) = &core.failed {
                return Err(IngestError::Disk(problem.clone()));
            }
            core = unpoisoned(self.flush_ended.wait(core));
        }
        Ok(core)
    }
}

impl Core {
    fn has_memory_parts(&self) -> bool {
        self.tables.all().any(|view| view.part.is_in_memory())
    }
}

fn join(thread: Option<JoinHandle<()>>) {
    if thread.is_some_and(|thread| thread.join().is_err()) {
        tracing::error!("a thread of the store panicked");
    }
}

fn assert_acceptable(submission: &Submission) {
    assert!(
        is_acceptable(&submission.batch),
        "rows of {} do not hold together, or are not for the store to take",
        submission.batch.table.name
    );
}

fn quarantine_of(submission: &Submission) -> NewQuarantine<'_> {
    NewQuarantine {
        account: submission.account,
        table: submission.batch.table.id,
        received_at: submission.received_at,
        lines: &submission.quarantined,
    }
}
