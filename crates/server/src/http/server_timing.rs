//! The header that tells what an answer took, in every family that reads rows.

use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use tallyhouse_store::Scanned;

/// What the store touched for an answer, and how long it took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// What it touched.
    pub scanned: Scanned,
    /// How long it took.
    pub store_time: Duration,
}

impl Cost {
    /// The same with one more query, which began at this instant and has just ended.
    pub fn with(mut self, scanned: Scanned, started: Instant) -> Self {
        self.scanned.rows += scanned.rows;
        self.scanned.bytes += scanned.bytes;
        self.scanned.parts += scanned.parts;
        self.store_time += started.elapsed();
        self
    }

    /// The header that tells it.
    pub fn server_timing(self) -> HeaderValue {
        server_timing(self.store_time, self.scanned)
    }
}

/// `Server-Timing`: milliseconds in the store, and how many rows and parts it touched.
pub fn server_timing(store_time: Duration, scanned: Scanned) -> HeaderValue {
    let milliseconds = store_time.as_secs_f64() * 1_000.0;
    let Scanned { rows, parts, .. } = scanned;
    let text = format!(r#"store;dur={milliseconds:.3}, rows;desc="{rows}", parts;desc="{parts}""#);
    HeaderValue::try_from(text).expect("numbers make a valid header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_timing_tells_what_the_store_touched() {
        let timing =
            server_timing(Duration::from_micros(1_234), Scanned { rows: 12_345, bytes: 0, parts: 3 });
        assert_eq!(timing, r#"store;dur=1.234, rows;desc="12345", parts;desc="3""#);
    }
}
