//! What goes into the store, and what comes back.

use std::sync::mpsc::{Receiver, sync_channel};

use tallyhouse_model::{AccountId, Batch, Home, Micros};

use crate::{IngestError, QuarantinedLine};

/// Rows of one account that are accepted or refused together.
#[derive(Debug)]
pub struct Submission {
    /// Whose rows.
    pub account: AccountId,
    /// The valid ones, in order of arrival.
    pub batch: Batch,
    /// The others.
    pub quarantined: Vec<QuarantinedLine>,
    /// When they arrived.
    pub received_at: Micros,
}

/// A [`Submission`] that waits to be written.
#[derive(Debug)]
pub struct PendingIngest(pub(crate) Receiver<Result<Accepted, IngestError>>);

impl PendingIngest {
    /// Of no rows, which are written at once.
    pub(crate) fn of_nothing() -> Self {
        let (answer, outcome) = sync_channel(1);
        answer.send(Ok(Accepted::default())).expect("there is room for one answer");
        Self(outcome)
    }

    /// Waits until the rows are synced to disk and visible.
    pub fn wait(self) -> Result<Accepted, IngestError> {
        self.0.recv().unwrap_or(Err(IngestError::Closing))
    }
}

/// What became of the rows of a [`Submission`] that is now on disk and visible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Rows that were taken in.
    pub taken: u64,
    /// Rows, new or stored before, that gave way to a newer version of the same key.
    pub replaced: u64,
    /// Deletions that were taken in.
    pub deleted: u64,
    /// Rows and deletions that came too late: a newer version was there already.
    pub outdated: u64,
    /// Rows that went to quarantine.
    pub quarantined: u64,
}

/// Whether the store may take this batch: its columns and owners hold together, and its rows, if there are any, are of a
/// table that is kept here and written to. Derived rows, owned rows and deletions follow from others, and documents are
/// elsewhere; of those, only lines that were refused are kept here, with a batch without rows.
pub(crate) fn is_acceptable(batch: &Batch) -> bool {
    let table = batch.table;
    let is_written_to = table.home == Home::Store && table.version.is_some() && table.deletions.is_some();
    batch.is_consistent() && (is_written_to || batch.rows_with_owned() == 0)
}
