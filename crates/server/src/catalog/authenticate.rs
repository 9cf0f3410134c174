//! Checking the secret of a request, cheaply enough to do it on every one.
//!
//! Tokens that were found valid are remembered until anybody changes the catalog, which SQLite's
//! `data_version` tells for the price of a look at shared memory. So a revocation takes effect at the next request. All
//! of it is read over a connection of its own, which never waits for those who write and sync.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;
use tallyhouse_model::Micros;

use super::account::account_id;
use super::jwt::ForeignKeys;
use super::secret::{SecretHash, hash_of};
use super::session::SESSION_PREFIX;
use super::token::SECRET_PREFIX;
use super::{AuthError, Catalog, CatalogError, Credential, Narrowing, Resources, scopes_of};

/// Bytes of a secret at most; longer ones are not even hashed.
const SECRET_BYTES_MAX: usize = 256;

/// Where a secret is looked up: static tokens, those that OAuth clients were given, and those of sessions.
const STATIC: &str = "SELECT account, name, scopes, content_ids, channel_ids, pipes, append_to, expires_at
    FROM tokens JOIN accounts ON accounts.id = account WHERE hash = ?1 AND revoked_at IS NULL";
const GRANTED: &str = "SELECT account, name, access_tokens.scopes, content_ids, channel_ids,
        NULL AS pipes, NULL AS append_to, expires_at
    FROM access_tokens JOIN clients ON clients.number = client JOIN accounts ON accounts.id = account
    WHERE access_tokens.hash = ?1 AND revoked_at IS NULL";

const SESSION: &str = "SELECT logins.account, name, 'read' AS scopes, NULL AS content_ids, channel_ids,
        NULL AS pipes, NULL AS append_to, expires_at
    FROM sessions JOIN logins ON logins.number = login JOIN accounts ON accounts.id = logins.account
    WHERE access_hash = ?1 AND disabled_at IS NULL";

/// Tokens remembered at most. One more than that, and all are forgotten and looked up again.
const VERIFIED_MAX: usize = 4_096;

/// What checks secrets, one at a time.
pub(super) struct Verifier {
    /// Reads only, so that every commit is that of another connection and changes its `data_version`.
    pub(super) connection: Connection,
    pub(super) verified: Verified,
}

/// Tokens that were found valid, as of one state of the catalog.
#[derive(Default)]
pub(super) struct Verified {
    /// The `data_version` they were read at. It changes with the commits of other connections only.
    data_version: i64,
    tokens: HashMap<SecretHash, VerifiedToken>,
}

/// A token that was found valid.
#[derive(Debug, Clone)]
pub(crate) struct VerifiedToken {
    /// What it proves.
    pub(crate) credential: Credential,
    /// From when on it is accepted.
    pub(crate) not_before: Micros,
    /// From when on it is not accepted any more; `None` for never.
    pub(crate) expires_at: Option<Micros>,
    /// The keys of an identity provider that say so; they may have changed since.
    pub(crate) keys: Option<ForeignKeys>,
}

impl VerifiedToken {
    /// Whether it is accepted at this time.
    pub(crate) fn is_valid_at(&self, now: Micros) -> bool {
        self.not_before <= now && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }
}

impl Verified {
    /// Forgets all tokens; they are looked up again when they are next sent.
    fn forget(&mut self) {
        self.tokens.clear();
    }

    pub(super) fn remember(&mut self, hash: SecretHash, token: VerifiedToken) {
        if self.tokens.len() >= VERIFIED_MAX {
            self.forget();
        }
        self.tokens.insert(hash, token);
    }
}

impl Catalog {
    /// Checks the secret of a token that is no JWT at this time. Sees at once what was changed, also by
    /// another process, and waits for nobody who changes something.
    pub fn authenticate(&self, secret: &str, now: Micros) -> Result<Credential, AuthError> {
        // Those of sessions are remembered beside the others, and must not be taken for one of them.
        if secret.len() > SECRET_BYTES_MAX || secret.starts_with(SESSION_PREFIX) {
            return Err(AuthError::Invalid);
        }
        let place = if secret.starts_with(SECRET_PREFIX) { STATIC } else { GRANTED };
        self.authenticate_in(place, secret, now)
    }

