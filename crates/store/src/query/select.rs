//! Which live rows of a part belong to a query.
//!
//! Rows of an account are sorted by time, so those that start in a range stand together and are found by binary
//! search: first among granules, then in one. Rows that started earlier and reach into the range are looked for only
//! in granules whose greatest end does. What has to be looked at is planned first and read block by block, so that
//! nobody has to hold more than a block's rows.

use std::ops::Range;

use hashbrown::HashSet;
use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{AccountId, Belongs, Micros, Range as TimeRange, Table};

use super::filter::{Candidates, Conditions};
use crate::column::Column;
use crate::damage::Damage;
use crate::part::{AccountRows, GRANULE_ROWS, Part, PartView, split};
use crate::{QueryError, Scanned, Stop};

/// Rows of one block, ascending.
pub enum Run {
    /// The live rows among these.
    Live(Range<u32>),
    /// Exactly these, all alive.
    Rows(Vec<u32>),
}

impl Run {
    /// How many live rows.
    pub fn count(&self, view: &PartView) -> u64 {
        match self {
            Run::Live(rows) => rows.len() as u64 - view.dead.count_in(rows.start, rows.end),
            Run::Rows(rows) => rows.len() as u64,
        }
    }
}

/// Live rows of one block, counted from its start.
pub enum Places {
    /// All of these.
    Stretch(Range<usize>),
    /// Exactly these.
    List(Vec<u32>),
}

impl Places {
    /// The block and the live rows of a run; `None` where there are none.
    pub fn of(run: Run, view: &PartView) -> Option<(usize, Places)> {
        let (block, rows) = match run {
            Run::Live(rows) if view.dead.count_in(rows.start, rows.end) == 0 => {
                let (block, start) = split(rows.start);
                let places = Places::Stretch(start..start + rows.len());
                return (!rows.is_empty()).then_some((block, places));
            }
            Run::Live(rows) => {
                let block = split(rows.start).0;
                (block, rows.filter(|row| !view.dead.contains(*row)).collect::<Vec<_>>())
            }
            Run::Rows(rows) => (split(*rows.first()?).0, rows),
        };
        let base = (block * BLOCK_ROWS) as u32;
        let list: Vec<u32> = rows.into_iter().map(|row| row - base).collect();
        (!list.is_empty()).then_some((block, Places::List(list)))
    }

    /// Calls back with each.
    #[inline]
    pub fn each(&self, mut take: impl FnMut(usize)) {
        match self {
            Places::Stretch(rows) => rows.clone().for_each(take),
            Places::List(rows) => rows.iter().for_each(|row| take(*row as usize)),
        }
    }

    /// Puts the numbers of a column in place of what is in `out`.
    pub fn numbers(&self, column: &Column, out: &mut Vec<u64>) {
        out.clear();
        match self {
            Places::Stretch(rows) => column.each_number(rows.clone(), |_, number| out.push(number)),
            Places::List(rows) => out.extend(rows.iter().map(|row| column.number(*row as usize))),
        }
    }

    /// Puts the times and ends of the rows in place of what is in `out`.
    pub fn spans(&self, times: &[Micros], ends: &Column, out: &mut Vec<(Micros, Micros)>) {
        out.clear();
        self.each(|at| out.push((times[at], times[at].saturating_add(ends.number(at) as Micros - 1))));
    }
}

/// What a query has looked at so far; it may come to the same part several times.
#[derive(Default)]
pub struct Looked {
    rows: u64,
    parts: HashSet<u64>,
}

impl Looked {
    /// The same as numbers.
    pub fn scanned(&self) -> Scanned {
        Scanned { rows: self.rows, parts: self.parts.len() as u64 }
    }
}

/// Which rows are asked for.
pub struct Wanted<'a> {
    /// Whose.
    pub account: AccountId,
    /// When.
    pub range: TimeRange,
    /// How they belong to it.
    pub belongs: Belongs,
    /// What else has to hold.
    pub conditions: &'a Conditions,
}

/// What the end of a row has to be.
#[derive(Debug, Clone, Copy)]
enum EndTest {
    /// Anything: the row is in by its start.
    None,
    /// After the start of the range.
    Reaches,
    /// The same, and the row is finished and ended by the end of the range.
    EndsInside,
}

/// Rows of one block that have to be looked at.
struct Piece {
    block: usize,
    rows: Range<u32>,
    test: EndTest,
}

/// The rows of a part that are asked for, ascending, a run at a time.
pub struct Selection<'a> {
    view: &'a PartView,
    wanted: &'a Wanted<'a>,
    pieces: std::vec::IntoIter<Piece>,
}

