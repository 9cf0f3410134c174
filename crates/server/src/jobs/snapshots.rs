//! Makes the snapshots that wait in the queue, one after the other; sites take turns.
//!
//! Nothing is lost by a crash: a snapshot stays in the queue until the transaction that keeps what it found, freezes it and
//! queues its pingback. One that cannot be made is put aside for a while, and longer each time, so that it holds up no other.
//! One that may have ended the server is put aside before it is tried again, so that it cannot end it at every start.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tallyhouse_model::{DAY, HOUR, Micros, SECOND, render_uuid};
use tallyhouse_store::{QueryError, Stop};
use thiserror::Error;

use crate::catalog::{CatalogError, NewPingback, PendingSnapshot, SiteNumber};
use crate::http::{AppState, StopOnDrop};
use crate::sharing::Found;

/// How often the queue is looked at without being told to.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long the queue is left alone after the catalog failed, at first; each time twice as long.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// And at most.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// After how long a snapshot is tried again that could not be made; each time twice as long.
const RETRY_MIN: Micros = 5 * SECOND;

/// And at most.
const RETRY_MAX: Micros = HOUR;

/// And at most where the server may have ended of it.
const RETRY_AFTER_END_MAX: Micros = DAY;

/// Runs until it is dropped.
pub async fn run(state: AppState) {
    let mut pause = PAUSE_MIN;
    let mut maker = Maker::new(state.clone());
    // Ends a query that is still running when the server stops.
    let _watch = StopOnDrop::new(maker.stop.clone());
    loop {
        let worked = tokio::task::spawn_blocking(move || {
            let outcome = maker.make_next();
            (outcome, maker)
        });
        // Without it, the runtime is shutting down: a panic is caught within.
        let Ok((outcome, again)) = worked.await else { return };
        maker = again;
        match outcome {
            Ok(Some(_)) => pause = PAUSE_MIN,
            Ok(None) => {
                pause = PAUSE_MIN;
                let _ = tokio::time::timeout(LOOK_EVERY, state.wakeups.snapshots.notified()).await;
            }
            Err(error) => {
                tracing::error!(%error, "the queue of snapshots cannot be worked on; it is tried again");
                tokio::time::sleep(pause).await;
                pause = PAUSE_MAX.min(pause * 2);
            }
        }
    }
}

/// What became of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is finished.
    Made,
    /// It was deleted meanwhile.
    Gone,
    /// It could not be made, and waits for another try.
    PutAside,
}

/// Why a snapshot was not made.
#[derive(Debug, Error)]
enum MakeError {
    /// Something about this one. Others may go well.
    #[error("{0}")]
    Snapshot(String),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
    /// Nothing can be kept. No other would go well either.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl From<QueryError> for MakeError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Cancelled => MakeError::Stopping,
            error => MakeError::Snapshot(error.to_string()),
        }
    }
}

/// Makes snapshots.
pub struct Maker {
    state: AppState,
    stop: Stop,
    /// When it began. What is older may have been begun by a process that did not end it.
    started_at: Micros,
    /// Whose turn it was last.
    last: SiteNumber,
}

impl Maker {
    /// Makes those of a server.
    pub fn new(state: AppState) -> Self {
        let started_at = (state.clock)();
        Self { state, stop: Stop::default(), started_at, last: SiteNumber(i64::MIN) }
    }

    /// Makes all that are due, until nothing is left. How many were finished.
    pub fn make_all(&mut self) -> Result<usize, CatalogError> {
        let mut made = 0;
        while let Some(outcome) = self.make_next()? {
            made += usize::from(outcome == Outcome::Made);
        }
        Ok(made)
    }

