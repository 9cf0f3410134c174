//! `reports_per_field_selection`: reports by the option that was chosen in a field of a form. A report in which several
//! were chosen counts once for each of them.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;
use tallyhouse_model::tables::report_selections;
use tallyhouse_model::{By, Filter, Measure, Names, Point, TableId};

use crate::catalog::FormField;
use crate::reports::ReportsError;
use crate::reports::channel::check_exists;
use crate::reports::item_range::Items;
use crate::reports::list;
use crate::reports::params::{ChannelPeriod, id};
use crate::reports::request::Asked;
use crate::reports::respond::Answer;

pub const NAME: &str = "reports_per_field_selection";

/// The types of fields whose selections can be counted (documented).
const FIELD_TYPES: [&str; 3] = ["Category", "DropDown", "Radio"];

/// Rows that become items at once.
const CHUNK_ROWS: usize = 500;

#[derive(Serialize)]
struct Item {
    field_id: u64,
    account_id: u64,
    name: String,
    value: String,
    report_count: u64,
}

pub fn answer(asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let names = ["channel_id", "start_date", "end_date", "field_id"];
    let [.., field_id] = asked.params.required(names)?;
    let period = ChannelPeriod::read(&asked.params)?;
    let field_id = id("field_id", field_id)?;
    asked.reader.check_sees(period.channel_id)?;
    // Before anything is counted: a field that has no selections costs no more than its lookup.
    let labels = match labels_of(asked.catalog.form_field(asked.reader.account(), field_id)?) {
        Ok(labels) => labels,
        Err(error) => {
            check_exists(asked, period.channel_id, true)?;
            return Err(error);
        }
    };
    let filters = vec![Filter::IntegerIn(report_selections::FIELD_ID, vec![field_id])];
    let by = By::Column(report_selections::VALUE, Names::default());
    let values = asked.reader.count(&period, TableId::ReportSelections, filters, Measure::Rows, by)?;
    check_exists(asked, period.channel_id, values.is_empty())?;
    let rows = sorted(values);
    let items = Items::of_all(asked.range, NAME, rows.len() as u64);
    let account_id = period.channel_id;
    let items_of = move |rows: &[(String, u64)]| {
        let item = |(value, report_count): &(String, u64)| Item {
            field_id,
            account_id,
            name: labels.get(value).unwrap_or(value).clone(),
            value: value.clone(),
            report_count: *report_count,
        };
        Ok(rows.iter().map(item).collect())
    };
    list::answer(items, rows, CHUNK_ROWS, items_of, asked.reader.stop())
}

/// What the options of a field are called; those that the form does not know are called by their value.
fn labels_of(field: FormField) -> Result<HashMap<String, String>, ReportsError> {
    match field {
        // Forms may arrive behind the reports that were made with them.
        FormField::NoForms => Ok(HashMap::new()),
        FormField::Unknown => {
            Err(ReportsError::NotFound("field_id", "is not a field of any form".to_owned()))
        }
        FormField::Known { field_type, labels } if FIELD_TYPES.contains(&field_type.as_str()) => Ok(labels),
        FormField::Known { .. } => Err(ReportsError::Invalid(
            "field_id",
            "is not a field of the type Category, DropDown or Radio".to_owned(),
        )),
    }
}

fn sorted(values: Vec<(Point, u64)>) -> Vec<(String, u64)> {
    let text_of = |(point, count)| match point {
        Point::Text(value) => (value, count),
        other => unreachable!("a selection has a text and not {other:?}"),
    };
    let mut rows: Vec<_> = values.into_iter().map(text_of).collect();
    rows.sort_unstable_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(field_type: &str) -> FormField {
        let labels = HashMap::from([("f_1".to_owned(), "Resolved".to_owned())]);
        FormField::Known { field_type: field_type.to_owned(), labels }
    }

    #[test]
    fn only_fields_of_three_types_have_selections() {
        for field_type in FIELD_TYPES {
            assert_eq!(labels_of(known(field_type)).unwrap()["f_1"], "Resolved");
        }
        for field_type in ["CheckBox", "ShortTextBox", "dropdown", ""] {
            let error = labels_of(known(field_type)).unwrap_err();
            assert!(matches!(error, ReportsError::Invalid("field_id", _)), "{field_type}");
        }
        assert!(matches!(labels_of(FormField::Unknown), Err(ReportsError::NotFound("field_id", _))));
        assert!(labels_of(FormField::NoForms).unwrap().is_empty());
    }

    #[test]
    fn options_are_sorted_by_count_then_value() {
        let text = |value: &str, count| (Point::Text(value.to_owned()), count);
        let rows = sorted(vec![text("b", 1), text("c", 5), text("a", 1)]);
        assert_eq!(rows, [("c".to_owned(), 5), ("a".to_owned(), 1), ("b".to_owned(), 1)]);
    }
}
