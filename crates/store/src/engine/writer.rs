//! The writer: one thread that puts submissions on disk and makes them visible, in order.
//!
//! 1. Take what waits, up to a bound: one sync serves all of it.
//! 2. Wait for room in the log, which a flush makes.
//! 3. Apply to a copy of the tables. If that fails, nothing has happened.
//! 4. Write the log and the quarantine: one transaction, one sync. If that fails, the copy is dropped.
//! 5. Publish the copy and answer the senders.

use std::sync::atomic::Ordering;

use super::queue::Waiting;
use super::{Engine, assert_acceptable, quarantine_of};
use crate::database::LogRow;
use crate::log;
use crate::{Accepted, IngestError, PendingIngest, Submission};

impl Engine {
    /// See [`Store::ingest`](crate::Store::ingest).
    pub fn ingest(&self, submission: Submission) -> Result<Accepted, IngestError> {
        self.begin_ingest(submission)?.wait()
    }

    /// See [`Store::begin_ingest`](crate::Store::begin_ingest).
    pub fn begin_ingest(&self, submission: Submission) -> Result<PendingIngest, IngestError> {
        assert_acceptable(&submission);
        if submission.batch.rows() == 0 && submission.quarantined.is_empty() {
            return Ok(PendingIngest::of_nothing());
        }
        // The log body is made here, on the sender's thread, since the writer is the one that all wait for.
        let body = if submission.batch.rows() == 0 {
            Vec::new()
        } else {
            let body = log::encode(submission.account, &submission.batch);
            body.map_err(|error| IngestError::Disk(error.to_string()))?
        };
        self.queue.put(submission, body)
    }

    pub(super) fn write_until_closed(&self) {
        while let Some(group) = self.queue.take_group() {
            let outcome = self.write_group(&group);
            if let Err(error) = &outcome {
                tracing::error!(%error, submissions = group.len(), "rows could not be written");
            }
            let disk_is_well = !matches!(outcome, Err(IngestError::Disk(_)));
            self.writable.store(disk_is_well, Ordering::Relaxed);
            for (at, waiting) in group.into_iter().enumerate() {
                let answer = outcome.as_ref().map(|accepted| accepted[at]).map_err(IngestError::clone);
                // A sender that went away does not need its answer.
                drop(waiting.answer.send(answer));
            }
        }
    }

    fn write_group(&self, group: &[Waiting]) -> Result<Vec<Accepted>, IngestError> {
        let rows: u64 = group.iter().map(|waiting| waiting.submission.batch.rows_with_owned() as u64).sum();
        let mut core = self.wait_for_room(self.core(), rows)?;
        let submissions: Vec<&Submission> = group.iter().map(|waiting| &waiting.submission).collect();
        let (tables, mut accepted) = self.applied(&core, &submissions)?;

        let with_rows = group.iter().filter(|waiting| waiting.submission.batch.rows() > 0);
        let log_rows: Vec<LogRow<'_>> = with_rows
            .map(|waiting| LogRow { rows: waiting.submission.batch.rows_with_owned(), body: &waiting.body })
            .collect();
        let quarantine: Vec<_> = submissions.iter().map(|submission| quarantine_of(submission)).collect();
        let last = core.database.append(&log_rows, &quarantine, &self.limits);
        let last = last.map_err(|error| IngestError::Disk(error.to_string()))?;

        core.log_seq = core.log_seq.max(last);
        core.log_rows += rows;
        self.take_over(&mut core, tables);
        for (accepted, submission) in accepted.iter_mut().zip(submissions) {
            accepted.quarantined = submission.quarantined.len() as u64;
        }
        Ok(accepted)
    }
}
