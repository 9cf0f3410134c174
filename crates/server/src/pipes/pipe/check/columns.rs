//! `[[columns]]` of a pipe file, one by one. What they ask together is in `question.rs`.

use std::collections::BTreeSet;

use tallyhouse_model::{Aggregate, ColumnIndex, Table, Unit, Zone};

use super::parameters::Parameters;
use super::{column_of, in_braces, is_name};
use crate::pipes::pipe::ParameterKind;
use crate::pipes::pipe::column::{has_numbers, has_texts, is_dictionary, is_time, misfit};
use crate::pipes::pipe::conditions::Gap;
use crate::pipes::pipe::passed::Argument;
use crate::pipes::pipe::plan::ZoneGap;
use crate::pipes::pipe::problem::Problems;
use crate::pipes::pipe::section::{At, Section};

/// What a column can be filled from; one of them at most.
const CONTENTS: [&str; 4] = ["column", "account", "unit", "measure"];

/// What can be told about the rows of a group.
const MEASURES: [&str; 7] = ["rows", "rows_with", "distinct", "least", "greatest", "first", "seconds"];

const UNITS: [(&str, Unit); 4] =
    [("minute", Unit::Minute), ("hour", Unit::Hour), ("day", Unit::Day), ("month", Unit::Month)];

/// A column as it is written.
pub struct ColumnForm {
    /// Where.
    pub at: usize,
    /// Its name in the answer.
    pub name: String,
    /// What it is filled from.
    pub content: Content,
    /// The parameter that has to be set for it to be there.
    pub flag: Option<At<usize>>,
}

/// What a column is filled from.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// The account's name.
    Account,
    /// A column of the table.
    Column(ColumnIndex),
    /// The beginning of the calendar unit that rows lie in.
    Unit(Unit, ZoneGap),
    /// What is told about the rows of a group.
    Aggregate(Aggregate),
    /// Whole seconds between the least and the greatest value of this column.
    Seconds(ColumnIndex),
}

impl ColumnForm {
    /// Reads all columns, and reports names that come twice.
    pub fn read_all(
        sections: Vec<Section<'_>>,
        table: &Table,
        parameters: &Parameters,
        problems: &mut Problems<'_>,
    ) -> Vec<Self> {
        let mut names = BTreeSet::new();
        let mut forms = Vec::new();
        let count = sections.len();
        for mut section in sections {
            let Some(name) = section.required_text("name", problems) else { continue };
            if !is_name(name.value) {
                let problem = "is no name: it takes letters, digits and _, and no digit first";
                problems.add(name.at, format!("`{}` {problem}", name.value));
            }
            if !names.insert(name.value.to_owned()) {
                problems.add(name.at, format!("there are two columns `{}`", name.value));
            }
            let mut reader = ColumnReader { table, parameters, problems };
            let content = reader.content(&mut section, &name);
            let flag = reader.flag(&mut section);
            let at = section.at;
            section.finish(problems);
            if let Some(content) = content {
                forms.push(Self { at, name: name.value.to_owned(), content, flag });
            }
        }
        if forms.len() == count {
            report_all_flags(&forms, problems);
        }
        forms
    }
}

/// An answer without any column could not be written: one has to be there whatever is passed.
fn report_all_flags(forms: &[ColumnForm], problems: &mut Problems<'_>) {
    let flags: Option<Vec<_>> = forms.iter().map(|form| form.flag.as_ref()).collect();
    if let Some(first) = flags.and_then(|flags| flags.first().map(|flag| flag.at)) {
        problems.add(first, "one column at least has no `flag`, so that no answer is without columns");
    }
}

struct ColumnReader<'r, 'p> {
    table: &'r Table,
    parameters: &'r Parameters,
    problems: &'r mut Problems<'p>,
}

impl ColumnReader<'_, '_> {
    fn content(&mut self, section: &mut Section<'_>, name: &At<&str>) -> Option<Content> {
        let contents: Vec<_> = CONTENTS.into_iter().filter(|content| section.has(content)).collect();
        let content = match contents[..] {
            [] => column_of(self.table, name, self.problems).map(Content::Column),
            ["column"] => {
                let name = section.text("column", self.problems)?;
                column_of(self.table, &name, self.problems).map(Content::Column)
            }
            ["account"] => self.account(section),
            ["unit"] => self.unit(section),
            ["measure"] => self.measure(section),
            _ => {
                self.problems.add(section.at, format!("a column has one of {}", CONTENTS.join(", ")));
                for key in ["zone", "of", "is"] {
                    section.value(key);
                }
                None
            }
        };
        for key in CONTENTS {
            section.value(key);
        }
        content
    }

