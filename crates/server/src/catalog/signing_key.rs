//! The keys that this server signs JWTs with: one signs, the ones before it are still checked with, until retired.

use rusqlite::{Connection, Row, TransactionBehavior};
use tallyhouse_model::Micros;

use super::secret::random_hex;
use super::{Catalog, CatalogError};

/// Keys at the same time, retired ones not counted.
pub const SIGNING_KEYS_MAX: u32 = 16;

/// Random bytes of a key's public id.
const ID_BYTES: usize = 8;

const COLUMNS: &str = "id, algorithm, private, public, created_at, replaced_at, retired_at";

/// A key. What is secret about it never leaves the process, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its public id, the `kid` of tokens.
    pub id: String,
    /// The only algorithm it is for, by its registered name.
    pub algorithm: String,
    /// The secret half, or the secret; `None` when nothing is signed or checked with it any more.
    pub private: Option<Vec<u8>>,
    /// The public half; `None` of an algorithm that has none.
    pub public: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: Micros,
    /// When the next one took its place.
    pub replaced_at: Option<Micros>,
    /// From when on its tokens are refused.
    pub retired_at: Option<Micros>,
}

/// What a key is made of.
pub struct KeyMaterial {
    /// The only algorithm it is for.
    pub algorithm: &'static str,
    /// The secret half, or the secret.
    pub private: Vec<u8>,
    /// The public half, if the algorithm has one.
    pub public: Option<Vec<u8>>,
}

impl SigningKey {
    /// Its state in lists.
    pub fn state(&self) -> &'static str {
        match (self.retired_at, self.replaced_at) {
            (Some(_), _) => "retired",
            (None, Some(_)) => "replaced",
            (None, None) => "signing",
        }
    }
}

impl Catalog {
    /// All keys, retired ones included, in the order they were made.
    pub fn signing_keys(&self) -> Result<Vec<SigningKey>, CatalogError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM signing_keys ORDER BY number"))?;
        statement.query_and_then([], key_of)?.collect()
    }

    /// The key that tokens with this `kid` are checked with; none when it is unknown or retired.
    pub fn signing_key(&self, id: &str) -> Result<Option<SigningKey>, CatalogError> {
        let verifier = self.verifier();
        let mut statement = verifier.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM signing_keys WHERE id = ?1 AND retired_at IS NULL"
        ))?;
        statement.query_and_then([id], key_of)?.next().transpose()
    }

    /// The key that new tokens are signed with; none before the first one is made.
    pub fn current_signing_key(&self) -> Result<Option<SigningKey>, CatalogError> {
        current(&self.lock())
    }

    /// Makes a key the one that signs, unless another one than `replaced` does by now; answers the one that does. Where
    /// there are as many keys as there may be, the oldest is retired, if what it signed lived no longer than
    /// `token_life` and so has expired.
    pub fn replace_signing_key(
        &self,
        replaced: Option<&str>,
        material: KeyMaterial,
        token_life: Micros,
        now: Micros,
    ) -> Result<SigningKey, CatalogError> {
        let id = random_hex::<ID_BYTES>()?;
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let signing = current(&transaction)?;
        if let Some(other) = signing.filter(|key| replaced != Some(key.id.as_str())) {
            return Ok(other);
        }
        make_room(&transaction, token_life, now)?;
        // What only signed is of no use any more; what also checks has to stay.
        transaction.execute(
            "UPDATE signing_keys SET replaced_at = ?1, private = iif(public IS NULL, private, NULL)
             WHERE replaced_at IS NULL AND retired_at IS NULL",
            [now],
        )?;
        let KeyMaterial { algorithm, private, public } = material;
        transaction.execute(
            "INSERT INTO signing_keys (id, algorithm, private, public, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (&id, algorithm, &private, &public, now),
        )?;
        transaction.commit()?;
        Ok(SigningKey {
            id,
            algorithm: algorithm.to_owned(),
            private: Some(private),
            public,
            created_at: now,
            replaced_at: None,
            retired_at: None,
        })
    }

    /// Refuses all tokens of a key from now on and forgets its secret; once more does nothing.
    pub fn retire_signing_key(&self, id: &str, now: Micros) -> Result<(), CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if current(&transaction)?.is_some_and(|key| key.id == id) {
            return Err(CatalogError::KeyInUse(id.to_owned()));
        }
        let found = transaction.execute(
            "UPDATE signing_keys SET retired_at = coalesce(retired_at, ?2), private = NULL WHERE id = ?1",
            (id, now),
        )?;
        transaction.commit()?;
        if found == 0 { Err(CatalogError::NoSuchKey(id.to_owned())) } else { Ok(()) }
    }
}

/// Retires the oldest key where there is no place for another one. Not all that could be, and not earlier: a key was
/// perhaps used with a longer life than the one that is set now, and the oldest is the least likely to be missed.
fn make_room(connection: &Connection, token_life: Micros, now: Micros) -> Result<(), CatalogError> {
    let keys: u32 =
        connection
            .query_row("SELECT count(*) FROM signing_keys WHERE retired_at IS NULL", [], |row| row.get(0))?;
    if keys < SIGNING_KEYS_MAX {
        return Ok(());
    }
    let retired = connection.execute(
        "UPDATE signing_keys SET retired_at = ?1, private = NULL WHERE number =
             (SELECT min(number) FROM signing_keys WHERE retired_at IS NULL AND replaced_at < ?2)",
        (now, now.saturating_sub(token_life)),
    )?;
    if retired == 0 { Err(CatalogError::TooManyKeys(keys)) } else { Ok(()) }
}

fn current(connection: &Connection) -> Result<Option<SigningKey>, CatalogError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM signing_keys WHERE replaced_at IS NULL AND retired_at IS NULL ORDER BY number DESC"
    ))?;
    statement.query_and_then([], key_of)?.next().transpose()
}

fn key_of(row: &Row<'_>) -> Result<SigningKey, CatalogError> {
    Ok(SigningKey {
        id: row.get(0)?,
        algorithm: row.get(1)?,
        private: row.get(2)?,
        public: row.get(3)?,
        created_at: row.get(4)?,
        replaced_at: row.get(5)?,
        retired_at: row.get(6)?,
    })
}
