//! Parts: immutable rows of one table, sorted by (account, time, key), with an index of their keys. Rows that other rows
//! own share keys: those alike in all three stand in the order in which they came.
//!
//! Whether a part's columns lie on the heap or in a mapped file shows only in here.

mod assemble;
mod disk;
mod header;
mod order;
mod source;

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{AccountId, Key, Micros, Table};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::column::{Block, Column};
use crate::damage::Damage;
use crate::dead::DeadRows;
use crate::hash_index::HashIndex;

pub use assemble::{BuildError, build_in_memory, build_on_disk};
pub use disk::{DiskFiles, DiskPart, part_file_names};
pub use header::{AccountRows, GRANULE_ROWS, PartHeader};
pub use order::{Order, RowRef, month_of, order_of_encoded, order_of_parts, order_of_parts_by_month};
pub use source::Source;

/// The hash that finds a row: seeded, so that nobody outside can aim at one bucket of an index.
#[inline]
pub fn key_hash(account: AccountId, key: &Key, seed: u64) -> u64 {
    let mut bytes = [0; 20];
    bytes[..16].copy_from_slice(key);
    bytes[16..].copy_from_slice(&account.0.to_le_bytes());
    xxh3_64_with_seed(&bytes, seed)
}

/// Immutable rows of one table.
pub struct Part {
    /// Its number; parts in memory and on disk share one sequence, and none is used twice.
    pub id: u64,
    /// What the rows look like.
    pub table: &'static Table,
    /// What is known about the rows without reading them.
    pub header: PartHeader,
    body: Body,
}

enum Body {
    Memory { blocks: Vec<Block>, index: HashIndex },
    Disk(Box<DiskPart>),
}

impl Part {
    fn in_memory(
        id: u64,
        table: &'static Table,
        header: PartHeader,
        blocks: Vec<Block>,
        index: HashIndex,
    ) -> Self {
        Self { id, table, header, body: Body::Memory { blocks, index } }
    }

    /// A part whose files are in this folder; they are opened when they are first read.
    pub fn on_disk(
        id: u64,
        table: &'static Table,
        header: PartHeader,
        files: DiskFiles,
        folder: &Path,
    ) -> Self {
        Self { id, table, header, body: Body::Disk(Box::new(DiskPart::new(folder, id, table, files))) }
    }

    /// The part's files, if it has any.
    pub fn disk(&self) -> Option<&DiskPart> {
        match &self.body {
            Body::Memory { .. } => None,
            Body::Disk(disk) => Some(disk),
        }
    }

    /// Lets its files go with the last snapshot that holds it: readers may not have opened them yet.
    pub fn delete_when_unused(&self) {
        if let Body::Disk(disk) = &self.body {
            disk.delete_when_unused();
        }
    }

    /// Whether it is in memory only.
    pub fn is_in_memory(&self) -> bool {
        matches!(self.body, Body::Memory { .. })
    }

    /// How many rows, dead ones included.
    pub fn rows(&self) -> u32 {
        self.header.rows
    }

    /// Bytes of a row, all columns together: the mean of the file, or of the first block in memory.
    pub fn row_bytes(&self) -> u64 {
        let (bytes, rows) = match &self.body {
            Body::Memory { blocks, .. } => {
                let of_block = |block: &Block| {
                    let columns = block.columns.iter().flat_map(Column::slices);
                    (columns.map(<[u8]>::len).sum::<usize>() as u64, block.rows as u64)
                };
                blocks.first().map_or((0, 0), of_block)
            }
            Body::Disk(disk) => (disk.rows_bytes(), u64::from(self.rows())),
        };
        bytes.checked_div(rows).unwrap_or(0)
    }

    /// One column of one block.
    pub fn column(&self, block: usize, column: usize) -> Result<&Column, Damage> {
        match &self.body {
            Body::Memory { blocks, .. } => Ok(&blocks[block].columns[column]),
            Body::Disk(disk) => disk.column(block, column),
        }
    }

    /// The rows of an account.
    pub fn account_rows(&self, account: AccountId) -> Range<u32> {
        self.header.account(account).map_or(0..0, |rows| rows.start..rows.end)
    }

    /// Whose a row is.
    pub fn account_of(&self, row: u32) -> AccountId {
        let at = self.header.accounts.partition_point(|rows| rows.end <= row);
        AccountId(self.header.accounts[at].account)
    }

    /// The time of a row.
    pub fn time(&self, row: u32) -> Result<Micros, Damage> {
        let (block, at) = split(row);
        Ok(self.column(block, Table::TIME)?.times()[at])
    }

    /// The key of a row.
    pub fn key(&self, row: u32) -> Result<Key, Damage> {
        let (block, at) = split(row);
        Ok(self.column(block, Table::KEY)?.ids()[at])
    }

    /// The number of a row in a column of numbers.
    pub fn number(&self, row: u32, column: usize) -> Result<u64, Damage> {
        let (block, at) = split(row);
        Ok(self.column(block, column)?.number(at))
    }

    /// What finds rows by their key.
    pub fn index(&self) -> Result<&HashIndex, Damage> {
        match &self.body {
            Body::Memory { index, .. } => Ok(index),
            Body::Disk(disk) => disk.index(),
        }
    }

    /// Calls `found` with each row that has this key, until it answers true; answers whether it did.
    #[inline]
    pub fn find(
        &self,
        account: AccountId,
        key: &Key,
        hash: u64,
        mut found: impl FnMut(u32) -> bool,
    ) -> Result<bool, Damage> {
        self.index()?.find(hash, |row| {
            Ok(row < self.rows() && self.key(row)? == *key && self.account_of(row) == account && found(row))
        })
    }
}

/// The block of a row, and its place there.
#[inline]
pub fn split(row: u32) -> (usize, usize) {
    (row as usize / BLOCK_ROWS, row as usize % BLOCK_ROWS)
}

/// A part as one snapshot sees it.
#[derive(Clone)]
pub struct PartView {
    /// The rows.
    pub part: Arc<Part>,
    /// Those that are dead.
    pub dead: DeadRows,
}

impl PartView {
    /// A part of which every row is alive.
    pub fn new(part: Part) -> Self {
        Self { part: Arc::new(part), dead: DeadRows::default() }
    }

    /// How many rows are alive.
    pub fn live_rows(&self) -> u64 {
        u64::from(self.part.rows()) - self.dead.count()
    }

    /// A row with this key, if one is there and alive.
    #[inline]
    pub fn find_live(&self, account: AccountId, key: &Key, hash: u64) -> Result<Option<u32>, Damage> {
        let mut live = None;
        self.each_live(account, key, hash, |row| {
            live = Some(row);
            true
        })?;
        Ok(live)
    }

    /// Calls `found` with each row that has this key and is alive, until it answers true. There are several only where
    /// rows are owned.
    #[inline]
    pub fn each_live(
        &self,
        account: AccountId,
        key: &Key,
        hash: u64,
        mut found: impl FnMut(u32) -> bool,
    ) -> Result<(), Damage> {
        self.part.find(account, key, hash, |row| !self.dead.contains(row) && found(row))?;
        Ok(())
    }
}

/// A value that is made at first use. A failure is not remembered: it may have been a want of file handles.
type Lazy<T> = OnceLock<T>;

fn lazily<T>(cell: &Lazy<T>, make: impl FnOnce() -> Result<T, Damage>) -> Result<&T, Damage> {
    match cell.get() {
        Some(value) => Ok(value),
        None => {
            let value = make()?;
            Ok(cell.get_or_init(|| value))
        }
    }
}
