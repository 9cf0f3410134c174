//! The settings of the pipes family.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Settings of the pipes family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PipesConfig {
    /// Bytes of the body of an answer at most, before it is compressed.
    pub result_bytes_max: u64,
    /// Seconds until the answer of a query has to begin; 0 for any number.
    pub query_seconds_max: u32,
    /// Where clients reach this server, as `https://host`; empty for where the request says.
    pub public_url: String,
    /// Seconds that a token made from a warehouse key lives.
    pub warehouse_token_s: u32,
    /// Requests with events for one data source of an account in one second; 0 for any number.
    pub events_per_second_max: u32,
    /// The folder with the operator's own pipes; empty for `pipes` in the data folder, if that is there.
    pub folder: PathBuf,
}

impl Default for PipesConfig {
    fn default() -> Self {
        Self {
            result_bytes_max: 100_000_000,
            query_seconds_max: 10,
            public_url: String::new(),
            warehouse_token_s: 48 * 3_600,
            events_per_second_max: 1_000,
            folder: PathBuf::new(),
        }
    }
}

impl PipesConfig {
    /// The folder, if one is named.
    pub fn folder(&self) -> Option<&Path> {
        Some(self.folder.as_path()).filter(|path| !path.as_os_str().is_empty())
    }

    /// The URL that pipes are below, where it is set.
    pub fn pipes_url(&self) -> Option<String> {
        let url = self.public_url.trim_end_matches('/');
        (!url.is_empty()).then(|| format!("{url}/v0/pipes/"))
    }

    /// Whether the URL is one that names can be put behind.
    pub(super) fn has_good_url(&self) -> bool {
        let is_plain = !self.public_url.contains(['?', '#', '@', ' ']);
        let rest = self.public_url.strip_prefix("https://").or(self.public_url.strip_prefix("http://"));
        self.public_url.is_empty()
            || (is_plain && rest.is_some_and(|rest| !rest.trim_matches('/').is_empty()))
    }
}
