//! Checking the secret of a request, cheaply enough to do it on every one.
//!
//! Tokens that were found valid are remembered until any other process changes the catalog, which SQLite's
//! `data_version` tells for the price of a look at shared memory. So a revocation takes effect at the next request.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};
use tallyhouse_model::Micros;

use super::account::account_id;
use super::database::Inner;
use super::token::{SECRET_PREFIX, SecretHash, hash_of, parse_scopes};
use super::{AuthError, Catalog, CatalogError, Credential, Narrowing};

/// Bytes of a secret at most; longer ones are not even hashed.
const SECRET_BYTES_MAX: usize = 256;

/// Tokens remembered at most. One more than that, and all are forgotten and looked up again.
const VERIFIED_MAX: usize = 4_096;

/// Tokens that were found valid, as of one state of the catalog.
#[derive(Default)]
pub(super) struct Verified {
    /// The `data_version` they were read at. It changes with the commits of other connections only, so this process
    /// has to [`Verified::forget`] by itself.
    data_version: i64,
    tokens: HashMap<SecretHash, VerifiedToken>,
}

#[derive(Clone)]
struct VerifiedToken {
    credential: Credential,
    expires_at: Option<Micros>,
}

impl Verified {
    /// Forgets all tokens; they are looked up again when they are next sent.
    pub(super) fn forget(&mut self) {
        self.tokens.clear();
    }

    fn remember(&mut self, hash: SecretHash, token: VerifiedToken) {
        if self.tokens.len() >= VERIFIED_MAX {
            self.forget();
        }
        self.tokens.insert(hash, token);
    }
}

impl Catalog {
    /// Checks the secret of a token at this time. Sees at once what another process changed.
    pub fn authenticate(&self, secret: &str, now: Micros) -> Result<Credential, AuthError> {
        if !secret.starts_with(SECRET_PREFIX) || secret.len() > SECRET_BYTES_MAX {
            return Err(AuthError::Invalid);
        }
        let hash = hash_of(secret);
        let found = self.lock().verify(&hash).map_err(|error| AuthError::Unavailable(error.to_string()))?;
        match found {
            Some(token) if token.expires_at.is_none_or(|expires_at| now < expires_at) => Ok(token.credential),
            _ => Err(AuthError::Invalid),
        }
    }
}

impl Inner {
    /// The token with this hash, expired ones included, unless it is revoked or there is none.
    fn verify(&mut self, hash: &SecretHash) -> Result<Option<VerifiedToken>, CatalogError> {
        let data_version = data_version(&self.connection)?;
        if self.verified.data_version != data_version {
            self.verified.forget();
            self.verified.data_version = data_version;
        }
        if let Some(token) = self.verified.tokens.get(hash) {
            return Ok(Some(token.clone()));
        }
        let found = look_up(&self.connection, hash)?;
        if let Some(token) = &found {
            self.verified.remember(*hash, token.clone());
        }
        Ok(found)
    }
}

/// Changes whenever another connection has committed something.
fn data_version(connection: &Connection) -> Result<i64, CatalogError> {
    let mut statement = connection.prepare_cached("PRAGMA data_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

fn look_up(connection: &Connection, hash: &SecretHash) -> Result<Option<VerifiedToken>, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT account, scopes, expires_at FROM tokens WHERE hash = ?1 AND revoked_at IS NULL",
    )?;
    let row: Option<(i64, String, Option<Micros>)> = statement
        .query_row([hash.as_slice()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    row.map(|(account, scopes, expires_at)| {
        let credential = Credential {
            account: account_id(account)?,
            scopes: parse_scopes(&scopes)?,
            narrowing: Narrowing::default(),
        };
        Ok(VerifiedToken { credential, expires_at })
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use tallyhouse_model::AccountId;

    use super::*;

    #[test]
    fn tokens_are_remembered_up_to_a_bound() {
        let credential =
            Credential { account: AccountId(1), scopes: Vec::new(), narrowing: Narrowing::default() };
        let token = VerifiedToken { credential, expires_at: None };
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
