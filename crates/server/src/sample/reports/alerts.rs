//! Who was alerted to which report, as rows of `report_alerts`.

use tallyhouse_model::tables::{REPORT_ALERTS, report_alerts as at};
use tallyhouse_model::{Batch, Cell, DAY, Micros, SECOND, Table, key_of_integer};

use super::{BATCH_ROWS, RandomOf, ReportSample};
use crate::sample::random::Random;

/// Of those whom a report concerns, the first ones are alerted.
const ALERTED: u64 = 8;

/// Rows of `report_alerts`.
pub struct AlertBatches {
    sample: ReportSample,
    rows: u64,
    made: u64,
}

impl AlertBatches {
    /// So many rows, spread evenly over all reports.
    pub fn new(sample: ReportSample, rows: usize) -> Self {
        let rows = if sample.calendar.count() == 0 { 0 } else { rows as u64 };
        Self { sample, rows, made: 0 }
    }

    fn push(&self, batch: &mut Batch, alert: u64) {
        let sample = &self.sample;
        let mut random = sample.random(RandomOf::Alert, alert);
        let reports = u128::from(sample.calendar.count());
        let report = 1 + (u128::from(alert - 1) * reports / u128::from(self.rows)) as u64;
        let created_at = sample.calendar.created_at(report);
        let alerted_at = (created_at + random.duration(30 * SECOND)).min(sample.until - 1);
        let opened_at = self.opened_at(&mut random, alerted_at);
        let mut cells = [Cell::Absent; REPORT_ALERTS.columns.len()];
        cells[Table::KEY] = Cell::Id(key_of_integer(alert));
        cells[at::ALERTED_AT] = Cell::Time(alerted_at);
        cells[at::UPDATED_AT] = Cell::Time(opened_at.unwrap_or(alerted_at));
        cells[at::REPORT_ID] = Cell::Integer(report);
        cells[at::CHANNEL_ID] = Cell::Integer(sample.channel_of(report));
        cells[at::USER_ID] = Cell::Integer(sample.concerned(&mut random, report, ALERTED));
        cells[at::OPENED_AT] = opened_at.map_or(Cell::Absent, Cell::Time);
        batch.push_row(&cells);
    }

    /// Half of them are opened soon, some days later, and the others not until the end.
    fn opened_at(&self, random: &mut Random, alerted_at: Micros) -> Option<Micros> {
        let opened_at = match random.below(100) {
            0..55 => alerted_at + SECOND + random.duration(1_800 * SECOND),
            55..65 => alerted_at + DAY + random.duration(6 * DAY),
            _ => return None,
        };
        (opened_at < self.sample.until).then_some(opened_at)
    }
}

impl Iterator for AlertBatches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::new(&REPORT_ALERTS);
        while batch.rows() < BATCH_ROWS && self.made < self.rows {
            self.made += 1;
            self.push(&mut batch, self.made);
        }
        (batch.rows() > 0).then_some(batch)
    }
}
