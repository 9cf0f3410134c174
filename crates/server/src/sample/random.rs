//! Pseudo-random numbers that are the same everywhere and for ever: splitmix64.

use tallyhouse_model::Key;

/// A stream of numbers that follows from its seed.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number of 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number from 0 to just below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from 0 to just below 1.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True once in so many cases.
    pub fn one_in(&mut self, cases: u64) -> bool {
        self.below(cases) == 0
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A duration with this mean, short ones being the most frequent: an exponential distribution, cut at 12 times
    /// the mean. By halving, not by a logarithm: those differ in the last bit between machines.
    pub fn duration(&mut self, mean: i64) -> i64 {
        let halvings = self.next().leading_zeros().min(16);
        let half_life = mean as f64 * std::f64::consts::LN_2;
        let within = self.fraction();
        ((f64::from(halvings) + within) * half_life) as i64
    }
}

/// A UUID (version 4 by its form) that follows from two numbers.
pub fn uuid_of(base: u64, number: u64) -> Key {
    let mut key = Key::default();
    key[..8].copy_from_slice(&mix(mix(base) ^ mix(number)).to_be_bytes());
    key[8..].copy_from_slice(&mix(mix(base ^ 1) ^ mix(number)).to_be_bytes());
    key[6] = key[6] & 0x0f | 0x40;
    key[8] = key[8] & 0x3f | 0x80;
    key
}

/// Scatters a number: what belongs to the client of this number, for instance, without remembering it.
pub fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
