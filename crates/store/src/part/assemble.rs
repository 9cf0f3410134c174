//! Making a part: blocks in order, its header, its key index; on the heap or in two files.

use std::path::Path;

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{AccountId, Table};

use super::disk::{DiskFiles, DiskWriter};
use super::header::{AccountRows, GRANULE_ROWS, Granule, PartHeader};
use super::source::gather;
use super::{Order, Part, Source, key_hash};
use crate::column::{Block, Layout};
use crate::damage::Damage;
use crate::hash_index::HashIndex;

/// Why a part could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A source is damaged.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// A file could not be written.
    #[error("a part could not be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Makes a part on the heap.
pub fn build_in_memory(
    id: u64,
    table: &'static Table,
    sources: &[Source<'_>],
    order: &Order,
    seed: u64,
) -> Result<Part, Damage> {
    let mut blocks = Vec::new();
    let mut assembly = Assembly::new(table, order, seed);
    for rows in order.rows.chunks(BLOCK_ROWS) {
        let block = gather(table, &layouts(table, sources), sources, rows)?;
        assembly.add(&block);
        blocks.push(block);
    }
    let (header, hashes) = assembly.finish();
    Ok(Part::in_memory(id, table, header, blocks, HashIndex::in_memory(&hashes)))
}

/// Makes a part in two new files, which are on disk when this returns. The caller syncs the folder.
pub fn build_on_disk(
    id: u64,
    table: &'static Table,
    sources: &[Source<'_>],
    order: &Order,
    seed: u64,
    folder: &Path,
) -> Result<Part, BuildError> {
    let layouts = layouts(table, sources);
    let mut writer = DiskWriter::create(folder, id, table, &layouts)?;
    let mut assembly = Assembly::new(table, order, seed);
    for rows in order.rows.chunks(BLOCK_ROWS) {
        let block = gather(table, &layouts, sources, rows)?;
        assembly.add(&block);
        writer.write(block)?;
    }
    let (header, hashes) = assembly.finish();
    let files: DiskFiles = writer.finish(&hashes)?;
    Ok(Part::on_disk(id, table, header, files, folder))
}

/// Numbers are laid out for the greatest that any source holds, so that all blocks of a part agree.
fn layouts(table: &'static Table, sources: &[Source<'_>]) -> Vec<Layout> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(index, column)| {
            let max = sources.iter().map(|source| source.number_max(index)).max().unwrap_or(0);
            Layout::of(column.kind, max)
        })
        .collect()
}

/// Collects the header and the key hashes while blocks go by.
struct Assembly<'a> {
    table: &'static Table,
    order: &'a Order,
    seed: u64,
    header: PartHeader,
    hashes: Vec<u64>,
    /// Position in `order.accounts`.
    account: usize,
}

impl<'a> Assembly<'a> {
    fn new(table: &'static Table, order: &'a Order, seed: u64) -> Self {
        let header = PartHeader { number_max: vec![0; table.columns.len()], ..PartHeader::default() };
        Self { table, order, seed, header, hashes: Vec::with_capacity(order.rows.len()), account: 0 }
    }

    fn add(&mut self, block: &Block) {
        let times = block.columns[Table::TIME].times();
        let keys = block.columns[Table::KEY].ids();
        for row in 0..block.rows {
            let account = self.account_of_next_row();
            let time = times[row];
            let end = self.table.end.map_or(time, |end| time.saturating_add(end_distance(block, end, row)));
            self.extend_granule(account, Granule { time_min: time, time_max: time, end_max: end });
            self.hashes.push(key_hash(account, &keys[row], self.seed));
            self.header.rows += 1;
        }
        for (max, column) in self.header.number_max.iter_mut().zip(&block.columns) {
            *max = (*max).max(column.number_max());
        }
    }

    fn account_of_next_row(&mut self) -> AccountId {
        while self.order.accounts[self.account].1 <= self.header.rows as usize {
            self.account += 1;
        }
        self.order.accounts[self.account].0
    }

    fn extend_granule(&mut self, account: AccountId, row: Granule) {
        let PartHeader { accounts, granules, rows: next, .. } = &mut self.header;
        match accounts.last_mut() {
            Some(rows) if rows.account == account.0 => {
                rows.end = *next + 1;
                if (*next - rows.start).is_multiple_of(GRANULE_ROWS) {
                    granules.push(row);
                    return;
                }
                let granule = granules.last_mut().expect("an account with rows has a granule");
                granule.time_min = granule.time_min.min(row.time_min);
                granule.time_max = granule.time_max.max(row.time_max);
                granule.end_max = granule.end_max.max(row.end_max);
            }
            _ => {
                let first_granule = u32::try_from(granules.len()).expect("fewer granules than rows");
                accounts.push(AccountRows {
                    account: account.0,
                    start: *next,
                    end: *next + 1,
                    first_granule,
                });
                granules.push(row);
            }
        }
    }

    fn finish(self) -> (PartHeader, Vec<u64>) {
        assert_eq!(self.header.rows as usize, self.order.rows.len(), "every row of the order was added");
        (self.header, self.hashes)
    }
}

/// How far behind its start a row ends. An end is never absent, so its number is the distance plus one.
fn end_distance(block: &Block, end: usize, row: usize) -> i64 {
    block.columns[end].number(row).saturating_sub(1).min(i64::MAX as u64) as i64
}
