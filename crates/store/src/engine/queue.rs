//! Submissions that wait for the writer: bounded in rows, in order of arrival.

use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::store::unpoisoned;
use crate::{Accepted, IngestError, PendingIngest, Submission};

/// Rows, owned and refused ones included, from which on nothing more may wait. At the pace the writer keeps, about a
/// second's worth; what waits is in memory, so that at most this and one submission more are.
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
    /// Puts a submission at the end, where it waits to be written.
    pub fn put(&self, submission: Submission, body: Vec<u8>) -> Result<PendingIngest, IngestError> {
        let (answer, outcome) = sync_channel(1);
        let rows = rows_of(&submission);
        let mut state = unpoisoned(self.state.lock());
        if state.closed {
            return Err(IngestError::Closing);
        }
        // What is there counts, and not what comes: else a large submission, whose own size is bounded, would only pass
        // while nothing waits, which small ones may keep from ever being.
        if state.rows >= QUEUE_ROWS_MAX {
            return Err(IngestError::QueueFull { retry_after: RETRY_AFTER });
        }
        state.rows += rows;
        state.waiting.push_back(Waiting { submission, body, answer });
        drop(state);
        self.changed.notify_all();
        Ok(PendingIngest(outcome))
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

#[cfg(test)]
mod tests {
    use super::*;
    use tallyhouse_model::tables::REPORTS;
    use tallyhouse_model::{AccountId, Batch, Cell, key_of_integer, tables::reports};

    /// A report with so many images.
    fn submission(images: usize) -> Submission {
        let mut batch = Batch::new(&REPORTS);
        let (key, time, channel) = (Cell::Id(key_of_integer(1)), Cell::Time(7), Cell::Integer(5));
        batch.push_row(&[
            key,
            time,
            time,
            channel,
            Cell::Absent,
            Cell::Absent,
            Cell::Text(""),
            Cell::Text(""),
        ]);
        for image in 0..images {
            let cells = [time, channel, Cell::Integer(image as u64), Cell::Text(""), Cell::Text("")];
            batch.push_owned(reports::OWNED_IMAGES, &cells);
        }
        Submission { account: AccountId(1), batch, quarantined: Vec::new(), received_at: 7 }
    }

    /// Submits on a thread of its own, and returns once it waits.
    fn submit_and_stay<'a>(
        scope: &'a std::thread::Scope<'a, '_>,
        queue: &'a Queue,
        submission: Submission,
    ) -> std::thread::ScopedJoinHandle<'a, Result<Accepted, IngestError>> {
        let before = unpoisoned(queue.state.lock()).waiting.len();
        let waits = scope.spawn(|| queue.put(submission, Vec::new())?.wait());
        let mut state = unpoisoned(queue.state.lock());
        while state.waiting.len() == before {
            assert!(!waits.is_finished(), "it was refused");
            state = unpoisoned(queue.changed.wait_timeout(state, Duration::from_millis(50))).0;
        }
        drop(state);
        waits
    }

    #[test]
    fn a_large_submission_waits_behind_small_ones_and_a_full_queue_refuses_all() {
        let queue = Queue::default();
        std::thread::scope(|scope| {
            let small = submit_and_stay(scope, &queue, submission(0));
            let large = submit_and_stay(scope, &queue, submission(QUEUE_ROWS_MAX));
            let refused = queue.put(submission(0), Vec::new());
            assert!(matches!(refused, Err(IngestError::QueueFull { .. })), "{refused:?}");

            // The large one is more than a transaction holds, and goes alone.
            for (waits, rows) in [(small, 1), (large, QUEUE_ROWS_MAX + 1)] {
                let group = queue.take_group().expect("something waits");
                assert_eq!(group.iter().map(|one| rows_of(&one.submission)).sum::<usize>(), rows);
                for waiting in group {
                    waiting.answer.send(Ok(Accepted::default())).expect("its sender waits");
                }
                assert_eq!(waits.join().expect("it does not panic").expect("it passed"), Accepted::default());
            }
            let waits = submit_and_stay(scope, &queue, submission(0));
            drop(queue.take_group());
            let unanswered = waits.join().expect("it does not panic");
            assert!(matches!(unanswered, Err(IngestError::Closing)), "{unanswered:?}");
        });
    }
}
