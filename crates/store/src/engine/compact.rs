//! Compaction: small parts of a month become a large one, and dead rows go.
//!
//! As the flush, it begins and commits under the lock and works without it. It drops only *settled* dead rows (see
//! [`Core::settled`]); rows that died since are carried over and die again in the new part: those that a flush has
//! settled meanwhile in `store.db`, all of them in memory.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;

use tallyhouse_model::TableId;
use tallyhouse_model::limits::PART_ROWS_MAX;

use super::flush::{discard, kill_again, replace};
use super::{Core, Engine, WorkError, folder};
use crate::database::Swap;
use crate::part::{DiskPart, PartView, Source, build_on_disk, month_of, order_of_parts};
use crate::store::unpoisoned;

/// Parts of about one size that are merged into one: a row is rewritten once per power of eight between the size
/// of a flushed part and [`PART_ROWS_MAX`]. Eight that would outgrow that bound together stay as they are.
const FAN_IN: usize = 8;

/// Bytes of parts that are merged at most, together: far more than that many rows usually take. Rows with long texts stay
/// in more parts, so that a block of them fits into memory and its texts into 32-bit offsets.
const PART_BYTES_MAX: u64 = 1 << 30;

/// Rows that count as the smallest size: below it, parts are merged whatever their size.
const SIZE_ROWS_MIN: u64 = 32_768;

/// A part is rewritten alone when this share of its rows is dead.
const DEAD_SHARE_MAX: f64 = 0.3;

/// Parts of one month that become one.
struct Job {
    table: TableId,
    /// With their settled dead rows.
    inputs: Vec<PartView>,
}

impl Engine {
    pub(super) fn compact_until_closed(&self) {
        while self.signals.wait_for_compaction() {
            while !self.signals.is_closed() {
                match self.compact_one(is_worthwhile) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(WorkError::Damage(damage)) => {
                        tracing::error!(%damage, "parts could not be merged; they are left alone");
                    }
                    Err(error) => {
                        tracing::error!(%error, "parts could not be merged; trying again after the next flush");
                        break;
                    }
                }
            }
        }
    }

    /// Merges the parts of any month that has several, or rewrites one with dead rows.
    pub fn compact_any(&self) -> Result<bool, WorkError> {
        self.compact_one(|parts| {
            if parts.len() > 1 && fit_into_one(parts) {
                return Some(parts.to_vec());
            }
            let part = parts.iter().find(|part| part.dead.count() > 0)?;
            Some(vec![part.clone()])
        })
    }

    /// Does what `choose` picks in any month; answers whether it picked anything.
    fn compact_one(&self, choose: impl Fn(&[PartView]) -> Option<Vec<PartView>>) -> Result<bool, WorkError> {
        let mut left_alone = unpoisoned(self.compaction_turn.lock());
        let Some(job) = self.core().find_job(&left_alone, choose) else { return Ok(false) };
        let ids: Vec<u64> = job.inputs.iter().map(|input| input.part.id).collect();
        let result = self.compact(job);
        if matches!(result, Err(WorkError::Damage(_))) {
            left_alone.extend(ids);
        }
        result.map(|()| true)
    }

    fn compact(&self, job: Job) -> Result<(), WorkError> {
        let order = order_of_parts(&job.inputs)?;
        let mut new = Vec::new();
        if !order.rows.is_empty() {
            let sources: Vec<Source<'_>> = job.inputs.iter().map(|view| Source::Part(&view.part)).collect();
            let folder = folder::parts_folder(&self.folder);
            let id = self.next_part.fetch_add(1, Ordering::Relaxed);
            let part = build_on_disk(id, job.table.table(), &sources, &order, self.seed, &folder)?;
            new.push(PartView::new(part));
        }
        drop(order);
        let synced = folder::sync(&folder::parts_folder(&self.folder)).map_err(WorkError::from);
        let result = synced.and_then(|()| self.commit_compaction(&job, &mut new));
        match &result {
            Ok(()) => discard(job.inputs),
            Err(WorkError::Uncertain(_)) => {}
            Err(WorkError::Damage(_) | WorkError::Disk(_)) => discard(new),
        }
        result
    }

    fn commit_compaction(&self, job: &Job, new: &mut [PartView]) -> Result<(), WorkError> {
        let _turn = unpoisoned(self.flush_turn.lock());
        let mut guard = self.core();
        let core = &mut *guard;
        let is_input = |id: u64| job.inputs.iter().any(|input| input.part.id == id);
        // 1. What a flush settled since the job began dies in the new part, in store.db too.
        for input in &job.inputs {
            kill_again(input, &core.settled[&input.part.id], &input.dead, new, self.seed)?;
        }
        let settled: Vec<_> = new.iter().map(|view| (view.part.id, view.dead.clone())).collect();
        // 2. What has died since the last flush dies in memory only.
        for view in core.tables.of(job.table).iter().filter(|view| is_input(view.part.id)) {
            kill_again(view, &view.dead, &core.settled[&view.part.id], new, self.seed)?;
        }
        core.database.swap(&Swap {
            added: new.iter().zip(&settled).map(|(view, (_, dead))| (&*view.part, dead)).collect(),
            removed: job.inputs.iter().map(|input| input.part.id).collect(),
            ..Swap::default()
        })?;
        core.settled.retain(|id, _| !is_input(*id));
        core.settled.extend(settled);
        replace(core.tables.of_mut(job.table), is_input, new.to_vec());
        self.publish(core);
        Ok(())
    }
}

