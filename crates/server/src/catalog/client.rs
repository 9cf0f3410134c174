//! OAuth clients: programs that fetch tokens for themselves with an id and a secret.

use rusqlite::{OptionalExtension as _, Row};
use tallyhouse_model::{AccountId, Micros};

use super::account::account_id;
use super::credential::{join_scopes, sorted_scopes};
use super::secret::{SecretHash, hash_of, is_same, random_hex};
use super::{Catalog, CatalogError, Narrowing, Scope, scopes_of};

/// Random bytes of an id: as long as the vendor's, for clients that check it.
const ID_BYTES: usize = 20;

/// Random bytes of a secret: 160 bits cannot be guessed, so guesses need no counting.
const SECRET_BYTES: usize = 20;

/// What a new client shall be.
#[derive(Debug, Clone)]
pub struct ClientRequest {
    /// Whose data.
    pub account: AccountId,
    /// What its tokens may do; at least one.
    pub scopes: Vec<Scope>,
    /// What part of the account its tokens see; only a client that may do nothing but read can be confined.
    pub narrowing: Narrowing,
    /// What it is for, in the operator's words.
    pub label: Option<String>,
}

/// A client as the catalog knows it: without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The order they were made in.
    pub(super) number: i64,
    /// Its public id, 40 hexadecimal digits.
    pub id: String,
    /// Whose data.
    pub account: AccountId,
    /// The name of that account.
    pub account_name: String,
    /// What its tokens may do.
    pub scopes: Vec<Scope>,
    /// What part of the account its tokens see.
    pub narrowing: Narrowing,
    /// What it is for, in the operator's words.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: Micros,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Micros>,
}

/// A client that was just made, with the only copy of its secret.
pub struct NewClient {
    /// What the catalog keeps.
    pub client: Client,
    /// What it has to send for a token. Show it once.
    pub secret: String,
}

const COLUMNS: &str = "number, clients.id, account, accounts.name, scopes, content_ids, channel_ids, label,
    clients.created_at, revoked_at";

impl Catalog {
    /// Makes a client.
    pub fn create_client(&self, request: &ClientRequest, now: Micros) -> Result<NewClient, CatalogError> {
        if request.scopes.is_empty() {
            return Err(CatalogError::NoScope);
        }
        request.narrowing.check(&request.scopes)?;
        let account_name = self
            .account_name(request.account)?
            .ok_or_else(|| CatalogError::Damaged(format!("there is no account {}", request.account.0)))?;
        let secret = random_hex::<SECRET_BYTES>()?;
        let mut client = Client {
            number: 0,
            id: random_hex::<ID_BYTES>()?,
            account: request.account,
            account_name,
            scopes: sorted_scopes(request.scopes.clone()),
            narrowing: request.narrowing.clone(),
            label: request.label.clone(),
            created_at: now,
            revoked_at: None,
        };
        client.number = self.insert_client(&client, &hash_of(&secret))?;
        Ok(NewClient { client, secret })
    }

    fn insert_client(&self, client: &Client, hash: &SecretHash) -> Result<i64, CatalogError> {
        let (content_ids, channel_ids) = client.narrowing.to_columns();
        let connection = self.lock();
        connection.execute(
            "INSERT INTO clients (id, hash, account, scopes, content_ids, channel_ids, label, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                &client.id,
                hash,
                client.account.0,
                join_scopes(&client.scopes),
                content_ids,
                channel_ids,
                &client.label,
                client.created_at,
            ),
        )?;
        Ok(connection.last_insert_rowid())
    }

    /// All clients, revoked ones included, in the order they were made.
    pub fn clients(&self) -> Result<Vec<Client>, CatalogError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM clients JOIN accounts ON accounts.id = account ORDER BY number"
        ))?;
        statement.query_and_then([], client_of)?.collect()
    }

    /// The client with this id and secret; none when one of them is wrong or it was revoked, and not which.
    pub fn authenticate_client(&self, id: &str, secret: &str) -> Result<Option<Client>, CatalogError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, hash FROM clients JOIN accounts ON accounts.id = account
             WHERE clients.id = ?1 AND revoked_at IS NULL"
        ))?;
        let found = statement
            .query_row([id], |row| Ok((client_of(row), row.get::<_, SecretHash>("hash")?)))
            .optional()?;
        // Hashed and compared also when there is none, so that the time does not tell ids.
        let kept = found.as_ref().map_or([0; 32], |(_, hash)| *hash);
        match found {
            Some((client, _)) if is_same(&hash_of(secret), &kept) => client.map(Some),
            _ => Ok(None),
        }
    }

    /// Revokes a client and everything it was given; once more does nothing.
    pub fn revoke_client(&self, id: &str, now: Micros) -> Result<(), CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let found = transaction
            .execute("UPDATE clients SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1", (id, now))?;
        if found == 0 {
            return Err(CatalogError::NoSuchClient(id.to_owned()));
        }
        transaction
            .execute("DELETE FROM grants WHERE client = (SELECT number FROM clients WHERE id = ?1)", [id])?;
        transaction.commit()?;
        Ok(())
    }
}

fn client_of(row: &Row<'_>) -> Result<Client, CatalogError> {
    Ok(Client {
        number: row.get(0)?,
        id: row.get(1)?,
        account: account_id(row.get(2)?)?,
        account_name: row.get(3)?,
        scopes: scopes_of(row)?,
        narrowing: Narrowing::of_row(row)?,
        label: row.get(7)?,
        created_at: row.get(8)?,
        revoked_at: row.get(9)?,
    })
}
