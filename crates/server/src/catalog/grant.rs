//! Grants: what a client was given at once, and the tokens made from it. All of them go when the grant goes.
//!
//! A refresh token works once. One that was used works again as long as nothing that came of it was used: then the
//! client never got the answer, and repeats its request. Anything else means that two parties hold the token, and
//! the grant is taken away from both.

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use tallyhouse_model::{Micros, SECOND};

use super::credential::{join_scopes, sorted_scopes};
use super::secret::{hash_of, random_hex};
use super::{Catalog, CatalogError, Client, Scope, scopes_of};

/// Grants that a client has at most, and as many access tokens that are not JWTs; the oldest give way. A client that
/// asks for a new one every ten seconds still has each for its day.
pub const GRANTS_MAX: u32 = 10_000;

/// Refresh tokens of one grant that are remembered: more in a row than anybody could mix up.
const REFRESH_TOKENS_MAX: u32 = 64;

/// JWTs of one client that are remembered as revoked one by one; of further ones the whole grant is revoked.
const REVOKED_JWTS_MAX: u32 = 10_000;

/// How much longer than its tokens a grant is remembered: as long as the clocks of servers may differ.
const GRANT_SLACK: Micros = 300 * SECOND;

/// Random bytes of access and refresh tokens, as 40 hexadecimal digits: as long as the vendor's.
const TOKEN_BYTES: usize = 20;

/// How an access token is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessForm {
    /// Random digits that the catalog knows.
    Opaque,
    /// A signed statement; the caller makes it from the grant.
    Jwt,
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct GrantRequest {
    /// What it wants to do; `None` for all it may.
    pub scopes: Option<Vec<Scope>>,
    /// How its access token is made.
    pub form: AccessForm,
    /// How long access tokens live.
    pub access_lifetime: Micros,
    /// How long refresh tokens live.
    pub refresh_lifetime: Micros,
}

/// What a client got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The public id of the grant.
    pub grant_id: String,
    /// The access token; `None` when it is to be a JWT.
    pub access_token: Option<String>,
    /// What gives the next tokens.
    pub refresh_token: String,
    /// What the access token may do.
    pub scopes: Vec<Scope>,
}

/// Why a client got nothing.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The refresh token is unknown, expired, revoked, another client's or was used twice. Start anew.
    #[error("the refresh token is not valid")]
    Invalid,
    /// It asks for more than it may. Ask for less.
    #[error("the client may not have all of these scopes")]
    Scope,
    /// The catalog cannot be used.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl From<rusqlite::Error> for GrantError {
    fn from(error: rusqlite::Error) -> Self {
        GrantError::Catalog(error.into())
    }
}

impl Catalog {
    /// Gives a client tokens.
    pub fn grant(&self, client: &Client, request: &GrantRequest, now: Micros) -> Result<Granted, GrantError> {
        let scopes = chosen(request, &client.scopes)?;
        let id = random_hex::<8>()?;
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        purge(&transaction, now)?;
        transaction.execute(
            "INSERT INTO grants (id, client, scopes, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (&id, client.number, join_scopes(&client.scopes), now, kept_until(request, now)),
        )?;
        let number = transaction.last_insert_rowid();
        let granted = add_tokens(&transaction, client, (number, id), None, request, scopes, now)?;
        make_room(&transaction, client)?;
        transaction.commit()?;
        Ok(granted)
    }

