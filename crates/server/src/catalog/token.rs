//! Tokens: random secrets of which only the hash is kept, with a public id to list and revoke them by.

use std::fmt::Write as _;

use rusqlite::Row;
use sha2::{Digest as _, Sha256};
use tallyhouse_model::{AccountId, Micros};

use super::account::account_id;
use super::{Catalog, CatalogError, Scope};

/// What secrets begin with, so that people and scanners of leaked secrets know one when they see it.
pub(super) const SECRET_PREFIX: &str = "tally_";

/// Random bytes of a secret: 256 bits cannot be guessed, so a plain hash of them needs no salt and no slowness.
const SECRET_BYTES: usize = 32;

/// What ids begin with.
const ID_PREFIX: &str = "tok_";

/// Random bytes of an id. It is no secret; it only has to be unique, and the table makes sure.
const ID_BYTES: usize = 8;

/// The SHA-256 of a secret.
pub(super) type SecretHash = [u8; 32];

/// What a new token shall be.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Whose data.
    pub account: AccountId,
    /// What it may do; at least one.
    pub scopes: Vec<Scope>,
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
    /// Makes a token.
    pub fn create_token(&self, request: &TokenRequest, now: Micros) -> Result<NewToken, CatalogError> {
        if request.scopes.is_empty() {
            return Err(CatalogError::NoScope);
        }
        if request.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(CatalogError::Expired);
        }
        let account_name = self
            .account_name(request.account)?
            .ok_or_else(|| CatalogError::Damaged(format!("there is no account {}", request.account.0)))?;
        let secret = format!("{SECRET_PREFIX}{}", random_hex::<SECRET_BYTES>()?);
        let token = Token {
            id: format!("{ID_PREFIX}{}", random_hex::<ID_BYTES>()?),
            account: request.account,
            account_name,
            scopes: sorted(request.scopes.clone()),
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
        let inner = self.lock();
        let mut statement = inner.connection.prepare_cached(
            "SELECT tokens.id, account, name, scopes, label, tokens.created_at, expires_at, revoked_at
             FROM tokens JOIN accounts ON accounts.id = account ORDER BY number",
        )?;
        statement.query_and_then([], token_of)?.collect()
    }

    /// Revokes a token; once more does nothing.
    pub fn revoke_token(&self, id: &str, now: Micros) -> Result<(), CatalogError> {
        let mut inner = self.lock();
        inner.verified.forget();
        let found = inner
            .connection
            .execute("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1", (id, now))?;
        if found == 0 { Err(CatalogError::NoSuchToken(id.to_owned())) } else { Ok(()) }
    }

    fn insert(&self, token: &Token, hash: &SecretHash) -> Result<(), CatalogError> {
        self.lock().connection.execute(
            "INSERT INTO tokens (id, hash, account, scopes, label, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                &token.id,
                hash,
                token.account.0,
                join_scopes(&token.scopes),
                &token.label,
                token.created_at,
                token.expires_at,
            ),
        )?;
        Ok(())
    }
}

/// What the catalog keeps of a secret.
pub(super) fn hash_of(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Reads the scopes of a row.
pub(super) fn parse_scopes(text: &str) -> Result<Vec<Scope>, CatalogError> {
    let scopes = text.split(' ').map(str::parse).collect::<Result<_, String>>();
    scopes.map_err(|_| CatalogError::Damaged(format!("a token has the scopes {text:?}")))
}

fn join_scopes(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
}

fn sorted(mut scopes: Vec<Scope>) -> Vec<Scope> {
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

fn token_of(row: &Row<'_>) -> Result<Token, CatalogError> {
    Ok(Token {
        id: row.get(0)?,
        account: account_id(row.get(1)?)?,
        account_name: row.get(2)?,
        scopes: parse_scopes(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
        label: row.get(4)?,
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
        revoked_at: row.get(7)?,
    })
}

fn random_hex<const BYTES: usize>() -> Result<String, CatalogError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(CatalogError::Random)?;
    let mut text = String::with_capacity(2 * BYTES);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes everything");
    }
    Ok(text)
}
