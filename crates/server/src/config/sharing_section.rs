//! The settings of the sharing family.

use serde::{Deserialize, Serialize};

use crate::pingback::Networks;

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
    pub pingback_networks: Networks,
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
            pingback_networks: Networks::default(),
            pending_max_per_account: 10_000,
            pingback_log_days: 30,
        }
    }
}

impl SharingConfig {
    /// Whether the zone is an offset as dates have it, up to 14 hours: the farthest that any clock is from UTC.
    pub(super) fn has_good_zone(&self) -> bool {
        let digits = self.zone.strip_prefix(['+', '-']).unwrap_or_default();
        let is_number = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number && &digits[2..] < "60" && digits <= "1400"
    }

    /// Whether tokens can be put behind what short URLs begin with.
    pub(super) fn has_good_base(&self) -> bool {
        let base = &self.shorturl_base;
        let is_plain = base.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\\"<>".contains(&byte));
        let rest = base.strip_prefix("https://").or(base.strip_prefix("http://"));
        base.is_empty() || (is_plain && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')))
    }
}
