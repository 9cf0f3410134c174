//! Numbers that look random and follow from a printed seed (SplitMix64), for the tests that have no fixed course.

use std::hash::{BuildHasher, RandomState};

/// A source of numbers.
pub struct Random(u64);

impl Random {
    /// The numbers that follow from this seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// The seed in this environment variable, else a fresh one. Whoever asks prints it.
    pub fn seed_from(variable: &str) -> u64 {
        match std::env::var(variable) {
            Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")),
            Err(_) => RandomState::new().hash_one(0),
        }
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
