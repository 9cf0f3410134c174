//! Why a record was refused.

use std::borrow::Cow;
use std::fmt;

/// Why a record goes to quarantine: the field, and what is wrong with it. Never repeats the value, which may be
/// somebody's address or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    field: Option<&'static str>,
    problem: Cow<'static, str>,
}

impl Reason {
    /// Something is wrong with one field.
    pub fn field(field: &'static str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field), problem: problem.into() }
    }

    /// Something is wrong with the record as a whole.
    pub fn record(problem: impl Into<Cow<'static, str>>) -> Self {
        Self { field: None, problem: problem.into() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(formatter, "{field}: {}", self.problem),
            None => formatter.write_str(&self.problem),
        }
    }
}
