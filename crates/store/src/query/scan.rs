//! Rows that were found once and are read in chunks, as often as is needed: nobody has to hold more than a chunk.

use std::ops::Range;
use std::sync::Arc;

use tallyhouse_model::{Batch, RowsQuery};

use super::filter::Conditions;
use super::instant::{Instant, Sequence};
use super::merge::{Merge, PartRows};
use super::page::PageReader;
use super::rows::matches;
use super::select::{Looked, Wanted};
use crate::{QueryError, Scanned, Snapshot, Stop};

/// The rows of a query, read from a place that moves on: sorted by time, then by the columns of the table's identity
/// where it has one, else by key.
pub struct RowScan {
    snapshot: Arc<Snapshot>,
    query: RowsQuery,
    stop: Stop,
    /// The rows of each part that has any, by its position: four bytes a row, or none where all of a stretch are in.
    parts: Vec<(u32, PartRows)>,
    total: u64,
    scanned: Scanned,
    /// Rows of the page that were read.
    read: u64,
    instant: Instant,
}

impl RowScan {
    pub(crate) fn find(snapshot: Arc<Snapshot>, query: &RowsQuery, stop: &Stop) -> Result<Self, QueryError> {
        let RowsQuery { account, table, range, belongs, filters, .. } = query;
        let conditions = Conditions::new(filters, table.table(), *account, &snapshot.dictionaries, stop)?;
        let mut looked = Looked::default();
        let wanted = Wanted::new(*account, *range, *belongs, &conditions);
        let parts = matches(snapshot.tables.of(*table), &wanted, &mut looked, stop)?;
        let total = parts.iter().map(|(_, rows)| rows.len() as u64).sum();
        let scanned = looked.scanned();
        Ok(Self {
            snapshot,
            query: query.clone(),
            stop: stop.clone(),
            parts,
            total,
            scanned,
            read: 0,
            instant: Instant::default(),
        })
    }

    /// All rows that match, on any page.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Rows of this page.
    pub fn len(&self) -> u64 {
        self.total.saturating_sub(self.query.offset).min(self.query.limit as u64)
    }

    /// Whether the page is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What finding them took.
    pub fn scanned(&self) -> Scanned {
        self.scanned
    }

    /// The next rows of the page (`offset` and `limit` of the query), at most so many; `None` behind the last.
    pub fn next_rows(&mut self, rows_max: usize) -> Result<Option<Batch>, QueryError> {
        let end = self.len().min(self.read.saturating_add(rows_max as u64));
        if self.read == end {
            return Ok(None);
        }
        let batch = self.rows(self.read..end)?;
        self.read = end;
        Ok(Some(batch))
    }

    /// Some rows of the page, by their places on it; what is read next stays the same.
    pub fn rows(&mut self, places: Range<u64>) -> Result<Batch, QueryError> {
        assert!(places.end <= self.len(), "the page has these places");
        self.stop.check()?;
        let rank = self.query.offset + places.start;
        let limit = (places.end - places.start) as usize;
        let (table, account) = (self.query.table.table(), self.query.account);
        let views = self.snapshot.tables.of(self.query.table);
        let reader = PageReader::new(views, table, account, &self.snapshot.dictionaries);
        if table.identity.is_empty() {
            return Ok(reader.read(&mut Merge::new(views, &self.parts, rank, &self.stop)?, limit)?);
        }
        let sequence = Sequence { views, parts: &self.parts, reader, table, stop: &self.stop };
        let rows = sequence.rows(rank, limit, &mut self.instant)?;
        Ok(sequence.reader.read_rows(&rows)?)
    }

    /// Goes back to the first row of the page.
    pub fn rewind(&mut self) {
        self.read = 0;
    }

    /// From here on only this ends the reading: finding the rows may have had a time limit that sending them has not.
    pub fn set_stop(&mut self, stop: Stop) {
        self.stop = stop;
    }
}
