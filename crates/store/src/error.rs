//! What can go wrong, by what the caller has to do about it.

use std::path::PathBuf;
use std::time::Duration;

/// Why a data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it. Stop that one, or talk to it.
    #[error("the data folder {0} is in use by another process; stop it first, or talk to it with --url")]
    Locked(PathBuf),
    /// A later release wrote it. Use that release.
    #[error("the data folder has format {found}, this program knows up to {known}; use a newer release")]
    NewerFormat {
        /// The format on disk.
        found: u32,
        /// The newest format this program reads.
        known: u32,
    },
    /// The folder or a file cannot be used. Repair it.
    #[error("{path}: {source}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// And why.
        source: std::io::Error,
    },
    /// `store.db` cannot be used. Repair it.
    #[error("store.db: {0}")]
    Database(#[from] rusqlite::Error),
    /// What is on disk contradicts itself. Run `tallyhouse check`.
    #[error("{0}; run `tallyhouse check`")]
    Damaged(String),
}

/// Why rows were not taken. None of them was.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IngestError {
    /// Too much is waiting. Try again after a moment.
    #[error("too many rows are waiting to be written; try again in {} s", retry_after.as_secs())]
    QueueFull {
        /// When to try again.
        retry_after: Duration,
    },
    /// The disk is full, or writing to it failed. Writes go on by themselves once there is room.
    #[error("the rows could not be written to disk: {0}")]
    Disk(String),
    /// Something that has to be read to place the rows is damaged. Run `tallyhouse check`.
    #[error("stored data is damaged: {0}; run `tallyhouse check`")]
    Damaged(String),
    /// The store is closing. Try again once it is back.
    #[error("the server is shutting down; try again shortly")]
    Closing,
}

/// Why a question has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum QueryError {
    /// A checksum does not match. Never answered from; run `tallyhouse check`.
    #[error("stored data is damaged: {0}; run `tallyhouse check`")]
    Damaged(String),
    /// The caller gave up.
    #[error("the query was cancelled")]
    Cancelled,
    /// It reached the time limit that it was given.
    #[error("the query took too long")]
    TookTooLong,
    /// There are more groups, or points, than an answer may have, or more values in them. Ask for a smaller range.
    #[error("there are more than {0} groups, points, or values in them")]
    TooManyGroups(usize),
}
