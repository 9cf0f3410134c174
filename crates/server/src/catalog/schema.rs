//! The tables of `catalog.db`, and how a file of an older format becomes one of today's. `docs/FORMAT.md` describes
//! them.

mod sharing;

use rusqlite::{Connection, TransactionBehavior};

use super::CatalogError;

/// Marks the file as ours in SQLite's header: "thct".
pub(super) const APPLICATION_ID: u32 = 0x7468_6374;

/// The newest format this program reads, in SQLite's `user_version`. Format 0 is a file that was just made.
pub(super) const FORMAT: u32 = 5;

/// Times are microseconds since 1970, scopes are names with a space between. `AUTOINCREMENT` never gives a number
/// again, which is what parts and dictionaries rely on, and counts from 1 without gaps.
const FORMAT_1: &str = "
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE tokens (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        hash BLOB NOT NULL UNIQUE,
        account INTEGER NOT NULL REFERENCES accounts (id),
        scopes TEXT NOT NULL,
        label TEXT,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER
    ) STRICT;
";

/// Ids of contents and channels are numbers with a space between; null is all of them.
///
/// A grant is what a client was given once; the tokens made from it go when it goes.
const FORMAT_2: &str = "
    ALTER TABLE tokens ADD COLUMN content_ids TEXT;
    ALTER TABLE tokens ADD COLUMN channel_ids TEXT;
    CREATE TABLE clients (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        hash BLOB NOT NULL,
        account INTEGER NOT NULL REFERENCES accounts (id),
        scopes TEXT NOT NULL,
        content_ids TEXT,
        channel_ids TEXT,
        label TEXT,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    ) STRICT;
    CREATE TABLE grants (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        client INTEGER NOT NULL REFERENCES clients (number),
        scopes TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX grants_by_client ON grants (client);
    CREATE INDEX grants_by_expiry ON grants (expires_at);
    CREATE TABLE access_tokens (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        hash BLOB NOT NULL UNIQUE,
        client INTEGER NOT NULL REFERENCES clients (number),
        grant_number INTEGER NOT NULL REFERENCES grants (number) ON DELETE CASCADE,
        scopes TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX access_tokens_by_client ON access_tokens (client);
    CREATE INDEX access_tokens_by_grant ON access_tokens (grant_number);
    CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);
    CREATE TABLE refresh_tokens (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        hash BLOB NOT NULL UNIQUE,
        grant_number INTEGER NOT NULL REFERENCES grants (number) ON DELETE CASCADE,
        parent INTEGER,
        expires_at INTEGER NOT NULL,
        used_at INTEGER
    ) STRICT;
    CREATE INDEX refresh_tokens_by_grant ON refresh_tokens (grant_number);
    CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
    CREATE TABLE revoked_jwts (
        id TEXT PRIMARY KEY,
        client INTEGER NOT NULL REFERENCES clients (number),
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX revoked_jwts_by_client ON revoked_jwts (client);
    CREATE INDEX revoked_jwts_by_expiry ON revoked_jwts (expires_at);
    CREATE TABLE signing_keys (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        algorithm TEXT NOT NULL,
        private BLOB,
        public BLOB,
        created_at INTEGER NOT NULL,
        replaced_at INTEGER,
        retired_at INTEGER
    ) STRICT;
";

/// Names of pipes and data sources have a space between; null is none. A warehouse key has no expiry.
const FORMAT_3: &str = "
    ALTER TABLE tokens ADD COLUMN pipes TEXT;
    ALTER TABLE tokens ADD COLUMN append_to TEXT;
    CREATE INDEX tokens_by_account ON tokens (account);
    CREATE TABLE warehouse_keys (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        hash BLOB NOT NULL UNIQUE,
        account INTEGER NOT NULL REFERENCES accounts (id),
        label TEXT,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    ) STRICT;
";

/// Documents, deleted ones without a body; the fields of those that are forms follow from their bodies.
///
/// Bodies may be long, so that the tables have row numbers: a table without them would keep bodies between its keys.
/// `bytes` are those of the body, which the index counts and adds up without a look at it. `changes` counts how often
/// documents of a table were put and changed any, so that whoever remembers documents knows when to forget them.
const FORMAT_4_DOCUMENTS: &str = "
    CREATE TABLE documents (
        number INTEGER PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts (id),
        table_number INTEGER NOT NULL,
        id INTEGER NOT NULL,
        version INTEGER NOT NULL,
        body TEXT,
        bytes INTEGER,
        UNIQUE (account, table_number, id)
    ) STRICT;
    CREATE INDEX documents_by_table ON documents (account, table_number, bytes);
    CREATE TABLE form_fields (
        number INTEGER PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts (id),
        form INTEGER NOT NULL,
        field_id INTEGER NOT NULL,
        field_type TEXT NOT NULL,
        options TEXT NOT NULL,
        UNIQUE (account, field_id, form)
    ) STRICT;
    CREATE INDEX form_fields_by_form ON form_fields (account, form);
    CREATE TABLE document_changes (
        account INTEGER NOT NULL REFERENCES accounts (id),
        table_number INTEGER NOT NULL,
        changes INTEGER NOT NULL,
        PRIMARY KEY (account, table_number)
    ) STRICT, WITHOUT ROWID;
";

/// A login is what a person signs in with, by an address in lower case; the people in the data are documents and have
/// nothing to do with it. A password is an argon2id string. A session is a pair of tokens that a login was given.
const FORMAT_4_SESSIONS: &str = "
    CREATE TABLE logins (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        uuid TEXT NOT NULL UNIQUE,
        email TEXT NOT NULL UNIQUE,
        account INTEGER NOT NULL REFERENCES accounts (id),
        password TEXT NOT NULL,
        user_id INTEGER,
        first_name TEXT,
        last_name TEXT,
        channel_ids TEXT,
        created_at INTEGER NOT NULL,
        disabled_at INTEGER
    ) STRICT;
    CREATE TABLE sessions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        uuid TEXT NOT NULL UNIQUE,
        login INTEGER NOT NULL REFERENCES logins (number) ON DELETE CASCADE,
        access_hash BLOB NOT NULL UNIQUE,
        refresh_hash BLOB NOT NULL UNIQUE,
        app_bundle_id TEXT,
        renewed_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        refresh_expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX sessions_by_login ON sessions (login);
    CREATE INDEX sessions_by_expiry ON sessions (refresh_expires_at);
";

/// What leads from each format to the next.
const STEPS: [&[&str]; FORMAT as usize] = [
    &[FORMAT_1],
    &[FORMAT_2],
    &[FORMAT_3],
    &[FORMAT_4_DOCUMENTS, FORMAT_4_SESSIONS],
    &[sharing::SITES, sharing::MESSAGES, sharing::SNAPSHOTS, sharing::PINGBACKS],
];

/// Brings the tables to today's format in one transaction, unless another process has just done so.
pub(super) fn upgrade(connection: &mut Connection) -> Result<(), CatalogError> {
    if format_of(connection)? == FORMAT {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = format_of(&transaction)? as usize;
    if found < STEPS.len() {
        for part in STEPS[found..].iter().copied().flatten() {
            transaction.execute_batch(part)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
    }
    transaction.commit()?;
    Ok(())
}

/// The format of the file behind a connection.
pub(super) fn format_of(connection: &Connection) -> Result<u32, CatalogError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests;
