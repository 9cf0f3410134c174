//! The only way from this family to the store: every query is about the reader's account. It also measures what the store
//! did.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use tallyhouse_model::{
    AccountId, Aggregate, AggregateQuery, Batch, Belongs, By, ColumnIndex, Filter, GroupOrder, Measure,
    Names, Point, Range, RowsQuery, SeriesQuery, TableId,
};
use tallyhouse_store::{Aggregates, QueryError, RowScan, Scanned, Snapshot, Stop};

use crate::http::Cost;

/// What may be read: one moment of the store, as far as one account reaches.
pub struct Reader {
    snapshot: Arc<Snapshot>,
    account: AccountId,
    stop: Stop,
    cost: Cell<Cost>,
}

impl Reader {
    /// Reads this snapshot for an account until it is stopped.
    pub fn new(account: AccountId, snapshot: Arc<Snapshot>, stop: Stop) -> Self {
        Self { snapshot, account, stop, cost: Cell::default() }
    }

    /// What all queries so far have cost.
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }

    /// Counts rows, whatever their time.
    pub fn count(&self, table: TableId, filters: Vec<Filter>) -> Result<u64, QueryError> {
        let values = self.series(table, filters, Measure::Rows, By::Nothing)?;
        Ok(values.into_iter().map(|(_, rows)| rows).sum())
    }

    /// Counts the different values of a column.
    pub fn count_different(
        &self,
        table: TableId,
        filters: Vec<Filter>,
        column: ColumnIndex,
    ) -> Result<u64, QueryError> {
        let values = self.series(table, filters, Measure::Distinct(column), By::Nothing)?;
        Ok(values.into_iter().map(|(_, values)| values).sum())
    }

    /// Counts rows per value of a column, in no order.
    pub fn count_by(
        &self,
        table: TableId,
        filters: Vec<Filter>,
        column: ColumnIndex,
    ) -> Result<Vec<(Point, u64)>, QueryError> {
        self.series(table, filters, Measure::Rows, By::Column(column, Names::default()))
    }

    /// Finds groups of rows with the same values in one or two columns, in no order, each with these aggregates. Rows without
    /// a value are in none. More than `groups_max` are [`QueryError::TooManyGroups`].
    pub fn groups(
        &self,
        table: TableId,
        filters: Vec<Filter>,
        by: &[ColumnIndex],
        aggregates: Vec<Aggregate>,
        groups_max: usize,
    ) -> Result<Aggregates, QueryError> {
        let query = AggregateQuery {
            account: self.account,
            table,
            range: Range::ALL,
            filters,
            by: by.to_vec(),
            aggregates,
            order: GroupOrder::Any,
            groups_max,
        };
        let started = Instant::now();
        let groups = self.snapshot.aggregate(&query, &self.stop)?;
        self.add(groups.scanned(), started);
        Ok(groups)
    }

    /// Finds rows, sorted by time: at most `limit` behind the first `offset`.
    pub fn rows(
        &self,
        table: TableId,
        filters: Vec<Filter>,
        offset: u64,
        limit: usize,
    ) -> Result<Batch, QueryError> {
        let query = self.rows_query(table, filters, offset, limit);
        let started = Instant::now();
        let answer = self.snapshot.rows(&query, &self.stop)?;
        self.add(answer.scanned, started);
        Ok(answer.page)
    }

    /// Finds rows, to be read in chunks, sorted by time.
    pub fn scan(&self, table: TableId, filters: Vec<Filter>) -> Result<RowScan, QueryError> {
        let query = self.rows_query(table, filters, 0, usize::MAX);
        let started = Instant::now();
        let scan = self.snapshot.scan(&query, &self.stop)?;
        self.add(scan.scanned(), started);
        Ok(scan)
    }

    fn rows_query(&self, table: TableId, filters: Vec<Filter>, offset: u64, limit: usize) -> RowsQuery {
        let (account, range, belongs) = (self.account, Range::ALL, Belongs::StartsIn);
        RowsQuery { account, table, range, belongs, filters, offset, limit }
    }

    fn series(
        &self,
        table: TableId,
        filters: Vec<Filter>,
        measure: Measure,
        by: By,
    ) -> Result<Vec<(Point, u64)>, QueryError> {
        let query = SeriesQuery {
            account: self.account,
            table,
            range: Range::ALL,
            belongs: Belongs::StartsIn,
            filters,
            measure,
            by,
        };
        let started = Instant::now();
        let answer = self.snapshot.series(&query, &self.stop)?;
        self.add(answer.scanned, started);
        Ok(answer.values)
    }

    fn add(&self, scanned: Scanned, started: Instant) {
        self.cost.set(self.cost.get().with(scanned, started));
    }
}
