//! The settings of the pipes family.

use serde::{Deserialize, Serialize};

/// Settings of the pipes family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PipesConfig {
    /// Bytes of the body of an answer at most, before it is compressed.
    pub result_bytes_max: u64,
    /// Seconds until the answer of a query has to begin; 0 for any number.
    pub query_seconds_max: u32,
}

impl Default for PipesConfig {
    fn default() -> Self {
        Self { result_bytes_max: 100_000_000, query_seconds_max: 10 }
    }
}