impl Core {
    /// The first month of a table for which `choose` picks some of its parts on disk, less those to leave alone.
    fn find_job(
        &self,
        left_alone: &HashSet<u64>,
        choose: impl Fn(&[PartView]) -> Option<Vec<PartView>>,
    ) -> Option<Job> {
        let is_candidate =
            |view: &&PartView| !view.part.is_in_memory() && !left_alone.contains(&view.part.id);
        TableId::ALL.into_iter().find_map(|table| {
            let mut months: BTreeMap<i32, Vec<PartView>> = BTreeMap::new();
            for view in self.tables.of(table).iter().filter(is_candidate) {
                let month = month_of(view.part.header.granules[0].time_min);
                let dead = self.settled[&view.part.id].clone();
                months.entry(month).or_default().push(PartView { part: view.part.clone(), dead });
            }
            let inputs = months.values().find_map(|parts| choose(parts))?;
            Some(Job { table, inputs })
        })
    }
}

/// Eight parts of about one size, or one with too many dead rows.
fn is_worthwhile(parts: &[PartView]) -> Option<Vec<PartView>> {
    let mut sizes: BTreeMap<u32, Vec<PartView>> = BTreeMap::new();
    for view in parts {
        let size = (view.live_rows().max(SIZE_ROWS_MIN) / SIZE_ROWS_MIN).ilog(FAN_IN as u64);
        sizes.entry(size).or_default().push(view.clone());
    }
    let crowd = sizes.into_values().find_map(|mut same| {
        same.sort_by_key(PartView::live_rows);
        same.truncate(FAN_IN);
        (same.len() == FAN_IN && fit_into_one(&same)).then_some(same)
    });
    let is_mostly_dead =
        |view: &&PartView| view.dead.count() as f64 > f64::from(view.part.rows()) * DEAD_SHARE_MAX;
    crowd.or_else(|| parts.iter().find(is_mostly_dead).map(|view| vec![view.clone()]))
}

fn fit_into_one(parts: &[PartView]) -> bool {
    let rows: u64 = parts.iter().map(PartView::live_rows).sum();
    let bytes: u64 = parts.iter().filter_map(|view| view.part.disk()).map(DiskPart::rows_bytes).sum();
    rows <= PART_ROWS_MAX as u64 && bytes <= PART_BYTES_MAX
}
