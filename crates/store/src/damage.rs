//! What was found wrong in a file. Carried up as an error, never answered from.

use std::path::{Path, PathBuf};

/// A file of the data folder does not hold what was written to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", file.display())]
pub struct Damage {
    /// Which file.
    pub file: PathBuf,
    /// Where in it and what.
    pub problem: String,
}

impl Damage {
    /// Damage of a file.
    pub fn new(file: &Path, problem: impl Into<String>) -> Self {
        Self { file: file.to_path_buf(), problem: problem.into() }
    }

    /// Damage of something that `store.db` holds.
    pub fn in_database(problem: impl Into<String>) -> Self {
        Self::new(Path::new("store.db"), problem)
    }
}
