//! Who read which report, as rows of `report_reads`.

use tallyhouse_model::tables::{REPORT_READS, report_reads as at};
use tallyhouse_model::{Batch, Cell, HOUR, SECOND, Table, key_of_integer};

use super::{AUDIENCE, BATCH_ROWS, RandomOf, ReportSample};

/// One in so many reports is read much more than the others.
const MUCH_READ: u64 = 100;

/// Rows of `report_reads`.
pub struct ReadBatches {
    sample: ReportSample,
    rows: u64,
    made: u64,
}

impl ReadBatches {
    /// So many rows, spread over all reports.
    pub fn new(sample: ReportSample, rows: usize) -> Self {
        let rows = if sample.calendar.count() == 0 { 0 } else { rows as u64 };
        Self { sample, rows, made: 0 }
    }

    fn push(&self, batch: &mut Batch, read: u64) {
        let sample = &self.sample;
        let mut random = sample.random(RandomOf::Read, read);
        let report = self.report(read, random.percent(10));
        let created_at = sample.calendar.created_at(report);
        let mut read_at = created_at + SECOND + random.duration(20 * HOUR);
        if read_at >= sample.until {
            read_at = created_at + random.below((sample.until - created_at).unsigned_abs()).cast_signed();
        }
        let user = sample.concerned(&mut random, report, AUDIENCE);
        let mut cells = [Cell::Absent; REPORT_READS.columns.len()];
        cells[Table::KEY] = Cell::Id(key_of_integer(read));
        cells[at::READ_AT] = Cell::Time(read_at);
        cells[at::UPDATED_AT] = Cell::Time(read_at);
        cells[at::REPORT_ID] = Cell::Integer(report);
        cells[at::CHANNEL_ID] = Cell::Integer(sample.channel_of(report));
        cells[at::USER_ID] = Cell::Integer(user);
        batch.push_row(&cells);
    }

    /// The report that was read: they take turns in the order of time, but one of a hundred gets what is taken from the
    /// others.
    fn report(&self, read: u64, of_much_read: bool) -> u64 {
        let reports = self.sample.calendar.count();
        let place = (u128::from(read - 1) * u128::from(reports) / u128::from(self.rows)) as u64;
        1 + if of_much_read { place / MUCH_READ * MUCH_READ } else { place }
    }
}

impl Iterator for ReadBatches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::new(&REPORT_READS);
        while batch.rows() < BATCH_ROWS && self.made < self.rows {
            self.made += 1;
            self.push(&mut batch, self.made);
        }
        (batch.rows() > 0).then_some(batch)
    }
}
