//! Makes the snapshots that wait in the queue, one after the other; sites take turns.
//!
//! Nothing is lost by a crash: a snapshot stays in the queue until the transaction that keeps what it found, freezes it and
//! queues its pingback. One that cannot be made is put aside for a while, and longer each time, so that it holds up no other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tallyhouse_model::{Micros, render_uuid};
use tallyhouse_store::{QueryError, Stop};
use thiserror::Error;

use crate::catalog::{CatalogError, Message, NewPingback, PendingSnapshot, SiteNumber};
use crate::http::{AppState, StopOnDrop};
use crate::sharing::{Bounds, Reader, Wording, pingback_body, publication_snapshots, shorturl_prefix};

/// How often the queue is looked at without being told to.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long the queue is left alone after the catalog failed, at first; each time twice as long.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// And at most.
const PAUSE_MAX: Duration = Duration::from_secs(60);

const SECOND: Micros = 1_000_000;

/// After how long a snapshot is tried again that could not be made; each time twice as long.
const RETRY_MIN: Micros = 5 * SECOND;

/// And at most.
const RETRY_MAX: Micros = 3_600 * SECOND;

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
    /// Whose turn it was last.
    last: SiteNumber,
}

impl Maker {
    /// Makes those of a server.
    pub fn new(state: AppState) -> Self {
        Self { state, stop: Stop::default(), last: SiteNumber(i64::MIN) }
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
        let Some(pending) = self.state.catalog.next_snapshot(self.last, (self.state.clock)())? else {
            return Ok(None);
        };
        self.last = pending.site;
        let made = catch_unwind(AssertUnwindSafe(|| self.make(&pending)))
            .unwrap_or_else(|_| Err(MakeError::Snapshot("making it failed in an unforeseen way".to_owned())));
        match made {
            Ok(outcome) => Ok(Some(outcome)),
            Err(MakeError::Snapshot(problem)) => self.put_aside(&pending, &problem).map(Some),
            Err(MakeError::Stopping) => Ok(None),
            Err(MakeError::Catalog(error)) if error.is_damage() => {
                self.put_aside(&pending, &error.to_string()).map(Some)
            }
            Err(MakeError::Catalog(error)) => Err(error),
        }
    }

    fn make(&self, pending: &PendingSnapshot) -> Result<Outcome, MakeError> {
        let (state, token) = (&self.state, &pending.snapshot.message_token);
        let Some((message, account)) = state.catalog.message_to_count(pending.site, token)? else {
            // It may have been deleted just now, and its snapshot with it.
            return Err(MakeError::Snapshot("its message is not there".to_owned()));
        };
        // In this order: nothing that arrives after `finished_at` is counted.
        let rows = state.store.snapshot();
        let finished_at = (state.clock)().max(pending.snapshot.initiated_at);
        let reader = Reader::new(account, rows, self.stop.clone());
        let (zone, shorturl_prefix) = (state.config.sharing.zone.as_str(), shorturl_prefix(state));
        let wording = Wording { zone, shorturl_prefix: &shorturl_prefix };
        let found = publication_snapshots(&reader, &message, finished_at, wording, Bounds::default())?;
        let pingback = self.pingback(pending, &message, finished_at)?;
        let is_finished =
            state.catalog.finish_snapshot(pending, &message, &found, pingback.as_ref(), finished_at)?;
        if is_finished && pingback.is_some() {
            state.wakeups.pingbacks.notify_one();
        }
        Ok(if is_finished { Outcome::Made } else { Outcome::Gone })
    }

    fn pingback(
        &self,
        pending: &PendingSnapshot,
        message: &Message,
        finished_at: Micros,
    ) -> Result<Option<NewPingback>, CatalogError> {
        let Some(uri) = pending.pingback_uri.clone() else { return Ok(None) };
        let mut snapshot = pending.snapshot.clone();
        snapshot.message_created_at = message.created_at;
        snapshot.message_published_at = message.published_at;
        Ok(Some(NewPingback {
            id: render_uuid(&(self.state.ids)()?),
            site: pending.site,
            body: pingback_body(&snapshot, finished_at, &self.state.config.sharing.zone),
            snapshot_token: snapshot.token,
            uri,
            created_at: (self.state.clock)(),
        }))
    }

    fn put_aside(&self, pending: &PendingSnapshot, problem: &str) -> Result<Outcome, CatalogError> {
        let token = &pending.snapshot.token;
        let wait = retry_after(pending.failures);
        tracing::error!(token, problem, retry_s = wait / SECOND, "a snapshot could not be made");
        self.state.catalog.postpone_snapshot(token, (self.state.clock)().saturating_add(wait))?;
        Ok(Outcome::PutAside)
    }
}

/// How long to wait after so many failures and one more.
fn retry_after(failures: u32) -> Micros {
    RETRY_MIN.saturating_mul(1 << failures.min(32)).min(RETRY_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_again_and_again_waits_longer_each_time_and_an_hour_at_most() {
        let seconds: Vec<Micros> =
            [0, 1, 2, 9, 10, u32::MAX].map(|failures| retry_after(failures) / SECOND).into();
        assert_eq!(seconds, [5, 10, 20, 2_560, 3_600, 3_600]);
    }
}
