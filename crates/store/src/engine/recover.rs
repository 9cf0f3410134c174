//! Opening a data folder: parts as `store.db` lists them, then the log on top.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Condvar, Mutex, RwLock};

use tallyhouse_model::limits::{FLUSH_ROWS, LOG_ROWS_MAX};
use tallyhouse_model::{AccountId, Batch};

use super::queue::Queue;
use super::signals::Signals;
use super::{Core, Engine, folder};
use crate::apply::{ApplyContext, Tables, apply};
use crate::database::{Database, QuarantineLimits};
use crate::dead::DeadRows;
use crate::dictionary::Dictionaries;
use crate::log;
use crate::part::{Part, PartView, part_file_names};
use crate::query::Memo;
use crate::{OpenError, OpenReport, Snapshot, StoreOptions};

/// Rows of the log that are applied at once: most of a usual log, so that they become one part instead of many that
/// are merged.
const REPLAY_ROWS: usize = 200_000;

/// Opens everything but the threads.
pub fn open(data: &Path, options: StoreOptions) -> Result<(Engine, OpenReport), OpenError> {
    let lock = folder::lock(data)?;
    let database = Database::open(&data.join("store.db"))?;
    let seed = database.seed()?;
    let dictionaries =
        Arc::new(Dictionaries::new(&folder::dictionaries_folder(data), seed, database.dictionaries()?));
    let (mut tables, settled) = live_parts(&database, data)?;
    let mut report = OpenReport { parts: settled.len() as u64, ..OpenReport::default() };
    report.part_rows = tables.all().map(PartView::live_rows).sum();
    let known: HashSet<String> =
        tables.all().flat_map(|view| part_file_names(view.part.id, view.part.table)).collect();
    report.orphaned = folder::set_aside(data, &known)
        .map_err(|source| OpenError::Io { path: folder::parts_folder(data), source })?;

    let next_part = AtomicU64::new(settled.keys().max().map_or(1, |id| id + 1));
    let context =
        ApplyContext { seed, dictionaries: &dictionaries, next_part: &next_part, flushing_through: 0 };
    let (log_seq, log_rows) = replay(&database, &mut tables, &context)?;
    report.replayed_rows = log_rows;

    let memo = Arc::new(Memo::new(options.memo_bytes_max));
    let published = Arc::new(Snapshot::new(tables.clone(), Arc::clone(&dictionaries), Arc::clone(&memo)));
    let core = Core {
        database,
        tables,
        settled,
        log_seq,
        log_rows,
        generation: 0,
        flushed_generation: 0,
        failed: None,
        flushing_through: 0,
    };
    let engine = Engine {
        folder: data.to_path_buf(),
        limits: QuarantineLimits {
            bytes_max: options.quarantine_bytes_max,
            age_max: options.quarantine_age_max,
        },
        flush_rows: options.flush_rows.min(FLUSH_ROWS as u64),
        seed,
        dictionaries,
        memo,
        next_part,
        core: Mutex::new(core),
        flush_ended: Condvar::new(),
        flush_turn: Mutex::new(()),
        compaction_turn: Mutex::default(),
        published: RwLock::new(published),
        queue: Queue::default(),
        signals: Signals::default(),
        writable: AtomicBool::new(true),
        threads: Mutex::default(),
        lock,
    };
    Ok((engine, report))
}

/// The live parts of a data folder and the dead rows of each; no file is opened yet.
pub fn live_parts(database: &Database, data: &Path) -> Result<(Tables, HashMap<u64, DeadRows>), OpenError> {
    let (mut tables, mut settled) = (Tables::default(), HashMap::new());
    for stored in database.parts()? {
        let table = stored.table.table();
        let part = Part::on_disk(stored.id, table, stored.header, stored.files, &folder::parts_folder(data));
        settled.insert(stored.id, stored.dead.clone());
        tables.of_mut(stored.table).push(PartView { part: Arc::new(part), dead: stored.dead });
    }
    Ok((tables, settled))
}

/// Applies the whole log; answers its last row and how many rows of data it holds.
fn replay(
    database: &Database,
    tables: &mut Tables,
    context: &ApplyContext<'_>,
) -> Result<(i64, u64), OpenError> {
    let (mut last, mut rows, mut largest) = (0, 0, 0);
    let mut waiting: Vec<(AccountId, Batch)> = Vec::new();
    let mut waiting_rows = 0;
    database.log(|seq, body| {
        let (account, batch) =
            log::decode(seq, body).map_err(|damage| OpenError::Damaged(damage.to_string()))?;
        last = seq;
        rows += batch.rows_with_owned() as u64;
        waiting_rows += batch.rows_with_owned();
        largest = largest.max(batch.rows_with_owned() as u64);
        waiting.push((account, batch));
        if waiting_rows >= REPLAY_ROWS {
            waiting_rows = 0;
            replay_group(std::mem::take(&mut waiting), tables, context)?;
        }
        Ok(())
    })?;
    replay_group(waiting, tables, context)?;
    debug_assert!(rows <= 2 * LOG_ROWS_MAX as u64 + largest, "the writer bounds the log");
    Ok((last, rows))
}

fn replay_group(
    group: Vec<(AccountId, Batch)>,
    tables: &mut Tables,
    context: &ApplyContext<'_>,
) -> Result<(), OpenError> {
    let batches: Vec<(AccountId, &Batch)> = group.iter().map(|(account, batch)| (*account, batch)).collect();
    apply(tables, context, &batches).map_err(|damage| OpenError::Damaged(damage.to_string()))?;
    Ok(())
}
