//! The rows of a sweep, read window by window in the order of their start.

use tallyhouse_model::{
    Belongs, ColumnIndex, DAY, Micros, Range, SECOND, SweepMeasure, SweepQuery, Table, Together, Unit, Zone,
};

use super::Span;
use crate::part::PartView;
use crate::query::filter::Conditions;
use crate::query::select::{Looked, Places, Wanted, first_at_or_after, select};
use crate::{QueryError, Scanned, Stop};

/// Rows that start in one window, unless more start in the same microsecond.
const WINDOW_ROWS: u64 = 131_072;

/// One minute.
const MINUTE: Micros = 60 * SECOND;

/// What is read of each row.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    groups: [ColumnIndex; 2],
    text: Option<ColumnIndex>,
}

impl Columns {
    /// What a query needs.
    pub fn of(query: &SweepQuery) -> Self {
        let text = match query.measure {
            SweepMeasure::Peak { of, .. } => Some(of),
            SweepMeasure::Seconds => None,
        };
        Self { groups: query.groups, text }
    }
}

/// Reads spans.
pub struct Windows<'a> {
    views: &'a [PartView],
    query: &'a SweepQuery,
    conditions: &'a Conditions,
    columns: Columns,
    stop: &'a Stop,
    /// Where the next window starts, and the last one ends.
    rest: Range,
    /// Whether rows that started before the range are still to be read.
    is_first: bool,
    width: Micros,
    spans: Vec<Span<'a>>,
    looked: Looked,
}

impl<'a> Windows<'a> {
    /// Of all rows that are present in the query's range.
    pub fn new(
        views: &'a [PartView],
        query: &'a SweepQuery,
        conditions: &'a Conditions,
        columns: Columns,
        stop: &'a Stop,
    ) -> Result<Self, QueryError> {
        let rest = starts(views, query);
        let (spans, looked) = (Vec::new(), Looked::default());
        Ok(Self { views, query, conditions, columns, stop, rest, is_first: true, width: DAY, spans, looked })
    }

    /// The spans of the next window by their start; windows follow each other. `None` behind the last.
    pub fn next_window(&mut self) -> Result<Option<&[Span<'a>]>, QueryError> {
        if self.rest.to <= self.rest.from || self.conditions.is_impossible() {
            return Ok(None);
        }
        self.stop.check()?;
        let window = self.cut_window()?;
        self.spans.clear();
        for view in self.views {
            self.read(view, window)?;
        }
        // Each part gives its rows in order, so there are a few sorted runs to merge.
        self.spans.sort_by_key(|span| span.start);
        self.rest.from = window.to;
        self.is_first = false;
        Ok(Some(&self.spans))
    }

    /// What reading took so far.
    pub fn scanned(&self) -> Scanned {
        self.looked.scanned()
    }

    /// A stretch of time in which not too many rows start. Where there are few, the next one is longer.
    fn cut_window(&mut self) -> Result<Range, QueryError> {
        let Range { from, to } = self.rest;
        loop {
            let window = Range { from, to: to.min(from.saturating_add(self.width)) };
            let rows = self.rows_starting_in(window)?;
            if rows > WINDOW_ROWS && self.width > 1 {
                self.width /= 2;
                continue;
            }
            if rows < WINDOW_ROWS / 4 {
                self.width = self.width.saturating_mul(2);
            }
            return Ok(window);
        }
    }

    fn rows_starting_in(&self, window: Range) -> Result<u64, QueryError> {
        let mut count = 0;
        for view in self.views {
            if let Some(rows) = view.part.header.account(self.query.account) {
                let first = first_at_or_after(&view.part, rows, window.from)?;
                count += u64::from(first_at_or_after(&view.part, rows, window.to)? - first);
            }
        }
        Ok(count)
    }

    fn read(&mut self, view: &'a PartView, window: Range) -> Result<(), QueryError> {
        let belongs = if self.is_first { Belongs::Present } else { Belongs::StartsIn };
        let account = self.query.account;
        let wanted = Wanted { account, range: window, belongs, conditions: self.conditions };
        let part = &view.part;
        let end = part.table.end.expect("a sweep is over rows with an end");
        let (mut times, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        let mut selection = select(view, &wanted)?;
        while let Some(run) = selection.next_run(&mut self.looked, self.stop)? {
            let Some((block, places)) = Places::of(run, view) else { continue };
            places.spans(part.column(block, Table::TIME)?.times(), part.column(block, end)?, &mut times);
            places.numbers(part.column(block, self.columns.groups[0])?, &mut first);
            places.numbers(part.column(block, self.columns.groups[1])?, &mut second);
            let texts = self.columns.text.map(|text| part.column(block, text)).transpose()?;
            let mut at = 0;
            places.each(|place| {
                let text = texts.map_or(&[][..], |texts| texts.text(place));
                let (start, end) = times[at];
                let span = Span { start, end, group: first[at] << 32 | second[at], text };
                self.spans.extend(cut(span, self.query));
                at += 1;
            });
        }
        Ok(())
    }
}

/// When the rows start that can be present in the range.
fn starts(views: &[PartView], query: &SweepQuery) -> Range {
    let Range { from, to } = query.range;
    if to <= from {
        return Range { from, to: from };
    }
    let (mut first, mut last) = (Micros::MAX, Micros::MIN);
    for view in views {
        if let Some(rows) = view.part.header.account(query.account) {
            let granules = view.part.header.granules_of_account(rows);
            first = granules.first().map_or(first, |granule| first.min(granule.time_min));
            last = granules.last().map_or(last, |granule| last.max(granule.time_max));
        }
    }
    if first == Micros::MAX {
        return Range { from, to: from };
    }
    // Rows that started before the range are read with its first window, so there is one in any case.
    let from = from.max(first);
    Range { from, to: to.min(last.saturating_add(1)).max(from.saturating_add(1)).min(to.max(from)) }
}

/// A span as it counts in the range; `None` where nothing of it does.
fn cut<'a>(span: Span<'a>, query: &SweepQuery) -> Option<Span<'a>> {
    let (start, end) = (span.start.max(query.range.from), span.end.min(query.range.to));
    let (start, end) = match &query.measure {
        SweepMeasure::Peak { together: Together::WithinMinute(zone), .. } => minutes(zone, start, end),
        _ => (start, end),
    };
    (start < end).then_some(Span { start, end, ..span })
}

/// All minutes that a span touches. One of no length touches that in which it lies.
fn minutes(zone: &Zone, start: Micros, end: Micros) -> (Micros, Micros) {
    let last = (end - 1).max(start);
    (zone.bucket_start(Unit::Minute, start), zone.bucket_start(Unit::Minute, last) + MINUTE)
}
