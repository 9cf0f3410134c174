//! Ends the query of a client that went away: nobody is there to read its answer.

use std::time::Duration;

use tallyhouse_store::Stop;

use crate::config::VideoConfig;

/// What ends the queries of a request, which may run as long as the settings say.
pub fn stop_of(config: &VideoConfig) -> Stop {
    match config.query_seconds_max {
        0 => Stop::default(),
        seconds => Stop::after(Duration::from_secs(u64::from(seconds))),
    }
}

/// Stops the queries when it is dropped, which is what happens to the future of a request and to the body of an
/// answer when the connection ends.
pub struct StopOnDrop(Option<Stop>);

impl StopOnDrop {
    /// Watches over the queries that hold a clone of this.
    pub fn new(stop: Stop) -> Self {
        Self(Some(stop))
    }

    /// Lets the queries go on.
    pub fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(stop) = &self.0 {
            stop.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_no_time_limit_unless_one_is_set() {
        let stop = |query_seconds_max| {
            let config = VideoConfig { query_seconds_max, ..VideoConfig::default() };
            format!("{:?}", stop_of(&config))
        };
        assert_eq!(VideoConfig::default().query_seconds_max, 0);
        assert!(stop(0).contains("deadline: None"), "{}", stop(0));
        assert!(stop(1).contains("deadline: Some"), "{}", stop(1));
    }
}