    /// Gives a client new tokens for a refresh token.
    pub fn refresh(
        &self,
        client: &Client,
        refresh_token: &str,
        request: &GrantRequest,
        now: Micros,
    ) -> Result<Granted, GrantError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        purge(&transaction, now)?;
        let found = RefreshToken::find(&transaction, client, refresh_token)?.ok_or(GrantError::Invalid)?;
        if found.is_in_other_hands(&transaction)? {
            transaction.execute("DELETE FROM grants WHERE number = ?1", [found.grant.0])?;
            transaction.commit()?;
            return Err(GrantError::Invalid);
        }
        let scopes = chosen(request, &found.scopes)?;
        transaction.execute(
            "UPDATE refresh_tokens SET used_at = coalesce(used_at, ?2) WHERE number = ?1",
            (found.number, now),
        )?;
        transaction.execute(
            "UPDATE grants SET expires_at = max(expires_at, ?2) WHERE number = ?1",
            (found.grant.0, kept_until(request, now)),
        )?;
        let granted =
            add_tokens(&transaction, client, found.grant, Some(found.number), request, scopes, now)?;
        make_room(&transaction, client)?;
        transaction.commit()?;
        Ok(granted)
    }

    /// Revokes a token of a client that is not a JWT: an access token alone, a refresh token with all of its grant.
    /// One that is unknown or another client's is left alone.
    pub fn revoke_granted(&self, client: &Client, token: &str) -> Result<(), CatalogError> {
        let hash = hash_of(token);
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "DELETE FROM grants WHERE client = ?2
                 AND number = (SELECT grant_number FROM refresh_tokens WHERE hash = ?1)",
            (hash, client.number),
        )?;
        transaction
            .execute("DELETE FROM access_tokens WHERE hash = ?1 AND client = ?2", (hash, client.number))?;
        transaction.commit()?;
        Ok(())
    }

    /// Revokes a JWT that this server signed for a client; remembered until it would have expired.
    pub fn revoke_jwt(
        &self,
        client: &Client,
        jwt_id: &str,
        grant_id: &str,
        expires_at: Micros,
    ) -> Result<(), CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let remembered: u32 = transaction.query_row(
            "SELECT count(*) FROM revoked_jwts WHERE client = ?1",
            [client.number],
            |row| row.get(0),
        )?;
        if remembered < REVOKED_JWTS_MAX {
            transaction.execute(
                "INSERT OR IGNORE INTO revoked_jwts (id, client, expires_at) VALUES (?1, ?2, ?3)",
                (jwt_id, client.number, expires_at.saturating_add(GRANT_SLACK)),
            )?;
        } else {
            transaction
                .execute("DELETE FROM grants WHERE id = ?1 AND client = ?2", (grant_id, client.number))?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// A refresh token as it was found, with its grant.
struct RefreshToken {
    number: i64,
    parent: Option<i64>,
    is_used: bool,
    /// Number and id.
    grant: (i64, String),
    /// What the grant allows.
    scopes: Vec<Scope>,
}

impl RefreshToken {
    /// The token of this client. Expired ones were purged before.
    fn find(
        transaction: &Transaction<'_>,
        client: &Client,
        secret: &str,
    ) -> Result<Option<Self>, CatalogError> {
        let mut statement = transaction.prepare_cached(
            "SELECT refresh_tokens.number, parent, used_at IS NOT NULL, grants.number, grants.id, scopes
             FROM refresh_tokens JOIN grants ON grants.number = grant_number WHERE hash = ?1 AND client = ?2",
        )?;
        let found = statement
            .query_and_then((hash_of(secret), client.number), |row| {
                Ok(RefreshToken {
                    number: row.get(0)?,
                    parent: row.get(1)?,
                    is_used: row.get(2)?,
                    grant: (row.get(3)?, row.get(4)?),
                    scopes: scopes_of(row)?,
                })
            })?
            .next();
        found.transpose()
    }

    /// Whether somebody went on from here: with a child of a token that is used again, or with a sibling of it.
    fn is_in_other_hands(&self, transaction: &Transaction<'_>) -> Result<bool, CatalogError> {
        let mut used_child = transaction.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM refresh_tokens
                 WHERE grant_number = ?1 AND parent = ?2 AND used_at IS NOT NULL AND number != ?3)",
        )?;
        let mut has_used = |parent: i64| -> rusqlite::Result<bool> {
            used_child.query_row((self.grant.0, parent, self.number), |row| row.get(0))
        };
        if self.is_used && has_used(self.number)? {
            return Ok(true);
        }
        self.parent.map_or(Ok(false), |parent| Ok(has_used(parent)?))
    }
}

