//! Sample data of demos: sessions, what was done in them, and what changed about the demos. They belong together.
//!
//! `library` says what there is to look at, `visitor` who does, `session` what one session is made of, and `order` puts
//! sessions and activities in the order of time. The other files turn that into rows. A session follows from the seed
//! and its number alone, so that nothing has to be remembered and any number of rows can be made.

mod activity;
mod changes;
mod library;
mod order;
mod session;
mod sessions;
mod visitor;

use tallyhouse_model::{Batch, Key, Micros};

use super::random::{mix, uuid_of};
use library::Library;
use order::{ActivityOrder, SessionOrder};

/// Rows per batch. Activities have many columns: with five times as many rows, a third of the time goes into fresh memory.
const BATCH_ROWS: usize = 10_000;

/// Which demo data to make: the same values give the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoSample {
    seed: u64,
    until: Micros,
    days: u32,
    sessions: usize,
    /// Activities of the last session at most.
    last_activities: usize,
}

impl DemoSample {
    /// So many sessions in so many days before `until`.
    pub fn of_sessions(seed: u64, until: Micros, days: u32, sessions: usize) -> Self {
        Self { seed, until, days, sessions, last_activities: usize::MAX }
    }

    /// As many sessions as have so many activities; the last one is cut off where that is needed.
    pub fn of_activities(seed: u64, until: Micros, days: u32, activities: usize) -> Self {
        let (mut sessions, mut missing, mut last_activities) = (0, activities, usize::MAX);
        while missing > 0 {
            last_activities = missing;
            missing = missing.saturating_sub(session::activities_of(seed, sessions as u64));
            sessions += 1;
        }
        Self { seed, until, days, sessions, last_activities }
    }

    /// How many sessions there are.
    pub fn session_count(&self) -> usize {
        self.sessions
    }

    /// The rows of `demo_sessions`, in the order of time.
    pub fn sessions(&self) -> impl Iterator<Item = Batch> + use<> {
        sessions::SessionBatches::new(SessionOrder::new(self))
    }

    /// The rows of `demo_activity`, in the order of time.
    pub fn activities(&self) -> impl Iterator<Item = Batch> + use<> {
        activity::ActivityBatches::new(ActivityOrder::new(self))
    }

    /// The rows of `demo_changes` that the sessions can tell of, roughly in the order of time.
    pub fn changes(&self) -> impl Iterator<Item = Batch> + use<> {
        let count = changes::needed(&self.library()).len();
        self.changes_of(count)
    }

    /// So many rows of `demo_changes`: the first ones where there are fewer than [`changes`](Self::changes) makes, and
    /// further updates of links and replays between them where there are more.
    pub fn changes_of(&self, rows: usize) -> impl Iterator<Item = Batch> + use<> {
        changes::ChangeBatches::new(self, rows)
    }

    fn library(&self) -> Library {
        Library::new(self.seed, self.until, self.days)
    }
}

/// What ids are made for. Each gets its own.
#[derive(Debug, Clone, Copy)]
enum IdOf {
    Session = 1,
    Activity,
    Visitor,
    Draft,
    Replay,
    Link,
    Snapshot,
    Guide,
}

/// The id of something of this number.
fn id_of(what: IdOf, seed: u64, number: u64) -> Key {
    uuid_of(mix(seed) ^ mix(what as u64), number)
}

#[cfg(test)]
mod tests;
