//! The rows of one table in a group of submissions, and what is to happen to each.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use tallyhouse_model::{AccountId, Batch, Micros, Table, TableId};

use super::locate::{Place, Wanted, locate};
use super::{ApplyContext, Tables};
use crate::damage::Damage;
use crate::encoded::EncodedRows;
use crate::ingest::Accepted;
use crate::part::{PartView, key_hash};

/// All rows of one table, in order of arrival.
pub struct Group {
    /// The rows; deletions are among them.
    pub rows: EncodedRows,
    /// Per row: it is a deletion.
    deleted: Vec<bool>,
    /// Per row: the batch it came in.
    batch: Vec<u32>,
    /// Per row: the hash of its key.
    hashes: Vec<u64>,
}

/// What is to happen.
#[derive(Default)]
pub struct Plan {
    /// Rows of the group that become live.
    pub rows: Vec<u32>,
    /// Rows of the group that become stored deletions.
    pub deletions: Vec<u32>,
    /// Stored rows and deletions that die.
    pub deaths: Vec<Death>,
}

/// A stored row, or stored deletion, that dies.
pub struct Death {
    /// Where it is.
    pub table: TableId,
    /// Position of its part.
    pub part: u32,
    /// Row in it.
    pub row: u32,
}

impl Group {
    /// Encodes the batches that are for this table.
    pub fn new(
        table: &'static Table,
        context: &ApplyContext<'_>,
        batches: &[(AccountId, &Batch)],
    ) -> Result<Self, Damage> {
        let mut group = Group {
            rows: EncodedRows::new(table),
            deleted: Vec::new(),
            batch: Vec::new(),
            hashes: Vec::new(),
        };
        for (at, (account, batch)) in batches.iter().enumerate() {
            if batch.table.id == table.id {
                group.rows.push_batch(*account, batch, context.dictionaries)?;
                group.deleted.extend_from_slice(&batch.deleted);
                group.batch.resize(group.rows.rows(), at as u32);
            }
        }
        let named = group.rows.accounts.iter().zip(group.rows.keys());
        group.hashes = named.map(|(account, key)| key_hash(*account, key, context.seed)).collect();
        Ok(group)
    }

    /// Decides about every row, and counts what became of it.
    pub fn plan(&self, tables: &Tables, accepted: &mut [Accepted]) -> Result<Plan, Damage> {
        let winners = self.winners(accepted);
        let wanted: Vec<Wanted> = winners.iter().map(|row| self.wanted(*row)).collect();
        let live = self.stored(tables, self.rows.table, &wanted)?;
        let deletions_table = self.rows.table.deletions.map(TableId::table);
        let deleted = match deletions_table {
            Some(table) => self.stored(tables, table, &wanted)?,
            None => vec![None; wanted.len()],
        };
        let mut plan = Plan::default();
        for ((row, live), deletion) in winners.iter().zip(live).zip(deleted) {
            let stored = live.map(|live| (self.rows.table.id, live));
            let stored =
                stored.or(deletion.zip(deletions_table).map(|(deletion, table)| (table.id, deletion)));
            self.decide(*row, stored, &mut plan, accepted);
        }
        Ok(plan)
    }

    /// These rows of the group as the places they have in their batches: pairs of a batch and a row of it, ascending.
    pub fn places_in_batches(&self, rows: &[u32]) -> Vec<(u32, u32)> {
        let place = |row: &u32| {
            let batch = self.batch[*row as usize];
            let first = self.batch.partition_point(|earlier| *earlier < batch);
            (batch, row - first as u32)
        };
        let mut places: Vec<(u32, u32)> = rows.iter().map(place).collect();
        places.sort_unstable();
        places
    }

