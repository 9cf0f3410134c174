//! Which rows that have a time of receipt are not visible yet: the place where the change feed has to end.
//!
//! A body is stamped when it has been received and visible once it is on disk. Meanwhile a smaller one that came later may
//! overtake it. A client that keeps the last time it has seen would then miss the first, so nobody is answered beyond the
//! earliest stamp that is still on its way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tallyhouse_model::Micros;

/// The stamps of bodies that are on their way.
#[derive(Debug, Default)]
pub struct Arrivals(Mutex<Stamps>);

#[derive(Debug)]
struct Stamps {
    /// How many bodies have each stamp.
    on_their_way: BTreeMap<Micros, usize>,
    /// The greatest time that was given out, so that none is given out later that is before it, also when the clock is
    /// set back.
    latest: Micros,
}

impl Default for Stamps {
    fn default() -> Self {
        Self { on_their_way: BTreeMap::new(), latest: Micros::MIN }
    }
}

/// A body that is on its way, until this is dropped.
#[derive(Debug)]
pub struct Arrival {
    arrivals: Arc<Arrivals>,
    at: Micros,
}

impl Arrivals {
    /// Stamps a body with the time of this clock.
    pub fn stamp(self: &Arc<Self>, clock: fn() -> Micros) -> Arrival {
        let mut stamps = self.lock();
        let at = stamps.latest.max(clock());
        stamps.latest = at;
        *stamps.on_their_way.entry(at).or_default() += 1;
        Arrival { arrivals: Arc::clone(self), at }
    }

    /// The time before which everything that was stamped is visible to snapshots that are taken from now on; nothing will be
    /// stamped with an earlier one.
    pub fn settled(&self, clock: fn() -> Micros) -> Micros {
        let mut stamps = self.lock();
        if let Some(first) = stamps.on_their_way.keys().next() {
            return *first;
        }
        // Behind everything that was stamped, also while the clock is behind it.
        stamps.latest = clock().max(stamps.latest.saturating_add(1));
        stamps.latest
    }

    /// Every change is made in one step, so that a panic while the lock was held has left nothing half done.
    fn lock(&self) -> MutexGuard<'_, Stamps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrival {
    /// The stamp.
    pub fn at(&self) -> Micros {
        self.at
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let mut stamps = self.arrivals.lock();
        if let Some(bodies) = stamps.on_their_way.get_mut(&self.at) {
            *bodies -= 1;
            if *bodies == 0 {
                stamps.on_their_way.remove(&self.at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_its_way_holds_the_end_back_until_it_is_there() {
        let arrivals = Arc::new(Arrivals::default());
        let first = arrivals.stamp(|| 10);
        let second = arrivals.stamp(|| 20);
        let twin = arrivals.stamp(|| 20);
        assert_eq!([first.at(), second.at(), arrivals.settled(|| 30)], [10, 20, 10]);
        drop(second);
        assert_eq!(arrivals.settled(|| 30), 10, "one that overtook it changes nothing");
        drop(first);
        assert_eq!(arrivals.settled(|| 30), 20);
        drop(twin);
        assert_eq!(arrivals.settled(|| 30), 30);
    }

    #[test]
    fn no_stamp_is_before_an_end_that_was_told_even_if_the_clock_is_set_back() {
        let arrivals = Arc::new(Arrivals::default());
        assert_eq!(arrivals.settled(|| 30), 30);
        let late = arrivals.stamp(|| 5);
        assert_eq!([late.at(), arrivals.settled(|| 5)], [30, 30]);
        drop(late);
        assert_eq!(arrivals.settled(|| 5), 31, "what has arrived is behind no end");
    }
}
