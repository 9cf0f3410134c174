//! Sample data of reports from the field: who made them, where and when, who read them and who was alerted to them.
//!
//! `world` says which channels, states and forms there are, `report` what one report is made of; the other files turn that
//! into rows. A report follows from the seed and its number alone, and so do its reads and alerts: nothing has to be
//! remembered, and rows of different tables fit each other.

mod alerts;
mod documents;
mod reads;
mod report;
mod report_rows;
mod world;

use std::sync::Arc;

use tallyhouse_model::{Batch, DAY, Micros};

use super::calendar::Calendar;
use super::random::{Random, mix};

/// Rows per batch of tables with few and short columns.
const BATCH_ROWS: usize = 100_000;

/// The most users that reports refer to, and how many reports there are to each of them.
const USERS_MAX: u64 = 25_000;
const REPORTS_PER_USER: u64 = 200;

/// The fewest users that reports refer to.
const USERS_MIN: u64 = 40;

/// People who are concerned by one report: its readers, and those who are alerted to it.
const AUDIENCE: u64 = 14;

/// Which reports to make: the same values give the same rows.
#[derive(Debug, Clone)]
pub struct ReportSample {
    seed: u64,
    until: Micros,
    days: u32,
    calendar: Arc<Calendar>,
}

impl ReportSample {
    /// So many reports in so many days before `until`; their numbers are 1 to so many.
    pub fn of_reports(seed: u64, until: Micros, days: u32, reports: usize) -> Self {
        Self { seed, until, days, calendar: Arc::new(Calendar::new(reports, until, days)) }
    }

    /// As many reports as so many reads fit.
    pub fn reports_of_reads(reads: usize) -> usize {
        (reads / 10).max(1)
    }

    /// As many reports as so many alerts fit.
    pub fn reports_of_alerts(alerts: usize) -> usize {
        (alerts / 4).max(1)
    }

    /// How many users the reports, reads and alerts refer to; their numbers are 1 to so many.
    pub fn user_count(&self) -> usize {
        usize::try_from(self.users()).expect("there are few users")
    }

    /// How many channels they refer to. There are as many forms.
    pub const fn channel_count() -> usize {
        world::CHANNELS.len()
    }

    /// How many states they refer to.
    pub const fn state_count() -> usize {
        world::CHANNELS.len() * world::STATES.len()
    }

    /// The rows of `reports` with what they own, in the order of time.
    pub fn reports(&self) -> impl Iterator<Item = Batch> + use<> {
        report_rows::ReportBatches::new(self.clone())
    }

    /// So many rows of `report_reads`, roughly in the order of time.
    pub fn reads(&self, rows: usize) -> impl Iterator<Item = Batch> + use<> {
        reads::ReadBatches::new(self.clone(), rows)
    }

    /// So many rows of `report_alerts`, roughly in the order of time.
    pub fn alerts(&self, rows: usize) -> impl Iterator<Item = Batch> + use<> {
        alerts::AlertBatches::new(self.clone(), rows)
    }

    /// So many rows of `channels`.
    pub fn channels(&self, rows: usize) -> impl Iterator<Item = Batch> + use<> {
        documents::channels(self.start(), rows)
    }

    /// So many rows of `report_states`.
    pub fn states(&self, rows: usize) -> impl Iterator<Item = Batch> + use<> {
        documents::states(self.start(), rows)
    }

    /// So many rows of `users`.
    pub fn users_of(&self, rows: usize) -> impl Iterator<Item = Batch> + use<> {
        documents::users(self.start(), self.seed, rows)
    }

    /// So many rows of `forms`.
    pub fn forms(&self, rows: usize) -> impl Iterator<Item = Batch> + use<> {
        documents::forms(self.start(), rows)
    }

    fn users(&self) -> u64 {
        (self.calendar.count() / REPORTS_PER_USER).clamp(USERS_MIN, USERS_MAX)
    }

    fn start(&self) -> Micros {
        self.until - i64::from(self.days.max(1)) * DAY
    }

    /// The numbers that what is made of this thing is chosen by.
    fn random(&self, of: RandomOf, number: u64) -> Random {
        Random::new(mix(self.seed ^ mix(of as u64)) ^ mix(number))
    }

    /// Somebody whom a report concerns, mostly one of the first: the same ones again and again.
    fn concerned(&self, random: &mut Random, report: u64, audience: u64) -> u64 {
        let share = random.fraction();
        let place = (share * share * audience as f64) as u64;
        let mut random = self.random(RandomOf::Audience, report * AUDIENCE + place);
        self.user(&mut random)
    }

    /// A user. Some do much more than others.
    fn user(&self, random: &mut Random) -> u64 {
        let share = random.fraction();
        1 + (share * share * self.users() as f64) as u64
    }
}

/// What is chosen. Each has its own numbers.
#[derive(Debug, Clone, Copy)]
enum RandomOf {
    Channel = 1,
    Report,
    Audience,
    Read,
    Alert,
}

#[cfg(test)]
mod tests;
