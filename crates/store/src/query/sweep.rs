//! Sweeps: rows as spans of time, followed in the order of their start.
//!
//! `windows.rs` reads the spans a bounded stretch of time at a time, a gauge (`peak.rs`, `seconds.rs`) keeps what is
//! open, `readings.rs` keeps the page of what it shows at the end of each bucket. So memory depends on what is open
//! at the same time, on how many groups there are, and on the page, not on how long the range is or how fine the
//! buckets are; and time depends on what happens, not on how many buckets pass meanwhile.

mod buckets;
mod peak;
mod readings;
mod seconds;
mod windows;

use tallyhouse_model::{Micros, SweepMeasure, SweepQuery};

use self::buckets::{Bucket, Buckets};
use self::peak::PeakGauge;
use self::readings::{Reading, Readings};
use self::seconds::SecondsGauge;
use self::windows::SpanWindows;
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

    /// When the first of what is open ends, or earlier; none where nothing is open.
    fn next_end(&self) -> Option<Micros>;

    /// Groups that have something open, which is what a bucket shows in which nothing starts or ends.
    fn open_groups(&self) -> u64;
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
    let windows = SpanWindows::new(views, query, &conditions, stop);
    let readings = Readings::new(query, dictionaries, stop);
    match query.measure {
        SweepMeasure::Peak { .. } => run(windows, PeakGauge::new(), readings, query, stop),
        SweepMeasure::Seconds => run(windows, SecondsGauge::default(), readings, query, stop),
    }
}

fn run<'a>(
    mut windows: SpanWindows<'a>,
    gauge: impl Gauge<'a>,
    readings: Readings<'_>,
    query: &SweepQuery,
    stop: &Stop,
) -> Result<SweepAnswer, QueryError> {
    let mut walk = Walk { gauge, readings, buckets: Buckets::of(query), stop };
    let mut current: Option<Bucket> = None;
    while let Some(spans) = windows.next_window()? {
        for span in spans {
            let mut bucket = current.unwrap_or_else(|| walk.buckets.at(span.start));
            while bucket.end <= span.start {
                let next = walk.leave(bucket, span.start)?;
                bucket = next.unwrap_or_else(|| walk.buckets.at(span.start));
            }
            walk.gauge.open(*span, bucket.end);
            current = Some(bucket);
        }
    }
    while let Some(bucket) = current {
        current = walk.leave(bucket, Micros::MAX)?;
    }
    Ok(walk.readings.finish(windows.scanned()))
}

/// Goes from bucket to bucket.
struct Walk<'q, G> {
    gauge: G,
    readings: Readings<'q>,
    buckets: Buckets<'q>,
    stop: &'q Stop,
}

impl<'a, G: Gauge<'a>> Walk<'_, G> {
    /// Closes a bucket; answers the next one in which something happens, if something reaches into it. The next span
    /// starts at `next_start`.
    fn leave(&mut self, bucket: Bucket, next_start: Micros) -> Result<Option<Bucket>, QueryError> {
        self.stop.check()?;
        self.gauge.close_bucket(bucket, self.readings.of_bucket());
        self.readings.take(bucket.start)?;
        let Some(next_end) = self.gauge.next_end() else { return Ok(None) };
        self.pass_quiet(self.buckets.at(bucket.end), next_end.min(next_start)).map(Some)
    }

    /// Passes over buckets in which nothing starts or ends, which all show the same groups. Only those on the page
    /// have to be looked at, and the last one, at whose end something may end. Answers the first that was not passed.
    fn pass_quiet(&mut self, mut bucket: Bucket, quiet_until: Micros) -> Result<Bucket, QueryError> {
        let groups = self.gauge.open_groups();
        while bucket.end < quiet_until {
            self.stop.check()?;
            let (count, next) = self.buckets.alike(bucket, quiet_until - 1);
            if !self.readings.pass(groups * count) {
                break;
            }
            bucket = self.buckets.at(next);
        }
        Ok(bucket)
    }
}
