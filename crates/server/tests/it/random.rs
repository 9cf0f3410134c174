//! Numbers that look random and follow from a printed seed (SplitMix64), for the tests that have no fixed course.

use std::hash::{BuildHasher, RandomState};

/// A source of numbers.
pub struct Random(u64);

impl Random {
    /// The numbers that follow from this seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// The seed that this environment variable sets, else a fresh one; printed, so that a course can be repeated.
    pub fn seed(variable: &str) -> u64 {
        let seed = setting(variable).unwrap_or_else(|| RandomState::new().hash_one(0));
        println!("{variable}={seed}");
        seed
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// True this many times out of a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// The number in an environment variable with which whoever runs the tests sets their course.
#[expect(clippy::disallowed_methods, reason = "tests have no other settings than these")]
pub fn setting(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}
