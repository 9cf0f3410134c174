//! The buckets of a sweep: calendar buckets, or one that is the whole range.

use tallyhouse_model::{DAY, HOUR, Micros, Range, SECOND, SweepQuery, Unit, Zone};

/// A stretch of time that gives one row per group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Its first instant.
    pub start: Micros,
    /// The first behind it.
    pub end: Micros,
}

/// All buckets of a query.
pub struct Buckets<'q> {
    calendar: &'q Option<(Unit, Zone)>,
    range: Range,
}

impl<'q> Buckets<'q> {
    /// As the query wants them.
    pub fn of(query: &'q SweepQuery) -> Self {
        Self { calendar: &query.buckets, range: query.range }
    }

    /// The bucket that holds an instant.
    pub fn at(&self, at: Micros) -> Bucket {
        match self.calendar {
            Some((unit, zone)) => {
                let start = zone.bucket_start(*unit, at);
                Bucket { start, end: zone.next_bucket(*unit, start) }
            }
            None => Bucket { start: self.range.from, end: Micros::MAX },
        }
    }

    /// How many buckets from this one on, which ends by `until`, end by then and are of one length; and where the one
    /// behind them starts. Not necessarily all of them.
    pub fn alike(&self, bucket: Bucket, until: Micros) -> (u64, Micros) {
        let one = (1, bucket.end);
        let Some((unit, zone)) = self.calendar else { return one };
        let length = match unit {
            Unit::Minute => 60 * SECOND,
            Unit::Hour => HOUR,
            Unit::Day | Unit::Week | Unit::Month => return one,
        };
        // No zone changes its clocks twice within a day, so where they show the same at both ends nothing happened.
        let count = (until.min(bucket.start.saturating_add(DAY)) - bucket.start) / length;
        let end = bucket.start + count * length;
        if count < 1 || zone.offset_seconds_at(bucket.start) != zone.offset_seconds_at(end) {
            return one;
        }
        (count as u64, end)
    }
}
