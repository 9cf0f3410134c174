//! What a token may do, and the proof that one was checked.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rusqlite::Row;
use serde::{Deserialize, Serialize};
use tallyhouse_model::AccountId;

use super::{CatalogError, Narrowing, Resources, SecretHash};

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Read the analytics APIs.
    Read,
    /// Send events.
    Append,
    /// Look after the account: quarantine.
    Admin,
}

impl Scope {
    /// All there are.
    pub const ALL: [Scope; 3] = [Scope::Read, Scope::Append, Scope::Admin];

    /// Its name on the command line, in answers and in the catalog.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Append => "append",
            Scope::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads the scopes of a row or a claim.
pub fn parse_scopes(text: &str) -> Result<Vec<Scope>, String> {
    text.split_ascii_whitespace().map(str::parse).collect()
}

/// The column `scopes` of a row.
pub(super) fn scopes_of(row: &Row<'_>) -> Result<Vec<Scope>, CatalogError> {
    let text: String = row.get("scopes")?;
    parse_scopes(&text).map_err(|_| CatalogError::Damaged(format!("a credential has the scopes {text:?}")))
}

/// Scopes as rows, claims and answers have them: with a space between.
pub fn join_scopes(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
}

/// Each scope once, in the order of [`Scope::ALL`].
pub fn sorted_scopes(mut scopes: Vec<Scope>) -> Vec<Scope> {
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Scope::ALL
            .into_iter()
            .find(|scope| scope.name() == name)
            .ok_or_else(|| "the scopes are read, append and admin".to_owned())
    }
}

/// Who is asking: the proof that a credential was checked. Every read and write takes its account from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Whose data.
    pub account: AccountId,
    /// The name of that account.
    pub account_name: String,
    /// What the credential may do.
    pub scopes: Vec<Scope>,
    /// To what it is confined; part of every query it makes.
    pub narrowing: Narrowing,
    /// What it may use besides. None of it stands for a scope.
    pub resources: Arc<Resources>,
    /// How often it may be used, where that is limited.
    pub limit: Option<RateLimit>,
}

/// How often a credential may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in one second.
    pub per_second: u32,
    /// The hash of the name that requests are counted by; credentials of one account share it.
    pub name: SecretHash,
}

impl Credential {
    /// Whether the credential may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// The arguments that are fixed where the credential reads a pipe; `None` where it may not read it.
    pub fn fixed_for(&self, pipe: &str) -> Option<&[(String, String)]> {
        if self.may(Scope::Read) {
            return Some(&[]);
        }
        self.resources.pipe(pipe).map(|pipe| pipe.fixed.as_slice())
    }

    /// Whether the credential may append to a data source.
    pub fn may_append_to(&self, data_source: &str) -> bool {
        self.may(Scope::Append) || self.resources.append_to.iter().any(|name| name == data_source)
    }
}

/// Why a credential is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// None was sent.
    #[error("no token was sent")]
    Missing,
    /// It is unknown, malformed, expired or revoked; which of these is not told.
    #[error("the token is not valid")]
    Invalid,
    /// It cannot be checked just now: the catalog cannot be read, or an identity provider's keys are not there yet.
    #[error("the token cannot be checked now: {0}")]
    Unavailable(String),
}

impl From<CatalogError> for AuthError {
    fn from(error: CatalogError) -> Self {
        AuthError::Unavailable(error.to_string())
    }
}
