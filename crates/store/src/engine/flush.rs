//! The flush: memory parts become parts on disk, and the log gets shorter.
//!
//! 1. *Begin*, under the lock: remember the memory parts as they are, the dead rows of all parts on disk, and the last
//!    log row that is in them.
//! 2. *Work*, without the lock: append new dictionary entries, write parts, a month each, and sync. Meanwhile rows
//!    keep arriving and may kill what is being written.
//! 3. *Commit*, under the lock: one transaction names the new parts, the remembered dead rows and dictionary lengths,
//!    and empties the log up to the remembered row.
//! 4. *Swap*: rows that died in step 2 die again in the new parts, which then replace the memory parts.
//!
//! Deaths of step 2 are kept out of the transaction on purpose: the log rows that caused them are still in the log.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tallyhouse_model::{AccountId, Key, TableId};

use super::{Engine, WorkError, folder};
use crate::apply::Tables;
use crate::damage::Damage;
use crate::database::Swap;
use crate::dead::DeadRows;
use crate::dictionary::{Dictionary, FlushedLength};
use crate::part::{PartView, Source, build_on_disk, key_hash, order_of_parts_by_month};
use crate::store::unpoisoned;

/// What step 1 remembers.
struct Begun {
    tables: Tables,
    log_seq: i64,
    generation: u64,
    log_rows: u64,
}

