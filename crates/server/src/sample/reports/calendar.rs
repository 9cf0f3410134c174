//! When each report was made: reports are numbered in the order of time, most of them in business hours.

use tallyhouse_model::Micros;

use crate::sample::plan::{Rhythm, Slot, slots};
use crate::sample::random::mix;

/// When each of so many reports was made.
#[derive(Debug)]
pub struct Calendar {
    slots: Vec<Slot>,
    reports: u64,
}

impl Calendar {
    /// Spreads so many reports over so many days before `until`.
    pub fn new(reports: usize, until: Micros, days: u32) -> Self {
        Self { slots: slots(reports, until, days, Rhythm::Business), reports: reports as u64 }
    }

    /// How many reports there are.
    pub fn reports(&self) -> u64 {
        self.reports
    }

    /// When the report of this number was made, from 1 on: later than the one before.
    pub fn created_at(&self, report: u64) -> Micros {
        let index = usize::try_from(report - 1).expect("reports were counted in a usize");
        let place = self.slots.partition_point(|slot| slot.begun_until <= index);
        let slot = &self.slots[place];
        let before = if place == 0 { 0 } else { self.slots[place - 1].begun_until };
        // Every report has its own stretch of the hour, and begins somewhere in it.
        let stretch = (slot.to - slot.from) / (slot.begun_until - before) as i64;
        let within = if stretch > 1 { mix(report).cast_signed().rem_euclid(stretch) } else { 0 };
        slot.from + (index - before) as i64 * stretch + within
    }
}
