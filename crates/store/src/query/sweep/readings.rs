//! What gauges showed: counted in full, kept for one page.

use tallyhouse_model::{Micros, SweepQuery, SweepRow};

use crate::dictionary::Dictionaries;
use crate::query::limits::TEXTS_AT_ONCE;
use crate::query::points::Points;
use crate::{QueryError, Scanned, Stop, SweepAnswer};

/// What a group shows at the end of a bucket.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// The numbers of its two columns.
    pub group: u64,
    /// When; counts only where the bucket is the whole range.
    pub at: Micros,
    /// How much.
    pub value: u64,
}

/// Puts readings in order and keeps those of a page.
pub struct Readings<'a> {
    points: [Points<'a>; 2],
    has_buckets: bool,
    offset: u64,
    limit: usize,
    of_bucket: Vec<Reading>,
    total: u64,
    rows: Vec<SweepRow>,
    stop: &'a Stop,
}

impl<'a> Readings<'a> {
    /// None yet.
    pub fn new(query: &SweepQuery, dictionaries: &'a Dictionaries, stop: &'a Stop) -> Self {
        let table = query.table.table();
        let points = query.groups.map(|column| Points::new(query.account, table, column, dictionaries));
        Self {
            points,
            has_buckets: query.buckets.is_some(),
            offset: query.offset,
            limit: query.limit,
            of_bucket: Vec::new(),
            total: 0,
            rows: Vec::new(),
            stop,
        }
    }

    /// Where a gauge puts the readings of the bucket at hand.
    pub fn of_bucket(&mut self) -> &mut Vec<Reading> {
        &mut self.of_bucket
    }

    /// Counts readings without looking at them, unless one of them is on the page; answers whether it did.
    pub fn pass(&mut self, count: u64) -> bool {
        let is_before = self.total.saturating_add(count) <= self.offset;
        let is_behind = self.rows.len() >= self.limit;
        if is_before || is_behind {
            self.total = self.total.saturating_add(count);
        }
        is_before || is_behind
    }

    /// Takes the readings of a bucket over. Groups are only looked up where one of them is on the page.
    pub fn take(&mut self, bucket_start: Micros) -> Result<(), QueryError> {
        let mut readings = std::mem::take(&mut self.of_bucket);
        let first = self.total;
        if !self.pass(readings.len() as u64) {
            self.total += readings.len() as u64;
            let skip = self.offset.saturating_sub(first) as usize;
            self.keep(&readings, bucket_start, skip)?;
        }
        readings.clear();
        self.of_bucket = readings;
        Ok(())
    }

    fn keep(&mut self, readings: &[Reading], bucket_start: Micros, skip: usize) -> Result<(), QueryError> {
        let mut sorted = Vec::with_capacity(readings.len());
        for (at, reading) in readings.iter().enumerate() {
            if at % TEXTS_AT_ONCE == 0 {
                self.stop.check()?;
            }
            let [first, second] = numbers(reading.group);
            sorted.push((self.points[0].order(first)?, self.points[1].order(second)?, reading));
        }
        sorted.sort_unstable_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        for (_, _, reading) in sorted.into_iter().skip(skip).take(self.limit - self.rows.len()) {
            let [first, second] = numbers(reading.group);
            let group = [self.points[0].point(first)?, self.points[1].point(second)?];
            let at = if self.has_buckets { bucket_start } else { reading.at };
            self.rows.push(SweepRow { group, at, value: reading.value });
        }
        Ok(())
    }

    /// The answer.
    pub fn finish(self, scanned: Scanned) -> SweepAnswer {
        SweepAnswer { total: self.total, rows: self.rows, scanned }
    }
}

fn numbers(group: u64) -> [u64; 2] {
    [group >> 32, group & u64::from(u32::MAX)]
}
