//! Rows that were found once and are read in chunks, as often as is needed: nobody has to hold all of them.

use std::sync::Arc;

use tallyhouse_model::{Batch, RowsQuery};

use crate::{QueryError, Scanned, Snapshot, Stop};

/// The rows of a query, sorted by (time, key), read from a place that moves on.
pub struct RowScan {
    snapshot: Arc<Snapshot>,
    query: RowsQuery,
    stop: Stop,
}

impl RowScan {
    pub(crate) fn find(snapshot: Arc<Snapshot>, query: &RowsQuery, stop: &Stop) -> Result<Self, QueryError> {
        Ok(Self { snapshot, query: query.clone(), stop: stop.clone() })
    }

    /// All rows that match, on any page.
    pub fn total(&self) -> u64 {
        todo!("{:?} {:?}", self.snapshot.tables.memory_rows(), self.stop)
    }

    /// What finding them took.
    pub fn scanned(&self) -> Scanned {
        todo!()
    }

    /// The next rows of the page (`offset` and `limit` of the query), at most so many; `None` behind the last.
    pub fn next_rows(&mut self, rows_max: usize) -> Result<Option<Batch>, QueryError> {
        todo!("{rows_max} {:?}", self.query)
    }

    /// Goes back to the first row of the page.
    pub fn rewind(&mut self) {
        todo!()
    }
}