type GrownDictionary = (AccountId, &'static str, Arc<Dictionary>, FlushedLength);

impl Engine {
    pub(super) fn flush_until_closed(&self) {
        while self.signals.wait_for_flush() {
            match self.flush() {
                Ok(()) => self.signals.ask_for_compaction(),
                Err(error) => {
                    tracing::error!(%error, "memory parts could not be flushed; trying again");
                    if !self.signals.pause() {
                        return;
                    }
                    self.signals.ask_for_flush();
                }
            }
        }
    }

    /// Writes all memory parts to disk.
    pub fn flush(&self) -> Result<(), WorkError> {
        let turn = unpoisoned(self.flush_turn.lock());
        let begun = self.begin_flush();
        let result = self.write_and_commit(&begun);
        let mut core = self.core();
        core.flushing_through = 0;
        match &result {
            Ok(()) => core.failed = None,
            Err(error) => core.failed = Some((begun.generation, error.to_string())),
        }
        if result.is_ok() {
            self.writable.store(true, Ordering::Relaxed);
        }
        self.flush_if_due(&core);
        drop(core);
        drop(turn);
        self.flush_ended.notify_all();
        result
    }

    fn begin_flush(&self) -> Begun {
        let mut core = self.core();
        core.flushing_through = self.next_part.load(Ordering::Relaxed);
        Begun {
            tables: core.tables.clone(),
            log_seq: core.log_seq,
            generation: core.generation,
            log_rows: core.log_rows,
        }
    }

    fn write_and_commit(&self, begun: &Begun) -> Result<(), WorkError> {
        let dictionaries = self.write_dictionaries()?;
        let mut written: Vec<(TableId, Vec<PartView>)> = Vec::new();
        let result = self
            .write_tables(begun, &mut written)
            .and_then(|()| self.commit_flush(begun, &dictionaries, &mut written));
        if let Err(error) = &result
            && !matches!(error, WorkError::Uncertain(_))
        {
            discard(written.into_iter().flat_map(|(_, parts)| parts));
        }
        result
    }

    fn write_tables(
        &self,
        begun: &Begun,
        written: &mut Vec<(TableId, Vec<PartView>)>,
    ) -> Result<(), WorkError> {
        for table in TableId::ALL {
            written.push((table, self.write_table(table, begun.tables.of(table))?));
        }
        if written.iter().any(|(_, parts)| !parts.is_empty()) {
            folder::sync(&folder::parts_folder(&self.folder))?;
        }
        Ok(())
    }

    fn write_dictionaries(&self) -> Result<Vec<GrownDictionary>, WorkError> {
        let unflushed = self.dictionaries.unflushed();
        let grown = unflushed.into_iter().map(|(account, namespace, dictionary)| {
            let length = dictionary.flush()?;
            Ok((account, namespace, dictionary, length))
        });
        grown.collect()
    }

    fn write_table(&self, table: TableId, views: &[PartView]) -> Result<Vec<PartView>, WorkError> {
        let memory: Vec<PartView> = views.iter().filter(|view| view.part.is_in_memory()).cloned().collect();
        let sources: Vec<Source<'_>> = memory.iter().map(|view| Source::Part(&view.part)).collect();
        let folder = folder::parts_folder(&self.folder);
        let mut written = Vec::new();
        for order in order_of_parts_by_month(&memory)?.values() {
            let id = self.next_part.fetch_add(1, Ordering::Relaxed);
            match build_on_disk(id, table.table(), &sources, order, self.seed, &folder) {
                Ok(part) => written.push(PartView::new(part)),
                Err(error) => {
                    discard(written);
                    return Err(error.into());
                }
            }
        }
        Ok(written)
    }

    fn commit_flush(
        &self,
        begun: &Begun,
        dictionaries: &[GrownDictionary],
        written: &mut [(TableId, Vec<PartView>)],
    ) -> Result<(), WorkError> {
        let mut guard = self.core();
        let core = &mut *guard;
        // 1. What died since the beginning dies in the new parts, in memory only.
        for (table, parts) in &mut *written {
            for then in begun.tables.of(*table).iter().filter(|view| view.part.is_in_memory()) {
                let now = core.tables.of(*table).iter().find(|view| view.part.id == then.part.id);
                let now = now.expect("memory parts stay as they are while they are flushed");
                kill_again(then, &now.dead, &then.dead, parts, self.seed)?;
            }
        }
        // 2. The transaction.
        let settled: HashMap<u64, DeadRows> =
            on_disk(&begun.tables).map(|view| (view.part.id, view.dead.clone())).collect();
        let none = DeadRows::default();
        let changed = settled.iter().filter(|(id, dead)| core.settled.get(id) != Some(dead));
        core.database.swap(&Swap {
            added: written.iter().flat_map(|(_, parts)| parts).map(|view| (&*view.part, &none)).collect(),
            removed: Vec::new(),
            dead: changed.map(|(id, dead)| (*id, dead)).collect(),
            dictionaries: dictionaries
                .iter()
                .map(|(account, name, _, length)| (*account, *name, *length))
                .collect(),
            log_through: Some(begun.log_seq),
        })?;
        // 3. From here on nothing can fail.
        core.settled = settled;
        for (table, parts) in written {
            core.settled.extend(parts.iter().map(|view| (view.part.id, DeadRows::default())));
            let flushed = |id| {
                begun.tables.of(*table).iter().any(|view| view.part.id == id && view.part.is_in_memory())
            };
            replace(core.tables.of_mut(*table), flushed, std::mem::take(parts));
        }
        core.log_rows -= begun.log_rows;
        core.flushed_generation = begun.generation;
        self.publish(core);
        drop(guard);
        for (_, namespace, dictionary, length) in dictionaries {
            if let Err(error) = dictionary.flushed(*length) {
                // Its entries stay in memory, and the next flush writes the same ones to the same place.
                tracing::error!(namespace, %error, "a dictionary that was just written cannot be read");
            }
        }
        Ok(())
    }
}

/// Kills the rows in the new parts that are dead now and were not when the new parts were begun.
///
/// Rows that other rows own share keys. Which of them is killed for which does not matter: those that are live under one
/// key die together, so that as many are killed as there are.
pub(super) fn kill_again(
    view: &PartView,
    now: &DeadRows,
    then: &DeadRows,
    new: &mut [PartView],
    seed: u64,
) -> Result<(), Damage> {
    let died = now.since(then).map(|row| Ok((view.part.account_of(row), view.part.key(row)?)));
    let mut died: Vec<(AccountId, Key)> = died.collect::<Result<_, Damage>>()?;
    // So that a key of many rows is looked for once.
    died.sort_unstable();
    for of_key in died.chunk_by(|one, next| one == next) {
        let (account, key) = of_key[0];
        let hash = key_hash(account, &key, seed);
        let mut left = of_key.len();
        for target in new.iter_mut() {
            let mut found = Vec::new();
            target.each_live(account, &key, hash, |row| {
                found.push(row);
                found.len() == left
            })?;
            left -= found.len();
            found.into_iter().for_each(|row| _ = target.dead.insert(row));
            if left == 0 {
                break;
            }
        }
    }
    Ok(())
}

/// Takes parts out of a table and puts others in front of the memory parts.
pub(super) fn replace(views: &mut Vec<PartView>, is_gone: impl Fn(u64) -> bool, new: Vec<PartView>) {
    views.retain(|view| !is_gone(view.part.id));
    let at = views.iter().position(|view| view.part.is_in_memory()).unwrap_or(views.len());
    views.splice(at..at, new);
}

/// Deletes the files of parts that were written in vain.
pub(super) fn discard(parts: impl IntoIterator<Item = PartView>) {
    for view in parts {
        view.part.delete_when_unused();
    }
}

fn on_disk(tables: &Tables) -> impl Iterator<Item = &PartView> {
    tables.all().filter(|view| !view.part.is_in_memory())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::Dictionaries;
    use crate::encoded::EncodedRows;
    use crate::part::{build_in_memory, order_of_encoded};
    use tallyhouse_model::tables::{REPORT_IMAGES, REPORTS, reports};
    use tallyhouse_model::{Batch, Cell, DAY, Table, key_of_integer};

    const SEED: u64 = 7;
    const IMAGES: usize = 5;

    /// A part in memory with five images of each of two reports, spread over two months, of two accounts alike.
    fn images() -> PartView {
        let folder = tempfile::tempdir().expect("there is room");
        let dictionaries = Dictionaries::new(folder.path(), SEED, HashMap::new());
        let mut rows = EncodedRows::new(&REPORT_IMAGES);
        let mut batch = Batch::new(&REPORTS);
        for report in [1, 2] {
            let (key, time, none) = (Cell::Id(key_of_integer(report)), Cell::Time(0), Cell::Text(""));
            batch.push_row(&[key, time, time, Cell::Integer(1), Cell::Absent, Cell::Absent, none, none]);
            for image in 0..IMAGES as u64 {
                let time = Cell::Time((image / 3) as i64 * 40 * DAY);
                let cells = [time, Cell::Integer(1), Cell::Integer(image), none, none];
                batch.push_owned(reports::OWNED_IMAGES, &cells);
            }
        }
        for account in [1, 2] {
            let images = &batch.owned[reports::OWNED_IMAGES].rows;
            rows.push_batch(AccountId(account), images, &dictionaries).expect("nothing is damaged");
        }
        let order = order_of_encoded(&rows, (0..rows.rows() as u32).collect());
        let part = build_in_memory(1, &REPORT_IMAGES, &[Source::Encoded(&rows)], &order, SEED);
        PartView::new(part.expect("nothing is damaged"))
    }

    /// What a flush makes of it: a part a month.
    fn by_month(then: &PartView) -> Vec<PartView> {
        let views = [then.clone()];
        let orders = order_of_parts_by_month(&views).expect("nothing is damaged");
        let part = |order| {
            build_in_memory(2, &REPORT_IMAGES, &[Source::Part(&then.part)], order, SEED).map(PartView::new)
        };
        orders.values().map(|order| part(order).expect("nothing is damaged")).collect()
    }

    /// The live rows of all parts, by account and key.
    fn live(views: &[PartView]) -> HashMap<(AccountId, Key), usize> {
        let mut counts = HashMap::new();
        for view in views {
            for row in (0..view.part.rows()).filter(|row| !view.dead.contains(*row)) {
                let key = view.part.key(row).expect("nothing is damaged");
                *counts.entry((view.part.account_of(row), key)).or_insert(0) += 1;
            }
        }
        counts
    }

    #[test]
    fn as_many_rows_of_a_key_die_again_as_died_meanwhile_wherever_they_are_now() {
        assert_eq!(REPORT_IMAGES.columns[Table::KEY].name, "report_id");
        let (account, key) = (AccountId(1), key_of_integer(1));
        let whole = images();
        let of_key = |row: &u32| {
            whole.part.account_of(*row) == account && whole.part.key(*row).expect("nothing is damaged") == key
        };
        let rows: Vec<u32> = (0..whole.part.rows()).filter(of_key).collect();
        assert_eq!(rows.len(), IMAGES);
        for earlier in 0..=IMAGES {
            for all in earlier..=IMAGES {
                let mut then = whole.clone();
                rows[..earlier].iter().for_each(|row| _ = then.dead.insert(*row));
                let mut new = by_month(&then);
                assert_eq!(new.len(), 2, "two months");
                let mut now = then.clone();
                rows[earlier..all].iter().for_each(|row| _ = now.dead.insert(*row));

                kill_again(&then, &now.dead, &then.dead, &mut new, SEED).expect("nothing is damaged");
                assert_eq!(live(&new), live(&[now]), "{earlier} died before, {all} in all");
            }
        }
    }
}
