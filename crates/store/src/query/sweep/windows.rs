//! The rows of a sweep, read window by window in the order of their start.

use tallyhouse_model::{
    Belongs, ColumnIndex, Micros, SECOND, SweepMeasure, SweepQuery, Together, Unit, Zone,
};

use super::Span;
use crate::part::PartView;
use crate::query::filter::Conditions;
use crate::query::select::{Looked, Wanted, each_found};
use crate::query::windows::TimeWindows;
use crate::{QueryError, Scanned, Stop};

/// One minute.
const MINUTE: Micros = 60 * SECOND;

/// Reads spans.
pub struct SpanWindows<'a> {
    views: &'a [PartView],
    query: &'a SweepQuery,
    conditions: &'a Conditions,
    /// What a peak counts.
    text: Option<ColumnIndex>,
    stop: &'a Stop,
    windows: TimeWindows,
    spans: Vec<Span<'a>>,
    looked: Looked,
}

impl<'a> SpanWindows<'a> {
    /// Of all rows that are present in the query's range.
    pub fn new(
        views: &'a [PartView],
        query: &'a SweepQuery,
        conditions: &'a Conditions,
        stop: &'a Stop,
    ) -> Self {
        let text = match query.measure {
            SweepMeasure::Peak { of, .. } => Some(of),
            SweepMeasure::Seconds => None,
        };
        let windows = TimeWindows::new(views, query.account, query.range);
        let (spans, looked) = (Vec::new(), Looked::default());
        Self { views, query, conditions, text, stop, windows, spans, looked }
    }

    /// The spans of the next window by their start; windows follow each other. `None` behind the last.
    pub fn next_window(&mut self) -> Result<Option<&[Span<'a>]>, QueryError> {
        if self.conditions.is_impossible() {
            return Ok(None);
        }
        self.stop.check()?;
        let Some(window) = self.windows.next(self.views, self.query.account)? else { return Ok(None) };
        let SweepQuery { account, range, .. } = *self.query;
        let wanted = Wanted::new(account, range, Belongs::Present, self.conditions);
        self.read(&wanted.starting_in(window))?;
        // Each part gives its rows in order, so there are a few sorted runs to merge.
        self.spans.sort_by_key(|span| span.start);
        Ok(Some(&self.spans))
    }

    /// What reading took so far.
    pub fn scanned(&self) -> Scanned {
        self.looked.scanned()
    }

    fn read(&mut self, wanted: &Wanted<'_>) -> Result<(), QueryError> {
        let (query, text, spans) = (self.query, self.text, &mut self.spans);
        spans.clear();
        let (mut times, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        each_found(self.views, wanted, &mut self.looked, self.stop, |found| {
            found.spans(&mut times)?;
            found.numbers(query.groups[0], &mut first)?;
            found.numbers(query.groups[1], &mut second)?;
            let texts = text.map(|text| found.column(text)).transpose()?;
            let mut rows = times.iter().zip(first.iter().zip(&second));
            found.places.each(|place| {
                let ((start, end), (first, second)) = rows.next().expect("there is a row per place");
                let text = texts.map_or(&[][..], |texts| texts.text(place));
                let span = Span { start: *start, end: *end, group: first << 32 | second, text };
                spans.extend(cut(span, query));
            });
            Ok(())
        })
    }
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
