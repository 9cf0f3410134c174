//! The settings of the sharing family.

use serde::{Deserialize, Serialize};

/// Settings of the sharing family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SharingConfig {
    /// The offset of dates in answers, as `+hhmm` or `-hhmm`.
    pub zone: String,
    /// What short URLs begin with, as `https://host`; empty for the address that the server listens at, with `/s`.
    pub shorturl_base: String,
    /// Whether the addresses of those who follow short URLs are kept.
    pub keep_addresses: bool,
    /// Networks that pingbacks may go to although they are not public: addresses with the bits that count, as
    /// `10.1.0.0/16`, with commas between.
    pub pingback_networks: String,
    /// Snapshots of an account that may wait to be made at the same time.
    pub pending_max_per_account: u32,
    /// Days that the delivery log keeps what has ended.
    pub pingback_log_days: u32,
}

impl Default for SharingConfig {
    fn default() -> Self {
        Self {
            zone: "+0000".to_owned(),
            shorturl_base: String::new(),
            keep_addresses: true,
            pingback_networks: String::new(),
            pending_max_per_account: 10_000,
            pingback_log_days: 30,
        }
    }
}
