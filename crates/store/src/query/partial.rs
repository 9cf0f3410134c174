//! What a fold knows after some of the rows, and how that is put together.
//!
//! A [`Tally`] is being added to; a [`Partial`] is the tally of one part, or of a slice of one, packed so that it can be remembered.

use tallyhouse_model::{ColumnIndex, Micros, Table};

use super::calendar::{Calendar, Slots};
use super::id_set::{IdSet, Marks};
use super::limits::{MEMO_ROWS, SLOTS_MAX};
use super::select::{Places, Run};
use crate::QueryError;
use crate::part::{PartHeader, PartView};

/// What is found out about rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fold {
    /// How many there are.
    Rows,
    /// How many there are per number of a column.
    RowsPer(ColumnIndex),
    /// How many there are per slot of the calendar.
    RowsBy(Calendar),
    /// Which numbers a column has.
    Numbers(ColumnIndex),
}

impl Fold {
    /// Whether a tally of few rows is small. It has places for all numbers of the part, however few of them a slice has.
    pub fn is_small_by_slice(&self, header: &PartHeader) -> bool {
        let bytes = match self {
            Fold::Rows | Fold::RowsBy(_) => 0,
            Fold::RowsPer(column) => header.number_max[*column].saturating_mul(8),
            Fold::Numbers(column) => header.number_max[*column] / 8,
        };
        bytes <= u64::from(MEMO_ROWS) * 16
    }
}

/// What is known so far.
pub enum Tally {
    /// Of [`Fold::Rows`].
    Rows(u64),
    /// Of [`Fold::RowsPer`]: a place per number, up to the greatest that was met.
    RowsPer(Vec<u64>),
    /// Of [`Fold::RowsBy`].
    RowsBy(SlotCounts),
    /// Of [`Fold::Numbers`].
    Numbers(Marks),
}

/// Counts per slot; a slot may be there several times until they are put in order.
#[derive(Default)]
pub struct SlotCounts {
    counts: Vec<(i64, u64)>,
    /// How many there were when they were last put in order.
    ordered: usize,
}

/// What is known about a part, or a slice of one: as small as can be put together quickly.
pub enum Partial {
    /// How many rows.
    Rows(u64),
    /// Numbers, ascending, and how many rows each has. A part has no more rows than 32 bits count.
    RowsPer(Box<[(u32, u32)]>),
    /// Slots, ascending, and how many rows each has.
    RowsBy(Box<[(i64, u64)]>),
    /// A bit per number.
    Bits(IdSet),
    /// The numbers, where that takes less.
    List(Box<[u32]>),
}

impl Tally {
    /// Of no rows.
    pub fn new(fold: &Fold) -> Self {
        match fold {
            Fold::Rows => Tally::Rows(0),
            Fold::RowsPer(_) => Tally::RowsPer(Vec::new()),
            Fold::RowsBy(_) => Tally::RowsBy(SlotCounts::default()),
            Fold::Numbers(_) => Tally::Numbers(Marks::default()),
        }
    }

    /// Adds rows of one block.
    pub fn add(&mut self, fold: &Fold, view: &PartView, run: Run) -> Result<(), QueryError> {
        if let Tally::Rows(count) = self {
            *count += run.count(view);
            return Ok(());
        }
        let Some((block, places)) = Places::of(run, view) else { return Ok(()) };
        let greatest = |column: ColumnIndex| view.part.header.number_max[column];
        match (self, fold) {
            (Tally::RowsPer(counts), Fold::RowsPer(column)) => {
                counts.resize(counts.len().max(greatest(*column) as usize + 1), 0);
                let counts = counts.as_mut_slice();
                places.each_number(view.part.column(block, *column)?, |number| counts[number as usize] += 1);
            }
            (Tally::RowsBy(slots), Fold::RowsBy(calendar)) => {
                slots.add(calendar, view.part.column(block, Table::TIME)?.times(), &places)?;
            }
            (Tally::Numbers(numbers), Fold::Numbers(column)) => {
                numbers.reserve(greatest(*column));
                places.each_number(view.part.column(block, *column)?, |number| numbers.mark(number));
            }
            _ => unreachable!("a tally is of its fold"),
        }
        Ok(())
    }

    /// Adds what is known about other rows.
    pub fn merge(&mut self, partial: &Partial) -> Result<(), QueryError> {
        match (self, partial) {
            (Tally::Rows(count), Partial::Rows(more)) => *count += more,
            (Tally::RowsPer(counts), Partial::RowsPer(more)) => {
                let greatest = more.last().map_or(0, |(number, _)| *number as usize);
                counts.resize(counts.len().max(greatest + 1), 0);
                more.iter().for_each(|(number, count)| counts[*number as usize] += u64::from(*count));
            }
            (Tally::RowsBy(slots), Partial::RowsBy(more)) => slots.extend(more)?,
            (Tally::Numbers(numbers), Partial::Bits(more)) => numbers.union(more),
            (Tally::Numbers(numbers), Partial::List(more)) => {
                numbers.reserve(more.last().map_or(0, |number| u64::from(*number)));
                more.iter().for_each(|number| numbers.mark(u64::from(*number)));
            }
            _ => unreachable!("partial answers to one question are alike"),
        }
        Ok(())
    }

