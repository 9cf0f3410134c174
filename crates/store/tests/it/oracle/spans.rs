//! What the model answers about rows that last: presence, peaks and seconds, each bucket on its own.

use std::collections::{BTreeMap, BTreeSet};

use tallyhouse_model::tables::view_segments;
use tallyhouse_model::{
    Belongs, By, Micros, Point, Range, SECOND, SeriesQuery, SweepMeasure, SweepQuery, SweepRow, Table,
    Together, Unit, Zone,
};

use super::{point, time, value};
use crate::rows::{Row, Value};

/// Different values of a column. A row counts in every bucket to which it belongs as to a range of its own.
pub fn distinct(rows: &[&Row], column: usize, query: &SeriesQuery) -> BTreeMap<Point, u64> {
    let mut seen: BTreeMap<Point, BTreeSet<Value>> = BTreeMap::new();
    if matches!(query.by, By::Nothing) {
        seen.insert(Point::Absent, BTreeSet::new());
    }
    for row in rows {
        if row[column] == Value::Text(None) {
            continue;
        }
        for point in points(row, query) {
            seen.entry(point).or_default().insert(row[column].clone());
        }
    }
    seen.into_iter().map(|(point, values)| (point, values.len() as u64)).collect()
}

fn points(row: &Row, query: &SeriesQuery) -> Vec<Point> {
    match &query.by {
        By::Time(unit, zone) if query.belongs == Belongs::Present => {
            let (start, end) = (time(row, Table::TIME), time(row, view_segments::ENDED_AT));
            let first = start.max(query.range.from);
            // The bucket in which it starts counts whatever its length, later ones where it ends behind their start.
            let last = first.max((end - 1).min(query.range.to.saturating_sub(1)));
            buckets(*unit, zone, first, last).into_iter().map(|(start, _)| Point::Time(start)).collect()
        }
        by => vec![point(row, by)],
    }
}

/// The buckets of all instants from the first to the last.
fn buckets(unit: Unit, zone: &Zone, first: Micros, last: Micros) -> Vec<(Micros, Micros)> {
    let boundaries = zone.boundaries(unit, first, last + 1);
    boundaries.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// A row as it counts: from when, until when.
struct Span<'a> {
    start: Micros,
    end: Micros,
    row: &'a Row,
}

/// All rows of a sweep's answer.
pub fn sweep(rows: &[&Row], query: &SweepQuery) -> Vec<SweepRow> {
    let mut groups: BTreeMap<[Point; 2], Vec<Span<'_>>> = BTreeMap::new();
    for row in rows {
        let span = Span {
            start: time(row, Table::TIME).max(query.range.from),
            end: time(row, view_segments::ENDED_AT).min(query.range.to),
            row,
        };
        // Words of the content type are sorted like their order.
        groups.entry(query.groups.map(|column| value(row, column))).or_default().push(span);
    }
    let mut answer = Vec::new();
    for (group, spans) in groups {
        for (at, bucket) in buckets_of(&spans, query) {
            let (value, at_peak) = measured(&spans, bucket, &query.measure);
            if let Some(value) = value {
                let at = if query.buckets.is_none() { at_peak } else { at };
                answer.push(SweepRow { group: group.clone(), at, value });
            }
        }
    }
    answer.sort_by_key(|row| (row.at, row.group.clone()));
    if query.buckets.is_none() {
        answer.sort_by_key(|row| row.group.clone());
    }
    answer
}

/// Where buckets start, and what of them lies in the range.
fn buckets_of(spans: &[Span<'_>], query: &SweepQuery) -> Vec<(Micros, Range)> {
    let Some((unit, zone)) = &query.buckets else { return vec![(query.range.from, query.range)] };
    let all: BTreeSet<_> =
        spans.iter().flat_map(|span| buckets(*unit, zone, span.start, span.end.max(span.start))).collect();
    let cut = |(start, end): (Micros, Micros)| {
        (start, Range { from: start.max(query.range.from), to: end.min(query.range.to) })
    };
    all.into_iter().map(cut).collect()
}

/// What a bucket shows, if anything, and the first instant of it.
fn measured(spans: &[Span<'_>], bucket: Range, measure: &SweepMeasure) -> (Option<u64>, Micros) {
    let inside = || spans.iter().map(|span| (span.start.max(bucket.from), span.end.min(bucket.to), span.row));
    match measure {
        SweepMeasure::Seconds => {
            let sum: i128 = inside().map(|(start, end, _)| i128::from((end - start).max(0))).sum();
            ((sum > 0).then_some((sum / i128::from(SECOND)) as u64), bucket.from)
        }
        SweepMeasure::Peak { of, together: Together::AtOnce } => {
            let instants: BTreeSet<Micros> = inside().map(|(start, ..)| start).collect();
            let open_at = |at: Micros| {
                let open = inside().filter(|(start, end, _)| *start <= at && at < *end);
                open.map(|(_, _, row)| row[*of].clone()).collect::<BTreeSet<_>>().len() as u64
            };
            let most = instants.iter().map(|at| open_at(*at)).max().unwrap_or(0);
            let first = instants.into_iter().find(|at| open_at(*at) == most);
            ((most > 0).then_some(most), first.unwrap_or(bucket.from))
        }
        SweepMeasure::Peak { of, together: Together::WithinMinute(zone) } => {
            let mut minutes: BTreeMap<Micros, BTreeSet<Value>> = BTreeMap::new();
            for span in spans {
                let start = span.start.max(bucket.from);
                let is_here = span.end > start || (span.start == span.end && span.start == start);
                if start >= bucket.to || !is_here {
                    continue;
                }
                let last = (span.end - 1).clamp(start, bucket.to - 1);
                for (minute, _) in buckets(Unit::Minute, zone, start, last) {
                    minutes.entry(minute).or_default().insert(span.row[*of].clone());
                }
            }
            let most = minutes.values().map(|sessions| sessions.len() as u64).max();
            let first = minutes.iter().find(|(_, sessions)| Some(sessions.len() as u64) == most);
            (most, first.map_or(bucket.from, |(minute, _)| *minute))
        }
    }
}
