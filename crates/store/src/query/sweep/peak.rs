//! The most different texts that are open at the same instant, per group.
//!
//! A text that several spans cover counts once: it stays open until the last of them ends. Spans are half-open, so
//! what ends at an instant is closed before anything opens there.

use std::cmp::Reverse;
use std::collections::hash_map::RandomState;
use std::collections::{BinaryHeap, HashMap};
use std::hash::BuildHasher;

use hashbrown::HashTable;
use tallyhouse_model::Micros;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{Bucket, Gauge, Reading, Span};

/// Keeps how many are open.
pub struct PeakGauge<'a> {
    /// Keyed anew for every query, so that nobody can aim texts at one bucket of the table.
    seed: u64,
    open: HashTable<u32>,
    slots: Vec<Slot<'a>>,
    free: Vec<u32>,
    /// When slots may close; one that was prolonged since is put back.
    ends: BinaryHeap<Reverse<(Micros, u32)>>,
    groups: Groups,
}

/// An open text of a group.
struct Slot<'a> {
    hash: u64,
    text: &'a [u8],
    group: u32,
    reaches: Micros,
}

#[derive(Default)]
struct Groups {
    of_number: HashMap<u64, u32>,
    all: Vec<Group>,
    /// Those with anything open in the bucket at hand.
    in_bucket: Vec<u32>,
}

struct Group {
    number: u64,
    open: u32,
    peak: u32,
    peak_at: Micros,
    is_in_bucket: bool,
}

impl PeakGauge<'_> {
    /// Nothing is open.
    pub fn new() -> Self {
        Self {
            seed: RandomState::new().hash_one(0),
            open: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
            ends: BinaryHeap::new(),
            groups: Groups::default(),
        }
    }

    /// Closes what ends until then.
    fn advance(&mut self, to: Micros) {
        while let Some(Reverse((end, at))) = self.ends.peek().copied()
            && end <= to
        {
            self.ends.pop();
            let slot = &self.slots[at as usize];
            if slot.reaches > end {
                self.ends.push(Reverse((slot.reaches, at)));
                continue;
            }
            self.groups.all[slot.group as usize].open -= 1;
            if let Ok(entry) = self.open.find_entry(slot.hash, |other| *other == at) {
                entry.remove();
            }
            self.free.push(at);
        }
    }
}

impl<'a> Gauge<'a> for PeakGauge<'a> {
    fn open(&mut self, span: Span<'a>, _: Micros) {
        self.advance(span.start);
        let group = self.groups.find(span.group);
        let hash = xxh3_64_with_seed(span.text, self.seed ^ span.group);
        let slots = &mut self.slots;
        let is_same = |at: &u32| {
            let slot = &slots[*at as usize];
            slot.group == group && slot.text == span.text
        };
        if let Some(at) = self.open.find(hash, is_same).copied() {
            let slot = &mut slots[at as usize];
            slot.reaches = slot.reaches.max(span.end);
            return;
        }
        let slot = Slot { hash, text: span.text, group, reaches: span.end };
        let at = match self.free.pop() {
            Some(at) => {
                slots[at as usize] = slot;
                at
            }
            None => {
                slots.push(slot);
                slots.len() as u32 - 1
            }
        };
        self.open.insert_unique(hash, at, |at| slots[*at as usize].hash);
        self.ends.push(Reverse((span.end, at)));
        self.groups.opened(group, span.start);
    }

    fn close_bucket(&mut self, bucket: Bucket, readings: &mut Vec<Reading>) {
        self.advance(bucket.end);
        self.groups.close_bucket(bucket, readings);
    }

    fn next_end(&self) -> Option<Micros> {
        self.ends.peek().map(|Reverse((end, _))| *end)
    }

    fn open_groups(&self) -> u64 {
        self.groups.in_bucket.len() as u64
    }
}

impl Groups {
    fn find(&mut self, number: u64) -> u32 {
        *self.of_number.entry(number).or_insert_with(|| {
            self.all.push(Group { number, open: 0, peak: 0, peak_at: 0, is_in_bucket: false });
            self.all.len() as u32 - 1
        })
    }

    fn opened(&mut self, at: u32, now: Micros) {
        let group = &mut self.all[at as usize];
        group.open += 1;
        if group.open > group.peak {
            group.peak = group.open;
            group.peak_at = now;
        }
        if !group.is_in_bucket {
            group.is_in_bucket = true;
            self.in_bucket.push(at);
        }
    }

    /// Groups that have something open begin the next bucket with that.
    fn close_bucket(&mut self, bucket: Bucket, readings: &mut Vec<Reading>) {
        let all = &mut self.all;
        self.in_bucket.retain(|at| {
            let group = &mut all[*at as usize];
            readings.push(Reading { group: group.number, at: group.peak_at, value: u64::from(group.peak) });
            group.peak = group.open;
            group.peak_at = bucket.end;
            group.is_in_bucket = group.open > 0;
            group.is_in_bucket
        });
    }
}
