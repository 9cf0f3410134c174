//! Ends the query of a client that went away: nobody is there to read its answer.

use std::time::Duration;

use tallyhouse_store::Stop;

/// What ends the queries of a request, which may run for this many seconds; 0 is for ever.
pub fn stop_after_seconds(seconds: u32) -> Stop {
    match seconds {
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
        assert_eq!(crate::config::VideoConfig::default().query_seconds_max, 0);
        let stop = |seconds| format!("{:?}", stop_after_seconds(seconds));
        assert!(stop(0).contains("deadline: None"), "{}", stop(0));
        assert!(stop(1).contains("deadline: Some"), "{}", stop(1));
    }

    #[test]
    fn queries_end_when_their_watch_is_dropped_and_not_when_it_is_released() {
        let is_stopped = |stop: &Stop| format!("{stop:?}").contains("stopped: true");
        let (dropped, released) = (Stop::default(), Stop::default());
        drop(StopOnDrop::new(dropped.clone()));
        StopOnDrop::new(released.clone()).release();
        assert!(is_stopped(&dropped) && !is_stopped(&released));
    }
}
