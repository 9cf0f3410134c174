//! Delivers the pingbacks that are due: finds them in the catalog, tries each in a task of its own, and notes what came of it.
//!
//! What is noted is durable before anything is tried again. A crash between an attempt and its note means that the pingback
//! is sent once more, with the same id; none is ever lost. Nothing is written while nothing is due.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tallyhouse_model::{DAY, HOUR, Micros, SECOND};
use tokio::task::{Id, JoinError, JoinSet};

use crate::catalog::{
    AttemptNote, AttemptOutcome, Catalog, CatalogError, DuePingback, DuePingbacks, InFlight,
};
use crate::http::{AppState, Lost, blocking};
use crate::pingback::{
    ATTEMPT_TIME_MAX, Letter, Sender, SenderOptions, SendingError, Sent, SystemNetwork, next_attempt, roots,
};

/// How often to look for what somebody else put into the catalog: an operator may send a pingback again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// When to try again where there was no place to look a name up.
const PLACE_AFTER: Micros = SECOND;

/// How often to look for what the log need not keep any longer, and how much of it to delete in one transaction.
const CLEAN_EVERY: Micros = HOUR;
const CLEANED_AT_ONCE: u32 = 500;

/// What a [`Dispatcher`] works with; tests bring their own.
#[derive(Clone)]
pub struct DispatcherParts {
    /// Where pingbacks wait.
    pub catalog: Arc<Catalog>,
    /// Who delivers them.
    pub sender: Arc<Sender>,
    /// The time now.
    pub clock: Arc<dyn Fn() -> Micros + Send + Sync>,
    /// Any number, another one each time.
    pub random: Arc<dyn Fn() -> u16 + Send + Sync>,
    /// How long the log keeps what has ended.
    pub keep: Micros,
}

/// Delivers pingbacks, step by step.
pub struct Dispatcher {
    parts: DispatcherParts,
    /// What was begun and is not noted yet.
    in_flight: InFlight,
    attempts: JoinSet<AttemptNote>,
    /// What each task works on, for the case that it panics.
    tasks: HashMap<Id, DuePingback>,
    /// What came of attempts and is not in the catalog yet.
    notes: Vec<AttemptNote>,
    turn: usize,
    cleaned_at: Micros,
}

/// Why a step ended early.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The catalog cannot be used.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Work on it did not come to its end.
    #[error("work on it did not come to its end ({0:?})")]
    Lost(Lost),
}

impl From<Lost> for StepError {
    fn from(lost: Lost) -> Self {
        StepError::Lost(lost)
    }
}

