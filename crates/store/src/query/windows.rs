//! Cuts time into windows in which not too many rows start.

use tallyhouse_model::{AccountId, DAY, Micros, Range};

use super::limits::WINDOW_ROWS;
use super::select::first_at_or_after;
use crate::QueryError;
use crate::part::PartView;

/// Windows that follow each other, from the first row of an account that may be in a range to the last.
pub struct TimeWindows {
    /// Where the next window starts, and the last one ends.
    rest: Range,
    width: Micros,
}

impl TimeWindows {
    /// All windows in which rows start that are present in this range, or start in it: rows that started before the
    /// range are not in a window, but there is at least one where there can be such rows.
    pub fn new(views: &[PartView], account: AccountId, range: Range) -> Self {
        Self { rest: starts(views, account, range).unwrap_or(Range { from: 0, to: 0 }), width: DAY }
    }

    /// The next window. Where few rows start, the one after it is longer.
    pub fn next(&mut self, views: &[PartView], account: AccountId) -> Result<Option<Range>, QueryError> {
        let Range { from, to } = self.rest;
        if to <= from {
            return Ok(None);
        }
        loop {
            let window = Range { from, to: to.min(from.saturating_add(self.width)) };
            let rows = rows_starting_in(views, account, window)?;
            if rows > WINDOW_ROWS && self.width > 1 {
                self.width /= 2;
                continue;
            }
            if rows < WINDOW_ROWS / 4 {
                self.width = self.width.saturating_mul(2);
            }
            self.rest.from = window.to;
            return Ok(Some(window));
        }
    }
}

fn rows_starting_in(views: &[PartView], account: AccountId, window: Range) -> Result<u64, QueryError> {
    let mut count = 0;
    for view in views {
        if let Some(rows) = view.part.header.account(account) {
            let first = first_at_or_after(&view.part, rows, window.from)?;
            count += u64::from(first_at_or_after(&view.part, rows, window.to)? - first);
        }
    }
    Ok(count)
}

/// When the rows start that can be in the range; none where there are no rows, or all start behind it.
fn starts(views: &[PartView], account: AccountId, range: Range) -> Option<Range> {
    let rows = views.iter().filter_map(|view| Some((view, view.part.header.account(account)?)));
    let granules = rows.map(|(view, rows)| view.part.header.granules_of_account(rows));
    let bounds = granules.filter_map(|all| Some((all.first()?.time_min, all.last()?.time_max)));
    let (first, last) = bounds.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    // Rows that started before the range are read with its first window, so there is one in any case.
    let from = range.from.max(first);
    // Of rows within a range, one of no length may start at its very end.
    let range_to = range.to.saturating_add(1);
    let to = range_to.min(last.saturating_add(1)).max(from.saturating_add(1)).min(range_to);
    (from < to).then_some(Range { from, to })
}
