//! A question for one number: per calendar unit, or of everything.

use tallyhouse_model::{Aggregate, Measure, Unit};

use super::{Asked, OrderBy, OrderForm, Plain, is_measure, report_flags};
use crate::pipes::answer::AnswerKind;
use crate::pipes::pipe::check::columns::{ColumnForm, Content};
use crate::pipes::pipe::plan::{Question, Source, ZoneGap};
use crate::pipes::pipe::problem::Problems;

/// The number is the last of two points, or the only one.
pub fn of(
    forms: &[ColumnForm],
    plain: &[Plain<'_>],
    order: &OrderForm,
    problems: &mut Problems<'_>,
) -> Option<Asked> {
    let unit = unit_of(forms, plain, problems);
    let measure = measure_of(forms, problems)?;
    let meaning = |form: &ColumnForm| match form.content {
        Content::Unit(..) => Some(OrderBy::Values),
        Content::Aggregate(_) => Some(OrderBy::Aggregate(0)),
        _ => None,
    };
    let order = order.of_points(forms, meaning, problems);
    let value = usize::from(unit.is_some());
    let source = |form: &ColumnForm| match form.content {
        Content::Unit(..) => (Source::Point(0), AnswerKind::Time),
        Content::Account => (Source::Account, AnswerKind::Text),
        _ => (Source::Point(value), AnswerKind::Integer),
    };
    Some(Asked::new(Question::Series { measure, unit, order }, forms, source))
}

/// The one unit, if there is any; plain columns beside it would be another breakdown.
fn unit_of(
    forms: &[ColumnForm],
    plain: &[Plain<'_>],
    problems: &mut Problems<'_>,
) -> Option<(Unit, ZoneGap)> {
    let units: Vec<_> = forms.iter().filter(|form| matches!(form.content, Content::Unit(..))).collect();
    for second in units.iter().skip(1) {
        problems.add(second.at, "there can be one `unit` only");
    }
    for (form, _) in plain {
        let problem = "a column of the table and a `unit` cannot be in one pipe: rows are grouped by either";
        problems.add(form.at, problem);
    }
    report_flags(units.iter().copied(), problems);
    let Content::Unit(unit, zone) = &units.first()?.content else { return None };
    Some((*unit, zone.clone()))
}

/// The one number.
fn measure_of(forms: &[ColumnForm], problems: &mut Problems<'_>) -> Option<Measure> {
    let mut measures = forms.iter().filter(|form| is_measure(&form.content));
    let Some(first) = measures.next() else {
        problems.add(forms.first()?.at, "a pipe with a `unit` needs a column with `measure`");
        return None;
    };
    for second in measures {
        problems.add(second.at, "without a column to group by there can be one `measure` only");
    }
    match &first.content {
        Content::Aggregate(Aggregate::Rows) => Some(Measure::Rows),
        Content::Aggregate(Aggregate::Distinct(column)) => Some(Measure::Distinct(*column)),
        _ => {
            problems.add(first.at, "without a column to group by, `measure` is rows or distinct");
            None
        }
    }
}
