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

/// Addresses with failures at most, some 15 MB. Each costs the comparison of a password, which whoever calls `begin` makes
/// sure of, so that many take a while.
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
pub struct Attempts(Mutex<Counted>);

/// What is counted.
#[derive(Default)]
struct Counted {
    addresses: HashMap<Attempted, Failures>,
    /// The greatest of the counts that had to make room, as long as it would be remembered. Whoever comes new may be the one
    /// who had it, and goes on from there: nobody gets rid of failures by having others counted.
    evicted: Option<Failures>,
}

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
        let failures = self.lock().addresses.get(attempted).copied();
        failures.filter(|failures| !failures.is_forgotten(now)).map_or(Ok(()), |failures| failures.wait(now))
    }

    /// Begins an attempt, unless it comes too soon. It counts as a failure until it has succeeded: of many at the same
    /// time only the free ones are looked at.
    pub fn begin(&self, attempted: &Attempted, now: Micros) -> Result<(), TooSoon> {
        let mut counted = self.lock();
        let before = counted.addresses.get(attempted).copied().filter(|failures| !failures.is_forgotten(now));
        before.map_or(Ok(()), |failures| failures.wait(now))?;
        if before.is_none() && counted.addresses.len() >= ADDRESSES_MAX {
            counted.make_room(now);
        }
        let evicted = counted.evicted.filter(|failures| !failures.is_forgotten(now));
        let count = before.or(evicted).map_or(0, |failures| failures.count).saturating_add(1);
        counted.addresses.insert(attempted.clone(), Failures { count, last_at: now });
        Ok(())
    }

    /// Says that an attempt has succeeded: the failures before it are forgotten.
    pub fn succeeded(&self, attempted: &Attempted) {
        self.lock().addresses.remove(attempted);
    }

    /// A panic while the lock was held cannot have left anything half done: entries change in one step.
    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    /// Forgets what is old anyway; where that is nothing, the address with the fewest failures, of those the oldest. All
    /// others have failed as often at least, and who comes new counts on from there: to wash an address away again, each of
    /// the others has to fail once more.
    fn make_room(&mut self, now: Micros) {
        self.addresses.retain(|_, failures| !failures.is_forgotten(now));
        if self.addresses.len() < ADDRESSES_MAX {
            return;
        }
        let least = self.addresses.iter().min_by_key(|(_, failures)| (failures.count, failures.last_at));
        let Some((key, least)) = least.map(|(key, failures)| (key.clone(), *failures)) else { return };
        self.addresses.remove(&key);
        let before = self.evicted.filter(|failures| !failures.is_forgotten(now)).unwrap_or(least);
        let (count, last_at) = (least.count.max(before.count), least.last_at.max(before.last_at));
        self.evicted = Some(Failures { count, last_at });
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
        assert!(attempts.check(&owl(), now).is_ok() && attempts.lock().addresses.is_empty());
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
                assert_eq!(attempts.lock().addresses.len(), ADDRESSES_MAX);
            }
        }
        assert!(attempts.check(&owl(), now).is_err());
        attempts.begin(&to("late"), now + DAY).unwrap();
        assert_eq!(attempts.lock().addresses.len(), 1, "what is old goes at once");
        assert_eq!(attempts.lock().addresses[&to("late")].count, 1, "and so does what had to make room");
    }

    /// So many others, each of which has failed so often.
    fn crowd(attempts: &Attempts, others: usize, count: u32) {
        let others = (0..others).map(|number| (to(&number.to_string()), Failures { count, last_at: 0 }));
        attempts.lock().addresses.extend(others);
    }

    #[test]
    fn decoys_that_failed_twice_do_not_make_an_address_begin_anew() {
        let attempts = Attempts::default();
        crowd(&attempts, ADDRESSES_MAX, 2);
        let mut looked_at = 0;
        for number in 0..9 {
            looked_at += usize::from(attempts.begin(&owl(), 1).is_ok());
            let decoy = to(&format!("decoy {number}"));
            assert_eq!([(); 2].map(|()| attempts.begin(&decoy, 1)), [Ok(()); 2]);
        }
        assert_eq!(looked_at, 3, "two failures of another are taken for its own");
    }

    #[test]
    fn room_that_a_success_left_is_not_for_beginning_anew() {
        let attempts = Attempts::default();
        crowd(&attempts, ADDRESSES_MAX - 1, 9);
        let mut looked_at = 0;
        for _ in 0..20 {
            looked_at += usize::from(attempts.begin(&owl(), 1).is_ok());
            // As long as the owl has failed the least, it is the one that makes room.
            let heron = to("heron@example.com");
            attempts.begin(&heron, 1).unwrap();
            attempts.succeeded(&heron);
        }
        assert_eq!(looked_at, 9, "until it has failed as often as all others");
    }
}