    /// Makes the next one; nothing where none is due.
    pub fn make_next(&mut self) -> Result<Option<Outcome>, CatalogError> {
        let now = (self.state.clock)();
        let Some(pending) = self.state.catalog.next_snapshot(self.last, now)? else { return Ok(None) };
        self.last = pending.site;
        let is_noted = self.may_end_the_server(&pending, now);
        if is_noted {
            self.postpone(&pending, retry_after(pending.failures, RETRY_AFTER_END_MAX))?;
        }
        let made = catch_unwind(AssertUnwindSafe(|| self.make(&pending)))
            .unwrap_or_else(|_| Err(MakeError::Snapshot("making it failed in an unforeseen way".to_owned())));
        match made {
            Ok(outcome) => Ok(Some(outcome)),
            Err(MakeError::Snapshot(problem)) => self.put_aside(&pending, &problem).map(Some),
            Err(MakeError::Stopping) => {
                if is_noted {
                    self.state.catalog.postpone_snapshot(&pending.snapshot.token, pending.failures, now)?;
                }
                Ok(None)
            }
            Err(MakeError::Catalog(error)) if error.is_damage() => {
                self.put_aside(&pending, &error.to_string()).map(Some)
            }
            Err(MakeError::Catalog(error)) => Err(error),
        }
    }

    /// Whether it failed before, or may have been under way when an earlier process ended. All others are made without
    /// a note, since each costs a transaction.
    fn may_end_the_server(&self, pending: &PendingSnapshot, now: Micros) -> bool {
        let initiated_at = pending.snapshot.initiated_at;
        // A time to come is one of a clock that was set back since, and says nothing.
        let is_younger = self.started_at < initiated_at && initiated_at <= now;
        pending.failures > 0 || !is_younger
    }

    fn make(&self, pending: &PendingSnapshot) -> Result<Outcome, MakeError> {
        let (state, token) = (&self.state, &pending.snapshot.message_token);
        let Some((message, account)) = state.catalog.message_to_count(pending.site, token)? else {
            // Whoever has deleted it just now has deleted its snapshot with it.
            return match state.catalog.snapshot(pending.site, &pending.snapshot.token)? {
                None => Ok(Outcome::Gone),
                Some(_) => Err(MakeError::Snapshot("its message is not there".to_owned())),
            };
        };
        let found = Found::of(state, pending, &message, account, self.stop.clone())?;
        let pingback = self.pingback(pending, found.pingback_body)?;
        let (json, finished_at) = (&found.json, found.finished_at);
        let is_finished =
            state.catalog.finish_snapshot(pending, &message, json, pingback.as_ref(), finished_at)?;
        if is_finished && pingback.is_some() {
            state.wakeups.pingbacks.notify_one();
        }
        Ok(if is_finished { Outcome::Made } else { Outcome::Gone })
    }

    fn pingback(&self, pending: &PendingSnapshot, body: String) -> Result<Option<NewPingback>, CatalogError> {
        let Some(uri) = pending.pingback_uri.clone() else { return Ok(None) };
        Ok(Some(NewPingback {
            id: render_uuid(&(self.state.ids)()?),
            site: pending.site,
            body,
            snapshot_token: pending.snapshot.token.clone(),
            uri,
            created_at: (self.state.clock)(),
        }))
    }

    fn put_aside(&self, pending: &PendingSnapshot, problem: &str) -> Result<Outcome, CatalogError> {
        let token = &pending.snapshot.token;
        let wait = retry_after(pending.failures, RETRY_MAX);
        tracing::error!(token, problem, retry_s = wait / SECOND, "a snapshot could not be made");
        self.postpone(pending, wait)?;
        Ok(Outcome::PutAside)
    }

    /// Notes a failure, and how long the next try has to wait.
    fn postpone(&self, pending: &PendingSnapshot, wait: Micros) -> Result<(), CatalogError> {
        let retry_at = (self.state.clock)().saturating_add(wait);
        let failures = pending.failures.saturating_add(1);
        self.state.catalog.postpone_snapshot(&pending.snapshot.token, failures, retry_at)
    }
}

/// How long to wait after so many failures and one more, and at most.
fn retry_after(failures: u32, wait_max: Micros) -> Micros {
    RETRY_MIN.saturating_mul(1 << failures.min(32)).min(wait_max)
}

#[cfg(test)]
mod tests;
