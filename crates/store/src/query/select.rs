//! Which live rows of a part belong to a query.
//!
//! Rows of an account are sorted by time, so those that start in a range stand together and are found by binary
//! search: first among granules, then in one. Rows that started earlier and reach into the range are looked for only
//! in granules whose greatest end does. What has to be looked at is planned first and read block by block, so that
//! nobody has to hold more than a block's rows.

use std::ops::Range;

use hashbrown::HashSet;
use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{AccountId, Belongs, ColumnIndex, Micros, Range as TimeRange, Table};

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

    /// Calls back with the number that each has in a column of the block.
    #[inline]
    pub fn each_number(&self, column: &Column, mut take: impl FnMut(u64)) {
        match self {
            Places::Stretch(rows) => column.each_number(rows.clone(), |_, number| take(number)),
            Places::List(rows) => column.each_number_at(rows, take),
        }
    }

    fn numbers(&self, column: &Column, out: &mut Vec<u64>) {
        out.clear();
        self.each_number(column, |number| out.push(number));
    }
}

/// Wanted rows of one block.
pub struct Found<'v> {
    /// The position of their part among all.
    pub source: u32,
    view: &'v PartView,
    block: usize,
    /// Which rows.
    pub places: Places,
}

impl<'v> Found<'v> {
    /// A column of the block.
    pub fn column(&self, column: ColumnIndex) -> Result<&'v Column, Damage> {
        self.view.part.column(self.block, column)
    }

    /// Puts the numbers of a column in place of what is in `out`.
    pub fn numbers(&self, column: ColumnIndex, out: &mut Vec<u64>) -> Result<(), Damage> {
        self.places.numbers(self.column(column)?, out);
        Ok(())
    }

    /// Puts when the rows start and end in place of what is in `out`.
    pub fn spans(&self, out: &mut Vec<(Micros, Micros)>) -> Result<(), Damage> {
        let table = self.view.part.table;
        let Some(end) = table.end else { unreachable!("rows of {} have no end", table.name) };
        let (times, ends) = (self.column(Table::TIME)?.times(), self.column(end)?);
        out.clear();
        self.places.each(|at| {
            out.push((times[at], times[at].saturating_add(ends.number(at) as Micros - 1)));
        });
        Ok(())
    }

    /// The row of the part that a place of the block is.
    pub fn row(&self, place: usize) -> u32 {
        (self.block * BLOCK_ROWS + place) as u32
    }
}

/// Calls back with all wanted rows, part by part and block by block.
pub fn each_found<'v>(
    views: &'v [PartView],
    wanted: &Wanted<'_>,
    looked: &mut Looked,
    stop: &Stop,
    mut take: impl FnMut(&Found<'v>) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    for (source, view) in (0..).zip(views) {
        let mut selection = select(view, wanted)?;
        while let Some(run) = selection.next_run(looked, stop)? {
            if let Some((block, places)) = Places::of(run, view) {
                take(&Found { source, view, block, places })?;
            }
        }
    }
    Ok(())
}

/// What a query has looked at so far; it may come to the same part several times.
#[derive(Default)]
pub struct Looked {
    rows: u64,
    bytes: u64,
    parts: HashSet<u64>,
}

impl Looked {
    fn add(&mut self, part: &Part, rows: u64) {
        self.rows += rows;
        self.bytes += rows * part.row_bytes();
        self.parts.insert(part.id);
    }

    /// Adds what another part of the same query has looked at.
    pub fn join(&mut self, other: Looked) {
        self.rows += other.rows;
        self.bytes += other.bytes;
        self.parts.extend(other.parts);
    }

    /// The same as numbers.
    pub fn scanned(&self) -> Scanned {
        Scanned { rows: self.rows, bytes: self.bytes, parts: self.parts.len() as u64 }
    }
}

/// Which rows are asked for.
pub struct Wanted<'a> {
    account: AccountId,
    range: TimeRange,
    belongs: Belongs,
    conditions: &'a Conditions,
    window: TimeRange,
}

