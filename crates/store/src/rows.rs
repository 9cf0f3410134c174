//! What queries answer.

use tallyhouse_model::{Batch, Point, SweepRow};

/// What a query touched, for `Server-Timing`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Rows that were looked at.
    pub rows: u64,
    /// What those take in their parts, by the mean of the part.
    pub bytes: u64,
    /// Parts that had any of them.
    pub parts: u64,
}

/// Numbers per point, in no particular order; points without rows are left out, except [`Point::Absent`] when the
/// series is broken down by nothing.
#[derive(Debug, Clone, Default)]
pub struct SeriesAnswer {
    /// What was counted.
    pub values: Vec<(Point, u64)>,
    /// What it took.
    pub scanned: Scanned,
}

/// A page of rows, sorted by (time, key).
#[derive(Debug, Clone)]
pub struct RowsAnswer {
    /// All rows that match, on any page.
    pub total: u64,
    /// The rows of this page, with strings.
    pub page: Batch,
    /// What it took.
    pub scanned: Scanned,
}

/// Numbers per bucket and group, sorted by bucket, then by group: words in the order of their choice, numbers
/// ascending. Empty buckets are left out.
#[derive(Debug, Clone, Default)]
pub struct SweepAnswer {
    /// All rows of the answer, on any page.
    pub total: u64,
    /// The rows of this page.
    pub rows: Vec<SweepRow>,
    /// What it took.
    pub scanned: Scanned,
}

/// One group of an aggregate query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateRow {
    /// The values that make the group, in the order of the query.
    pub by: Vec<Point>,
    /// Its aggregates, in the order of the query: numbers, times, or values of a column.
    pub values: Vec<Point>,
}
