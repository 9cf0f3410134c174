//! Single pipes and data sources that a credential may use besides what its scopes allow.
//!
//! Those of a static token are columns of its row, those of a workspace JWT are its claims; from there on they are alike.

use rusqlite::Row;
use tallyhouse_model::{Home, TableId};

use super::CatalogError;

/// Pipes and data sources that one static token can name, together.
pub const RESOURCES_MAX: usize = 100;

/// Bytes of a pipe's name at most.
const PIPE_NAME_BYTES_MAX: usize = 128;

/// Single pipes and data sources that a credential may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    /// Pipes it may read.
    pub pipes: Vec<PipeResource>,
    /// Data sources that may be described to it.
    pub describe: Vec<String>,
    /// Data sources it may append to, which may be described to it as well.
    pub append_to: Vec<String>,
}

/// A pipe that a credential may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipeResource {
    /// The pipe's name.
    pub name: String,
    /// Arguments that win over those of a request; the texts of a list are the same name repeated. None of them is empty.
    pub fixed: Vec<(String, String)>,
}

impl PipeResource {
    /// A pipe with nothing fixed.
    pub fn free(name: &str) -> Self {
        Self { name: name.to_owned(), fixed: Vec::new() }
    }
}

impl Resources {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.pipes.is_empty() && self.describe.is_empty() && self.append_to.is_empty()
    }

    /// The pipe of this name, if it may be read.
    pub fn pipe(&self, name: &str) -> Option<&PipeResource> {
        self.pipes.iter().find(|pipe| pipe.name == name)
    }

    /// Refuses more names than fit, names that no pipe can have, and data sources that there are not. A pipe need not be
    /// there yet: operators publish their own.
    pub(super) fn check(&self) -> Result<(), CatalogError> {
        let names = self.pipes.len() + self.append_to.len();
        if names > RESOURCES_MAX {
            return Err(CatalogError::TooManyResources(names));
        }
        if let Some(pipe) = self.pipes.iter().find(|pipe| !is_pipe_name(&pipe.name)) {
            return Err(CatalogError::PipeName(beginning(&pipe.name)));
        }
        match self.append_to.iter().find(|name| !is_data_source(name)) {
            Some(name) => Err(CatalogError::NoSuchDataSource(beginning(name))),
            None => Ok(()),
        }
    }

    /// The two columns of a row: names with a space between, null for none.
    pub(super) fn to_columns(&self) -> (Option<String>, Option<String>) {
        let pipes: Vec<_> = self.pipes.iter().map(|pipe| pipe.name.as_str()).collect();
        let join = |names: String| (!names.is_empty()).then_some(names);
        (join(pipes.join(" ")), join(self.append_to.join(" ")))
    }

    /// Reads the columns `pipes` and `append_to` of a row.
    pub(super) fn of_row(row: &Row<'_>) -> Result<Resources, CatalogError> {
        let (pipes, append_to): (Option<String>, Option<String>) = (row.get("pipes")?, row.get("append_to")?);
        let names = |text: Option<String>| {
            text.unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        let pipes = names(pipes).iter().map(|name| PipeResource::free(name)).collect();
        Ok(Resources { pipes, describe: Vec::new(), append_to: names(append_to) })
    }
}

/// Whether a pipe can have this name: 1 to 128 letters, digits and `_`, no digit at the start.
pub fn is_pipe_name(name: &str) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_word
        && (1..=PIPE_NAME_BYTES_MAX).contains(&name.len())
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// Whether there is a data source of this name: a table that operators write to.
pub fn is_data_source(name: &str) -> bool {
    data_sources().any(|known| known == name)
}

/// The names of all data sources.
pub fn data_sources() -> impl Iterator<Item = &'static str> {
    TableId::ALL
        .into_iter()
        .map(TableId::table)
        .filter(|table| table.deletions.is_some() || table.home == Home::Catalog)
        .map(|table| table.name)
}

/// The names of all data sources, as messages list them.
pub fn known_data_sources() -> String {
    data_sources().collect::<Vec<_>>().join(", ")
}

/// What is wrong with a name may be its length, so messages show only its beginning.
fn beginning(name: &str) -> String {
    name.chars().take(PIPE_NAME_BYTES_MAX + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_are_named_by_words() {
        for name in ["api_replicate_analytics", "a", "_1", "A9", &"x".repeat(128)] {
            assert!(is_pipe_name(name), "{name}");
        }
        for name in ["", "1a", "a b", "a.json", "a/b", "é", "a-b", &"x".repeat(129)] {
            assert!(!is_pipe_name(name), "{name}");
        }
    }

    #[test]
    fn data_sources_are_what_operators_send() {
        let all: Vec<_> = data_sources().collect();
        let (video, demos) = (["view_segments"], ["demo_sessions", "demo_activity", "demo_changes"]);
        let reports =
            ["reports", "report_reads", "report_alerts", "channels", "report_states", "users", "forms"];
        let sharing = ["reactions", "referrals"];
        assert_eq!(all, [&video[..], &demos, &reports, &sharing].concat());
        assert!(!is_data_source("plays") && !is_data_source("view_segment_deletions"));
    }
}
