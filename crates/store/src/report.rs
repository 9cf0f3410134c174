//! What opening and checking a data folder found.

use std::path::PathBuf;

/// What happened while a store was opened.
#[derive(Debug, Clone, Default)]
pub struct OpenReport {
    /// Rows that were in the log and are in memory parts now.
    pub replayed_rows: u64,
    /// Files that belong to no live part; they are in `orphaned/` now.
    pub orphaned: Vec<PathBuf>,
    /// Live rows and deletions on disk.
    pub part_rows: u64,
    /// Live parts on disk.
    pub parts: u64,
}

/// The result of `tallyhouse check`.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// Files that were read whole.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Rows that were counted.
    pub rows: u64,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong with a data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the data folder.
    pub file: PathBuf,
    /// Where in it and what.
    pub problem: String,
}
