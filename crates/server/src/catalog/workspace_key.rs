//! The keys of workspace JWTs: admin tokens, which sign any, and warehouse keys.
//!
//! Such a JWT is signed with the secret itself, by its owner or by this server, and the catalog only has the SHA-256 of
//! that. It suffices: HMAC replaces a key longer than its block (64 bytes) by its hash (RFC 2104, section 2), and all
//! these secrets are longer. So the hash is as good as the secret for signing, which is one more reason why `catalog.db`
//! is its owner's alone.

use rusqlite::{OptionalExtension as _, Row};
use tallyhouse_model::Micros;

use super::secret::{SecretHash, hash_of};
use super::warehouse_key::ID_PREFIX;
use super::{Catalog, CatalogError};

/// Keys of one account that a JWT which names none of them is tried with.
pub const WORKSPACE_KEYS_MAX: usize = 64;

/// What signs workspace JWTs. What is secret about it never leaves the process, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct WorkspaceKey {
    /// Its public id, the `kid` of JWTs.
    pub id: String,
    /// The name of the account that it signs for: the `workspace_id` of its JWTs.
    pub account_name: String,
    /// The hash of the secret: what HMAC uses in its place.
    pub hmac_key: SecretHash,
    /// From when on it is not accepted any more; `None` for never.
    pub expires_at: Option<Micros>,
    /// What it may sign.
    pub kind: WorkspaceKeyKind,
}

/// What a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkspaceKeyKind {
    /// An admin token: JWTs for any pipe and data source of its account.
    AdminToken,
    /// A warehouse key: JWTs for the demo pipes.
    WarehouseKey,
}

const ADMIN_TOKENS: &str =
    "SELECT tokens.id, name, hash, expires_at FROM tokens JOIN accounts ON accounts.id = account
    WHERE revoked_at IS NULL AND ' ' || scopes || ' ' LIKE '% admin %'";

const WAREHOUSE_KEYS: &str = "SELECT warehouse_keys.id, name, hash, NULL FROM warehouse_keys
    JOIN accounts ON accounts.id = account WHERE revoked_at IS NULL";

impl Catalog {
    /// The key with this id; none when it is unknown or revoked, or a token that is no admin's. It may have expired.
    pub fn workspace_key(&self, id: &str) -> Result<Option<WorkspaceKey>, CatalogError> {
        let verifier = self.verifier();
        let (kind, sql) = if id.starts_with(ID_PREFIX) {
            (WorkspaceKeyKind::WarehouseKey, format!("{WAREHOUSE_KEYS} AND warehouse_keys.id = ?1"))
        } else {
            (WorkspaceKeyKind::AdminToken, format!("{ADMIN_TOKENS} AND tokens.id = ?1"))
        };
        let mut statement = verifier.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([id], |row| key_of(row, kind)).optional()?)
    }

    /// The admin tokens of an account that are accepted at this time, one more than [`WORKSPACE_KEYS_MAX`] at most.
    pub fn workspace_keys(&self, account_name: &str, now: Micros) -> Result<Vec<WorkspaceKey>, CatalogError> {
        let verifier = self.verifier();
        let mut statement = verifier.connection.prepare_cached(&format!(
            "{ADMIN_TOKENS} AND accounts.name = ?1 AND (expires_at IS NULL OR expires_at > ?2)
             ORDER BY number LIMIT ?3"
        ))?;
        let keys = statement.query_map((account_name, now, WORKSPACE_KEYS_MAX as i64 + 1), |row| {
            key_of(row, WorkspaceKeyKind::AdminToken)
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// The key with this secret, if it is accepted at this time.
    pub fn workspace_key_of(
        &self,
        kind: WorkspaceKeyKind,
        secret: &str,
        now: Micros,
    ) -> Result<Option<WorkspaceKey>, CatalogError> {
        let verifier = self.verifier();
        let sql = match kind {
            WorkspaceKeyKind::AdminToken => format!("{ADMIN_TOKENS} AND hash = ?1"),
            WorkspaceKeyKind::WarehouseKey => format!("{WAREHOUSE_KEYS} AND hash = ?1"),
        };
        let mut statement = verifier.connection.prepare_cached(&sql)?;
        let found = statement.query_row([hash_of(secret)], |row| key_of(row, kind)).optional()?;
        Ok(found.filter(|key| key.expires_at.is_none_or(|expires_at| now < expires_at)))
    }
}

fn key_of(row: &Row<'_>, kind: WorkspaceKeyKind) -> rusqlite::Result<WorkspaceKey> {
    Ok(WorkspaceKey {
        id: row.get(0)?,
        account_name: row.get(1)?,
        hmac_key: row.get(2)?,
        expires_at: row.get(3)?,
        kind,
    })
}
