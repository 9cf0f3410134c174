//! The only way from this family to the store: every query is about the reader's account and carries the narrowing of
//! its credential, so that no handler can forget either.

use std::sync::Arc;

use tallyhouse_model::{AccountId, Filter, GroupsQuery, RowsQuery, SeriesQuery, SweepQuery, TableId};
use tallyhouse_store::{Groups, QueryError, RowsAnswer, SeriesAnswer, Snapshot, Stop, SweepAnswer};

use super::content::ContentColumns;
use crate::catalog::{Credential, Narrowing};

/// What a request may read: one moment of the store, as far as its credential reaches.
pub struct Reader {
    snapshot: Arc<Snapshot>,
    account: AccountId,
    narrowing: Narrowing,
    stop: Stop,
}

impl Reader {
    /// Reads this snapshot for a credential, whose scopes were checked, until it is stopped.
    pub fn new(credential: Credential, snapshot: Arc<Snapshot>, stop: Stop) -> Self {
        Self { snapshot, account: credential.account, narrowing: credential.narrowing, stop }
    }

    /// Whose rows are read.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// What ends the queries of this reader.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Counts rows or different values.
    pub fn series(&self, mut query: SeriesQuery) -> Result<SeriesAnswer, QueryError> {
        self.confine(query.account, query.table, &mut query.filters);
        self.snapshot.series(&query, &self.stop)
    }

    /// Finds a page of rows.
    pub fn rows(&self, mut query: RowsQuery) -> Result<RowsAnswer, QueryError> {
        self.confine(query.account, query.table, &mut query.filters);
        self.snapshot.rows(&query, &self.stop)
    }

    /// Follows rows through time.
    pub fn sweep(&self, mut query: SweepQuery) -> Result<SweepAnswer, QueryError> {
        self.confine(query.account, query.table, &mut query.filters);
        self.snapshot.sweep(&query, &self.stop)
    }

    /// Finds groups of rows.
    pub fn groups(&self, mut query: GroupsQuery) -> Result<Groups, QueryError> {
        self.confine(query.account, query.table, &mut query.filters);
        self.snapshot.groups(&query, &self.stop)
    }

    /// Whether any row at any time meets the filters.
    pub fn any(&self, table: TableId, mut filters: Vec<Filter>) -> Result<bool, QueryError> {
        self.confine(self.account, table, &mut filters);
        self.snapshot.any(self.account, table, &filters, &self.stop)
    }

    fn confine(&self, account: AccountId, table: TableId, filters: &mut Vec<Filter>) {
        assert_eq!(account, self.account, "a reader asks about its own account");
        let Narrowing { content_ids, channel_ids } = &self.narrowing;
        filters.extend(ContentColumns::of(table).only_ids(content_ids.as_deref(), channel_ids.as_deref()));
    }
}

#[cfg(test)]
mod tests;