    /// Adds another tally of the same fold.
    pub fn join(&mut self, other: Tally) -> Result<(), QueryError> {
        match (&mut *self, other) {
            (Tally::RowsPer(counts), Tally::RowsPer(mut more)) => {
                if counts.len() < more.len() {
                    std::mem::swap(counts, &mut more);
                }
                counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
            }
            (Tally::RowsBy(slots), Tally::RowsBy(more)) => slots.extend(&more.counts)?,
            (Tally::Rows(count), Tally::Rows(more)) => *count += more,
            (Tally::Numbers(numbers), Tally::Numbers(more)) => numbers.join(more),
            _ => unreachable!("tallies of one fold are alike"),
        }
        Ok(())
    }

    /// The same, packed.
    pub fn packed(self) -> Partial {
        match self {
            Tally::Rows(count) => Partial::Rows(count),
            Tally::RowsPer(counts) => {
                let counts = counts.into_iter().zip(0..).filter(|(count, _)| *count > 0);
                let narrow = |count| u32::try_from(count).expect("a part has fewer than 2^32 rows");
                Partial::RowsPer(counts.map(|(count, number)| (number, narrow(count))).collect())
            }
            Tally::RowsBy(slots) => Partial::RowsBy(slots.in_order().into()),
            Tally::Numbers(numbers) => {
                let numbers = numbers.into_set();
                match numbers.bytes() <= numbers.count() * 4 {
                    true => Partial::Bits(numbers),
                    false => Partial::List(numbers.iter().map(|number| number as u32).collect()),
                }
            }
        }
    }
}

impl SlotCounts {
    /// Adds the rows of a block, whose times ascend.
    fn add(&mut self, calendar: &Calendar, times: &[Micros], places: &Places) -> Result<(), QueryError> {
        let mut slots = Slots::new(calendar);
        match places {
            Places::Stretch(rows) => {
                let mut rest = &times[rows.clone()];
                while let Some(first) = rest.first() {
                    let (slot, until) = slots.of(*first);
                    let count = rest.partition_point(|time| *time < until);
                    self.push(slot, count as u64);
                    rest = &rest[count..];
                }
            }
            Places::List(rows) => {
                let mut rest = rows.as_slice();
                while let Some(first) = rest.first() {
                    let (slot, until) = slots.of(times[*first as usize]);
                    let count = rest.partition_point(|row| times[*row as usize] < until);
                    self.push(slot, count as u64);
                    rest = &rest[count..];
                }
            }
        }
        self.order_when_long()
    }

    fn push(&mut self, slot: i64, count: u64) {
        match self.counts.last_mut() {
            Some((last, known)) if *last == slot => *known += count,
            _ => self.counts.push((slot, count)),
        }
    }

    fn extend(&mut self, more: &[(i64, u64)]) -> Result<(), QueryError> {
        self.counts.extend_from_slice(more);
        self.order_when_long()
    }

    /// So that slots which come again and again do not add up, and that too many end the query before they take memory.
    fn order_when_long(&mut self) -> Result<(), QueryError> {
        if self.counts.len() > 2 * self.ordered + 1_024 {
            self.order();
        }
        if self.ordered > SLOTS_MAX {
            return Err(QueryError::TooManyGroups(SLOTS_MAX));
        }
        Ok(())
    }

    fn order(&mut self) {
        self.counts.sort_unstable_by_key(|(slot, _)| *slot);
        self.counts.dedup_by(|(slot, count), (kept, sum)| {
            let is_same = slot == kept;
            if is_same {
                *sum += *count;
            }
            is_same
        });
        self.ordered = self.counts.len();
    }

    /// Each slot once, ascending; there may be some more than are allowed.
    pub fn in_order(mut self) -> Vec<(i64, u64)> {
        self.order();
        self.counts
    }
}

impl Partial {
    /// Roughly what it takes in memory.
    pub fn bytes(&self) -> u64 {
        match self {
            Partial::Rows(_) => 8,
            Partial::RowsPer(counts) => 8 * counts.len() as u64,
            Partial::RowsBy(counts) => 16 * counts.len() as u64,
            Partial::Bits(numbers) => numbers.bytes(),
            Partial::List(numbers) => 4 * numbers.len() as u64,
        }
    }
}
