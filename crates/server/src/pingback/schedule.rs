//! When a pingback is tried again. A pure function: whoever calls it knows the time and brings the random number.

use tallyhouse_model::{DAY, HOUR, Micros, SECOND};

/// From the first time that it was due, so long is it tried.
pub const GIVEN_UP_AFTER: Micros = DAY;

/// But so often at least: a clock that was wrong for a moment, or a server that was down for days, is no reason to give up.
const ATTEMPTS_MIN: u32 = 8;

/// And so often at most, some two days of attempts: a clock that was ahead may have put the first time far off.
const ATTEMPTS_MAX: u32 = 32;

/// As long as this a receiver may ask to be left alone.
const RETRY_AFTER_MAX: Micros = 2 * HOUR;

/// How long to wait after the first, second … failure; after all further ones as after the last.
const DELAYS: [Micros; 7] =
    [5 * SECOND, 30 * SECOND, 120 * SECOND, 600 * SECOND, 1_800 * SECOND, HOUR, 2 * HOUR];

/// When to try again after so many attempts, the last of which has just failed; `None` to give up. Each delay is up to a
/// fifth shorter or longer, by chance, so that those who failed together do not all come back together.
pub fn next_attempt(
    attempts: u32,
    first_due_at: Micros,
    now: Micros,
    random: u16,
    retry_after: Option<Micros>,
) -> Option<Micros> {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(DELAYS.len() - 1);
    let delay = jittered(DELAYS[index], random);
    let asked_for = retry_after.unwrap_or(0).clamp(0, RETRY_AFTER_MAX);
    let next = now.saturating_add(delay.max(asked_for));
    let is_over = attempts >= ATTEMPTS_MIN && next > first_due_at.saturating_add(GIVEN_UP_AFTER);
    (!is_over && attempts < ATTEMPTS_MAX).then_some(next)
}

/// Four fifths of it for 0, up to six fifths for the greatest number.
fn jittered(delay: Micros, random: u16) -> Micros {
    let fifth = delay / 5;
    delay - fifth + 2 * fifth * Micros::from(random) / Micros::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attempts that all fail at once, with this random number each; when each was.
    fn course(random: impl Fn(u64) -> u16, retry_after: Option<Micros>) -> Vec<Micros> {
        let mut times = vec![0];
        while let Some(next) = next_attempt(
            times.len() as u32,
            0,
            times[times.len() - 1],
            random(times.len() as u64),
            retry_after,
        ) {
            times.push(next);
            assert!(times.len() < 100, "it does not end");
        }
        times
    }

    #[test]
    fn without_jitter_the_delays_are_those_that_are_documented() {
        let times = course(|_| u16::MAX / 2 + 1, None);
        let delays: Vec<i64> =
            times.windows(2).map(|pair| (pair[1] - pair[0] + SECOND / 2) / SECOND).collect();
        assert_eq!(delays[..8], [5, 30, 120, 600, 1_800, 3_600, 7_200, 7_200]);
        assert!(delays[6..].iter().all(|delay| *delay == 7_200) && times[times.len() - 1] > DAY - 3 * HOUR);
    }

    #[test]
    fn delays_grow_stay_within_a_fifth_and_end_after_a_day() {
        let mut earliest_end = Micros::MAX;
        for seed in 0..500_u64 {
            // A plain congruential sequence: the same courses every time.
            let random =
                |attempt: u64| ((seed * 31 + attempt).wrapping_mul(6_364_136_223_846_793_005) >> 48) as u16;
            let times = course(random, None);
            for (index, pair) in times.windows(2).enumerate() {
                let (delay, wanted) = (pair[1] - pair[0], DELAYS[index.min(DELAYS.len() - 1)]);
                assert!((wanted * 4 / 5..=wanted * 6 / 5).contains(&delay), "seed {seed}, {index}: {delay}");
            }
            let growing: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).take(6).collect();
            assert!(growing.is_sorted(), "seed {seed}: {growing:?}");
            let last = times[times.len() - 1];
            assert!(last <= DAY, "seed {seed}: {last}");
            earliest_end = earliest_end.min(last);
        }
        assert!(earliest_end > DAY - 3 * HOUR);
        assert_eq!([jittered(5 * SECOND, 0), jittered(5 * SECOND, u16::MAX)], [4 * SECOND, 6 * SECOND]);
    }

    #[test]
    fn a_receiver_is_left_alone_as_long_as_it_asks_up_to_two_hours_and_never_sooner_than_else() {
        let next = |retry_after| next_attempt(1, 0, 0, u16::MAX, retry_after);
        assert_eq!(next(None), Some(6 * SECOND));
        assert_eq!(next(Some(SECOND)), Some(6 * SECOND));
        assert_eq!(next(Some(90 * SECOND)), Some(90 * SECOND));
        assert_eq!(next(Some(Micros::MAX)), Some(2 * HOUR));
        assert_eq!(next(Some(-SECOND)), Some(6 * SECOND));
    }

    #[test]
    fn what_comes_long_after_its_day_is_tried_eight_times_all_the_same() {
        assert!((1..8).all(|attempts| next_attempt(attempts, 0, 3 * DAY, 0, None).is_some()));
        assert_eq!(next_attempt(8, 0, 3 * DAY, 0, None), None);
        assert_eq!(next_attempt(1, Micros::MAX - 1, Micros::MAX, 0, None), Some(Micros::MAX));
    }

    #[test]
    fn what_was_first_due_at_a_time_that_never_comes_is_given_up_after_32_attempts() {
        assert!((1..32).all(|attempts| next_attempt(attempts, 300 * DAY, 0, 0, None).is_some()));
        assert_eq!(next_attempt(32, 300 * DAY, 0, 0, None), None);
    }
}
