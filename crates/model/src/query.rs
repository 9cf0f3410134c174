//! The typed query: what every API family asks, and the only thing an engine has to understand.

use crate::{AccountId, ColumnIndex, Micros, TableId, Unit, Zone};

/// A half-open stretch of time, `[from, to)`. With `to <= from` it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first instant inside.
    pub from: Micros,
    /// The first instant after it.
    pub to: Micros,
}

impl Range {
    /// All of time.
    pub const ALL: Range = Range { from: Micros::MIN, to: Micros::MAX };
}

/// How a row belongs to a range. All but the first need a table whose rows have an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// It starts inside.
    StartsIn,
    /// It starts inside, or started before and ends after the start of the range.
    Present,
    /// It starts inside, or started before, is finished, and ended after the start of the range and not after its
    /// end. A row that spans the whole range does not belong. (The rule of `/views`.)
    TouchesEdge,
    /// It is finished, started at or after the start of the range and ended at or before its end.
    Within,
}

/// A condition on one column; all of a query's filters have to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// A choice column is one of these words (not their codes).
    ChoiceIn(ColumnIndex, Vec<&'static str>),
    /// A dictionary of integers holds one of these.
    IntegerIn(ColumnIndex, Vec<u64>),
    /// A dictionary of texts holds one of these.
    TextIn(ColumnIndex, Vec<String>),
    /// A flag has this value.
    FlagIs(ColumnIndex, bool),
}

/// What a series counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Rows.
    Rows,
}

/// What a series is broken down by.
#[derive(Debug, Clone)]
pub enum By {
    /// One number for everything.
    Nothing,
    /// Calendar buckets of the row's time; needs [`Belongs::StartsIn`].
    Time(Unit, Zone),
    /// The values of a choice or dictionary column.
    Column(ColumnIndex),
}

/// Counts rows, per bucket or value.
#[derive(Debug, Clone)]
pub struct SeriesQuery {
    /// Whose rows.
    pub account: AccountId,
    /// Which rows.
    pub table: TableId,
    /// When.
    pub range: Range,
    /// How they belong to it.
    pub belongs: Belongs,
    /// And what else has to hold.
    pub filters: Vec<Filter>,
    /// What is counted.
    pub measure: Measure,
    /// Per what.
    pub by: By,
}

/// What a number of a series stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Point {
    /// Everything, or the rows whose value is absent.
    Absent,
    /// The start of a calendar bucket.
    Time(Micros),
    /// A number.
    Integer(u64),
    /// A text, or the word of a choice.
    Text(String),
}

/// Asks for the rows themselves, sorted by (time, key).
#[derive(Debug, Clone)]
pub struct RowsQuery {
    /// Whose rows.
    pub account: AccountId,
    /// Which rows.
    pub table: TableId,
    /// When.
    pub range: Range,
    /// How they belong to it.
    pub belongs: Belongs,
    /// And what else has to hold.
    pub filters: Vec<Filter>,
    /// Rows to pass over.
    pub offset: u64,
    /// Rows to answer at most.
    pub limit: usize,
}
