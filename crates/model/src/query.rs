//! The typed query: what every API family asks, and the only thing an engine has to understand.

use crate::{AccountId, ColumnIndex, Micros, TableId, Unit, Zone};

/// A half-open stretch of time, `[from, to)`. With `to <= from` it is empty, but a row of no length lies
/// [`Within`](Belongs::Within) a range of no length at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    /// A choice column is one of these words (not their codes).
    ChoiceIn(ColumnIndex, Vec<&'static str>),
    /// A dictionary of integers holds one of these.
    IntegerIn(ColumnIndex, Vec<u64>),
    /// A dictionary of texts holds one of these.
    TextIn(ColumnIndex, Vec<String>),
    /// A dictionary of texts holds one that contains this, without regard to case. An empty one is in every text.
    TextContains(ColumnIndex, String),
    /// A flag has this value.
    FlagIs(ColumnIndex, bool),
    /// A time column, other than the table's own or the same, lies in this range; an absent time does not.
    TimeIn(ColumnIndex, Range),
}

/// What a series counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Rows.
    Rows,
    /// Different values of a dictionary column; absent is none.
    Distinct(ColumnIndex),
    /// Different pairs of values of two dictionary columns; a row in which either is absent has none. Only
    /// [`By::Nothing`].
    DistinctPairs(ColumnIndex, ColumnIndex),
}

/// What a series is broken down by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum By {
    /// One number for everything.
    Nothing,
    /// Calendar buckets. [`Belongs`] holds for each bucket as for a range of its own, so that a row that is present
    /// in several counts in each. Rows ([`Measure::Rows`]) need [`Belongs::StartsIn`].
    Time(Unit, Zone),
    /// The hours of the day that this zone's clocks show, 0 to 23; an hour that is shown twice counts as one. Rows that
    /// start in the range only.
    HourOfDay(Zone),
    /// The days of the week of this zone's calendar, Sunday is 0. Rows that start in the range only.
    DayOfWeek(Zone),
    /// The values of a choice or dictionary column, under these names.
    Column(ColumnIndex, Names),
}

/// What the values of a column are called in an answer. Values of the same name are one point; that holds for
/// distinct counts too, where adding up the numbers of two points would count twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Names {
    /// For rows without a value; where there is none, they stay [`Point::Absent`].
    pub absent: Option<String>,
    /// From a text or the word of a choice to another name.
    pub renamed: Vec<(String, String)>,
}

/// Counts, per bucket or value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

/// Follows the rows of a table through time, each from its start to its end, group by group and bucket by bucket.
/// Only what lies in the range counts. A row of no length adds nothing, except to a peak [`Together::WithinMinute`].
#[derive(Debug, Clone)]
pub struct SweepQuery {
    /// Whose rows.
    pub account: AccountId,
    /// Which rows; they need an end.
    pub table: TableId,
    /// When.
    pub range: Range,
    /// And what else has to hold.
    pub filters: Vec<Filter>,
    /// What is measured.
    pub measure: SweepMeasure,
    /// Two choice or dictionary columns, never absent: rows with the same values are a group.
    pub groups: [ColumnIndex; 2],
    /// Calendar buckets, or `None` for one bucket that is the whole range.
    pub buckets: Option<(Unit, Zone)>,
    /// Rows of the answer to pass over.
    pub offset: u64,
    /// Rows to answer at most.
    pub limit: usize,
}

/// What a sweep measures.
#[derive(Debug, Clone, PartialEq)]
pub enum SweepMeasure {
    /// The most different values of a text column at the same time.
    Peak {
        /// The column.
        of: ColumnIndex,
        /// What the same time is.
        together: Together,
    },
    /// The time between start and end of every row, added up in microseconds and rounded down to seconds once per
    /// group and bucket.
    Seconds,
}

/// What counts as the same time.
#[derive(Debug, Clone, PartialEq)]
pub enum Together {
    /// The same instant: each row is there from its start to just before its end.
    AtOnce,
    /// The same minute of this zone's clocks.
    WithinMinute(Zone),
}

/// A number of a sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepRow {
    /// The values of the two columns.
    pub group: [Point; 2],
    /// The start of the bucket, which may lie before the range. Without buckets: of a peak the first instant at which
    /// it was reached, of seconds the start of the range.
    pub at: Micros,
    /// How many, or seconds.
    pub value: u64,
}

/// Asks for the rows of a table grouped by the texts of a dictionary column, the groups in the order of their bytes.
/// Rows without a text are in no group.
#[derive(Debug, Clone)]
pub struct GroupsQuery {
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
    /// The column.
    pub column: ColumnIndex,
    /// Groups to pass over.
    pub offset: u64,
    /// Groups to answer at most.
    pub limit: usize,
}

/// Asks for one row of aggregates per different combination of values.
#[derive(Debug, Clone)]
pub struct AggregateQuery {
    /// Whose rows.
    pub account: AccountId,
    /// Which rows.
    pub table: TableId,
    /// When; rows belong to it that start in it.
    pub range: Range,
    /// And what else has to hold.
    pub filters: Vec<Filter>,
    /// One or two choice or dictionary columns: rows with the same values are a group, rows without one are in none.
    pub by: Vec<ColumnIndex>,
    /// What is known about each group.
    pub aggregates: Vec<Aggregate>,
    /// How groups are sorted.
    pub order: GroupOrder,
    /// Groups that may be found at most; with one more the query fails.
    pub groups_max: usize,
}

/// The order of groups, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupOrder {
    /// None in particular: the cheapest.
    Any,
    /// By the values that make the group: words in the order of their choice, texts by their bytes.
    Values,
    /// By the aggregate at this position, a time or a number; where that is alike, by values.
    Aggregate(usize),
}

/// What is told about the rows of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aggregate {
    /// How many there are.
    Rows,
    /// How many of them have this text in this dictionary column.
    RowsWith(ColumnIndex, String),
    /// The least value of a time column.
    Least(ColumnIndex),
    /// The greatest value of a time column.
    Greatest(ColumnIndex),
    /// The value of a choice or dictionary column in the first row, by (time, key), that has one.
    First(ColumnIndex),
    /// How many different values a dictionary column has.
    Distinct(ColumnIndex),
}
