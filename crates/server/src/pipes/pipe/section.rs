//! A table of a pipe file, read key by key: every key that nobody asks for is a problem, and so is a value of another
//! type than was asked for. All of them are found, each with its place.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problems;

/// Bytes of a text that is shown in a problem at most.
const SHOWN_BYTES_MAX: usize = 60;

/// A value, and the byte of the file where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// Where.
    pub at: usize,
    /// What.
    pub value: T,
}

/// One table of the file.
pub struct Section<'a> {
    /// Where it begins.
    pub at: usize,
    table: &'a DeTable<'a>,
    asked: Vec<&'static str>,
}

type Entry<'a> = (&'a Spanned<Cow<'a, str>>, &'a Spanned<DeValue<'a>>);

impl<'a> Section<'a> {
    /// The table that begins here.
    pub fn new(table: &'a DeTable<'a>, at: usize) -> Self {
        Self { at, table, asked: Vec::new() }
    }

    /// Whatever this key is set to, with the place of the value.
    pub fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table.get(key)
    }

    /// A text.
    pub fn text(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<At<&'a str>> {
        let value = self.value(key)?;
        typed(key, value, value.get_ref().as_str(), "a text", problems)
    }

    /// A text that has to be there.
    pub fn required_text(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<At<&'a str>> {
        if self.table.get(key).is_none() {
            problems.add(self.at, format!("`{key}` is missing"));
        }
        self.text(key, problems)
    }

    /// True or false.
    pub fn flag(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<At<bool>> {
        let value = self.value(key)?;
        typed(key, value, value.get_ref().as_bool(), "true or false", problems)
    }

    /// A table of its own.
    pub fn section(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<Section<'a>> {
        let value = self.value(key)?;
        let table = typed(key, value, value.get_ref().as_table(), "a table", problems)?;
        Some(Section::new(table.value, table.at))
    }

    /// Tables under one key: `[[key]]`.
    pub fn sections(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Vec<Section<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let what = format!("a list of tables, each of which begins with a line [[{key}]]");
        let Some(array) = typed(key, value, value.get_ref().as_array(), &what, problems) else {
            return Vec::new();
        };
        let mut sections = Vec::new();
        for value in array.value.iter() {
            if let Some(table) = typed(key, value, value.get_ref().as_table(), &what, problems) {
                sections.push(Section::new(table.value, table.at));
            }
        }
        sections
    }

    /// All entries, in the order in which they were written: for tables whose keys are names.
    pub fn entries(&self) -> Vec<Entry<'a>> {
        let mut entries: Vec<_> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
    }

    /// Whether a key is set.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Nothing else is asked for: what is left are mistakes.
    pub fn finish(self, problems: &mut Problems<'_>) {
        for (key, _) in self.entries() {
            if !self.asked.contains(&key.get_ref().as_ref()) {
                let known = self.asked.join(", ");
                problems
                    .add(key.span().start, format!("unknown key `{}`; known are: {known}", key.get_ref()));
            }
        }
    }
}

/// The value, if it is of the type that is wanted.
fn typed<'a, T>(
    key: &str,
    value: &'a Spanned<DeValue<'a>>,
    wanted: Option<T>,
    what: &str,
    problems: &mut Problems<'_>,
) -> Option<At<T>> {
    let at = value.span().start;
    if wanted.is_none() {
        problems.add(at, format!("`{key}` has to be {what}, not {}", shown(value.get_ref())));
    }
    wanted.map(|value| At { at, value })
}

/// A value as problems show it.
pub fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.len() <= SHOWN_BYTES_MAX => format!("{text:?}"),
        DeValue::String(_) => "a long text".to_owned(),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date without quotes".to_owned(),
        DeValue::Array(values) if values.is_empty() => "an empty list".to_owned(),
        DeValue::Array(_) => "this list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
