//! What the columns of a pipe file ask together: rows, a series, or groups; and in which order.

mod groups;
mod series;

use tallyhouse_model::{ColumnIndex, Table};

use super::columns::{ColumnForm, Content};
use crate::pipes::answer::{AnswerColumn, AnswerKind};
use crate::pipes::pipe::column::answer_kind;
use crate::pipes::pipe::plan::{Order, PlannedColumn, Question, Source};
use crate::pipes::pipe::problem::Problems;
use crate::pipes::pipe::section::{At, Section};

/// What is asked.
pub struct Asked {
    /// The question.
    pub question: Question,
    /// Where each column comes from.
    pub sources: Vec<PlannedColumn>,
    /// And what it is called.
    pub columns: Vec<AnswerColumn>,
}

/// A column that is one of the table, and which.
type Plain<'a> = (&'a ColumnForm, ColumnIndex);

/// Finds out what the columns ask. `None` when there are problems.
pub fn of(
    forms: &[ColumnForm],
    order: &OrderForm,
    table: &Table,
    problems: &mut Problems<'_>,
) -> Option<Asked> {
    let has_unit = forms.iter().any(|form| matches!(form.content, Content::Unit(..)));
    let has_measure = forms.iter().any(|form| is_measure(&form.content));
    let plain: Vec<_> = forms.iter().filter_map(plain).collect();
    match (has_unit, has_measure) {
        (false, false) => Some(rows(forms, order, table, problems)),
        (false, true) if !plain.is_empty() => Some(groups::of(forms, &plain, order, table, problems)),
        _ => series::of(forms, &plain, order, problems),
    }
}

fn is_measure(content: &Content) -> bool {
    matches!(content, Content::Aggregate(_) | Content::Seconds(_))
}

fn plain(form: &ColumnForm) -> Option<Plain<'_>> {
    match form.content {
        Content::Column(column) => Some((form, column)),
        _ => None,
    }
}

fn rows(forms: &[ColumnForm], order: &OrderForm, table: &Table, problems: &mut Problems<'_>) -> Asked {
    if let Some(name) = &order.column {
        let problem = "rows are in the order of their time, then of their ids; `descending` turns it round";
        problems.add(name.at, problem);
    }
    let source = |form: &ColumnForm| match form.content {
        Content::Column(column) => (Source::Column(column), answer_kind(table, column)),
        _ => (Source::Account, AnswerKind::Text),
    };
    Asked::new(Question::Rows { is_descending: order.is_descending }, forms, source)
}

/// What rows are grouped by cannot come and go.
fn report_flags<'a>(forms: impl Iterator<Item = &'a ColumnForm>, problems: &mut Problems<'_>) {
    for flag in forms.filter_map(|form| form.flag.as_ref()) {
        problems.add(flag.at, "what rows are grouped by cannot depend on a flag");
    }
}

impl Asked {
    /// The columns of a question; each of them has a source.
    fn new(
        question: Question,
        forms: &[ColumnForm],
        source_of: impl Fn(&ColumnForm) -> (Source, AnswerKind),
    ) -> Self {
        let planned = |form: &ColumnForm| {
            let (source, kind) = source_of(form);
            let flag = form.flag.as_ref().map(|flag| flag.value);
            (PlannedColumn { source, flag }, AnswerColumn { name: form.name.clone(), kind })
        };
        let (sources, columns) = forms.iter().map(planned).unzip();
        Self { question, sources, columns }
    }
}

/// `order` and `descending`.
pub struct OrderForm {
    column: Option<At<String>>,
    is_descending: bool,
}

/// What ordering by a column of the answer means.
enum OrderBy {
    /// The order there is anyway, of what rows are grouped by.
    Values,
    /// The aggregate at this place.
    Aggregate(usize),
}

impl OrderForm {
    /// Reads both.
    pub fn read(file: &mut Section<'_>, problems: &mut Problems<'_>) -> Self {
        let column = file.text("order", problems);
        let column = column.map(|name| At { at: name.at, value: name.value.to_owned() });
        let descending = file.flag("descending", problems);
        Self { column, is_descending: descending.is_some_and(|flag| flag.value) }
    }

    /// The order of points; `meaning` is none where nothing can be ordered by a column.
    fn of_points(
        &self,
        forms: &[ColumnForm],
        meaning: impl Fn(&ColumnForm) -> Option<OrderBy>,
        problems: &mut Problems<'_>,
    ) -> Order {
        let mut order = Order { by: None, is_descending: self.is_descending };
        let Some(name) = &self.column else { return order };
        match forms.iter().find(|form| form.name == name.value).and_then(meaning) {
            Some(OrderBy::Values) => {}
            Some(OrderBy::Aggregate(place)) => order.by = Some(place),
            None => {
                let problem =
                    "is no column with a count or a time as its measure, so that nothing is ordered by it";
                problems.add(name.at, format!("`{}` {problem}", name.value));
            }
        }
        order
    }
}
