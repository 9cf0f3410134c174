//! Conditions of a pipe, and how the arguments of a request make the range and the filters of a query from them.

use tallyhouse_model::{ColumnIndex, Filter, Micros, Range, Table, TableId};

use super::column::{filter_in, is_in_seconds};
use super::moment::Moment;
use super::passed::{Argument, Arguments};
use crate::pipes::error::PipesError;

/// A value that is written in the file, or the parameter that it is passed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// Always this.
    Filled(Argument),
    /// What this parameter says. A condition is left out when it is not passed.
    Passed(usize),
}

/// A condition on a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A time column lies between two moments, both inclusive.
    Between {
        /// Which.
        column: ColumnIndex,
        /// The first moment.
        from: Option<Gap>,
        /// The last one.
        to: Option<Gap>,
    },
    /// A choice or dictionary column has one of these values.
    In(ColumnIndex, Gap),
    /// A dictionary of texts holds one that contains this, in any case.
    Contains(ColumnIndex, Gap),
    /// A flag has this value.
    Is(ColumnIndex, Gap),
}

/// What the rows of one request have to meet.
pub struct Wanted {
    /// Of the table's own time.
    pub range: Range,
    /// And of its columns.
    pub filters: Vec<Filter>,
}

impl Wanted {
    /// Fills all gaps. Of rows whose time is when they arrived, none is wanted that arrived at `settled` or later.
    pub fn new(
        table: TableId,
        conditions: &[Condition],
        arguments: &Arguments<'_>,
        settled: Micros,
    ) -> Result<Self, PipesError> {
        let to = if table == TableId::DemoChanges { settled } else { Range::ALL.to };
        let mut wanted = Self { range: Range { to, ..Range::ALL }, filters: Vec::new() };
        for condition in conditions {
            match condition {
                Condition::Between { column, from, to } => {
                    let seconds = is_in_seconds(table.table(), *column);
                    wanted.between(*column, between(from.as_ref(), to.as_ref(), seconds, arguments));
                }
                condition => wanted.filters.extend(filter(table, condition, arguments)?),
            }
        }
        Ok(wanted)
    }

    fn between(&mut self, column: ColumnIndex, range: Range) {
        if column == Table::TIME {
            self.range = Range { from: self.range.from.max(range.from), to: self.range.to.min(range.to) };
        } else if range != Range::ALL {
            self.filters.push(Filter::TimeIn(column, range));
        }
    }
}

/// Both ends are inclusive, and a moment between two microseconds is as exact as it was written; in whole seconds, the
/// seconds of both are inside.
fn between(from: Option<&Gap>, to: Option<&Gap>, in_seconds: bool, arguments: &Arguments<'_>) -> Range {
    let moment = |gap: Option<&Gap>| match value(gap?, arguments)? {
        Argument::Moment(moment) => Some(*moment),
        other => unreachable!("{other:?} was checked to be a moment"),
    };
    let start = |at: Moment| if in_seconds { at.as_start_of_second() } else { at.as_start() };
    let end = |at: Moment| if in_seconds { at.as_end_of_second() } else { at.as_end() };
    Range { from: moment(from).map_or(Range::ALL.from, start), to: moment(to).map_or(Range::ALL.to, end) }
}

fn filter(
    table: TableId,
    condition: &Condition,
    arguments: &Arguments<'_>,
) -> Result<Option<Filter>, PipesError> {
    let (Condition::In(column, gap) | Condition::Contains(column, gap) | Condition::Is(column, gap)) =
        condition
    else {
        unreachable!("ranges of time are no filters of values")
    };
    let Some(value) = value(gap, arguments) else { return Ok(None) };
    let filter = match (condition, value) {
        (Condition::In(..), value) => {
            filter_in(table.table(), *column, value).map_err(|problem| match gap {
                Gap::Passed(parameter) => arguments.refused(*parameter, problem),
                Gap::Filled(_) => unreachable!("what is written in the file was checked: {problem}"),
            })?
        }
        (Condition::Contains(..), Argument::Text(part)) => Filter::TextContains(*column, part.clone()),
        (Condition::Is(..), Argument::Flag(flag)) => Filter::FlagIs(*column, *flag),
        (condition, value) => unreachable!("{value:?} was checked to fit {condition:?}"),
    };
    Ok(Some(filter))
}

fn value<'a>(gap: &'a Gap, arguments: &'a Arguments<'_>) -> Option<&'a Argument> {
    match gap {
        Gap::Filled(value) => Some(value),
        Gap::Passed(parameter) => arguments.get(*parameter),
    }
}
