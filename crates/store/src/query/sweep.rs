//! Sweeps: rows as spans of time, followed in the order of their start.
//!
//! `windows.rs` reads the spans a bounded stretch of time at a time, a gauge (`peak.rs`, `seconds.rs`) keeps what is
//! open, `readings.rs` keeps the page of what it shows at the end of each bucket. So memory depends on what is open
//! at the same time and on the page, not on how long the range is or how fine the buckets are.

mod peak;
mod readings;
mod seconds;
mod windows;

use tallyhouse_model::{Micros, SweepMeasure, SweepQuery, Unit, Zone};

use self::peak::PeakGauge;
use self::readings::{Reading, Readings};
use self::seconds::SecondsGauge;
use self::windows::{Columns, Windows};
use super::filter::Conditions;
use crate::dictionary::Dictionaries;
use crate::part::PartView;
use crate::{QueryError, Stop, SweepAnswer};

/// A row, cut to the range: `[start, end)`.
#[derive(Debug, Clone, Copy)]
struct Span<'a> {
    start: Micros,
    end: Micros,
    /// The numbers of its group's two columns, the first in the upper half.
    group: u64,
    /// What a peak counts; empty for seconds.
    text: &'a [u8],
}

/// Keeps what a sweep measures.
trait Gauge<'a> {
    /// Takes the next span; none started later before. The bucket at hand ends at `bucket_end`, behind its start.
    fn open(&mut self, span: Span<'a>, bucket_end: Micros);

    /// Ends the bucket and adds what it shows.
    fn close_bucket(&mut self, bucket: Bucket, readings: &mut Vec<Reading>);

    /// Whether nothing reaches beyond the bucket that was closed last.
    fn is_idle(&self) -> bool;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bucket {
    start: Micros,
    end: Micros,
}

/// Follows rows through time.
pub fn sweep(
    views: &[PartView],
    dictionaries: &Dictionaries,
    query: &SweepQuery,
    stop: &Stop,
) -> Result<SweepAnswer, QueryError> {
    let table = query.table.table();
    let conditions = Conditions::new(&query.filters, table, query.account, dictionaries, stop)?;
    let columns = Columns::of(query);
    let windows = Windows::new(views, query, &conditions, columns, stop)?;
    let readings = Readings::new(query, dictionaries);
    match query.measure {
        SweepMeasure::Peak { .. } => run(windows, PeakGauge::new(), readings, query, stop),
        SweepMeasure::Seconds => run(windows, SecondsGauge::default(), readings, query, stop),
    }
}

fn run<'a>(
    mut windows: Windows<'a>,
    mut gauge: impl Gauge<'a>,
    mut readings: Readings<'_>,
    query: &SweepQuery,
    stop: &Stop,
) -> Result<SweepAnswer, QueryError> {
    let mut current: Option<Bucket> = None;
    while let Some(spans) = windows.next_window()? {
        for span in spans {
            let mut bucket = current.unwrap_or_else(|| bucket_at(query, span.start));
            while bucket.end <= span.start {
                bucket = leave(bucket, &mut gauge, &mut readings, query, stop)?
                    .unwrap_or_else(|| bucket_at(query, span.start));
            }
            gauge.open(*span, bucket.end);
            current = Some(bucket);
        }
    }
    while let Some(bucket) = current {
        current = leave(bucket, &mut gauge, &mut readings, query, stop)?;
    }
    Ok(readings.finish(windows.scanned()))
}

/// Closes a bucket; answers the next one if something reaches into it.
fn leave<'a>(
    bucket: Bucket,
    gauge: &mut impl Gauge<'a>,
    readings: &mut Readings<'_>,
    query: &SweepQuery,
    stop: &Stop,
) -> Result<Option<Bucket>, QueryError> {
    stop.check()?;
    gauge.close_bucket(bucket, readings.of_bucket());
    readings.take(bucket.start)?;
    Ok((!gauge.is_idle()).then(|| bucket_at(query, bucket.end)))
}

fn bucket_at(query: &SweepQuery, at: Micros) -> Bucket {
    match &query.buckets {
        Some((unit, zone)) => calendar_bucket(*unit, zone, at),
        None => Bucket { start: query.range.from, end: Micros::MAX },
    }
}

fn calendar_bucket(unit: Unit, zone: &Zone, at: Micros) -> Bucket {
    let start = zone.bucket_start(unit, at);
    Bucket { start, end: zone.next_bucket(unit, start) }
}
