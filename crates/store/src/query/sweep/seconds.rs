//! The time that all spans take together, per group.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use tallyhouse_model::{Micros, SECOND};

use super::{Bucket, Gauge, Reading, Span};

/// Keeps how long spans were open.
#[derive(Default)]
pub struct SecondsGauge {
    of_number: HashMap<u64, u32>,
    groups: Vec<Group>,
    /// Groups with anything open in the bucket at hand.
    in_bucket: Vec<u32>,
    /// When spans end that reach beyond the bucket in which they started, and their groups.
    ends: BinaryHeap<Reverse<(Micros, u32)>>,
}

struct Group {
    number: u64,
    /// Microseconds in the bucket at hand. Wide: a hundred million spans of decades overflow 64 bits.
    sum: u128,
    /// Spans that were open when the bucket began and have not ended.
    carried: u64,
    /// Spans that started in the bucket and reach beyond it.
    reaching: u64,
    is_in_bucket: bool,
}

impl<'a> Gauge<'a> for SecondsGauge {
    fn open(&mut self, span: Span<'a>, bucket_end: Micros) {
        let groups = &mut self.groups;
        let at = *self.of_number.entry(span.group).or_insert_with(|| {
            groups.push(Group { number: span.group, sum: 0, carried: 0, reaching: 0, is_in_bucket: false });
            groups.len() as u32 - 1
        });
        let group = &mut groups[at as usize];
        group.sum += length(span.start, span.end.min(bucket_end));
        if span.end > bucket_end {
            group.reaching += 1;
            self.ends.push(Reverse((span.end, at)));
        }
        if !group.is_in_bucket {
            group.is_in_bucket = true;
            self.in_bucket.push(at);
        }
    }

    fn close_bucket(&mut self, bucket: Bucket, readings: &mut Vec<Reading>) {
        while let Some(Reverse((end, at))) = self.ends.peek().copied()
            && end <= bucket.end
        {
            // It was carried in: what started in this bucket and is kept here ends behind it.
            self.ends.pop();
            let group = &mut self.groups[at as usize];
            group.sum += length(bucket.start, end);
            group.carried -= 1;
        }
        let groups = &mut self.groups;
        self.in_bucket.retain(|at| {
            let group = &mut groups[*at as usize];
            let sum = group.sum + u128::from(group.carried) * length(bucket.start, bucket.end);
            let value = u64::try_from(sum / SECOND as u128).unwrap_or(u64::MAX);
            readings.push(Reading { group: group.number, at: bucket.start, value });
            group.sum = 0;
            group.carried += std::mem::take(&mut group.reaching);
            group.is_in_bucket = group.carried > 0;
            group.is_in_bucket
        });
    }

    fn next_end(&self) -> Option<Micros> {
        self.ends.peek().map(|Reverse((end, _))| *end)
    }

    fn open_groups(&self) -> u64 {
        self.in_bucket.len() as u64
    }
}

fn length(start: Micros, end: Micros) -> u128 {
    end.abs_diff(start).into()
}
