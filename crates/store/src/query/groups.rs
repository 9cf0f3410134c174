//! Groups: rows by the text of a column.

use std::sync::Arc;

use tallyhouse_model::{Batch, GroupsQuery};

use crate::{QueryError, Scanned, Snapshot, Stop};

/// The groups of a page, whose rows are read a bounded batch at a time.
pub struct Groups {
    total: u64,
    groups: usize,
    scanned: Scanned,
}

/// Rows of one group, sorted by (time, key) over all batches of the group.
pub struct GroupRows {
    /// The text of the group.
    pub text: String,
    /// Some of its rows.
    pub rows: Batch,
    /// Whether these are the last ones of the group.
    pub is_last: bool,
}

impl Groups {
    pub(crate) fn find(
        _snapshot: Arc<Snapshot>,
        _query: &GroupsQuery,
        _stop: &Stop,
    ) -> Result<Self, QueryError> {
        todo!()
    }

    /// Groups on all pages.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Groups on this page.
    pub fn len(&self) -> usize {
        self.groups
    }

    /// Whether the page is empty.
    pub fn is_empty(&self) -> bool {
        self.groups == 0
    }

    /// What finding them took.
    pub fn scanned(&self) -> Scanned {
        self.scanned
    }

    /// The next rows, group by group; every group of the page has at least one. `None` behind the last.
    pub fn next_rows(&mut self) -> Result<Option<GroupRows>, QueryError> {
        todo!()
    }
}