fn chosen(request: &GrantRequest, allowed: &[Scope]) -> Result<Vec<Scope>, GrantError> {
    match &request.scopes {
        None => Ok(allowed.to_vec()),
        Some(scopes) if scopes.iter().all(|scope| allowed.contains(scope)) => {
            Ok(sorted_scopes(scopes.clone()))
        }
        Some(_) => Err(GrantError::Scope),
    }
}

fn kept_until(request: &GrantRequest, now: Micros) -> Micros {
    now.saturating_add(request.access_lifetime.max(request.refresh_lifetime)).saturating_add(GRANT_SLACK)
}

/// Adds a refresh token to a grant, and an access token unless it is to be a JWT.
fn add_tokens(
    transaction: &Transaction<'_>,
    client: &Client,
    (grant_number, grant_id): (i64, String),
    parent: Option<i64>,
    request: &GrantRequest,
    scopes: Vec<Scope>,
    now: Micros,
) -> Result<Granted, GrantError> {
    let refresh_token = random_hex::<TOKEN_BYTES>()?;
    transaction.execute(
        "INSERT INTO refresh_tokens (hash, grant_number, parent, expires_at) VALUES (?1, ?2, ?3, ?4)",
        (hash_of(&refresh_token), grant_number, parent, now.saturating_add(request.refresh_lifetime)),
    )?;
    transaction.execute(
        "DELETE FROM refresh_tokens WHERE number IN (SELECT number FROM refresh_tokens
             WHERE grant_number = ?1 ORDER BY number DESC LIMIT -1 OFFSET ?2)",
        (grant_number, REFRESH_TOKENS_MAX),
    )?;
    let access_token = match request.form {
        AccessForm::Jwt => None,
        AccessForm::Opaque => {
            let token = random_hex::<TOKEN_BYTES>()?;
            transaction.execute(
                "INSERT INTO access_tokens (hash, client, grant_number, scopes, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                (
                    hash_of(&token),
                    client.number,
                    grant_number,
                    join_scopes(&scopes),
                    now.saturating_add(request.access_lifetime),
                ),
            )?;
            Some(token)
        }
    };
    Ok(Granted { grant_id, access_token, refresh_token, scopes })
}

/// Forgets what nobody accepts any more.
fn purge(connection: &Connection, now: Micros) -> Result<(), CatalogError> {
    for table in ["access_tokens", "refresh_tokens", "revoked_jwts", "grants"] {
        connection.prepare_cached(&format!("DELETE FROM {table} WHERE expires_at <= ?1"))?.execute([now])?;
    }
    Ok(())
}

/// Lets the oldest of a client's grants and access tokens give way.
fn make_room(connection: &Connection, client: &Client) -> Result<(), CatalogError> {
    for table in ["grants", "access_tokens"] {
        connection
            .prepare_cached(&format!(
                "DELETE FROM {table} WHERE number IN (SELECT number FROM {table}
                     WHERE client = ?1 ORDER BY number DESC LIMIT -1 OFFSET ?2)"
            ))?
            .execute((client.number, GRANTS_MAX))?;
    }
    Ok(())
}

/// Whether a grant with this client id still stands, for the JWTs made from it; the number of its account and name.
pub(super) fn account_of_grant(
    connection: &Connection,
    grant_id: &str,
    client_id: &str,
) -> Result<Option<(i64, String)>, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT accounts.id, accounts.name
         FROM grants JOIN clients ON clients.number = client JOIN accounts ON accounts.id = account
         WHERE grants.id = ?1 AND clients.id = ?2 AND revoked_at IS NULL",
    )?;
    Ok(statement.query_row([grant_id, client_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

#[cfg(test)]
mod tests;
