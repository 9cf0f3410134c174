//! What the columns of a pipe file ask together: rows, a series, or groups; and in which order.

use tallyhouse_model::{Aggregate, ColumnIndex, Measure, Table, Unit};

use super::columns::{ColumnForm, Content};
use crate::pipes::answer::{AnswerColumn, AnswerKind};
use crate::pipes::pipe::column::{answer_kind, has_numbers, misfit};
use crate::pipes::pipe::plan::{Order, PlannedColumn, Question, Source, ZoneGap};
use crate::pipes::pipe::problem::Problems;
use crate::pipes::pipe::section::{At, Section};

/// Columns that rows can be grouped by at most.
const GROUPED_BY_MAX: usize = 2;

/// `order` and `descending`.
pub struct OrderForm {
    column: Option<At<String>>,
    is_descending: bool,
}

impl OrderForm {
    /// Reads both.
    pub fn read(file: &mut Section<'_>, problems: &mut Problems<'_>) -> Self {
        let column = file.text("order", problems);
        let column = column.map(|name| At { at: name.at, value: name.value.to_owned() });
        let descending = file.flag("descending", problems);
        Self { column, is_descending: descending.is_some_and(|flag| flag.value) }
    }
}

/// What is asked.
pub struct Asked {
    /// The question.
    pub question: Question,
    /// Where each column comes from.
    pub sources: Vec<PlannedColumn>,
    /// And what it is called.
    pub columns: Vec<AnswerColumn>,
}

/// Finds out what the columns ask. `None` when there are problems.
pub fn of(
    forms: &[ColumnForm],
    order: &OrderForm,
    table: &Table,
    problems: &mut Problems<'_>,
) -> Option<Asked> {
    let units: Vec<_> = forms.iter().filter(|form| matches!(form.content, Content::Unit(..))).collect();
    let measures = forms.iter().filter(|form| is_measure(&form.content)).count();
    let plain: Vec<_> = forms.iter().filter_map(|form| Some((form, stored(&form.content)?))).collect();
    if units.is_empty() && measures == 0 {
        if let Some(name) = &order.column {
            problems.add(
                name.at,
                "rows are in the order of their time, then of their ids; `descending` turns it round",
            );
        }
        return Some(rows(forms, order, table));
    }
    if !units.is_empty() || plain.is_empty() {
        let unit = unit_of(&units, &plain, problems);
        series(forms, unit, order, problems)
    } else {
        groups(forms, &plain, order, table, problems)
    }
}

fn is_measure(content: &Content) -> bool {
    matches!(content, Content::Aggregate(_) | Content::Seconds(_))
}

fn stored(content: &Content) -> Option<ColumnIndex> {
    match content {
        Content::Column(column) => Some(*column),
        _ => None,
    }
}

fn rows(forms: &[ColumnForm], order: &OrderForm, table: &Table) -> Asked {
    let source = |content: &Content| match content {
        Content::Column(column) => (Source::Column(*column), answer_kind(table, *column)),
        _ => (Source::Account, AnswerKind::Text),
    };
    let question = Question::Rows { is_descending: order.is_descending };
    asked(question, forms, |form| source(&form.content))
}

/// The one unit; plain columns beside it would be another breakdown.
fn unit_of(
    units: &[&ColumnForm],
    plain: &[(&ColumnForm, ColumnIndex)],
    problems: &mut Problems<'_>,
) -> Option<(Unit, ZoneGap)> {
    for second in units.iter().skip(1) {
        problems.add(second.at, "there can be one `unit` only");
    }
    for (form, _) in plain {
        let problem = "a column of the table and a `unit` cannot be in one pipe: rows are grouped by either";
        problems.add(form.at, problem);
    }
    let Content::Unit(unit, zone) = &units.first()?.content else { return None };
    Some((*unit, zone.clone()))
}

/// The number is the last of two points, or the only one.
fn series(
    forms: &[ColumnForm],
    unit: Option<(Unit, ZoneGap)>,
    order: &OrderForm,
    problems: &mut Problems<'_>,
) -> Option<Asked> {
    let mut measures = forms.iter().filter(|form| is_measure(&form.content));
    let Some(first) = measures.next() else {
        problems.add(forms.first()?.at, "a pipe with a `unit` needs a column with `measure`");
        return None;
    };
    for second in measures {
        problems.add(second.at, "without a column to group by there can be one `measure` only");
    }
    let measure = match &first.content {
        Content::Aggregate(Aggregate::Rows) => Measure::Rows,
        Content::Aggregate(Aggregate::Distinct(column)) => Measure::Distinct(*column),
        _ => {
            problems.add(first.at, "without a column to group by, `measure` is rows or distinct");
            return None;
        }
    };
    report_flags(forms.iter().filter(|form| matches!(form.content, Content::Unit(..))), problems);
    let of_name = |name: &str| {
        let form = forms.iter().find(|form| form.name == name)?;
        match form.content {
            Content::Unit(..) => Some(None),
            Content::Aggregate(_) => Some(Some(0)),
            _ => None,
        }
    };
    let order = order_of(order, of_name, problems);
    let value = usize::from(unit.is_some());
    let source = |form: &ColumnForm| match form.content {
        Content::Unit(..) => (Source::Point(0), AnswerKind::Time),
        Content::Account => (Source::Account, AnswerKind::Text),
        _ => (Source::Point(value), AnswerKind::Integer),
    };
    Some(asked(Question::Series { measure, unit, order }, forms, source))
}

