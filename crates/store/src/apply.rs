//! Taking a group of submissions into the tables, in memory: the heart of the store's promises.
//!
//! 1. Encode all rows, in order of arrival.
//! 2. Within the group, keep the winner per key: the greater version, on a tie the later arrival.
//! 3. Find what the store holds under those keys, a live row or a deletion.
//! 4. Against that, drop what comes too late; what is beaten dies.
//! 5. Put the winners into new parts, rows and deletions apart.
//! 6. Bring derived rows in line with the rows that are live now (`derive.rs`), and owned rows with their owners
//!    (`owned.rs`).
//!
//! It works on a copy of the tables (parts are shared), so a failure before the log is synced changes nothing.
//! Replaying the log takes the same way; the outcome depends only on what is live before and on the order of the
//! log.

mod derive;
mod group;
mod locate;
mod owned;

use std::sync::atomic::{AtomicU64, Ordering};

use tallyhouse_model::{AccountId, Batch, TableId};

use crate::damage::Damage;
use crate::dictionary::Dictionaries;
use crate::encoded::EncodedRows;
use crate::ingest::Accepted;
use crate::part::{PartView, Source, build_in_memory, order_of_encoded, order_of_parts};

pub use locate::{Wanted, locate};

/// The live parts of every table.
#[derive(Clone, Default)]
pub struct Tables([Vec<PartView>; TableId::COUNT]);

impl Tables {
    /// The parts of a table: those on disk first, then those in memory, oldest first.
    pub fn of(&self, table: TableId) -> &[PartView] {
        &self.0[table.index()]
    }

    /// The parts of a table, to change them.
    pub fn of_mut(&mut self, table: TableId) -> &mut Vec<PartView> {
        &mut self.0[table.index()]
    }

    /// The parts of all tables.
    pub fn all(&self) -> impl Iterator<Item = &PartView> {
        self.0.iter().flatten()
    }

    /// Live rows in memory parts.
    pub fn memory_rows(&self) -> u64 {
        let views = self.all().filter(|view| view.part.is_in_memory());
        views.map(PartView::live_rows).sum()
    }

    fn kill(&mut self, table: TableId, part: u32, row: u32) {
        let alive = self.of_mut(table)[part as usize].dead.insert(row);
        debug_assert!(alive, "a row dies once");
    }
}

/// What applying needs besides the tables.
pub struct ApplyContext<'a> {
    /// Seeds key hashes.
    pub seed: u64,
    /// Where strings get their ids.
    pub dictionaries: &'a Dictionaries,
    /// The number of the next part.
    pub next_part: &'a AtomicU64,
    /// Parts in memory up to this number are being flushed: they must stay as they are until the flush is over.
    pub flushing_through: u64,
}

impl ApplyContext<'_> {
    fn part_id(&self) -> u64 {
        self.next_part.fetch_add(1, Ordering::Relaxed)
    }
}

/// Takes the batches in, in this order; answers what became of each.
pub fn apply(
    tables: &mut Tables,
    context: &ApplyContext<'_>,
    batches: &[(AccountId, &Batch)],
) -> Result<Vec<Accepted>, Damage> {
    let mut accepted = vec![Accepted::default(); batches.len()];
    for table in TableId::ALL {
        if batches.iter().any(|(_, batch)| batch.table.id == table && batch.rows() > 0) {
            apply_to_table(tables, context, table, batches, &mut accepted)?;
        }
    }
    Ok(accepted)
}

fn apply_to_table(
    tables: &mut Tables,
    context: &ApplyContext<'_>,
    table: TableId,
    batches: &[(AccountId, &Batch)],
    accepted: &mut [Accepted],
) -> Result<(), Damage> {
    let group = group::Group::new(table.table(), context, batches)?;
    let plan = group.plan(tables, accepted)?;

    let derivation = table.table().derives;
    let changes = derivation.map(|derivation| {
        derive::Changes::collect(derivation, tables.of(table), &group.rows, &plan, context.dictionaries)
    });
    for death in &plan.deaths {
        tables.kill(death.table, death.part, death.row);
    }
    owned::replace(tables, context, &group, &plan, batches)?;
    add_part(tables, context, &group.rows, plan.rows)?;
    if let Some(deletions) = table.table().deletions {
        let rows = group.deletions_of(&plan.deletions, deletions.table());
        let all = (0..rows.rows() as u32).collect();
        add_part(tables, context, &rows, all)?;
        merge_memory(tables, context, deletions)?;
    }
    if let (Some(derivation), Some(changes)) = (derivation, changes) {
        let derived = derive::derive(tables, context, derivation, table, &group.rows, changes?)?;
        let all = (0..derived.rows() as u32).collect();
        add_part(tables, context, &derived, all)?;
        merge_memory(tables, context, derivation.table)?;
    }
    merge_memory(tables, context, table)
}

/// Makes a part in memory of some of the rows.
fn add_part(
    tables: &mut Tables,
    context: &ApplyContext<'_>,
    rows: &EncodedRows,
    chosen: Vec<u32>,
) -> Result<(), Damage> {
    if chosen.is_empty() {
        return Ok(());
    }
    let order = order_of_encoded(rows, chosen);
    let part =
        build_in_memory(context.part_id(), rows.table, &[Source::Encoded(rows)], &order, context.seed)?;
    tables.of_mut(rows.table.id).push(PartView::new(part));
    Ok(())
}

/// How many parts in memory are merged at once. With each merge at least quadrupling what went in last, a row is
/// copied about log4(200,000 / rows of a batch) times before the flush, and no query meets more than some ten.
const MEMORY_FAN_IN: usize = 4;

/// Merges the youngest parts in memory while the oldest of them is no larger than the others together.
fn merge_memory(tables: &mut Tables, context: &ApplyContext<'_>, table: TableId) -> Result<(), Damage> {
    loop {
        let views = tables.of_mut(table);
        let Some(first) = views.len().checked_sub(MEMORY_FAN_IN) else { return Ok(()) };
        let youngest = &views[first..];
        let fixed = |view: &PartView| !view.part.is_in_memory() || view.part.id < context.flushing_through;
        let younger: u64 = youngest[1..].iter().map(PartView::live_rows).sum();
        if youngest.iter().any(fixed) || youngest[0].live_rows() > younger {
            return Ok(());
        }
        let order = order_of_parts(youngest)?;
        let sources: Vec<Source<'_>> = youngest.iter().map(|view| Source::Part(&view.part)).collect();
        let merged = build_in_memory(context.part_id(), table.table(), &sources, &order, context.seed)?;
        views.truncate(first);
        if merged.rows() > 0 {
            views.push(PartView::new(merged));
        }
    }
}
