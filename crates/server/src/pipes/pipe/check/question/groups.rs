//! A question for groups: what rows are grouped by, and what is told about each group.

use tallyhouse_model::{Aggregate, ColumnIndex, Table};

use super::{Asked, OrderBy, OrderForm, Plain, report_flags};
use crate::pipes::answer::AnswerKind;
use crate::pipes::pipe::check::columns::{ColumnForm, Content};
use crate::pipes::pipe::column::{answer_kind, has_numbers, misfit};
use crate::pipes::pipe::plan::{Question, Source};
use crate::pipes::pipe::problem::Problems;

/// Columns that rows can be grouped by at most.
const GROUPED_BY_MAX: usize = 2;

/// What the columns need, each of it once.
struct Groups<'a> {
    table: &'a Table,
    by: Vec<ColumnIndex>,
    aggregates: Vec<Aggregate>,
}

/// Finds out what is grouped and told.
pub fn of(
    forms: &[ColumnForm],
    plain: &[Plain<'_>],
    order: &OrderForm,
    table: &Table,
    problems: &mut Problems<'_>,
) -> Asked {
    report_misfits(plain, table, problems);
    report_flags(plain.iter().map(|(form, _)| *form), problems);
    let groups = Groups { table, by: grouped_by(plain, problems), aggregates: aggregates_of(forms) };
    let order = order.of_points(forms, |form| groups.order_by(form), problems);
    let question = Question::Groups { by: groups.by.clone(), aggregates: groups.aggregates.clone(), order };
    Asked::new(question, forms, |form| groups.source(form))
}

fn report_misfits(plain: &[Plain<'_>], table: &Table, problems: &mut Problems<'_>) {
    for (form, column) in plain {
        if !has_numbers(table, *column) {
            let asked = "grouping by a column, as happens beside a `measure`,";
            problems.add(form.at, misfit(asked, "a word, a text or a number", table, *column));
        }
    }
}

/// Every plain column once.
fn grouped_by(plain: &[Plain<'_>], problems: &mut Problems<'_>) -> Vec<ColumnIndex> {
    let mut by = Vec::new();
    for (form, column) in plain {
        if by.contains(column) {
            continue;
        }
        by.push(*column);
        if by.len() > GROUPED_BY_MAX {
            problems.add(form.at, format!("rows can be grouped by {GROUPED_BY_MAX} columns at most"));
        }
    }
    by
}

/// Every aggregate once, in the order of the columns.
fn aggregates_of(forms: &[ColumnForm]) -> Vec<Aggregate> {
    let mut all = Vec::new();
    for form in forms {
        let needed = match &form.content {
            Content::Aggregate(aggregate) => vec![aggregate.clone()],
            Content::Seconds(column) => span(*column).to_vec(),
            _ => Vec::new(),
        };
        for aggregate in needed {
            if !all.contains(&aggregate) {
                all.push(aggregate);
            }
        }
    }
    all
}

fn span(column: ColumnIndex) -> [Aggregate; 2] {
    [Aggregate::Least(column), Aggregate::Greatest(column)]
}

impl Groups<'_> {
    fn place_of(&self, wanted: &Aggregate) -> usize {
        let place = self.aggregates.iter().position(|aggregate| aggregate == wanted);
        place.expect("the aggregates of all columns were collected")
    }

    /// What is told first is a text as a rule, and the store sorts groups by numbers and times.
    fn order_by(&self, form: &ColumnForm) -> Option<OrderBy> {
        match &form.content {
            Content::Aggregate(Aggregate::First(_)) => None,
            Content::Aggregate(aggregate) => Some(OrderBy::Aggregate(self.place_of(aggregate))),
            _ => None,
        }
    }

    fn source(&self, form: &ColumnForm) -> (Source, AnswerKind) {
        match &form.content {
            Content::Column(column) => {
                let place = self.by.iter().position(|by| by == column);
                let place = place.expect("rows are grouped by all plain columns");
                (Source::Point(place), present(answer_kind(self.table, *column)))
            }
            Content::Aggregate(aggregate) => {
                (Source::Point(self.by.len() + self.place_of(aggregate)), self.kind_of(aggregate))
            }
            Content::Seconds(column) => {
                let [from, to] = span(*column).map(|aggregate| self.by.len() + self.place_of(&aggregate));
                (Source::Seconds { from, to }, self.kind_of_seconds(*column))
            }
            Content::Account | Content::Unit(..) => (Source::Account, AnswerKind::Text),
        }
    }

    fn kind_of(&self, aggregate: &Aggregate) -> AnswerKind {
        match aggregate {
            Aggregate::Rows | Aggregate::RowsWith(..) | Aggregate::Distinct(_) => AnswerKind::Integer,
            Aggregate::Least(column) | Aggregate::Greatest(column) | Aggregate::First(column) => {
                answer_kind(self.table, *column)
            }
        }
    }

    fn kind_of_seconds(&self, column: ColumnIndex) -> AnswerKind {
        match answer_kind(self.table, column) {
            AnswerKind::Time | AnswerKind::Second => AnswerKind::Integer,
            _ => AnswerKind::NullableInteger,
        }
    }
}

/// Groups are of values that are there.
fn present(kind: AnswerKind) -> AnswerKind {
    match kind {
        AnswerKind::NullableText => AnswerKind::Text,
        AnswerKind::NullableInteger => AnswerKind::Integer,
        kind => kind,
    }
}
