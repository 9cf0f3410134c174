//! When each of many things was made: they are numbered in the order of time, most of them in business hours.

use tallyhouse_model::Micros;

use super::plan::{Rhythm, Slot, slots};
use super::random::mix;

/// When each of so many things was made.
#[derive(Debug)]
pub struct Calendar {
    slots: Vec<Slot>,
    count: u64,
}

impl Calendar {
    /// Spreads so many over so many days before `until`.
    pub fn new(count: usize, until: Micros, days: u32) -> Self {
        Self { slots: slots(count, until, days, Rhythm::Business), count: count as u64 }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When the one of this number was made, from 1 on: later than the one before.
    pub fn created_at(&self, number: u64) -> Micros {
        let index = usize::try_from(number - 1).expect("they were counted in a usize");
        let place = self.slots.partition_point(|slot| slot.begun_until <= index);
        let slot = &self.slots[place];
        let before = if place == 0 { 0 } else { self.slots[place - 1].begun_until };
        // Each has its own stretch of the hour, and begins somewhere in it.
        let stretch = (slot.to - slot.from) / (slot.begun_until - before) as i64;
        let within = if stretch > 1 { mix(number).cast_signed().rem_euclid(stretch) } else { 0 };
        slot.from + (index - before) as i64 * stretch + within
    }
}
