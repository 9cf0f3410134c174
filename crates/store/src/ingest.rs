//! What goes into the store, and what comes back.

use tallyhouse_model::{AccountId, Batch, Micros};

use crate::QuarantinedLine;

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
