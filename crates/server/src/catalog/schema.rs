//! The tables of `catalog.db`, and how a file of an older format becomes one of today's. `docs/FORMAT.md` describes
//! them.

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

/// A site is one customer of the sharing family, named by its subdomain, with a pair of keys. A webhook secret signs what
/// the server sends to a site; until it expires.
const FORMAT_5_SITES: &str = "
    CREATE TABLE sites (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        account INTEGER NOT NULL REFERENCES accounts (id),
        public_key TEXT NOT NULL UNIQUE,
        private_hash BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    ) STRICT;
    CREATE TABLE webhook_secrets (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        secret BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER
    ) STRICT;
    CREATE INDEX webhook_secrets_by_site ON webhook_secrets (site);
";

/// A message's parts are kept as JSON. A publication is a message on one social network on behalf of one identity; short
/// URLs outlive it, because what was published stays out there.
///
/// `site_counts` says how many messages and short URLs a site has, so that no page of a list has to count them. Triggers
/// keep it, so that no statement can forget to.
const FORMAT_5_MESSAGES: &str = "
    CREATE TABLE messages (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        token TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        created_at INTEGER NOT NULL,
        published_at INTEGER NOT NULL,
        parts TEXT NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_site ON messages (site, created_at, token, published_at);
    CREATE TABLE publications (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        message INTEGER NOT NULL REFERENCES messages (number) ON DELETE CASCADE,
        site INTEGER NOT NULL REFERENCES sites (number),
        provider TEXT,
        user_token TEXT,
        identity_token TEXT NOT NULL,
        published_at INTEGER NOT NULL,
        UNIQUE (message, identity_token)
    ) STRICT;
    CREATE INDEX publications_by_identity ON publications (site, identity_token) WHERE provider IS NOT NULL;
    CREATE TABLE shorturls (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        token TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        message_token TEXT,
        publication INTEGER REFERENCES publications (number) ON DELETE SET NULL,
        provider TEXT,
        original_url TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX shorturls_by_site ON shorturls (site, created_at, token);
    CREATE INDEX shorturls_by_publication ON shorturls (publication);
    CREATE TABLE site_counts (
        site INTEGER PRIMARY KEY REFERENCES sites (number),
        messages INTEGER NOT NULL,
        shorturls INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER sites_added AFTER INSERT ON sites BEGIN
        INSERT INTO site_counts VALUES (new.number, 0, 0);
    END;
    CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
        UPDATE site_counts SET messages = messages + 1 WHERE site = new.site;
    END;
    CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
        UPDATE site_counts SET messages = messages - 1 WHERE site = old.site;
    END;
    CREATE TRIGGER shorturls_added AFTER INSERT ON shorturls BEGIN
        UPDATE site_counts SET shorturls = shorturls + 1 WHERE site = new.site;
    END;
    CREATE TRIGGER shorturls_deleted AFTER DELETE ON shorturls BEGIN
        UPDATE site_counts SET shorturls = shorturls - 1 WHERE site = old.site;
    END;
";

/// Snapshots; those without `finished_at` are the queue of what is still to be made, of each message one at most. They
/// keep what they say of the message, which may be deleted before them. One that could not be made is not tried again
/// before `retry_at`.
///
/// A publisher is on whose behalf a message was published, as lists are filtered by it. `snapshot_counts` says how many
/// snapshots each list has, so that no page has to count them; the empty publisher is the list of all. Triggers keep it,
/// so that no statement can forget to.
const FORMAT_5_SNAPSHOTS: &str = "
    CREATE TABLE snapshots (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        token TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        message_token TEXT NOT NULL,
        message_created_at INTEGER NOT NULL,
        message_published_at INTEGER NOT NULL,
        initiated_at INTEGER NOT NULL,
        finished_at INTEGER,
        pingback_uri TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        retry_at INTEGER NOT NULL DEFAULT 0,
        body BLOB
    ) STRICT;
    CREATE UNIQUE INDEX snapshots_pending ON snapshots (message_token) WHERE finished_at IS NULL;
    CREATE INDEX snapshots_queue ON snapshots (site, retry_at, number) WHERE finished_at IS NULL;
    CREATE INDEX snapshots_by_site ON snapshots (site, initiated_at, token);
    CREATE TABLE snapshot_publishers (
        site INTEGER NOT NULL,
        publisher TEXT NOT NULL,
        initiated_at INTEGER NOT NULL,
        token TEXT NOT NULL,
        snapshot INTEGER NOT NULL REFERENCES snapshots (number) ON DELETE CASCADE,
        PRIMARY KEY (site, publisher, initiated_at, token)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX snapshot_publishers_by_snapshot ON snapshot_publishers (snapshot);
    CREATE TABLE snapshot_counts (
        site INTEGER NOT NULL,
        publisher TEXT NOT NULL,
        snapshots INTEGER NOT NULL,
        PRIMARY KEY (site, publisher)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER snapshots_added AFTER INSERT ON snapshots BEGIN
        INSERT INTO snapshot_counts VALUES (new.site, '', 1) ON CONFLICT DO UPDATE SET snapshots = snapshots + 1;
    END;
    CREATE TRIGGER snapshots_deleted AFTER DELETE ON snapshots BEGIN
        UPDATE snapshot_counts SET snapshots = snapshots - 1 WHERE site = old.site AND publisher = '';
        DELETE FROM snapshot_counts WHERE site = old.site AND publisher = '' AND snapshots = 0;
    END;
    CREATE TRIGGER snapshot_publishers_added AFTER INSERT ON snapshot_publishers BEGIN
        INSERT INTO snapshot_counts VALUES (new.site, new.publisher, 1)
        ON CONFLICT DO UPDATE SET snapshots = snapshots + 1;
    END;
    CREATE TRIGGER snapshot_publishers_deleted AFTER DELETE ON snapshot_publishers BEGIN
        UPDATE snapshot_counts SET snapshots = snapshots - 1 WHERE site = old.site AND publisher = old.publisher;
        DELETE FROM snapshot_counts WHERE site = old.site AND publisher = old.publisher AND snapshots = 0;
    END;
";

/// Pingbacks and what became of each attempt. `next_attempt_at` is null where none is to come.
///
/// A queue is what one site has waiting for one target, and when that has its next turn: who looks for what is due reads
/// queues, and never what waits in them.
const FORMAT_5_PINGBACKS: &str = "
    CREATE TABLE pingbacks (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        snapshot_token TEXT NOT NULL,
        uri TEXT NOT NULL,
        target TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        first_due_at INTEGER NOT NULL,
        next_attempt_at INTEGER,
        finished_at INTEGER
    ) STRICT;
    CREATE INDEX pingbacks_waiting ON pingbacks (site, target, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
    CREATE INDEX pingbacks_by_snapshot ON pingbacks (snapshot_token);
    CREATE INDEX pingbacks_by_site ON pingbacks (site, number);
    CREATE INDEX pingbacks_by_end ON pingbacks (finished_at) WHERE finished_at IS NOT NULL;
    CREATE TABLE pingback_queues (
        site INTEGER NOT NULL REFERENCES sites (number),
        target TEXT NOT NULL,
        next_attempt_at INTEGER NOT NULL,
        failures INTEGER NOT NULL DEFAULT 0,
        rests_until INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (site, target)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pingback_queues_by_turn ON pingback_queues (site, next_attempt_at);
    CREATE TABLE pingback_attempts (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        pingback INTEGER NOT NULL REFERENCES pingbacks (number) ON DELETE CASCADE,
        started_at INTEGER NOT NULL,
        duration INTEGER NOT NULL,
        status INTEGER,
        address TEXT,
        problem TEXT
    ) STRICT;
    CREATE INDEX pingback_attempts_by_pingback ON pingback_attempts (pingback);
";

/// What leads from each format to the next.
const STEPS: [&[&str]; FORMAT as usize] = [
    &[FORMAT_1],
    &[FORMAT_2],
    &[FORMAT_3],
    &[FORMAT_4_DOCUMENTS, FORMAT_4_SESSIONS],
    &[FORMAT_5_SITES, FORMAT_5_MESSAGES, FORMAT_5_SNAPSHOTS, FORMAT_5_PINGBACKS],
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
