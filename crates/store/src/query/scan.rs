//! Rows that were found once and are read in chunks, as often as is needed: nobody has to hold more than a chunk.

use std::ops::Range;
use std::sync::Arc;

use tallyhouse_model::{Batch, ColumnIndex, RowsQuery};

use super::filter::Conditions;
use super::instant::{Instant, Sequence};
use super::merge::{Merge, PartRows};
use super::page::PageReader;
use super::rows::matches;
use super::select::{Looked, Wanted};
use crate::{QueryError, Scanned, Snapshot, Stop};

/// All rows of a query, sorted by time, then by the columns of the table's identity where it has one, else by key.
pub struct RowScan {
    snapshot: Arc<Snapshot>,
    query: RowsQuery,
    stop: Stop,
    /// The rows of each part that has any, by its position: four bytes a row, or none where all of a stretch are in.
    parts: Vec<(u32, PartRows)>,
    total: u64,
    scanned: Scanned,
    instant: Instant,
}

impl RowScan {
    pub(crate) fn find(snapshot: Arc<Snapshot>, query: &RowsQuery, stop: &Stop) -> Result<Self, QueryError> {
        let RowsQuery { account, table, range, belongs, filters, .. } = query;
        let conditions = Conditions::new(filters, table.table(), *account, &snapshot.dictionaries, stop)?;
        let mut looked = Looked::default();
        let wanted = Wanted::new(*account, *range, *belongs, &conditions);
        let parts = matches(snapshot.tables.of(*table), &wanted, &mut looked, stop)?;
        Ok(Self {
            total: parts.iter().map(|(_, rows)| rows.len() as u64).sum(),
            scanned: looked.scanned(),
            snapshot,
            query: query.clone(),
            stop: stop.clone(),
            parts,
            instant: Instant::default(),
        })
    }

    /// How many rows.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// What finding them took.
    pub fn scanned(&self) -> Scanned {
        self.scanned
    }

    /// Some of the rows, by their places among all, with some of their columns; the others are empty. Reading on where
    /// the last call ended, or before where it began, costs the least.
    pub fn rows(&mut self, places: Range<u64>, columns: &[ColumnIndex]) -> Result<Batch, QueryError> {
        self.stop.check()?;
        let rows_max = places.end.min(self.total).saturating_sub(places.start) as usize;
        let (table, account) = (self.query.table.table(), self.query.account);
        let views = self.snapshot.tables.of(self.query.table);
        let reader = PageReader::new(views, table, account, &self.snapshot.dictionaries);
        let rows = if table.identity.is_empty() {
            Merge::new(views, &self.parts, places.start, &self.stop)?.next_rows(rows_max)?
        } else {
            let sequence = Sequence { views, parts: &self.parts, reader: &reader, stop: &self.stop };
            sequence.rows(places.start, rows_max, &mut self.instant)?
        };
        Ok(reader.read_columns(&rows, columns)?)
    }
}
