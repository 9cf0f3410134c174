//! How the background threads are told that there is something to do.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::store::unpoisoned;

/// How long to wait before work that failed is tried again by itself.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What the flusher and the compactor are asked to do.
#[derive(Default)]
pub struct Signals {
    asked: Mutex<Asked>,
    changed: Condvar,
}

#[derive(Default)]
struct Asked {
    flush: bool,
    compaction: bool,
    closed: bool,
}

impl Signals {
    /// Wakes the flusher.
    pub fn ask_for_flush(&self) {
        self.ask(|asked| asked.flush = true);
    }

    /// Wakes the compactor.
    pub fn ask_for_compaction(&self) {
        self.ask(|asked| asked.compaction = true);
    }

    /// Lets both end once they are done with what they do.
    pub fn close(&self) {
        self.ask(|asked| asked.closed = true);
    }

    /// Whether the threads should end.
    pub fn is_closed(&self) -> bool {
        unpoisoned(self.asked.lock()).closed
    }

    /// Waits for a flush to be asked for; false when the store closes.
    pub fn wait_for_flush(&self) -> bool {
        self.wait(|asked| std::mem::take(&mut asked.flush))
    }

    /// Waits for a compaction to be asked for; false when the store closes.
    pub fn wait_for_compaction(&self) -> bool {
        self.wait(|asked| std::mem::take(&mut asked.compaction))
    }

    /// Waits a moment before another try; false when the store closes.
    pub fn pause(&self) -> bool {
        let asked = unpoisoned(self.asked.lock());
        let (asked, _) =
            unpoisoned(self.changed.wait_timeout_while(asked, RETRY_AFTER, |asked| !asked.closed));
        !asked.closed
    }

    fn ask(&self, change: impl FnOnce(&mut Asked)) {
        let mut asked = unpoisoned(self.asked.lock());
        change(&mut asked);
        drop(asked);
        self.changed.notify_all();
    }

    fn wait(&self, mut take: impl FnMut(&mut Asked) -> bool) -> bool {
        let mut asked = unpoisoned(self.asked.lock());
        loop {
            if asked.closed {
                return false;
            }
            if take(&mut asked) {
                return true;
            }
            asked = unpoisoned(self.changed.wait(asked));
        }
    }
}