    fn account(&mut self, section: &mut Section<'_>) -> Option<Content> {
        let account = section.flag("account", self.problems)?;
        if !account.value {
            self.problems.add(account.at, "`account` can only be true; leave it out otherwise");
        }
        Some(Content::Account)
    }

    fn unit(&mut self, section: &mut Section<'_>) -> Option<Content> {
        let word = section.text("unit", self.problems);
        let zone = self.zone(section);
        let word = word?;
        let unit = UNITS.into_iter().find(|(known, _)| *known == word.value);
        if unit.is_none() {
            let known = UNITS.map(|(known, _)| known).join(", ");
            self.problems.add(word.at, format!("there is no unit `{}`; there are: {known}", word.value));
        }
        Some(Content::Unit(unit?.1, zone?))
    }

    fn zone(&mut self, section: &mut Section<'_>) -> Option<ZoneGap> {
        if !section.has("zone") {
            return Some(ZoneGap::Filled(Zone::UTC));
        }
        let name = section.text("zone", self.problems)?;
        let mut named = |zone: &str| {
            let found = Zone::named(zone);
            if found.is_none() {
                self.problems.add(name.at, format!("there is no time zone `{zone}`; one is Europe/Paris"));
            }
            found
        };
        let Some(parameter) = in_braces(name.value) else { return named(name.value).map(ZoneGap::Filled) };
        let index = self.parameters.find(parameter, &[ParameterKind::String], name.at, self.problems)?;
        if let Some(Argument::Text(zone)) = self.parameters.known_value(&Gap::Passed(index)) {
            let found = Zone::named(&zone);
            if found.is_none() {
                self.problems.add(name.at, format!("there is no time zone `{zone}`; one is Europe/Paris"));
            }
        }
        Some(ZoneGap::Passed(index))
    }

    fn measure(&mut self, section: &mut Section<'_>) -> Option<Content> {
        let word = section.text("measure", self.problems)?;
        if word.value == "rows" {
            return Some(Content::Aggregate(Aggregate::Rows));
        }
        if !MEASURES.contains(&word.value) {
            let known = MEASURES.join(", ");
            self.problems.add(word.at, format!("there is no measure `{}`; there are: {known}", word.value));
            section.value("of");
            section.value("is");
            return None;
        }
        let of = section.required_text("of", self.problems);
        let is = (word.value == "rows_with").then(|| section.required_text("is", self.problems));
        if let Some(text) =
            is.as_ref().and_then(|is| is.as_ref()).filter(|text| in_braces(text.value).is_some())
        {
            self.problems.add(text.at, "`is` is a text; a parameter cannot stand here");
        }
        let of = of?;
        let column = column_of(self.table, &of, self.problems)?;
        let (fits, needed) = match word.value {
            "rows_with" => (has_texts(self.table, column), "a text"),
            "distinct" => (is_dictionary(self.table, column), "a text or a number"),
            "first" => (has_numbers(self.table, column), "a word, a text or a number"),
            _ => (is_time(self.table, column), "a time"),
        };
        if !fits {
            self.problems.add(of.at, misfit(&format!("`{}`", word.value), needed, self.table, column));
            return None;
        }
        Some(match word.value {
            "rows_with" => Content::Aggregate(Aggregate::RowsWith(column, is??.value.to_owned())),
            "distinct" => Content::Aggregate(Aggregate::Distinct(column)),
            "first" => Content::Aggregate(Aggregate::First(column)),
            "least" => Content::Aggregate(Aggregate::Least(column)),
            "greatest" => Content::Aggregate(Aggregate::Greatest(column)),
            _ => Content::Seconds(column),
        })
    }

    fn flag(&mut self, section: &mut Section<'_>) -> Option<At<usize>> {
        let name = section.text("flag", self.problems)?;
        let index = self.parameters.find(name.value, &[ParameterKind::Flag], name.at, self.problems)?;
        Some(At { at: name.at, value: index })
    }
}
