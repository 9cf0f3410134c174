//! The tables of `catalog.db`, and how a file of an older format becomes one of today's. `docs/FORMAT.md` describes
//! them.

use rusqlite::{Connection, TransactionBehavior};

use super::CatalogError;

/// Marks the file as ours in SQLite's header: "thct".
pub(super) const APPLICATION_ID: u32 = 0x7468_6374;

/// The newest format this program reads, in SQLite's `user_version`. Format 0 is a file that was just made.
pub(super) const FORMAT: u32 = 4;

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
/// `bytes` are those of the body, which the index counts and adds up without a look at it. `changes` counts transactions that
/// changed a table of an account, so that whoever remembers documents knows when to forget them.
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
const STEPS: [&[&str]; FORMAT as usize] =
    [&[FORMAT_1], &[FORMAT_2], &[FORMAT_3], &[FORMAT_4_DOCUMENTS, FORMAT_4_SESSIONS]];

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
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use tallyhouse_model::TableId;

    use super::super::{
        Catalog, ClientRequest, Document, Narrowing, PipeResource, Resources, Scope, TokenRequest, hash_of,
    };
    use super::*;

    /// A file as the first release wrote it, with an account and a token.
    fn folder_of_format_1() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(FORMAT_1).unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection.execute("INSERT INTO accounts (name, created_at) VALUES ('harbour', 1)", []).unwrap();
        connection
            .execute(
                "INSERT INTO tokens (id, hash, account, scopes, created_at) VALUES ('tok_1', ?1, 1, 'read append', 2)",
                [hash_of("tally_old")],
            )
            .unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        folder
    }

    #[test]
    fn a_file_of_format_1_is_upgraded_and_its_tokens_go_on_working() {
        let folder = folder_of_format_1();
        let catalog = Catalog::open_existing(folder.path()).unwrap();
        let credential = catalog.authenticate("tally_old", 3).unwrap();
        assert!(credential.may(Scope::Append) && credential.narrowing.is_everything());
        let account = catalog.account_by_name("harbour").unwrap().id;
        assert_eq!(credential.account, account);
        let request = ClientRequest {
            account,
            scopes: vec![Scope::Read],
            narrowing: Narrowing::default(),
            label: None,
        };
        catalog.create_client(&request, 4).unwrap();
        drop(catalog);
        let catalog = Catalog::open(folder.path()).unwrap();
        assert_eq!((catalog.clients().unwrap().len(), catalog.tokens().unwrap().len()), (1, 1));
    }

    /// A file as the release before format 3 wrote it, with a token that is confined and a client.
    fn folder_of_format_2() -> tempfile::TempDir {
        let folder = folder_of_format_1();
        let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
        connection.execute_batch(FORMAT_2).unwrap();
        connection.pragma_update(None, "user_version", 2).unwrap();
        connection
            .execute(
                "INSERT INTO tokens (id, hash, account, scopes, created_at, content_ids)
                 VALUES ('tok_2', ?1, 1, 'read', 2, '5 7')",
                [hash_of("tally_confined")],
            )
            .unwrap();
        connection
            .execute(
                "INSERT INTO clients (id, hash, account, scopes, created_at) VALUES ('client', ?1, 1, 'read', 2)",
                [hash_of("secret")],
            )
            .unwrap();
        folder
    }

    #[test]
    fn a_file_of_format_2_is_upgraded_and_its_tokens_and_clients_go_on_working() {
        let folder = folder_of_format_2();
        let catalog = Catalog::open_existing(folder.path()).unwrap();
        let confined = catalog.authenticate("tally_confined", 3).unwrap();
        assert_eq!(confined.narrowing.content_ids, Some(vec![5, 7]));
        let old = catalog.authenticate("tally_old", 3).unwrap();
        assert!(old.may(Scope::Append) && old.resources.is_empty() && old.account_name == "harbour");
        assert!(catalog.authenticate_client("client", "secret").unwrap().is_some());
        let account = old.account;
        let request = TokenRequest {
            account,
            scopes: Vec::new(),
            narrowing: Narrowing::default(),
            expires_at: None,
            label: None,
        };
        let resources = Resources { pipes: vec![PipeResource::free("a")], ..Resources::default() };
        catalog.create_scoped_token(&request, resources.clone(), 4).unwrap();
        catalog.create_warehouse_key(account, None, 4).unwrap();
        drop(catalog);
        let catalog = Catalog::open(folder.path()).unwrap();
        assert_eq!((catalog.tokens().unwrap().len(), catalog.warehouse_keys().unwrap().len()), (3, 1));
        assert_eq!(catalog.tokens().unwrap()[2].resources, resources);
    }

    /// A file as the release before format 4 wrote it, with a warehouse key.
    fn folder_of_format_3() -> tempfile::TempDir {
        let folder = folder_of_format_2();
        let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
        connection.execute_batch(FORMAT_3).unwrap();
        connection.pragma_update(None, "user_version", 3).unwrap();
        connection
            .execute(
                "INSERT INTO warehouse_keys (id, hash, account, created_at) VALUES ('whk_1', ?1, 1, 2)",
                [hash_of("key")],
            )
            .unwrap();
        folder
    }

    #[test]
    fn a_file_of_format_3_is_upgraded_and_takes_documents() {
        let folder = folder_of_format_3();
        let catalog = Catalog::open_existing(folder.path()).unwrap();
        let account = catalog.authenticate("tally_old", 3).unwrap().account;
        let document = Document { id: 7, version: 3, body: Some("{}".to_owned()) };
        catalog.put_documents(account, TableId::Users, std::slice::from_ref(&document)).unwrap();
        drop(catalog);
        let catalog = Catalog::open(folder.path()).unwrap();
        assert_eq!((catalog.warehouse_keys().unwrap().len(), catalog.clients().unwrap().len()), (1, 1));
        assert_eq!(catalog.documents(account, TableId::Users, None, 10, true).unwrap(), [document]);
        assert_eq!(catalog.logins().unwrap(), []);
    }

    #[test]
    fn an_upgraded_file_has_the_tables_of_a_new_one_and_is_its_owners_alone() {
        let folders =
            [folder_of_format_1(), folder_of_format_2(), folder_of_format_3(), tempfile::tempdir().unwrap()];
        let tables = folders.each_ref().map(|folder| {
            drop(Catalog::open(folder.path()).unwrap());
            let path = folder.path().join("catalog.db");
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let connection = Connection::open(path).unwrap();
            assert_eq!(format_of(&connection).unwrap(), FORMAT);
            let mut statement =
                connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.collect::<Result<Vec<(String, Option<String>)>, _>>().unwrap()
        });
        for upgraded in &tables[..3] {
            assert_eq!(*upgraded, tables[3]);
        }
    }

    #[test]
    fn an_upgrade_that_fails_leaves_the_file_as_it_was() {
        let folder = folder_of_format_1();
        let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
        // In the way of a table of format 2.
        connection.execute_batch("CREATE TABLE grants (other TEXT)").unwrap();
        assert!(Catalog::open(folder.path()).is_err());
        assert_eq!(format_of(&connection).unwrap(), 1);
        let columns: i64 = connection
            .query_row("SELECT count(*) FROM pragma_table_info('tokens')", [], |row| row.get(0))
            .unwrap();
        assert_eq!(columns, 9);
    }

    #[test]
    fn an_upgrade_from_format_2_that_fails_leaves_the_file_as_it_was() {
        let folder = folder_of_format_2();
        let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
        // In the way of a table of format 3.
        connection.execute_batch("CREATE TABLE warehouse_keys (other TEXT)").unwrap();
        assert!(Catalog::open(folder.path()).is_err());
        assert_eq!(format_of(&connection).unwrap(), 2);
        let columns: i64 = connection
            .query_row("SELECT count(*) FROM pragma_table_info('tokens')", [], |row| row.get(0))
            .unwrap();
        assert_eq!(columns, 11);
    }

    #[test]
    fn an_upgrade_from_format_3_that_fails_leaves_the_file_as_it_was() {
        let folder = folder_of_format_3();
        let connection = Connection::open(folder.path().join("catalog.db")).unwrap();
        // In the way of a table of format 4, behind another one.
        connection.execute_batch("CREATE TABLE form_fields (other TEXT)").unwrap();
        assert!(Catalog::open(folder.path()).is_err());
        assert_eq!(format_of(&connection).unwrap(), 3);
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'documents'";
        let tables: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn several_processes_may_upgrade_at_the_same_time() {
        let folder = folder_of_format_1();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| Catalog::open(folder.path()).unwrap());
            }
        });
    }
}
