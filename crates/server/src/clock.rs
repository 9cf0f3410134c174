//! The one place that reads the time of day. Everything else is handed a time, so that tests can choose it.

use std::time::{SystemTime, UNIX_EPOCH};

use tallyhouse_model::Micros;

/// The time now.
#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else has to use")]
pub fn now() -> Micros {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since_epoch.as_micros()).unwrap_or(Micros::MAX)
}
