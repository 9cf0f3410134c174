//! What gauges showed: counted in full, kept for one page.

use std::collections::HashMap;

use tallyhouse_model::{Micros, Point, SweepQuery, SweepRow};

use crate::dictionary::Dictionaries;
use crate::query::points::Points;
use crate::{QueryError, Scanned, SweepAnswer};

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
    groups: HashMap<u64, Named>,
    total: u64,
    rows: Vec<SweepRow>,
}

/// A group as it is shown, and what sorts it.
#[derive(Clone)]
struct Named {
    order: [Point; 2],
    points: [Point; 2],
}

impl<'a> Readings<'a> {
    /// None yet.
    pub fn new(query: &SweepQuery, dictionaries: &'a Dictionaries) -> Self {
        let table = query.table.table();
        let points = query.groups.map(|column| Points::new(query.account, table, column, dictionaries));
        Self {
            points,
            has_buckets: query.buckets.is_some(),
            offset: query.offset,
            limit: query.limit,
            of_bucket: Vec::new(),
            groups: HashMap::new(),
            total: 0,
            rows: Vec::new(),
        }
    }

    /// Where a gauge puts the readings of the bucket at hand.
    pub fn of_bucket(&mut self) -> &mut Vec<Reading> {
        &mut self.of_bucket
    }

    /// Takes them over. Groups are only looked up where the bucket has a row of the page.
    pub fn take(&mut self, bucket_start: Micros) -> Result<(), QueryError> {
        let first = self.total;
        self.total += self.of_bucket.len() as u64;
        if self.total > self.offset && self.rows.len() < self.limit {
            for reading in &self.of_bucket {
                if !self.groups.contains_key(&reading.group) {
                    self.groups.insert(reading.group, Named::look_up(&self.points, reading.group)?);
                }
            }
            let groups = &self.groups;
            self.of_bucket.sort_unstable_by(|a, b| groups[&a.group].order.cmp(&groups[&b.group].order));
            let skip = self.offset.saturating_sub(first) as usize;
            let room = self.limit - self.rows.len();
            for reading in self.of_bucket.iter().skip(skip).take(room) {
                let at = if self.has_buckets { bucket_start } else { reading.at };
                let group = groups[&reading.group].points.clone();
                self.rows.push(SweepRow { group, at, value: reading.value });
            }
        }
        self.of_bucket.clear();
        Ok(())
    }

    /// The answer.
    pub fn finish(self, scanned: Scanned) -> SweepAnswer {
        SweepAnswer { total: self.total, rows: self.rows, scanned }
    }
}

impl Named {
    fn look_up(points: &[Points<'_>; 2], group: u64) -> Result<Self, QueryError> {
        let numbers = [group >> 32, group & u64::from(u32::MAX)];
        Ok(Self {
            order: [points[0].order(numbers[0])?, points[1].order(numbers[1])?],
            points: [points[0].point(numbers[0])?, points[1].point(numbers[1])?],
        })
    }
}
