//! Aggregates: rows with the same values in one or two columns become one row.

use std::ops::Range;
use std::sync::Arc;

use tallyhouse_model::AggregateQuery;

use crate::{AggregateRow, QueryError, Scanned, Snapshot, Stop};

/// The groups of a query, kept as numbers; what those stand for is looked up when they are asked for.
pub struct Aggregates {
    snapshot: Arc<Snapshot>,
    query: AggregateQuery,
}

impl Aggregates {
    pub(crate) fn find(
        snapshot: Arc<Snapshot>,
        query: &AggregateQuery,
        _stop: &Stop,
    ) -> Result<Self, QueryError> {
        Ok(Self { snapshot, query: query.clone() })
    }

    /// How many groups.
    pub fn len(&self) -> usize {
        todo!("{:?} {:?}", self.snapshot.tables.memory_rows(), self.query)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What folding them took.
    pub fn scanned(&self) -> Scanned {
        todo!()
    }

    /// Some of the groups, by their places in the order of the query.
    pub fn rows(&self, places: Range<usize>) -> Result<Vec<AggregateRow>, QueryError> {
        todo!("{places:?}")
    }
}
