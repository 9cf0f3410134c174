//! How often signing in with an address has failed in a row, and how long the next attempt has to wait.
//!
//! Addresses are counted whether there is a login for them or not, so that the delay does not tell. All of it is in
//! memory: what a restart forgives is a handful of guesses. Whoever fails on purpose keeps the owner of an address waiting,
//! too; a new password begins to count anew, so that the operator can help.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tallyhouse_model::{DAY, Micros, SECOND};

use crate::catalog::{PasswordHash, SecretHash, hash_of, normal_email};

/// Failures in a row that are free of any delay.
const FREE_FAILURES: u32 = 5;

/// The longest delay, in seconds; the first one is a second, and each further one twice as long.
const DELAY_S_MAX: i64 = 900;

/// How long failures are remembered after the last one.
const MEMORY: Micros = DAY;

/// Addresses with failures at most, some 15 MB. Each costs the comparison of a password, so that many take a while.
const ADDRESSES_MAX: usize = 65_536;

/// The attempt came too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSoon {
    /// Seconds until the next attempt is looked at; at least 1.
    pub wait_s: u64,
}

/// What failures are counted by: an address, and the password that it has now. So the operator ends the count with a new
/// password, from another process. Nothing of it is in clear.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Attempted {
    email: SecretHash,
    password: Option<PasswordHash>,
}

impl Attempted {
    /// Signing in with this address, whose login has this password; none where there is no such login. All spellings of
    /// an address are one.
    pub fn of(email: &str, password: Option<&PasswordHash>) -> Self {
        Self { email: hash_of(&normal_email(email)), password: password.cloned() }
    }
}

/// Counts failures.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<Attempted, Failures>>);

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
    pub fn check(&self, attempted: &Attempted, now: Micros) -> Result<(), TooSoon> {
        let failures = self.lock().get(attempted).copied();
        failures.filter(|failures| !failures.is_forgotten(now)).map_or(Ok(()), |failures| failures.wait(now))
    }

    /// Begins an attempt, unless it comes too soon. It counts as a failure until it has succeeded: of many at the same
    /// time only the free ones are looked at.
    pub fn begin(&self, attempted: &Attempted, now: Micros) -> Result<(), TooSoon> {
        let mut addresses = self.lock();
        let before = addresses.get(attempted).copied().filter(|failures| !failures.is_forgotten(now));
        before.map_or(Ok(()), |failures| failures.wait(now))?;
        if before.is_none() && addresses.len() >= ADDRESSES_MAX {
            make_room(&mut addresses, now);
        }
        let count = before.map_or(0, |failures| failures.count).saturating_add(1);
        addresses.insert(attempted.clone(), Failures { count, last_at: now });
        Ok(())
    }

    /// Says that an attempt has succeeded: the failures before it are forgotten.
    pub fn succeeded(&self, attempted: &Attempted) {
        self.lock().remove(attempted);
    }

    /// A panic while the lock was held cannot have left anything half done: entries change in one step.
    fn lock(&self) -> MutexGuard<'_, HashMap<Attempted, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what is old anyway; where that is nothing, the address with the fewest failures, of those the oldest. So a
/// flood of addresses that fail once does not wash away one that failed often.
fn make_room(addresses: &mut HashMap<Attempted, Failures>, now: Micros) {
    addresses.retain(|_, failures| !failures.is_forgotten(now));
    if addresses.len() < ADDRESSES_MAX {
        return;
    }
    let least = addresses.iter().min_by_key(|(_, failures)| (failures.count, failures.last_at));
    if let Some(key) = least.map(|(key, _)| key.clone()) {
        addresses.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(email: &str) -> Attempted {
        Attempted::of(email, None)
    }

    fn owl() -> Attempted {
        to("owl@example.com")
    }

    /// Fails so often, each as soon as it may; how long each had to wait after the one before.
    fn waits(attempts: &Attempts, times: usize) -> (Vec<u64>, Micros) {
        let (mut waits, mut now) = (Vec::new(), 0);
        for _ in 0..times {
            let wait = attempts.check(&owl(), now).map_or_else(|too_soon| too_soon.wait_s, |()| 0);
            now += wait as Micros * SECOND;
            attempts.begin(&owl(), now).unwrap();
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
            assert_eq!(attempts.begin(&owl(), at), Err(TooSoon { wait_s }));
        }
        assert_eq!(attempts.begin(&owl(), now + 8 * SECOND), Ok(()));
    }

    #[test]
    fn a_success_and_a_day_forgive_everything_and_spellings_are_one_address() {
        let attempts = Attempts::default();
        let (_, now) = waits(&attempts, 9);
        assert!(attempts.check(&to(" OWL@Example.com"), now).is_err());
        assert!(attempts.check(&to("heron@example.com"), now).is_ok());
        attempts.succeeded(&to("Owl@example.com "));
        assert!(attempts.check(&owl(), now).is_ok() && attempts.lock().is_empty());
        let (_, now) = waits(&attempts, 9);
        assert!(attempts.check(&owl(), now).is_err());
        attempts.begin(&owl(), now + DAY).unwrap();
        assert!(attempts.begin(&owl(), now + DAY).is_ok(), "it counts from one again");
    }

    #[test]
    fn each_password_of_an_address_is_counted_alone() {
        let attempts = Attempts::default();
        let (_, now) = waits(&attempts, 6);
        let with_password = Attempted::of("owl@example.com", Some(&PasswordHash::of_nobody()));
        assert_eq!(attempts.check(&with_password, now), Ok(()));
        assert!(attempts.check(&owl(), now).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_longer() {
        let attempts = Attempts::default();
        let (_, now) = waits(&attempts, 6);
        assert_eq!(attempts.check(&owl(), now - 30 * DAY), Err(TooSoon { wait_s: 2 }));
    }

    #[test]
    fn addresses_are_bounded_and_those_that_failed_often_stay() {
        let attempts = Attempts::default();
        let (_, now) = waits(&attempts, 6);
        for number in 0..ADDRESSES_MAX + 9 {
            attempts.begin(&to(&number.to_string()), now).unwrap();
            if number > ADDRESSES_MAX {
                assert_eq!(attempts.lock().len(), ADDRESSES_MAX);
            }
        }
        assert!(attempts.check(&owl(), now).is_err());
        attempts.begin(&to("late"), now + DAY).unwrap();
        assert_eq!(attempts.lock().len(), 1, "what is old goes at once");
    }
}
