//! What a reader sees: the parts and dead rows of one moment.

use std::io;
use std::sync::Arc;

use tallyhouse_model::{
    AccountId, AggregateQuery, Batch, Filter, GroupsQuery, RowsQuery, SeriesQuery, SweepQuery, TableId,
};

use crate::apply::Tables;
use crate::dictionary::Dictionaries;
use crate::query::{self, Aggregates, Groups, Memo, RowScan};
use crate::{QueryError, RowsAnswer, SeriesAnswer, Stop, SweepAnswer};

/// The rows that a reader sees, whatever is written meanwhile.
pub struct Snapshot {
    pub(crate) tables: Tables,
    pub(crate) dictionaries: Arc<Dictionaries>,
    memo: Arc<Memo>,
}

impl Snapshot {
    pub(crate) fn new(tables: Tables, dictionaries: Arc<Dictionaries>, memo: Arc<Memo>) -> Self {
        Self { tables, dictionaries, memo }
    }

    /// Counts rows or different values.
    pub fn series(&self, query: &SeriesQuery, stop: &Stop) -> Result<SeriesAnswer, QueryError> {
        query::series(self.tables.of(query.table), &self.dictionaries, &self.memo, query, stop)
    }

    /// Answers a page of rows.
    pub fn rows(&self, query: &RowsQuery, stop: &Stop) -> Result<RowsAnswer, QueryError> {
        query::rows(self.tables.of(query.table), &self.dictionaries, query, stop)
    }

    /// Whether any row at any time meets the filters.
    pub fn any(
        &self,
        account: AccountId,
        table: TableId,
        filters: &[Filter],
        stop: &Stop,
    ) -> Result<bool, QueryError> {
        query::any(self.tables.of(table), &self.dictionaries, account, table.table(), filters, stop)
    }

    /// Follows rows through time: peaks and seconds.
    pub fn sweep(&self, query: &SweepQuery, stop: &Stop) -> Result<SweepAnswer, QueryError> {
        query::sweep(self.tables.of(query.table), &self.dictionaries, query, stop)
    }

    /// Finds groups of rows; the rows themselves come in bounded batches afterwards.
    pub fn groups(self: &Arc<Self>, query: &GroupsQuery, stop: &Stop) -> Result<Groups, QueryError> {
        Groups::find(Arc::clone(self), query, stop)
    }

    /// Finds the rows on all pages of a query, to be read in bounded chunks afterwards, as often as is needed.
    pub fn scan(self: &Arc<Self>, query: &RowsQuery, stop: &Stop) -> Result<RowScan, QueryError> {
        RowScan::find(Arc::clone(self), query, stop)
    }

    /// Folds rows to one row of aggregates per group.
    pub fn aggregate(
        self: &Arc<Self>,
        query: &AggregateQuery,
        stop: &Stop,
    ) -> Result<Aggregates, QueryError> {
        Aggregates::find(Arc::clone(self), query, stop)
    }

    /// Walks over all live rows of a table in chunks sorted by (time, key), for exports; with `deletions`, the
    /// deletions come behind them. What the rows own is not with them: their own columns have to say all of it, and tables
    /// of owned rows can be asked for by themselves. Ends at the first error of the sink, which is the inner result.
    pub fn export(
        &self,
        account: AccountId,
        table: TableId,
        deletions: bool,
        sink: &mut dyn FnMut(&Batch) -> io::Result<()>,
    ) -> Result<io::Result<()>, QueryError> {
        let stop = Stop::default();
        let rows = query::export(self.tables.of(table), &self.dictionaries, account, table, &stop, sink)?;
        if rows.is_err() || !deletions {
            return Ok(rows);
        }
        let Some(of_deletions) = table.table().deletions else { return Ok(rows) };
        let mut as_deletions = |batch: &Batch| sink(&query::deletions_as_rows(batch, table.table()));
        query::export(
            self.tables.of(of_deletions),
            &self.dictionaries,
            account,
            of_deletions,
            &stop,
            &mut as_deletions,
        )
    }
}
