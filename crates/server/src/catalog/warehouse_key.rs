//! Warehouse keys: what an account's owner hands to a warehouse, which exchanges it for tokens that read the demo pipes.

use rusqlite::Row;
use tallyhouse_model::{AccountId, Micros};

use super::account::account_id;
use super::secret::{hash_of, random_hex};
use super::{Catalog, CatalogError, PipeResource, Resources};

/// What keys begin with, as the vendor's do.
const SECRET_PREFIX: &str = "rprswh_";

/// Random bytes of a key. With the prefix it is longer than a block of SHA-256, which `WorkspaceKey` relies on.
const SECRET_BYTES: usize = 32;

/// What ids begin with; those of tokens begin otherwise.
pub(super) const ID_PREFIX: &str = "whk_";

/// Random bytes of an id.
const ID_BYTES: usize = 8;

/// The pipes that tokens made from a warehouse key read, and nothing else.
pub const WAREHOUSE_PIPES: [&str; 6] = [
    "api_replicate_analytics",
    "replay_session_activity",
    "replay_session_summary",
    "replay_metrics",
    "replay_change_feed",
    "replicate_session_activity",
];

/// A warehouse key as the catalog knows it: without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarehouseKey {
    /// Its public id.
    pub id: String,
    /// Whose data.
    pub account: AccountId,
    /// The name of that account.
    pub account_name: String,
    /// What it is for, in the operator's words.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: Micros,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Micros>,
}

/// A warehouse key that was just made, with the only copy of its secret.
pub struct NewWarehouseKey {
    /// What the catalog keeps.
    pub key: WarehouseKey,
    /// What the warehouse has to send. Show it once.
    pub secret: String,
}

/// What a token made from a warehouse key may use, whatever the token itself says: whoever has the key could sign
/// anything with it. The account stands for the `client_id` that such tokens name, so none is fixed here: a request that
/// asks for another one then gets what that one has among the account's rows, which is nothing.
pub fn warehouse_resources() -> Resources {
    let pipes = WAREHOUSE_PIPES.iter().map(|name| PipeResource::free(name)).collect();
    Resources { pipes, ..Resources::default() }
}

impl Catalog {
    /// Makes a warehouse key.
    pub fn create_warehouse_key(
        &self,
        account: AccountId,
        label: Option<String>,
        now: Micros,
    ) -> Result<NewWarehouseKey, CatalogError> {
        let account_name = self
            .account_name(account)?
            .ok_or_else(|| CatalogError::Damaged(format!("there is no account {}", account.0)))?;
        let secret = format!("{SECRET_PREFIX}{}", random_hex::<SECRET_BYTES>()?);
        let id = format!("{ID_PREFIX}{}", random_hex::<ID_BYTES>()?);
        let key = WarehouseKey { id, account, account_name, label, created_at: now, revoked_at: None };
        self.lock().execute(
            "INSERT INTO warehouse_keys (id, hash, account, label, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (&key.id, &hash_of(&secret), key.account.0, &key.label, key.created_at),
        )?;
        Ok(NewWarehouseKey { key, secret })
    }

    /// All warehouse keys, revoked ones included, in the order they were made.
    pub fn warehouse_keys(&self) -> Result<Vec<WarehouseKey>, CatalogError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT warehouse_keys.id, account, name, label, warehouse_keys.created_at, revoked_at
             FROM warehouse_keys JOIN accounts ON accounts.id = account ORDER BY number",
        )?;
        statement.query_and_then([], key_of)?.collect()
    }

    /// Revokes a warehouse key, and with it the tokens made from it; once more does nothing.
    pub fn revoke_warehouse_key(&self, id: &str, now: Micros) -> Result<(), CatalogError> {
        let connection = self.lock();
        let found = connection.execute(
            "UPDATE warehouse_keys SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
            (id, now),
        )?;
        if found == 0 { Err(CatalogError::NoSuchWarehouseKey(id.to_owned())) } else { Ok(()) }
    }
}

fn key_of(row: &Row<'_>) -> Result<WarehouseKey, CatalogError> {
    Ok(WarehouseKey {
        id: row.get(0)?,
        account: account_id(row.get(1)?)?,
        account_name: row.get(2)?,
        label: row.get(3)?,
        created_at: row.get(4)?,
        revoked_at: row.get(5)?,
    })
}
