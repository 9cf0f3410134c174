//! Ends a running query: somebody who went away, or a query that takes too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::QueryError;

/// A say in whether a query goes on. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    stopped: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// Lets a query run for this long at most.
    pub fn after(limit: Duration) -> Self {
        Self { deadline: Instant::now().checked_add(limit), ..Self::default() }
    }

    /// Ends the queries that hold a clone of this.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether to go on. Queries ask at least once per block of rows.
    pub(crate) fn check(&self) -> Result<(), QueryError> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(QueryError::Cancelled);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(QueryError::TookTooLong),
            _ => Ok(()),
        }
    }
}