    /// Checks the access token of a session at this time, in the same way. It only proves a session: what those are
    /// good for is the caller's to know.
    pub fn authenticate_session(&self, secret: &str, now: Micros) -> Result<Credential, AuthError> {
        if secret.len() > SECRET_BYTES_MAX || !secret.starts_with(SESSION_PREFIX) {
            return Err(AuthError::Invalid);
        }
        self.authenticate_in(SESSION, secret, now)
    }

    fn authenticate_in(&self, place: &str, secret: &str, now: Micros) -> Result<Credential, AuthError> {
        let found = self.verifier().verify(&hash_of(secret), place)?;
        let valid = found.filter(|token| token.is_valid_at(now));
        valid.map(|token| token.credential).ok_or(AuthError::Invalid)
    }
}

impl Verifier {
    /// The token with this hash, expired ones included, unless it is revoked or there is none.
    fn verify(&mut self, hash: &SecretHash, place: &str) -> Result<Option<VerifiedToken>, CatalogError> {
        if let Some(token) = self.remembered(hash)? {
            return Ok(Some(token));
        }
        let found = look_up(&self.connection, hash, place)?;
        if let Some(token) = &found {
            self.verified.remember(*hash, token.clone());
        }
        Ok(found)
    }

    /// What was found before, if nothing has changed since.
    pub(super) fn remembered(&mut self, hash: &SecretHash) -> Result<Option<VerifiedToken>, CatalogError> {
        self.follow_changes()?;
        Ok(self.verified.tokens.get(hash).cloned())
    }

    /// Forgets what was found before something was changed.
    pub(super) fn follow_changes(&mut self) -> Result<(), CatalogError> {
        let data_version = data_version(&self.connection)?;
        if self.verified.data_version != data_version {
            self.verified.forget();
            self.verified.data_version = data_version;
        }
        Ok(())
    }
}

/// Changes whenever another connection has committed something.
fn data_version(connection: &Connection) -> Result<i64, CatalogError> {
    let mut statement = connection.prepare_cached("PRAGMA data_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

fn look_up(
    connection: &Connection,
    hash: &SecretHash,
    place: &str,
) -> Result<Option<VerifiedToken>, CatalogError> {
    let mut statement = connection.prepare_cached(place)?;
    let found = statement
        .query_and_then([hash.as_slice()], |row| {
            let credential = Credential {
                account: account_id(row.get("account")?)?,
                account_name: row.get("name")?,
                scopes: scopes_of(row)?,
                narrowing: Narrowing::of_row(row)?,
                resources: Arc::new(Resources::of_row(row)?),
                limit: None,
            };
            let expires_at = row.get("expires_at")?;
            Ok(VerifiedToken { credential, not_before: Micros::MIN, expires_at, keys: None })
        })?
        .next();
    found.transpose()
}

#[cfg(test)]
mod tests {
    use tallyhouse_model::AccountId;

    use super::*;

    #[test]
    fn tokens_are_remembered_up_to_a_bound() {
        let credential = Credential {
            account: AccountId(1),
            account_name: "acme".to_owned(),
            scopes: Vec::new(),
            narrowing: Narrowing::default(),
            resources: Arc::default(),
            limit: None,
        };
        let token = VerifiedToken { credential, not_before: 0, expires_at: None, keys: None };
        let mut verified = Verified::default();
        for number in 0..VERIFIED_MAX + 10 {
            let hash = hash_of(&number.to_string());
            verified.remember(hash, token.clone());
            assert!(verified.tokens.len() <= VERIFIED_MAX);
            assert!(verified.tokens.contains_key(&hash));
        }
        assert_eq!(verified.tokens.len(), 10);
    }
}
