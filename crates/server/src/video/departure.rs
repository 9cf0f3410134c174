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
