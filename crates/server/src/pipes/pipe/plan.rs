//! What a pipe asks the store, with gaps for what requests pass to it. Made by `check.rs`, asked by `run.rs`.

use tallyhouse_model::{Aggregate, ColumnIndex, Measure, TableId, Unit, Zone};

use super::conditions::Condition;

/// A checked question.
pub struct Plan {
    /// Of which table.
    pub table: TableId,
    /// All of these have to hold.
    pub conditions: Vec<Condition>,
    /// What is asked.
    pub question: Question,
    /// Where each column of the answer comes from, in their order. One of them at least has no flag.
    pub columns: Vec<PlannedColumn>,
}

/// What is asked about the rows that meet the conditions.
pub enum Question {
    /// The rows themselves, by time, then by the ids that name them.
    Rows {
        /// From the last to the first.
        is_descending: bool,
    },
    /// One number for all of them, or one per calendar unit.
    Series {
        /// What is counted.
        measure: Measure,
        /// Of which units.
        unit: Option<(Unit, ZoneGap)>,
        /// The order of the answer.
        order: Order,
    },
    /// A row of aggregates per combination of values.
    Groups {
        /// Of which columns; their values come before those of the aggregates.
        by: Vec<ColumnIndex>,
        /// What is told of each.
        aggregates: Vec<Aggregate>,
        /// The order of the answer.
        order: Order,
    },
}

/// The order of points. Ties are in the order of the values that rows are grouped by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Order {
    /// By which aggregate, or by the number of a series (which is its only one); without it, by what rows are grouped by.
    pub by: Option<usize>,
    /// From the last to the first.
    pub is_descending: bool,
}

/// A column of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedColumn {
    /// Where it comes from.
    pub source: Source,
    /// The parameter that has to be set for it to be there.
    pub flag: Option<usize>,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The account's name.
    Account,
    /// This column of the rows.
    Column(ColumnIndex),
    /// The point at this place: first those that rows are grouped by, behind them the aggregates.
    Point(usize),
    /// Whole seconds between the times at these places.
    Seconds {
        /// The least.
        from: usize,
        /// The greatest.
        to: usize,
    },
}

/// A zone that is written in the file, or the parameter that names it; UTC where that is not passed.
#[derive(Debug, Clone, PartialEq)]
pub enum ZoneGap {
    /// Always this.
    Filled(Zone),
    /// What this parameter names.
    Passed(usize),
}
