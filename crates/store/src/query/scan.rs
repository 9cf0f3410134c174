//! Rows that were found once and are read in chunks, as often as is needed: nobody has to hold more than a chunk.

use std::ops::Range;
use std::sync::Arc;

use tallyhouse_model::{Batch, ColumnIndex, RowsQuery};

use super::filter::Conditions;
use super::instant::{Instant, Sequence};
use super::merge::{Merge, PartRows, Position};
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
    /// Where the last call ended: the place among all rows, and where that is in the parts. Of tables without an identity.
    ended: Option<(u64, Position)>,
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
            ended: None,
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
            let mut merge = match self.ended.take() {
                Some((place, position)) if place == places.start => {
                    Merge::at_position(views, &self.parts, position)?
                }
                _ => Merge::new(views, &self.parts, places.start, &self.stop)?,
            };
            let rows = merge.next_rows(rows_max)?;
            self.ended = Some((places.start + rows.len() as u64, merge.position()));
            rows
        } else {
            let sequence = Sequence { views, parts: &self.parts, reader: &reader, stop: &self.stop };
            sequence.rows(places.start, rows_max, &mut self.instant)?
        };
        Ok(reader.read_columns(&rows, columns)?)
    }
}