    /// The rows of the deletions table for these deletions.
    pub fn deletions_of(&self, deletions: &[u32], table: &'static Table) -> EncodedRows {
        let source = self.rows.table;
        let version = source.version.expect("only tables with versions are written to");
        let kept = [Table::KEY, version].into_iter().chain(source.identity.iter().copied());
        let mut rows = EncodedRows::new(table);
        rows.accounts = deletions.iter().map(|row| self.rows.accounts[*row as usize]).collect();
        rows.columns = kept.map(|column| self.rows.columns[column].picked(deletions)).collect();
        rows
    }

    fn decide(
        &self,
        row: u32,
        stored: Option<(TableId, Stored)>,
        plan: &mut Plan,
        accepted: &mut [Accepted],
    ) {
        let counts = &mut accepted[self.batch[row as usize] as usize];
        if let Some((table, stored)) = stored {
            if stored.version > self.version(row) {
                counts.outdated += 1;
                return;
            }
            plan.deaths.push(Death { table, part: stored.place.part, row: stored.place.row });
            counts.replaced += u64::from(table == self.rows.table.id);
        }
        if self.deleted[row as usize] {
            counts.deleted += 1;
            plan.deletions.push(row);
        } else {
            counts.taken += 1;
            plan.rows.push(row);
        }
    }

    /// The row that wins under each key of the group, in order of arrival of the keys' first rows.
    fn winners(&self, accepted: &mut [Accepted]) -> Vec<u32> {
        let (accounts, keys) = (&self.rows.accounts, self.rows.keys());
        let mut winners: Vec<u32> = Vec::with_capacity(self.rows.rows());
        // Holds positions in `winners`.
        let mut by_key: HashTable<u32> = HashTable::with_capacity(self.rows.rows());
        for row in 0..self.rows.rows() as u32 {
            let same = |at: &u32| {
                let other = winners[*at as usize] as usize;
                keys[other] == keys[row as usize] && accounts[other] == accounts[row as usize]
            };
            let hash_of = |at: &u32| self.hashes[winners[*at as usize] as usize];
            match by_key.entry(self.hashes[row as usize], same, hash_of) {
                Entry::Vacant(vacant) => {
                    vacant.insert(winners.len() as u32);
                    winners.push(row);
                }
                Entry::Occupied(occupied) => {
                    let winner = &mut winners[*occupied.get() as usize];
                    let loser = if self.version(row) < self.version(*winner) {
                        accepted[self.batch[row as usize] as usize].outdated += 1;
                        continue;
                    } else {
                        std::mem::replace(winner, row)
                    };
                    self.count_loser(loser, accepted);
                }
            }
        }
        winners
    }

    /// A row that was taken and gave way within the same group.
    fn count_loser(&self, loser: u32, accepted: &mut [Accepted]) {
        let counts = &mut accepted[self.batch[loser as usize] as usize];
        if self.deleted[loser as usize] {
            counts.deleted += 1;
        } else {
            counts.taken += 1;
            counts.replaced += 1;
        }
    }

    fn version(&self, row: u32) -> Micros {
        let column = self.rows.table.version.expect("only tables with versions are written to");
        self.rows.times_of(column)[row as usize]
    }

    fn wanted(&self, row: u32) -> Wanted {
        let row = row as usize;
        Wanted { account: self.rows.accounts[row], key: self.rows.keys()[row], hash: self.hashes[row] }
    }

    fn stored(
        &self,
        tables: &Tables,
        table: &'static Table,
        wanted: &[Wanted],
    ) -> Result<Vec<Option<Stored>>, Damage> {
        let views = tables.of(table.id);
        let places = locate(views, wanted)?;
        places
            .into_iter()
            .map(|place| place.map(|place| Stored::read(views, table, place)).transpose())
            .collect()
    }
}

#[derive(Clone, Copy)]
struct Stored {
    place: Place,
    version: Micros,
}

impl Stored {
    fn read(views: &[PartView], table: &Table, place: Place) -> Result<Self, Damage> {
        let column = table.version.expect("only tables with versions are written to");
        let (block, at) = crate::part::split(place.row);
        let version = views[place.part as usize].part.column(block, column)?.times()[at];
        Ok(Self { place, version })
    }
}
