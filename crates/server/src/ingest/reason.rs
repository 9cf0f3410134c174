//! Why a record was refused.

use std::borrow::Cow;
use std::fmt;

/// Why a record goes to quarantine: the field, and what is wrong with it. Never repeats the value, which may be
/// somebody's address or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    field: Option<Cow<'static, str>>,
    problem: Cow<'static, str>,
}

impl Reason {
    /// Something is wrong with one field.
    pub fn field(field: impl Into<Cow<'static, str>>, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field.into()), problem: problem.into() }
    }

    /// Something is wrong with the record as a whole.
    pub fn record(problem: impl Into<Cow<'static, str>>) -> Self {
        Self { field: None, problem: problem.into() }
    }

    /// The same about a field of an object inside of the record, or about that object as a whole.
    pub fn within(self, object: &str) -> Self {
        let field = match self.field {
            Some(field) => format!("{object}.{field}"),
            None => object.to_owned(),
        };
        Self { field: Some(field.into()), ..self }
    }

    /// The same about an item of the list that the field holds.
    pub fn of_item(self, index: usize) -> Self {
        let field = self.field.unwrap_or_default();
        Self { field: Some(format!("{field}[{index}]").into()), ..self }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(formatter, "{field}: {}", self.problem),
            None => formatter.write_str(&self.problem),
        }
    }
}