impl<'a> Wanted<'a> {
    /// The rows of an account that belong like this to a range and meet the conditions.
    pub fn new(account: AccountId, range: TimeRange, belongs: Belongs, conditions: &'a Conditions) -> Self {
        Self { account, range, belongs, conditions, window: TimeRange::ALL }
    }

    /// How many rows the account has in a part, wanted or not.
    pub fn rows_of_account(&self, view: &PartView) -> u64 {
        view.part.account_rows(self.account).len() as u64
    }

    /// Whether no row can be wanted.
    pub fn is_impossible(&self) -> bool {
        self.conditions.is_impossible()
    }

    /// Whether every row of the account and the range will do.
    pub fn is_anything(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Of these only the rows that start in this window. Those that started before the range are in the window in
    /// which the range begins.
    pub fn starting_in(&self, window: TimeRange) -> Self {
        Self { window, ..*self }
    }
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
pub struct Selection<'v, 'w> {
    view: &'v PartView,
    wanted: &'w Wanted<'w>,
    pieces: std::vec::IntoIter<Piece>,
}

/// Plans which rows of a part to look at.
pub fn select<'v, 'w>(view: &'v PartView, wanted: &'w Wanted<'w>) -> Result<Selection<'v, 'w>, Damage> {
    let mut pieces = Vec::new();
    if let Some(rows) = view.part.header.account(wanted.account) {
        plan(&view.part, rows, wanted, &mut pieces)?;
    }
    Ok(Selection { view, wanted, pieces: pieces.into_iter() })
}

/// Plans to look at these rows of a part, which belong to the account and the range that are wanted.
pub fn select_rows<'v, 'w>(
    view: &'v PartView,
    wanted: &'w Wanted<'w>,
    rows: Range<u32>,
) -> Selection<'v, 'w> {
    let mut pieces = Vec::new();
    if !wanted.conditions.is_impossible() {
        each_block(rows, |block, rows| pieces.push(Piece { block, rows, test: EndTest::None }));
    }
    Selection { view, wanted, pieces: pieces.into_iter() }
}

fn plan(part: &Part, rows: AccountRows, wanted: &Wanted<'_>, pieces: &mut Vec<Piece>) -> Result<(), Damage> {
    let TimeRange { from, to } = wanted.range;
    // Only of rows within a range the end counts, too.
    let is_empty = if wanted.belongs == Belongs::Within { to < from } else { to <= from };
    if is_empty || wanted.conditions.is_impossible() {
        return Ok(());
    }
    let (before, inside, to) = match wanted.belongs {
        Belongs::StartsIn => (None, EndTest::None, to),
        Belongs::Present => (Some(EndTest::Reaches), EndTest::None, to),
        Belongs::TouchesEdge => (Some(EndTest::EndsInside), EndTest::None, to),
        Belongs::Within => (None, EndTest::EndsInside, to.saturating_add(1)),
    };
    let start = first_at_or_after(part, rows, from.max(wanted.window.from))?;
    let end = first_at_or_after(part, rows, to.min(wanted.window.to))?;
    if let Some(test) = before.filter(|_| wanted.window.from <= from) {
        for (first, last, granule) in part.header.granules_of(rows).take_while(|(first, ..)| *first < start) {
            if granule.end_max > from {
                each_block(first..last.min(start), |block, rows| pieces.push(Piece { block, rows, test }));
            }
        }
    }
    each_block(start..end, |block, rows| pieces.push(Piece { block, rows, test: inside }));
    Ok(())
}

impl Selection<'_, '_> {
    /// The next rows; a run may be empty.
    pub fn next_run(&mut self, looked: &mut Looked, stop: &Stop) -> Result<Option<Run>, QueryError> {
        let Some(piece) = self.pieces.next() else { return Ok(None) };
        stop.check()?;
        looked.add(&self.view.part, piece.rows.len() as u64);
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

/// The rows of an account that start in a range.
pub fn rows_in_range(part: &Part, rows: AccountRows, range: TimeRange) -> Result<Range<u32>, Damage> {
    if range.to <= range.from {
        return Ok(rows.start..rows.start);
    }
    Ok(first_at_or_after(part, rows, range.from)?..first_at_or_after(part, rows, range.to)?)
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
