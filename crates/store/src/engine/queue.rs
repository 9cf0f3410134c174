//! Submissions that wait for the writer: bounded in rows, in order of arrival.

use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::store::unpoisoned;
use crate::{Accepted, IngestError, Submission};

/// Rows that may wait. At the pace the writer keeps, about a second's worth; what waits is in memory.
const QUEUE_ROWS_MAX: usize = 200_000;

/// Rows that are written in one transaction at most.
const GROUP_ROWS_MAX: usize = 50_000;

/// When to try again after the queue was full: about as long as it takes to empty it.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A submission that waits, with its log body.
pub struct Waiting {
    /// The rows.
    pub submission: Submission,
    /// See `log.rs`; empty when there are no valid rows.
    pub body: Vec<u8>,
    /// Where its sender waits.
    pub answer: SyncSender<Result<Accepted, IngestError>>,
}

/// The queue.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    rows: usize,
    closed: bool,
}

impl Queue {
    /// Puts a submission at the end and waits until it has been written.
    pub fn submit(&self, submission: Submission, body: Vec<u8>) -> Result<Accepted, IngestError> {
        let (answer, outcome) = sync_channel(1);
        let rows = rows_of(&submission);
        let mut state = unpoisoned(self.state.lock());
        if state.closed {
            return Err(IngestError::Closing);
        }
        // A single submission larger than the bound may pass when nothing else waits; its own size is bounded.
        if state.rows > 0 && state.rows + rows > QUEUE_ROWS_MAX {
            return Err(IngestError::QueueFull { retry_after: RETRY_AFTER });
        }
        state.rows += rows;
        state.waiting.push_back(Waiting { submission, body, answer });
        drop(state);
        self.changed.notify_all();
        outcome.recv().unwrap_or(Err(IngestError::Closing))
    }

    /// Waits for submissions and takes as many as belong into one transaction; `None` once the queue is closed and
    /// empty.
    pub fn take_group(&self) -> Option<Vec<Waiting>> {
        let mut state = unpoisoned(self.state.lock());
        while state.waiting.is_empty() {
            if state.closed {
                return None;
            }
            state = unpoisoned(self.changed.wait(state));
        }
        let (mut group, mut rows) = (Vec::new(), 0);
        while let Some(next) = state.waiting.front() {
            rows += rows_of(&next.submission);
            if !group.is_empty() && rows > GROUP_ROWS_MAX {
                break;
            }
            group.extend(state.waiting.pop_front());
        }
        let taken: usize = group.iter().map(|one| rows_of(&one.submission)).sum();
        state.rows -= taken;
        Some(group)
    }

    /// Takes no more; what waits is still written.
    pub fn close(&self) {
        unpoisoned(self.state.lock()).closed = true;
        self.changed.notify_all();
    }
}

/// Quarantined lines and owned rows count too: they take memory and a place in the transaction.
fn rows_of(submission: &Submission) -> usize {
    submission.batch.rows_with_owned() + submission.quarantined.len()
}
