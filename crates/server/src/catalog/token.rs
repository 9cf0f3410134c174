//! Tokens: random secrets of which only the hash is kept, with a public id to list and revoke them by.

use rusqlite::Row;
use tallyhouse_model::{AccountId, Micros};

use super::account::account_id;
use super::credential::{join_scopes, sorted_scopes};
use super::secret::{SecretHash, hash_of, random_hex};
use super::{Catalog, CatalogError, Narrowing, Resources, Scope, scopes_of};

/// What secrets begin with, so that people and scanners of leaked secrets know one when they see it.
pub(super) const SECRET_PREFIX: &str = "tally_";

/// Random bytes of a secret: 256 bits cannot be guessed, so a plain hash of them needs no salt and no slowness.
const SECRET_BYTES: usize = 32;

/// What ids begin with.
const ID_PREFIX: &str = "tok_";

/// Random bytes of an id. It is no secret; it only has to be unique, and the table makes sure.
const ID_BYTES: usize = 8;

/// What a new token shall be.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Whose data.
    pub account: AccountId,
    /// What it may do; at least one, unless it may use pipes or data sources.
    pub scopes: Vec<Scope>,
    /// What part of the account it sees; only a token that may do nothing but read can be confined.
    pub narrowing: Narrowing,
    /// From when on it is not accepted any more; `None` for never.
    pub expires_at: Option<Micros>,
    /// What it is for, in the operator's words.
    pub label: Option<String>,
}

/// A token as the catalog knows it: without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its public id.
    pub id: String,
    /// Whose data.
    pub account: AccountId,
    /// The name of that account.
    pub account_name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What part of the account it sees.
    pub narrowing: Narrowing,
    /// What it may use besides.
    pub resources: Resources,
    /// What it is for, in the operator's words.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: Micros,
    /// From when on it is not accepted any more; `None` for never.
    pub expires_at: Option<Micros>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Micros>,
}

/// A token that was just made, with the only copy of its secret.
pub struct NewToken {
    /// What the catalog keeps.
    pub token: Token,
    /// What requests have to carry. Show it once.
    pub secret: String,
}

/// Whether a token is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It is.
    Active,
    /// Not any more: its time has come.
    Expired,
    /// Not any more: an operator revoked it.
    Revoked,
}

impl TokenState {
    /// Its name in lists.
    pub fn name(self) -> &'static str {
        match self {
            TokenState::Active => "active",
            TokenState::Expired => "expired",
            TokenState::Revoked => "revoked",
        }
    }
}

impl Token {
    /// Whether it is accepted at this time.
    pub fn state(&self, now: Micros) -> TokenState {
        if self.revoked_at.is_some() {
            TokenState::Revoked
        } else if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            TokenState::Expired
        } else {
            TokenState::Active
        }
    }
}

impl Catalog {
    /// Makes a token that may do what its scopes say.
    pub fn create_token(&self, request: &TokenRequest, now: Micros) -> Result<NewToken, CatalogError> {
        self.create_scoped_token(request, Resources::default(), now)
    }

    /// Makes a token that may besides use some pipes and data sources, with nothing fixed; with scopes or without.
    pub fn create_scoped_token(
        &self,
        request: &TokenRequest,
        resources: Resources,
        now: Micros,
    ) -> Result<NewToken, CatalogError> {
        if request.scopes.is_empty() && resources.is_empty() {
            return Err(CatalogError::NoScope);
        }
        resources.check()?;
        if !resources.is_empty() && !request.narrowing.is_everything() {
            return Err(CatalogError::NarrowedResources);
        }
        if request.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(CatalogError::Expired);
        }
        request.narrowing.check(&request.scopes)?;
        let account_name = self
            .account_name(request.account)?
            .ok_or_else(|| CatalogError::Damaged(format!("there is no account {}", request.account.0)))?;
        let secret = format!("{SECRET_PREFIX}{}", random_hex::<SECRET_BYTES>()?);
        let token = Token {
            id: format!("{ID_PREFIX}{}", random_hex::<ID_BYTES>()?),
            account: request.account,
            account_name,
            scopes: sorted_scopes(request.scopes.clone()),
            narrowing: request.narrowing.clone(),
            resources,
            label: request.label.clone(),
            created_at: now,
            expires_at: request.expires_at,
            revoked_at: None,
        };
        self.insert(&token, &hash_of(&secret))?;
        Ok(NewToken { token, secret })
    }

    /// All tokens, revoked ones included, in the order they were made.
    pub fn tokens(&self) -> Result<Vec<Token>, CatalogError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT tokens.id, account, name, scopes, label, tokens.created_at, expires_at, revoked_at,
                    content_ids, channel_ids, pipes, append_to
             FROM tokens JOIN accounts ON accounts.id = account ORDER BY number",
        )?;
        statement.query_and_then([], token_of)?.collect()
    }

    /// Revokes a token; once more does nothing.
    pub fn revoke_token(&self, id: &str, now: Micros) -> Result<(), CatalogError> {
        let connection = self.lock();
        let found = connection
            .execute("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1", (id, now))?;
        if found == 0 { Err(CatalogError::NoSuchToken(id.to_owned())) } else { Ok(()) }
    }

    fn insert(&self, token: &Token, hash: &SecretHash) -> Result<(), CatalogError> {
        let (content_ids, channel_ids) = token.narrowing.to_columns();
        let (pipes, append_to) = token.resources.to_columns();
        self.lock().execute(
            "INSERT INTO tokens
                 (id, hash, account, scopes, label, created_at, expires_at, content_ids, channel_ids, pipes, append_to)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                &token.id,
                hash,
                token.account.0,
                join_scopes(&token.scopes),
                &token.label,
                token.created_at,
                token.expires_at,
                content_ids,
                channel_ids,
                pipes,
                append_to,
            ),
        )?;
        Ok(())
    }
}

fn token_of(row: &Row<'_>) -> Result<Token, CatalogError> {
    Ok(Token {
        id: row.get(0)?,
        account: account_id(row.get(1)?)?,
        account_name: row.get(2)?,
        scopes: scopes_of(row)?,
        narrowing: Narrowing::of_row(row)?,
        resources: Resources::of_row(row)?,
        label: row.get(4)?,
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
        revoked_at: row.get(7)?,
    })
}
