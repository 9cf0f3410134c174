//! What queries answer.

use tallyhouse_model::{Batch, Point};

/// What a query touched, for `Server-Timing`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Rows that were looked at.
    pub rows: u64,
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
