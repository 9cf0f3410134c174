//! Ends a running query: somebody who went away, or a query that takes too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::QueryError;

/// A say in whether a query goes on. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    stopped: Arc<AtomicBool>,
    deadline: Option<Instant>,
    /// How often a query may ask before it has to end.
    asks_left: Option<Arc<AtomicU64>>,
}

impl Stop {
    /// Lets a query run for this long at most.
    pub fn after(limit: Duration) -> Self {
        Self { deadline: Instant::now().checked_add(limit), ..Self::default() }
    }

    /// Lets a query ask so often whether to go on, and ends it when it asks once more: for tests that want it to end
    /// somewhere in the middle.
    pub fn at_ask(asks: u64) -> Self {
        Self { asks_left: Some(Arc::new(AtomicU64::new(asks))), ..Self::default() }
    }

    /// Ends the queries that hold a clone of this.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether to go on. Queries ask at least once per block of rows, and once per bucket where each is
    /// looked at by itself.
    pub fn check(&self) -> Result<(), QueryError> {
        if let Some(left) = &self.asks_left
            && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
        {
            return Err(QueryError::Cancelled);
        }
        if self.stopped.load(Ordering::Relaxed) {
            return Err(QueryError::Cancelled);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(QueryError::TookTooLong),
            _ => Ok(()),
        }
    }
}
