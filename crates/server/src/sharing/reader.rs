//! The only way from this family to the store: every query is about the reader's account. It also measures what the store
//! did.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use tallyhouse_model::AccountId;
use tallyhouse_store::{Scanned, Snapshot, Stop};

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

    /// What all queries so far have cost.
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }
}
