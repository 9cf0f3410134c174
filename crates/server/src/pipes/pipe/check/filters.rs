//! `[range]` and `[[filters]]` of a pipe file.

use tallyhouse_model::{ColumnIndex, ColumnKind, Table};

use super::column_of;
use super::parameters::Parameters;
use crate::pipes::pipe::ParameterKind;
use crate::pipes::pipe::column::{comparable_with, filter_in, has_texts, is_time, misfit};
use crate::pipes::pipe::conditions::{Condition, Gap};
use crate::pipes::pipe::problem::Problems;
use crate::pipes::pipe::section::Section;

/// What a filter can say about its column.
const TESTS: [&str; 5] = ["in", "contains", "is", "from", "to"];

/// Reads the range and all filters.
pub fn read(
    range: Option<Section<'_>>,
    filters: Vec<Section<'_>>,
    table: &Table,
    parameters: &Parameters,
    problems: &mut Problems<'_>,
) -> Vec<Condition> {
    let mut reader = FilterReader { table, parameters, problems };
    let range = range.and_then(|section| reader.range(section));
    let filters = filters.into_iter().filter_map(|section| reader.filter(section));
    range.into_iter().chain(filters.collect::<Vec<_>>()).collect()
}

struct FilterReader<'r, 'p> {
    table: &'r Table,
    parameters: &'r Parameters,
    problems: &'r mut Problems<'p>,
}

impl FilterReader<'_, '_> {
    /// Of the table's own time, unless another column is named.
    fn range(&mut self, mut section: Section<'_>) -> Option<Condition> {
        let name = section.text("column", self.problems);
        let column = match &name {
            Some(name) => column_of(self.table, name, self.problems),
            None => Some(Table::TIME),
        };
        let at = name.map_or(section.at, |name| name.at);
        let condition = self.between(&mut section, column, at);
        section.finish(self.problems);
        condition
    }

    fn filter(&mut self, mut section: Section<'_>) -> Option<Condition> {
        let name = section.required_text("column", self.problems);
        let column = name.as_ref().and_then(|name| column_of(self.table, name, self.problems));
        let at = name.as_ref().map_or(section.at, |name| name.at);
        let tests: Vec<_> = TESTS.into_iter().filter(|test| section.has(test)).collect();
        let condition = match tests[..] {
            ["in"] => self.is_in(&mut section, column, at),
            ["contains"] => self.contains(&mut section, column, at),
            ["is"] => self.is(&mut section, column, at),
            ["from"] | ["to"] | ["from", "to"] => self.between(&mut section, column, at),
            _ => {
                let problem = "a filter has `in`, `contains` or `is`, or `from` and `to` or one of them";
                self.problems.add(section.at, problem);
                for test in TESTS {
                    section.value(test);
                }
                None
            }
        };
        section.finish(self.problems);
        condition
    }

    fn between(
        &mut self,
        section: &mut Section<'_>,
        column: Option<ColumnIndex>,
        at: usize,
    ) -> Option<Condition> {
        let mut end = |key| {
            let value = section.value(key)?;
            self.parameters.gap(value, &[ParameterKind::DateTime], self.problems)
        };
        let (from, to) = (end("from"), end("to"));
        if !section.has("from") && !section.has("to") {
            self.problems.add(section.at, "there is neither `from` nor `to`");
        }
        let column = column?;
        self.fits(column, at, is_time(self.table, column), "`from` or `to`", "a time")?;
        Some(Condition::Between { column, from, to })
    }

    fn is_in(
        &mut self,
        section: &mut Section<'_>,
        column: Option<ColumnIndex>,
        at: usize,
    ) -> Option<Condition> {
        let value = section.value("in")?;
        let column = column?;
        let kinds = comparable_with(self.table, column);
        self.fits(column, at, !kinds.is_empty(), "`in`", "a word, a text or a number")?;
        let gap = self.parameters.gap(value, kinds, self.problems)?;
        if let Some(known) = self.parameters.known_value(&gap)
            && let Err(problem) = filter_in(self.table, column, &known)
        {
            self.problems
                .add(value.span().start, format!("what `{}` is compared with {problem}", self.name(column)));
        }
        Some(Condition::In(column, gap))
    }

    fn contains(
        &mut self,
        section: &mut Section<'_>,
        column: Option<ColumnIndex>,
        at: usize,
    ) -> Option<Condition> {
        let gap = self.gap(section, "contains", ParameterKind::String);
        let column = column?;
        self.fits(column, at, has_texts(self.table, column), "`contains`", "a text")?;
        Some(Condition::Contains(column, gap?))
    }

    fn is(&mut self, section: &mut Section<'_>, column: Option<ColumnIndex>, at: usize) -> Option<Condition> {
        let gap = self.gap(section, "is", ParameterKind::Flag);
        let column = column?;
        let is_flag = self.table.columns[column].kind == ColumnKind::Flag;
        self.fits(column, at, is_flag, "`is`", "a flag")?;
        Some(Condition::Is(column, gap?))
    }

    fn gap(&mut self, section: &mut Section<'_>, key: &'static str, kind: ParameterKind) -> Option<Gap> {
        self.parameters.gap(section.value(key)?, &[kind], self.problems)
    }

    /// Reports a column that cannot be asked so.
    fn fits(&mut self, column: ColumnIndex, at: usize, does: bool, asked: &str, needed: &str) -> Option<()> {
        if !does {
            self.problems.add(at, misfit(asked, needed, self.table, column));
        }
        does.then_some(())
    }

    fn name(&self, column: ColumnIndex) -> &'static str {
        self.table.columns[column].name
    }
}
