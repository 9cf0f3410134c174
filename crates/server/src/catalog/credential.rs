//! What a token may do, and the proof that one was checked.

use std::fmt;
use std::str::FromStr;

use tallyhouse_model::AccountId;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    /// What the credential may do.
    pub scopes: Vec<Scope>,
    /// To what it is confined; part of every query it makes.
    pub narrowing: Narrowing,
}

/// What part of an account a credential sees. By default all of it; where both lists are there, both have to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Only these contents, of either type.
    pub content_ids: Option<Vec<u64>>,
    /// Only what was watched on these channels.
    pub channel_ids: Option<Vec<u64>>,
}

impl Credential {
    /// Whether the credential may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
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
    /// The catalog cannot be read.
    #[error("the catalog cannot be read: {0}")]
    Unavailable(String),
}
