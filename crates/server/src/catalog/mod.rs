//! The catalog: accounts and credentials, in `catalog.db`, shared by the server and the command line.

use std::path::Path;

use tallyhouse_model::{AccountId, Micros};

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

/// Who is asking: the proof that a credential was checked. Every read and write takes its account from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Whose data.
    pub account: AccountId,
    /// What the credential may do.
    pub scopes: Vec<Scope>,
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

/// An open `catalog.db`.
pub struct Catalog {}

impl Catalog {
    /// Opens (or makes) `catalog.db` in a data folder.
    pub fn open(_folder: &Path) -> anyhow::Result<Catalog> {
        todo!()
    }

    /// Checks the secret of a token at this time. Sees at once what another process changed.
    pub fn authenticate(&self, _secret: &str, _now: Micros) -> Result<Credential, AuthError> {
        todo!()
    }
}
