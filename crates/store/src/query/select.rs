//! Which live rows of a part belong to a query.
//!
//! Rows of an account are sorted by time, so those that start in a range stand together and are found by binary
//! search: first among granules, then in one. Rows that started earlier and reach into the range are looked for only
//! in granules whose greatest end does.

use std::ops::Range;

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{AccountId, Belongs, Micros, Range as TimeRange, Table};

use super::filter::Conditions;
use crate::Scanned;
use crate::damage::Damage;
use crate::part::{AccountRows, Part, PartView};

/// Rows of one block, ascending.
pub enum Run {
    /// The live rows among these.
    Live(Range<u32>),
    /// Exactly these, all alive.
    Rows(Vec<u32>),
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

/// The rows of a part that are asked for, ascending.
pub fn select(view: &PartView, wanted: &Wanted<'_>, scanned: &mut Scanned) -> Result<Vec<Run>, Damage> {
    let TimeRange { from, to } = wanted.range;
    let Some(rows) = view.part.header.account(wanted.account) else { return Ok(Vec::new()) };
    if to <= from && wanted.belongs != Belongs::Within {
        return Ok(Vec::new());
    }
    let scanned_before = scanned.rows;
    let mut runs = Vec::new();
    let start = first_at_or_after(&view.part, rows, from)?;
    match wanted.belongs {
        Belongs::StartsIn => {}
        Belongs::Present => {
            earlier(view, wanted, rows.start..start, rows, &mut runs, scanned, |end, _| end > from)?
        }
        Belongs::TouchesEdge => {
            let ends_inside = |end, finished| finished && end > from && end <= to;
            earlier(view, wanted, rows.start..start, rows, &mut runs, scanned, ends_inside)?;
        }
        Belongs::Within => {
            let end = first_at_or_after(&view.part, rows, to.saturating_add(1))?;
            let ends_inside = |end, finished| finished && end <= to;
            each_block(start..end, |block, piece| {
                scan(view, wanted, block, piece, &mut runs, scanned, ends_inside)
            })?;
            scanned.parts += u64::from(scanned.rows > scanned_before);
            return Ok(runs);
        }
    }
    let end = first_at_or_after(&view.part, rows, to)?;
    each_block(start..end, |block, piece| {
        scanned.rows += piece.len() as u64;
        runs.push(if wanted.conditions.is_empty() {
            Run::Live(piece)
        } else {
            Run::Rows(conditioned(view, wanted.conditions, block, piece.collect())?)
        });
        Ok(())
    })?;
    scanned.parts += u64::from(scanned.rows > scanned_before);
    Ok(runs)
}

/// Rows that started before the range and meet a condition on (end, finished).
fn earlier(
    view: &PartView,
    wanted: &Wanted<'_>,
    before: Range<u32>,
    rows: AccountRows,
    runs: &mut Vec<Run>,
    scanned: &mut Scanned,
    belongs: impl Fn(Micros, bool) -> bool + Copy,
) -> Result<(), Damage> {
    for (start, end, granule) in view.part.header.granules_of(rows) {
        if start >= before.end {
            break;
        }
        if granule.end_max > wanted.range.from {
            each_block(start..end.min(before.end), |block, piece| {
                scan(view, wanted, block, piece, runs, scanned, belongs)
            })?;
        }
    }
    Ok(())
}

/// Looks at the end of every row.
fn scan(
    view: &PartView,
    wanted: &Wanted<'_>,
    block: usize,
    piece: Range<u32>,
    runs: &mut Vec<Run>,
    scanned: &mut Scanned,
    belongs: impl Fn(Micros, bool) -> bool,
) -> Result<(), Damage> {
    scanned.rows += piece.len() as u64;
    let part = &view.part;
    let (Some(end), Some(finished)) = (part.table.end, part.table.finished) else {
        unreachable!("rows of {} have no end", part.table.name)
    };
    let (times, ends, finished) =
        (part.column(block, Table::TIME)?.times(), part.column(block, end)?, part.column(block, finished)?);
    let base = (block * BLOCK_ROWS) as u32;
    let rows: Vec<u32> = piece
        .filter(|row| {
            let at = (row - base) as usize;
            belongs(times[at].saturating_add(ends.number(at) as Micros - 1), finished.number(at) != 0)
        })
        .collect();
    let rows = conditioned(view, wanted.conditions, block, rows)?;
    if !rows.is_empty() {
        runs.push(Run::Rows(rows));
    }
    Ok(())
}

/// The live ones among these rows of a block that meet the conditions.
fn conditioned(
    view: &PartView,
    conditions: &Conditions,
    block: usize,
    mut rows: Vec<u32>,
) -> Result<Vec<u32>, Damage> {
    let base = (block * BLOCK_ROWS) as u32;
    conditions.retain(&mut rows, base, |column| view.part.column(block, column))?;
    if view.dead.count() > 0 {
        rows.retain(|row| !view.dead.contains(*row));
    }
    Ok(rows)
}

/// Cuts rows at the borders of blocks.
fn each_block(
    rows: Range<u32>,
    mut visit: impl FnMut(usize, Range<u32>) -> Result<(), Damage>,
) -> Result<(), Damage> {
    let mut start = rows.start;
    while start < rows.end {
        let block = start as usize / BLOCK_ROWS;
        let end = rows.end.min(((block + 1) * BLOCK_ROWS) as u32);
        visit(block, start..end)?;
        start = end;
    }
    Ok(())
}

/// The first row of an account with this time or a later one.
fn first_at_or_after(part: &Part, rows: AccountRows, time: Micros) -> Result<u32, Damage> {
    let reaches = |granule: &(u32, u32, crate::part::Granule)| granule.2.time_max >= time;
    let Some((mut low, mut high, granule)) = part.header.granules_of(rows).find(reaches) else {
        return Ok(rows.end);
    };
    if granule.time_min >= time {
        return Ok(low);
    }
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
