//! Sample data of sharing: messages, what people did with them on social networks, and who followed their short URLs.
//!
//! `words` says what messages and people are called, `message` what one message is made of; `reaction_rows` and
//! `referral_rows` turn that into rows. A message follows from the seed and its number alone, and so do its reactions and
//! referrals: whoever stores the messages (they are in the catalog, not among rows) gets tokens that the rows refer to.

mod message;
mod reaction_rows;
mod referral_rows;
mod words;

use std::sync::Arc;

use tallyhouse_model::{Batch, Micros, SECOND};

use super::calendar::Calendar;
use super::random::{Random, mix};

pub use message::{SampleMessage, SamplePublication};

/// Rows per batch.
const BATCH_ROWS: usize = 50_000;

/// One in so many messages is shared much more than the others, and gets so many of a hundred reactions and referrals.
const MUCH_SHARED: u64 = 20;
const MUCH_SHARED_PERCENT: u64 = 40;

/// Which messages to make, and what people did with them: the same values give the same.
#[derive(Debug, Clone)]
pub struct SharingSample {
    seed: u64,
    until: Micros,
    calendar: Arc<Calendar>,
}

impl SharingSample {
    /// So many messages in so many days before `until`; their numbers are 1 to so many.
    pub fn of_messages(seed: u64, until: Micros, days: u32, messages: usize) -> Self {
        Self { seed, until, calendar: Arc::new(Calendar::new(messages, until, days)) }
    }

    /// As many messages as so many reactions fit.
    pub fn messages_of_reactions(reactions: usize) -> usize {
        (reactions / 40).max(1)
    }

    /// As many messages as so many referrals fit.
    pub fn messages_of_referrals(referrals: usize) -> usize {
        (referrals / 20).max(1)
    }

    /// The messages, in the order of time.
    pub fn messages(&self) -> impl Iterator<Item = SampleMessage> + use<> {
        let sample = self.clone();
        (1..=self.calendar.count()).map(move |number| sample.message(number))
    }

    /// So many rows of `reactions`, roughly in the order of time; none where there are no messages.
    pub fn reactions(&self, rows: usize) -> impl Iterator<Item = Batch> + use<> {
        reaction_rows::ReactionBatches::new(self.clone(), rows)
    }

    /// So many rows of `referrals`, roughly in the order of time; none where there are no messages.
    pub fn referrals(&self, rows: usize) -> impl Iterator<Item = Batch> + use<> {
        referral_rows::ReferralBatches::new(self.clone(), rows)
    }

    /// How many of so many rows there can be.
    fn rows(&self, rows: usize) -> u64 {
        if self.calendar.count() == 0 { 0 } else { rows as u64 }
    }

    /// The message that the row of this number, of so many, is about: they take turns in the order of time, but one of a few
    /// gets what is taken from the others.
    fn message_of(&self, random: &mut Random, number: u64, rows: u64) -> u64 {
        let place = (u128::from(number - 1) * u128::from(self.calendar.count()) / u128::from(rows)) as u64;
        let is_of_much_shared = random.percent(MUCH_SHARED_PERCENT);
        1 + if is_of_much_shared { place / MUCH_SHARED * MUCH_SHARED } else { place }
    }

    /// A time after this one and before the end.
    fn after(&self, random: &mut Random, at: Micros, mean: Micros) -> Micros {
        match at + SECOND + random.duration(mean) {
            later if later < self.until => later,
            _ => at + random.below((self.until - at).unsigned_abs()).cast_signed(),
        }
    }

    /// The numbers that what is made of this thing is chosen by.
    fn random(&self, of: Of, number: u64) -> Random {
        Random::new(self.base(of) ^ mix(number))
    }

    /// What the ids of this thing are made of.
    fn base(&self, of: Of) -> u64 {
        mix(self.seed ^ mix(of as u64))
    }
}

/// What is chosen or named. Each has its own numbers.
#[derive(Debug, Clone, Copy)]
enum Of {
    Message = 64,
    Shorturl,
    Reaction,
    Referral,
}

#[cfg(test)]
mod tests;