/// Runs until it is dropped; attempts that have begun end then too, and are made again when the server is back.
pub async fn run(state: AppState) {
    let mut dispatcher = Dispatcher::new(parts_of(&state));
    loop {
        let wait = match dispatcher.step().await {
            Ok(next_at) => {
                let until = next_at.map_or(Micros::MAX, |next_at| next_at.saturating_sub((state.clock)()));
                LOOK_EVERY.min(Duration::from_micros(until.max(0).unsigned_abs()))
            }
            Err(error) => {
                tracing::error!(%error, "pingbacks wait, because the catalog cannot be used");
                LOOK_EVERY
            }
        };
        tokio::select! {
            () = state.wakeups.pingbacks.notified() => {}
            () = dispatcher.ended() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn parts_of(state: &AppState) -> DispatcherParts {
    let sharing = &state.config.sharing;
    let sender = Sender::new(SenderOptions {
        networks: sharing.pingback_networks.clone(),
        network: Arc::new(SystemNetwork),
        roots: roots(),
        time_max: ATTEMPT_TIME_MAX,
    });
    DispatcherParts {
        catalog: Arc::clone(&state.catalog),
        sender: Arc::new(sender),
        clock: Arc::new(state.clock),
        random: Arc::new(random),
        keep: Micros::from(sharing.pingback_log_days) * DAY,
    }
}

/// Without random numbers there is no jitter, which is no reason to deliver nothing.
fn random() -> u16 {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_or(u16::MAX / 2, |()| u16::from_le_bytes(bytes))
}

impl Dispatcher {
    /// A dispatcher that has not begun anything.
    pub fn new(parts: DispatcherParts) -> Self {
        Self {
            parts,
            in_flight: InFlight::default(),
            attempts: JoinSet::new(),
            tasks: HashMap::new(),
            notes: Vec::new(),
            turn: 0,
            cleaned_at: Micros::MIN,
        }
    }

    /// Notes what has ended, begins what is due, and tells when more will be. After an error everything is as it was, and a
    /// later step goes on from there.
    pub async fn step(&mut self) -> Result<Option<Micros>, StepError> {
        while let Some(ended) = self.attempts.try_join_next_with_id() {
            self.take(ended);
        }
        self.note().await?;
        self.clean().await?;
        let (catalog, now, turn) = (Arc::clone(&self.parts.catalog), (self.parts.clock)(), self.turn);
        let in_flight = self.in_flight.clone();
        let due: DuePingbacks =
            blocking(move || Ok::<_, StepError>(catalog.due_pingbacks(now, &in_flight, turn)?)).await?;
        self.turn = self.turn.wrapping_add(1);
        for pingback in due.pingbacks {
            self.begin(pingback);
        }
        Ok(due.next_at)
    }

    /// Waits until an attempt has ended; for ever where none is under way.
    pub async fn ended(&mut self) {
        match self.attempts.join_next_with_id().await {
            Some(ended) => self.take(ended),
            None => std::future::pending().await,
        }
    }

    /// How many attempts are under way.
    pub fn under_way(&self) -> usize {
        self.attempts.len()
    }

    fn begin(&mut self, due: DuePingback) {
        self.in_flight.add(&due);
        let task = self.attempts.spawn(attempt(self.parts.clone(), due.clone()));
        self.tasks.insert(task.id(), due);
    }

    fn take(&mut self, ended: Result<(Id, AttemptNote), JoinError>) {
        match ended {
            Ok((task, note)) => {
                self.tasks.remove(&task);
                self.notes.push(note);
            }
            Err(error) => {
                tracing::error!(%error, "an attempt to deliver a pingback failed in an unforeseen way");
                if let Some(due) = self.tasks.remove(&error.id()) {
                    let now = (self.parts.clock)();
                    self.notes.push(note_of(&self.parts, due, now, Ended::unforeseen()));
                }
            }
        }
    }

    /// Makes durable what came of attempts.
    async fn note(&mut self) -> Result<(), StepError> {
        if self.notes.is_empty() {
            return Ok(());
        }
        let (catalog, now) = (Arc::clone(&self.parts.catalog), (self.parts.clock)());
        let (notes, in_flight) = (self.notes.clone(), self.in_flight.clone());
        blocking(move || Ok::<_, StepError>(catalog.note_attempts(&notes, &in_flight, now)?)).await?;
        for note in self.notes.drain(..) {
            self.in_flight.remove(note.number);
        }
        Ok(())
    }

    /// Deletes some of what the log need not keep any longer; the next portion with the next step.
    async fn clean(&mut self) -> Result<(), StepError> {
        let (catalog, now) = (Arc::clone(&self.parts.catalog), (self.parts.clock)());
        // A time that is still to come was told by a clock that was wrong.
        if (self.cleaned_at..self.cleaned_at.saturating_add(CLEAN_EVERY)).contains(&now) {
            return Ok(());
        }
        let before = now.saturating_sub(self.parts.keep);
        let deleted =
            blocking(move || Ok::<_, StepError>(catalog.delete_ended_pingbacks(before, CLEANED_AT_ONCE)?))
                .await?;
        if deleted < CLEANED_AT_ONCE as usize {
            self.cleaned_at = now;
        }
        Ok(())
    }
}

/// What is known of an attempt once it has ended.
#[derive(Default)]
struct Ended {
    status: Option<u16>,
    retry_after: Option<Micros>,
    address: Option<String>,
    problem: Option<String>,
    /// Whether it was begun at all.
    was_tried: bool,
}

impl Ended {
    fn of(sent: Sent) -> Self {
        let address = sent.address.map(|address| address.to_string());
        match sent.result {
            Ok(reply) => Self {
                status: Some(reply.status),
                retry_after: reply.retry_after,
                address,
                problem: None,
                was_tried: true,
            },
            Err(error) => Self {
                address,
                was_tried: !matches!(error, SendingError::NoPlace),
                problem: Some(error.to_string()),
                ..Self::default()
            },
        }
    }

    /// One that the server broke off itself.
    fn unforeseen() -> Self {
        Self { problem: Some("a defect of the server".to_owned()), was_tried: true, ..Self::default() }
    }
}

async fn attempt(parts: DispatcherParts, due: DuePingback) -> AttemptNote {
    let started_at = (parts.clock)();
    let letter = Letter {
        id: due.id.clone(),
        site: due.site.0,
        uri: due.uri.clone(),
        body: due.body.clone(),
        now: started_at,
        secrets: due.secrets.clone(),
    };
    let ended = Ended::of(parts.sender.send(&letter).await);
    let note = note_of(&parts, due, started_at, ended);
    match note.follows {
        AttemptOutcome::Delivered => tracing::debug!(to = %note.target, "delivered a pingback"),
        AttemptOutcome::NotTried(_) => {
            tracing::debug!(to = %note.target, "a pingback waits for a place to look its name up");
        }
        _ => {
            tracing::info!(to = %note.target, status = note.status, problem = note.problem, "a pingback failed");
        }
    }
    if note.follows == AttemptOutcome::GivenUp {
        tracing::warn!(to = %note.target, "a pingback is given up; `tallyhouse pingback list --state failed` shows it");
    }
    note
}

fn note_of(parts: &DispatcherParts, due: DuePingback, started_at: Micros, ended: Ended) -> AttemptNote {
    let now = (parts.clock)();
    let again = || {
        let attempts = due.attempts.saturating_add(1);
        // What is tried was due, whatever a clock said that was ahead.
        next_attempt(attempts, due.first_due_at.min(now), now, (parts.random)(), ended.retry_after)
    };
    let follows = match ended.status {
        _ if !ended.was_tried => AttemptOutcome::NotTried(now.saturating_add(PLACE_AFTER)),
        Some(200..=299) => AttemptOutcome::Delivered,
        Some(410) => AttemptOutcome::Gone,
        _ => again().map_or(AttemptOutcome::GivenUp, AttemptOutcome::Again),
    };
    AttemptNote {
        number: due.number,
        site: due.site,
        target: due.target,
        first_due_at: due.first_due_at,
        started_at,
        duration: now.saturating_sub(started_at),
        status: ended.status,
        address: ended.address,
        problem: ended.problem,
        follows,
    }
}

#[cfg(test)]
mod tests;
