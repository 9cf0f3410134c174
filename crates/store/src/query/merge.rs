//! The rows that parts contribute, as one sequence sorted by (time, key).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::ops::Range;

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{Key, Micros};

use super::select::Run;
use crate::damage::Damage;
use crate::part::{PartView, RowRef};
use crate::{QueryError, Stop};

/// The rows of one part, ascending.
pub enum PartRows {
    /// All of these.
    Range(Range<u32>),
    /// Exactly these.
    List(Vec<u32>),
}

impl PartRows {
    /// Puts runs together; one run of live rows that has no dead ones stays a range.
    pub fn new(view: &PartView, runs: Vec<Run>) -> Self {
        let is_whole =
            |run: &Run| matches!(run, Run::Live(rows) if view.dead.count_in(rows.start, rows.end) == 0);
        if let (Some(Run::Live(first)), Some(Run::Live(last))) = (runs.first(), runs.last())
            && runs.iter().all(is_whole)
        {
            // Runs of live rows follow each other without a gap.
            return PartRows::Range(first.start..last.end);
        }
        let mut list = Vec::new();
        for run in runs {
            match run {
                Run::Live(rows) => list.extend(rows.filter(|row| !view.dead.contains(*row))),
                Run::Rows(rows) => list.extend(rows),
            }
        }
        PartRows::List(list)
    }

    /// How many.
    pub fn len(&self) -> usize {
        match self {
            PartRows::Range(rows) => rows.len(),
            PartRows::List(rows) => rows.len(),
        }
    }

    fn row(&self, at: usize) -> u32 {
        match self {
            PartRows::Range(rows) => rows.start + at as u32,
            PartRows::List(rows) => rows[at],
        }
    }
}

/// Walks over the rows of all parts in order.
pub struct Merge<'a> {
    views: &'a [PartView],
    parts: &'a [(u32, PartRows)],
    next: Vec<usize>,
    heap: BinaryHeap<Reverse<(Micros, Key, u32)>>,
}

/// Where a merge stands, without what it reads from.
pub struct Position {
    /// Per part: its next row.
    next: Vec<usize>,
}

impl<'a> Merge<'a> {
    /// Begins behind the first `skip` rows. `parts` name their positions in `views`.
    pub fn new(
        views: &'a [PartView],
        parts: &'a [(u32, PartRows)],
        skip: u64,
        stop: &Stop,
    ) -> Result<Self, QueryError> {
        let (mut merge, passed) = Self::at_instant_of(views, parts, skip)?;
        // Only rows of one and the same instant are left to be passed.
        for at in passed..skip {
            if at.is_multiple_of(BLOCK_ROWS as u64) {
                stop.check()?;
            }
            merge.next_row()?;
        }
        Ok(merge)
    }

    /// Begins with the first row of the instant at which the row of this rank, counted from 0, is; answers how many rows
    /// are before it.
    pub fn at_instant_of(
        views: &'a [PartView],
        parts: &'a [(u32, PartRows)],
        rank: u64,
    ) -> Result<(Self, u64), Damage> {
        let mut merge = Merge { views, next: vec![0; parts.len()], heap: BinaryHeap::new(), parts };
        let total: u64 = merge.parts.iter().map(|(_, rows)| rows.len() as u64).sum();
        if rank >= total {
            return Ok((merge, rank));
        }
        let time = merge.time_of_rank(rank)?;
        for at in 0..merge.parts.len() {
            merge.next[at] = merge.rows_before(at, time)?;
        }
        let passed = merge.next.iter().map(|next| *next as u64).sum();
        merge.look_at_parts()?;
        Ok((merge, passed))
    }

    /// Begins with the next row of another merge of the same parts, by the [`position`](Self::position) of that.
    pub fn at_position(
        views: &'a [PartView],
        parts: &'a [(u32, PartRows)],
        position: Position,
    ) -> Result<Self, Damage> {
        let mut merge = Merge { views, parts, next: position.next, heap: BinaryHeap::new() };
        merge.look_at_parts()?;
        Ok(merge)
    }

    /// Where it stands; it costs nothing to go on from there, while rows of one instant before a rank have to be walked
    /// over one by one.
    pub fn position(self) -> Position {
        Position { next: self.next }
    }

    /// The time of the next row.
    pub fn next_time(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse((time, ..))| *time)
    }

    /// The next row; its source is a position in the views.
    pub fn next_row(&mut self) -> Result<Option<RowRef>, Damage> {
        let Some(Reverse((_, _, at))) = self.heap.peek() else { return Ok(None) };
        let at = *at as usize;
        let (source, rows) = &self.parts[at];
        let row = RowRef { source: *source, row: rows.row(self.next[at]) };
        self.next[at] += 1;
        let entry = self.entry(at)?;
        let mut least = self.heap.peek_mut().expect("it was just looked at");
        match entry {
            Some(entry) => *least = Reverse(entry),
            None => drop(PeekMut::pop(least)),
        }
        Ok(Some(row))
    }

    /// Up to `limit` next rows.
    pub fn next_rows(&mut self, limit: usize) -> Result<Vec<RowRef>, Damage> {
        let mut rows = Vec::new();
        while rows.len() < limit {
            match self.next_row()? {
                Some(row) => rows.push(row),
                None => break,
            }
        }
        Ok(rows)
    }

    fn look_at_parts(&mut self) -> Result<(), Damage> {
        for at in 0..self.parts.len() {
            let entry = self.entry(at)?;
            self.heap.extend(entry.map(Reverse));
        }
        Ok(())
    }

    fn entry(&self, at: usize) -> Result<Option<(Micros, Key, u32)>, Damage> {
        let (source, rows) = &self.parts[at];
        if self.next[at] >= rows.len() {
            return Ok(None);
        }
        let row = rows.row(self.next[at]);
        let part = &self.views[*source as usize].part;
        Ok(Some((part.time(row)?, part.key(row)?, at as u32)))
    }

    /// The time of the row at this position of the whole sequence: found by bisecting time, so that no row before
    /// it has to be walked over.
    fn time_of_rank(&self, rank: u64) -> Result<Micros, Damage> {
        let (mut low, mut high) = (Micros::MAX, Micros::MIN);
        for (source, rows) in self.parts.iter().filter(|(_, rows)| rows.len() > 0) {
            let part = &self.views[*source as usize].part;
            low = low.min(part.time(rows.row(0))?);
            high = high.max(part.time(rows.row(rows.len() - 1))?);
        }
        // The greatest time with at most `rank` rows before it.
        while low < high {
            let middle = high - (high - low) / 2;
            let mut before = 0;
            for at in 0..self.parts.len() {
                before += self.rows_before(at, middle)? as u64;
            }
            if before <= rank {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Ok(low)
    }

    /// How many rows of a part have an earlier time.
    fn rows_before(&self, at: usize, time: Micros) -> Result<usize, Damage> {
        let (source, rows) = &self.parts[at];
        let part = &self.views[*source as usize].part;
        let (mut low, mut high) = (0, rows.len());
        while low < high {
            let middle = low.midpoint(high);
            if part.time(rows.row(middle))? < time {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}