/// Plans which rows of a part to look at.
pub fn select<'a>(view: &'a PartView, wanted: &'a Wanted<'a>) -> Result<Selection<'a>, Damage> {
    let mut pieces = Vec::new();
    if let Some(rows) = view.part.header.account(wanted.account) {
        plan(&view.part, rows, wanted, &mut pieces)?;
    }
    Ok(Selection { view, wanted, pieces: pieces.into_iter() })
}

fn plan(part: &Part, rows: AccountRows, wanted: &Wanted<'_>, pieces: &mut Vec<Piece>) -> Result<(), Damage> {
    let TimeRange { from, to } = wanted.range;
    if to <= from || wanted.conditions.is_impossible() {
        return Ok(());
    }
    let start = first_at_or_after(part, rows, from)?;
    let (before, inside, end) = match wanted.belongs {
        Belongs::StartsIn => (None, EndTest::None, first_at_or_after(part, rows, to)?),
        Belongs::Present => (Some(EndTest::Reaches), EndTest::None, first_at_or_after(part, rows, to)?),
        Belongs::TouchesEdge => {
            (Some(EndTest::EndsInside), EndTest::None, first_at_or_after(part, rows, to)?)
        }
        Belongs::Within => (None, EndTest::EndsInside, first_at_or_after(part, rows, to.saturating_add(1))?),
    };
    if let Some(test) = before {
        for (first, last, granule) in part.header.granules_of(rows).take_while(|(first, ..)| *first < start) {
            if granule.end_max > from {
                each_block(first..last.min(start), |block, rows| pieces.push(Piece { block, rows, test }));
            }
        }
    }
    each_block(start..end, |block, rows| pieces.push(Piece { block, rows, test: inside }));
    Ok(())
}

impl Selection<'_> {
    /// The next rows; a run may be empty.
    pub fn next_run(&mut self, looked: &mut Looked, stop: &Stop) -> Result<Option<Run>, QueryError> {
        let Some(piece) = self.pieces.next() else { return Ok(None) };
        stop.check()?;
        looked.rows += piece.rows.len() as u64;
        looked.parts.insert(self.view.part.id);
        if matches!(piece.test, EndTest::None) && self.wanted.conditions.is_empty() {
            return Ok(Some(Run::Live(piece.rows)));
        }
        let view = self.view;
        let candidates = match piece.test {
            EndTest::None => Candidates::Stretch(piece.rows.clone()),
            _ => Candidates::List(self.tested(&piece)?),
        };
        let base = (piece.block * BLOCK_ROWS) as u32;
        let column = |column| view.part.column(piece.block, column);
        let mut rows = self.wanted.conditions.filter(candidates, base, column)?;
        if view.dead.count() > 0 {
            rows.retain(|row| !view.dead.contains(*row));
        }
        Ok(Some(Run::Rows(rows)))
    }

    /// Looks at the end of every row.
    fn tested(&self, piece: &Piece) -> Result<Vec<u32>, Damage> {
        let part = &self.view.part;
        let TimeRange { from, to } = self.wanted.range;
        let (Some(end), Some(finished)) = (part.table.end, part.table.finished) else {
            unreachable!("rows of {} have no end", part.table.name)
        };
        let times = part.column(piece.block, Table::TIME)?.times();
        let (ends, finished) = (part.column(piece.block, end)?, part.column(piece.block, finished)?);
        let base = (piece.block * BLOCK_ROWS) as u32;
        let is_in = |row: &u32| {
            let at = (row - base) as usize;
            let end = times[at].saturating_add(ends.number(at) as Micros - 1);
            match piece.test {
                EndTest::EndsInside => {
                    finished.number(at) != 0 && end <= to && (times[at] >= from || end > from)
                }
                _ => end > from,
            }
        };
        Ok(piece.rows.clone().filter(is_in).collect())
    }
}

/// Cuts rows at the borders of blocks.
fn each_block(rows: Range<u32>, mut visit: impl FnMut(usize, Range<u32>)) {
    let mut start = rows.start;
    while start < rows.end {
        let block = start as usize / BLOCK_ROWS;
        let end = rows.end.min(((block + 1) * BLOCK_ROWS) as u32);
        visit(block, start..end);
        start = end;
    }
}

/// The first row of an account with this time or a later one.
pub fn first_at_or_after(part: &Part, rows: AccountRows, time: Micros) -> Result<u32, Damage> {
    let granules = part.header.granules_of_account(rows);
    let at = granules.partition_point(|granule| granule.time_max < time);
    let Some(granule) = granules.get(at) else { return Ok(rows.end) };
    let mut low = rows.start + at as u32 * GRANULE_ROWS;
    if granule.time_min >= time {
        return Ok(low);
    }
    let mut high = rows.end.min(low + GRANULE_ROWS);
    while low < high {
        let middle = low.midpoint(high);
        if part.time(middle)? < time {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
