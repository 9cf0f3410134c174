//! The catalog's say about a JWT whose signature and times are good: whether what it speaks of still stands.

use std::sync::Arc;

use rusqlite::OptionalExtension as _;
use tallyhouse_model::Micros;

use super::account::account_id;
use super::authenticate::{VerifiedToken, Verifier};
use super::grant::account_of_grant;
use super::secret::SecretHash;
use super::{Catalog, CatalogError, Credential, Narrowing, RateLimit, Resources, Scope};

/// What a JWT states, after its signature was checked.
#[derive(Debug, Clone)]
pub struct JwtStatement {
    /// The name of the account.
    pub account_name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What part of the account it sees.
    pub narrowing: Narrowing,
    /// What it may use besides.
    pub resources: Resources,
    /// How often it may be used.
    pub limit: Option<RateLimit>,
    /// From when on it is accepted.
    pub not_before: Micros,
    /// From when on it is not accepted any more.
    pub expires_at: Micros,
    /// Who signed it.
    pub origin: JwtOrigin,
}

/// Who signed a JWT.
#[derive(Debug, Clone)]
pub enum JwtOrigin {
    /// This server.
    Own {
        /// The key.
        key_id: String,
        /// The token.
        jwt_id: String,
        /// What it was made from.
        grant_id: String,
        /// Whom it was made for.
        client_id: String,
    },
    /// An identity provider of the operator.
    Foreign(ForeignKeys),
    /// Whoever has the secret of an admin token or a warehouse key of the account.
    Workspace {
        /// The id of that token or key.
        key_id: String,
    },
}

/// The set of keys of an identity provider that a JWT was checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignKeys {
    /// The place of the provider in the settings.
    pub issuer: usize,
    /// Grows with each change of its keys.
    pub generation: u64,
}

impl Catalog {
    /// A token that was found valid and is remembered, as long as nothing in the catalog has changed since. The caller
    /// has to look at its times and keys again.
    pub(crate) fn remembered(&self, hash: &SecretHash) -> Result<Option<VerifiedToken>, CatalogError> {
        self.verifier().remembered(hash)
    }

    /// Accepts a JWT and remembers it, unless its account, client, grant or key is gone or it was revoked.
    pub(crate) fn admit(
        &self,
        hash: SecretHash,
        statement: JwtStatement,
    ) -> Result<Option<VerifiedToken>, CatalogError> {
        let mut verifier = self.verifier();
        verifier.follow_changes()?;
        let account = match &statement.origin {
            JwtOrigin::Own { key_id, jwt_id, grant_id, client_id } => {
                verifier.account_of_own(key_id, jwt_id, grant_id, client_id, &statement.account_name)?
            }
            JwtOrigin::Foreign(_) => verifier.account_of_name(&statement.account_name)?,
            JwtOrigin::Workspace { key_id } => {
                verifier.account_of_workspace_key(key_id, &statement.account_name)?
            }
        };
        let Some(account) = account else { return Ok(None) };
        let JwtStatement {
            account_name,
            scopes,
            narrowing,
            resources,
            limit,
            not_before,
            expires_at,
            origin,
        } = statement;
        let (account, resources) = (account_id(account)?, Arc::new(resources));
        let token = VerifiedToken {
            credential: Credential { account, account_name, scopes, narrowing, resources, limit },
            not_before,
            expires_at: Some(expires_at),
            keys: match origin {
                JwtOrigin::Own { .. } | JwtOrigin::Workspace { .. } => None,
                JwtOrigin::Foreign(keys) => Some(keys),
            },
        };
        verifier.verified.remember(hash, token.clone());
        Ok(Some(token))
    }
}

impl Verifier {
    fn account_of_own(
        &self,
        key_id: &str,
        jwt_id: &str,
        grant_id: &str,
        client_id: &str,
        account_name: &str,
    ) -> Result<Option<i64>, CatalogError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM signing_keys WHERE id = ?1 AND retired_at IS NULL)
                 AND NOT EXISTS (SELECT 1 FROM revoked_jwts WHERE id = ?2)",
        )?;
        let stands: bool = statement.query_row([key_id, jwt_id], |row| row.get(0))?;
        let found = account_of_grant(&self.connection, grant_id, client_id)?;
        Ok(found.filter(|(_, name)| stands && name == account_name).map(|(account, _)| account))
    }

    /// The account, if the key is still its own. A key's expiry never changes, so it was looked at before.
    fn account_of_workspace_key(
        &self,
        key_id: &str,
        account_name: &str,
    ) -> Result<Option<i64>, CatalogError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT accounts.id FROM accounts WHERE name = ?2 AND (
                 EXISTS (SELECT 1 FROM tokens WHERE id = ?1 AND account = accounts.id AND revoked_at IS NULL)
                 OR EXISTS (SELECT 1 FROM warehouse_keys WHERE id = ?1 AND account = accounts.id AND revoked_at IS NULL))",
        )?;
        Ok(statement.query_row([key_id, account_name], |row| row.get(0)).optional()?)
    }

    fn account_of_name(&self, name: &str) -> Result<Option<i64>, CatalogError> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM accounts WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }
}
