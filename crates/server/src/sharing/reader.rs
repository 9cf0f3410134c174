//! The only way from this family to the store: every query is about the reader's account. It also measures what the store
//! did.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tallyhouse_model::{AccountId, AggregateQuery, RowsQuery};
use tallyhouse_store::{Aggregates, QueryError, RowsAnswer, Scanned, Snapshot, Stop};

/// What may be read: one moment of the store, as far as one account reaches.
pub struct Reader {
    snapshot: Arc<Snapshot>,
    account: AccountId,
    stop: Stop,
    cost: Cell<Cost>,
}

/// What the store touched, and how long it took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// What it touched.
    pub scanned: Scanned,
    /// How long it took.
    pub store_time: Duration,
}

impl Reader {
    /// Reads this snapshot for an account until it is stopped.
    pub fn new(account: AccountId, snapshot: Arc<Snapshot>, stop: Stop) -> Self {
        Self { snapshot, account, stop, cost: Cell::default() }
    }

    /// Whose rows are read.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Folds rows of the account to one row of aggregates per group.
    pub fn aggregate(&self, query: &AggregateQuery) -> Result<Aggregates, QueryError> {
        assert_eq!(query.account, self.account, "a reader reads what its account has");
        let started = Instant::now();
        let found = self.snapshot.aggregate(query, &self.stop)?;
        self.add(found.scanned(), started);
        Ok(found)
    }

    /// Answers a page of rows of the account.
    pub fn rows(&self, query: &RowsQuery) -> Result<RowsAnswer, QueryError> {
        assert_eq!(query.account, self.account, "a reader reads what its account has");
        let started = Instant::now();
        let found = self.snapshot.rows(query, &self.stop)?;
        self.add(found.scanned, started);
        Ok(found)
    }

    /// What all queries so far have cost.
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }

    fn add(&self, scanned: Scanned, started: Instant) {
        let mut cost = self.cost.get();
        cost.scanned.rows += scanned.rows;
        cost.scanned.bytes += scanned.bytes;
        cost.scanned.parts += scanned.parts;
        cost.store_time += started.elapsed();
        self.cost.set(cost);
    }
}
