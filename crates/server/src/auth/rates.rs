//! Counts requests per second of the clock, so that whoever has a limit can be held to it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tallyhouse_model::{AccountId, Micros, SECOND, TableId};

use crate::catalog::SecretHash;

/// What is counted in one second at most; each is a request that was authenticated, so it takes that many to get here.
const KEYS_MAX: usize = 65_536;

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// Those with the workspace JWTs of one account and one name, by its hash.
    Name(AccountId, SecretHash),
    /// Those that bring events for one data source of an account.
    Events(AccountId, TableId),
}

/// Counts requests in the present second; earlier ones are forgotten, so nothing here grows with time.
#[derive(Debug, Default)]
pub struct Rates(Mutex<Second>);

#[derive(Debug, Default)]
struct Second {
    /// Seconds since 1970.
    number: i64,
    counts: HashMap<RateKey, u32>,
}

/// What is left of a limit after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests in a second.
    pub limit: u32,
    /// How many of them are left in this one.
    pub remaining: u32,
    /// Whether this request is one too many.
    pub is_exceeded: bool,
}

impl Rate {
    /// Seconds until a limit is whole again: no second is longer.
    pub const RESET_S: u32 = 1;

    /// The one that is used up earlier.
    pub fn stricter(self, other: Rate) -> Rate {
        if (other.is_exceeded, self.remaining) > (self.is_exceeded, other.remaining) { other } else { self }
    }
}

impl Rates {
    /// Counts a request. One that is too many is counted as well, and changes nothing.
    pub fn count(&self, key: RateKey, limit: u32, now: Micros) -> Rate {
        let mut second = self.lock();
        let number = now.div_euclid(SECOND);
        if second.number != number {
            second.number = number;
            second.counts.clear();
        }
        // Where there is no room to count, nothing more is let through in this second.
        if second.counts.len() >= KEYS_MAX && !second.counts.contains_key(&key) {
            return Rate { limit, remaining: 0, is_exceeded: true };
        }
        let count = second.counts.entry(key).or_default();
        *count = count.saturating_add(1);
        Rate { limit, remaining: limit.saturating_sub(*count), is_exceeded: *count > limit }
    }

    /// A panic while the lock was held cannot have left anything half done: counts change in one step.
    fn lock(&self) -> MutexGuard<'_, Second> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: RateKey = RateKey::Events(AccountId(1), TableId::DemoSessions);

    #[test]
    fn a_second_has_so_many_requests_and_the_next_one_as_many_again() {
        let rates = Rates::default();
        let counted = |now| {
            let rate = rates.count(KEY, 2, now);
            (rate.remaining, rate.is_exceeded)
        };
        let start = 7 * SECOND;
        assert_eq!([start, start + 1, start + 2].map(counted), [(1, false), (0, false), (0, true)]);
        assert_eq!(counted(start + SECOND - 1), (0, true));
        assert_eq!(counted(start + SECOND), (1, false));
        assert_eq!(counted(-1), (1, false), "a clock that was set back begins anew");
    }

    #[test]
    fn accounts_names_and_data_sources_are_counted_apart() {
        let rates = Rates::default();
        let keys = [
            KEY,
            RateKey::Events(AccountId(2), TableId::DemoSessions),
            RateKey::Events(AccountId(1), TableId::DemoActivity),
            RateKey::Name(AccountId(1), [0; 32]),
            RateKey::Name(AccountId(1), [1; 32]),
            RateKey::Name(AccountId(2), [1; 32]),
        ];
        for key in keys {
            assert!(!rates.count(key, 1, 0).is_exceeded, "{key:?}");
        }
        assert!(keys.iter().all(|key| rates.count(*key, 1, 0).is_exceeded));
    }

    #[test]
    fn what_is_counted_is_bounded_and_forgotten_with_the_second() {
        let rates = Rates::default();
        for account in 0..KEYS_MAX as u32 {
            assert!(!rates.count(RateKey::Name(AccountId(account), [0; 32]), 1, 0).is_exceeded);
        }
        assert!(rates.count(KEY, 1, 0).is_exceeded);
        assert_eq!(rates.lock().counts.len(), KEYS_MAX);
        assert!(!rates.count(KEY, 1, SECOND).is_exceeded);
        assert_eq!(rates.lock().counts.len(), 1);
    }

    #[test]
    fn of_two_limits_the_one_that_is_used_up_earlier_is_told() {
        let rate = |remaining, is_exceeded| Rate { limit: 9, remaining, is_exceeded };
        for (one, other) in [
            (rate(1, false), rate(2, false)),
            (rate(0, true), rate(0, false)),
            (rate(0, true), rate(5, false)),
        ] {
            assert_eq!(one.stricter(other), one);
            assert_eq!(other.stricter(one), one);
        }
    }
}