fn groups(
    forms: &[ColumnForm],
    plain: &[(&ColumnForm, ColumnIndex)],
    order: &OrderForm,
    table: &Table,
    problems: &mut Problems<'_>,
) -> Option<Asked> {
    for (form, column) in plain {
        if !has_numbers(table, *column) {
            let asked = "grouping by a column, as happens beside a `measure`,";
            problems.add(form.at, misfit(asked, "a word, a text or a number", table, *column));
        }
    }
    report_flags(plain.iter().map(|(form, _)| *form), problems);
    let by = grouped_by(plain, problems);
    let aggregates = aggregates_of(forms);
    let place = |wanted: &Aggregate| {
        aggregates.iter().position(|aggregate| aggregate == wanted).expect("all aggregates were collected")
    };
    let of_name = |name: &str| {
        let form = forms.iter().find(|form| form.name == name)?;
        match &form.content {
            Content::Aggregate(Aggregate::First(_)) => None,
            Content::Aggregate(aggregate) => Some(Some(place(aggregate))),
            _ => None,
        }
    };
    let order = order_of(order, of_name, problems);
    let source = |form: &ColumnForm| match &form.content {
        Content::Column(column) => {
            let place = by.iter().position(|by| by == column).expect("all plain columns are grouped by");
            (Source::Point(place), present(answer_kind(table, *column)))
        }
        Content::Aggregate(aggregate) => {
            (Source::Point(by.len() + place(aggregate)), aggregate_kind(table, aggregate))
        }
        Content::Seconds(column) => {
            let [from, to] = span(*column).map(|aggregate| by.len() + place(&aggregate));
            (Source::Seconds { from, to }, seconds_kind(table, *column))
        }
        Content::Account | Content::Unit(..) => (Source::Account, AnswerKind::Text),
    };
    let asked = |by, aggregates| asked(Question::Groups { by, aggregates, order }, forms, source);
    Some(asked(by.clone(), aggregates.clone()))
}

/// Every plain column once.
fn grouped_by(plain: &[(&ColumnForm, ColumnIndex)], problems: &mut Problems<'_>) -> Vec<ColumnIndex> {
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

/// `of_name` tells what ordering by a column of the answer means, if that can be.
fn order_of(
    form: &OrderForm,
    of_name: impl Fn(&str) -> Option<Option<usize>>,
    problems: &mut Problems<'_>,
) -> Order {
    let is_descending = form.is_descending;
    let Some(name) = &form.column else { return Order { by: None, is_descending } };
    let by = of_name(&name.value);
    if by.is_none() {
        let problem = "is no column with a count or a time as its measure, so that nothing is ordered by it";
        problems.add(name.at, format!("`{}` {problem}", name.value));
    }
    Order { by: by.flatten(), is_descending }
}

/// What rows are grouped by cannot come and go.
fn report_flags<'a>(forms: impl Iterator<Item = &'a ColumnForm>, problems: &mut Problems<'_>) {
    for flag in forms.filter_map(|form| form.flag.as_ref()) {
        problems.add(flag.at, "what rows are grouped by cannot depend on a flag");
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

fn aggregate_kind(table: &Table, aggregate: &Aggregate) -> AnswerKind {
    match aggregate {
        Aggregate::Rows | Aggregate::RowsWith(..) | Aggregate::Distinct(_) => AnswerKind::Integer,
        Aggregate::Least(column) | Aggregate::Greatest(column) | Aggregate::First(column) => {
            answer_kind(table, *column)
        }
    }
}

fn seconds_kind(table: &Table, column: ColumnIndex) -> AnswerKind {
    match answer_kind(table, column) {
        AnswerKind::Time | AnswerKind::Second => AnswerKind::Integer,
        _ => AnswerKind::NullableInteger,
    }
}

fn asked(
    question: Question,
    forms: &[ColumnForm],
    source_of: impl Fn(&ColumnForm) -> (Source, AnswerKind),
) -> Asked {
    let planned = |form: &ColumnForm| {
        let (source, kind) = source_of(form);
        let flag = form.flag.as_ref().map(|flag| flag.value);
        (PlannedColumn { source, flag }, AnswerColumn { name: form.name.clone(), kind })
    };
    let (sources, columns) = forms.iter().map(planned).unzip();
    Asked { question, sources, columns }
}
