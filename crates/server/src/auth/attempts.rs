//! How often signing in with an address has failed in a row, and how long the next attempt has to wait.
//!
//! Addresses are counted whether there is a login for them or not, so that the delay does not tell. All of it is in
//! memory: what a restart forgives is a handful of guesses.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tallyhouse_model::{DAY, Micros, SECOND};

use crate::catalog::{SecretHash, hash_of, normal_email};

/// Failures in a row that are free of any delay.
const FREE_FAILURES: u32 = 5;

/// The longest delay, in seconds; the first one is a second, and each further one twice as long.
const DELAY_S_MAX: i64 = 900;

/// How long failures are remembered after the last one.
const MEMORY: Micros = DAY;

/// Addresses with failures at most, some 5 MB. Each costs the comparison of a password, so that many take a while.
const ADDRESSES_MAX: usize = 65_536;

/// The attempt came too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSoon {
    /// Seconds until the next attempt is looked at; at least 1.
    pub wait_s: u64,
}

/// Counts failures per address.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<SecretHash, Failures>>);

/// What is known of an address. Where there is nothing, nothing has failed.
#[derive(Debug, Clone, Copy)]
struct Failures {
    /// How many in a row, counting the attempts that are being looked at.
    count: u32,
    last_at: Micros,
}

impl Failures {
    /// How long the next attempt has to wait after the last one.
    fn delay(self) -> Micros {
        match self.count.checked_sub(FREE_FAILURES) {
            None => 0,
            Some(doublings) => (1 << doublings.min(10)).min(DELAY_S_MAX) * SECOND,
        }
    }

    fn wait(self, now: Micros) -> Result<(), TooSoon> {
        let wait = self.last_at.saturating_add(self.delay()).saturating_sub(now);
        // A clock that was set back must not lock anybody out for longer than the delay.
        match wait.min(self.delay()) {
            ..=0 => Ok(()),
            wait => Err(TooSoon { wait_s: wait.unsigned_abs().div_ceil(SECOND.unsigned_abs()) }),
        }
    }

    fn is_forgotten(self, now: Micros) -> bool {
        now.saturating_sub(self.last_at) >= MEMORY
    }
}

impl Attempts {
    /// Whether an attempt would come too soon. Counts nothing.
    pub fn check(&self, email: &str, now: Micros) -> Result<(), TooSoon> {
        let failures = self.lock().get(&key_of(email)).copied();
        failures.filter(|failures| !failures.is_forgotten(now)).map_or(Ok(()), |failures| failures.wait(now))
    }

    /// Begins an attempt, unless it comes too soon. It counts as a failure until it has succeeded: of many at the same
    /// time only the free ones are looked at.
    pub fn begin(&self, email: &str, now: Micros) -> Result<(), TooSoon> {
        let key = key_of(email);
        let mut addresses = self.lock();
        let before = addresses.get(&key).copied().filter(|failures| !failures.is_forgotten(now));
        before.map_or(Ok(()), |failures| failures.wait(now))?;
        if before.is_none() && addresses.len() >= ADDRESSES_MAX {
            make_room(&mut addresses, now);
        }
        let count = before.map_or(0, |failures| failures.count).saturating_add(1);
        addresses.insert(key, Failures { count, last_at: now });
        Ok(())
    }

    /// Says that an attempt has succeeded: the failures before it are forgotten.
    pub fn succeeded(&self, email: &str) {
        self.lock().remove(&key_of(email));
    }

    /// A panic while the lock was held cannot have left anything half done: entries change in one step.
    fn lock(&self) -> MutexGuard<'_, HashMap<SecretHash, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All spellings of an address are one.
fn key_of(email: &str) -> SecretHash {
    hash_of(&normal_email(email))
}

/// Forgets what is old anyway; where that is nothing, the address with the fewest failures, of those the oldest. So a
/// flood of addresses that fail once does not wash away one that failed often.
fn make_room(addresses: &mut HashMap<SecretHash, Failures>, now: Micros) {
    addresses.retain(|_, failures| !failures.is_forgotten(now));
    if addresses.len() < ADDRESSES_MAX {
        return;
    }
    let least = addresses.iter().min_by_key(|(_, failures)| (failures.count, failures.last_at));
    if let Some(key) = least.map(|(key, _)| *key) {
        addresses.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWL: &str = "owl@example.com";

    /// Fails so often, each as soon as it may; how long each had to wait after the one before.
    fn waits(attempts: &Attempts, times: usize) -> (Vec<u64>, Micros) {
        let (mut waits, mut now) = (Vec::new(), 0);
        for _ in 0..times {
            let wait = attempts.check(OWL, now).map_or_else(|too_soon| too_soon.wait_s, |()| 0);
            now += wait as Micros * SECOND;
            attempts.begin(OWL, now).unwrap();
            waits.push(wait);
        }
        (waits, now)
    }

    #[test]
    fn five_failures_are_free_and_each_further_one_waits_twice_as_long_up_to_a_quarter_of_an_hour() {
        let (waits, _) = waits(&Attempts::default(), 18);
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    #[test]
    fn an_attempt_that_comes_too_soon_does_not_make_the_wait_longer() {
        let attempts = Attempts::default();
        let (_, now) = waits(&attempts, 8);
        for before in [8 * SECOND, 5 * SECOND, SECOND, 1] {
            let at = now + 8 * SECOND - before;
            let wait_s = before.unsigned_abs().div_ceil(1_000_000);
            assert_eq!(attempts.begin(OWL, at), Err(TooSoon { wait_s }));
        }
        assert_eq!(attempts.begin(OWL, now + 8 * SECOND), Ok(()));
    }

    #[test]
    fn a_success_and_a_day_forgive_everything_and_spellings_are_one_address() {
        let attempts = Attempts::default();
        let (_, now) = waits(&attempts, 9);
        assert!(attempts.check(" OWL@Example.com", now).is_err());
        assert!(attempts.check("heron@example.com", now).is_ok());
        attempts.succeeded("Owl@example.com ");
        assert!(attempts.check(OWL, now).is_ok() && attempts.lock().is_empty());
        let (_, now) = waits(&attempts, 9);
        assert!(attempts.check(OWL, now).is_err());
        attempts.begin(OWL, now + DAY).unwrap();
        assert!(attempts.begin(OWL, now + DAY).is_ok(), "it counts from one again");
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_longer() {
        let attempts = Attempts::default();
        let (_, now) = waits(&attempts, 6);
        assert_eq!(attempts.check(OWL, now - 30 * DAY), Err(TooSoon { wait_s: 2 }));
    }

    #[test]
    fn addresses_are_bounded_and_those_that_failed_often_stay() {
        let attempts = Attempts::default();
        let (_, now) = waits(&attempts, 6);
        for number in 0..ADDRESSES_MAX + 9 {
            attempts.begin(&number.to_string(), now).unwrap();
            if number > ADDRESSES_MAX {
                assert_eq!(attempts.lock().len(), ADDRESSES_MAX);
            }
        }
        assert!(attempts.check(OWL, now).is_err());
        attempts.begin("late", now + DAY).unwrap();
        assert_eq!(attempts.lock().len(), 1, "what is old goes at once");
    }
}
