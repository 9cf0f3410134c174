//! From the text of a pipe file to a pipe, or to everything that is wrong with it.

mod columns;
mod filters;
mod parameters;
mod question;

use std::collections::BTreeSet;

use tallyhouse_model::{ColumnIndex, Table};
use toml::de::{DeTable, DeValue};

use self::columns::ColumnForm;
use self::parameters::Parameters;
use self::question::OrderForm;
use super::Pipe;
use super::column::TABLES;
use super::plan::Plan;
use super::problem::Problems;
use super::run::Answerer;
use super::section::{At, Section};
// Parameters and columns are named by the rule of pipes.
pub use crate::catalog::is_pipe_name as is_name;

/// Reads a pipe file. `None` when there are problems.
pub fn check(name: &str, text: &str, problems: &mut Problems<'_>) -> Option<Pipe> {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        problems.add(error.span().map_or(0, |span| span.start), error.message());
    }
    // What could not be read would only be reported as missing.
    if !errors.is_empty() {
        return None;
    }
    let mut file = Section::new(document.get_ref(), 0);
    let description = file.required_text("description", problems);
    let table = table(&mut file, problems);
    let parameters = Parameters::read(&mut file, problems);
    parameters.report_unused(&mentioned(document.get_ref()), problems);
    let range = file.section("range", problems);
    let filters = file.sections("filters", problems);
    let columns = file.sections("columns", problems);
    let order = OrderForm::read(&mut file, problems);
    report_no_columns(&mut file, problems);
    file.finish(problems);

    let table = table?;
    let conditions = filters::read(range, filters, table, &parameters, problems);
    let columns = ColumnForm::read_all(columns, table, &parameters, problems);
    let asked = question::of(&columns, &order, table, problems);
    let description = description.map(|text| text.value.trim().to_owned());
    if !problems.is_empty() {
        return None;
    }
    let asked = asked?;
    let plan = Plan { table: table.id, conditions, question: asked.question, columns: asked.sources };
    Some(Pipe {
        name: name.to_owned(),
        description: description?,
        parameters: parameters.list,
        columns: asked.columns,
        answerer: Answerer::Plan(plan),
    })
}

fn report_no_columns(file: &mut Section<'_>, problems: &mut Problems<'_>) {
    let columns = file.value("columns");
    if columns.is_none_or(|value| value.get_ref().as_array().is_some_and(|array| array.is_empty())) {
        let at = columns.map_or(0, |value| value.span().start);
        problems.add(at, "there are no columns; each begins with a line [[columns]]");
    }
}

fn table(file: &mut Section<'_>, problems: &mut Problems<'_>) -> Option<&'static Table> {
    let name = file.required_text("table", problems)?;
    let table = TABLES.into_iter().map(|table| table.table()).find(|table| table.name == name.value);
    if table.is_none() {
        let known = TABLES.map(|table| table.table().name).join(", ");
        problems.add(name.at, format!("there is no table `{}`; there are: {known}", name.value));
    }
    table
}

/// The name in braces, where a text is a parameter in braces.
fn in_braces(text: &str) -> Option<&str> {
    text.strip_prefix('{')?.strip_suffix('}')
}

/// All parameters that the file mentions in its range, its filters and its columns.
fn mentioned<'a>(file: &'a DeTable<'a>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for (key, value) in file {
        match value.get_ref() {
            DeValue::Table(table) if key.get_ref() != "parameters" => names.extend(mentioned_in(table)),
            DeValue::Array(array) => {
                let tables = array.iter().filter_map(|value| value.get_ref().as_table());
                names.extend(tables.flat_map(mentioned_in));
            }
            _ => {}
        }
    }
    names
}

fn mentioned_in<'a>(table: &'a DeTable<'a>) -> impl Iterator<Item = &'a str> {
    table.iter().filter_map(|(key, value)| {
        let text = value.get_ref().as_str()?;
        if key.get_ref() == "flag" { Some(text) } else { in_braces(text) }
    })
}

/// The column of this name.
fn column_of(table: &Table, name: &At<&str>, problems: &mut Problems<'_>) -> Option<ColumnIndex> {
    let column = table.column(name.value);
    if column.is_none() {
        let known: Vec<_> = table.columns.iter().map(|column| column.name).collect();
        let problem = format!("{} has no column `{}`; it has: {}", table.name, name.value, known.join(", "));
        problems.add(name.at, problem);
    }
    column
}

#[cfg(test)]
mod tests;
