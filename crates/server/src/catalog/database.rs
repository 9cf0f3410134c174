//! The file `catalog.db`: opening it, its format, and the one connection that a process has to it.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::CatalogError;
use super::authenticate::Verified;

/// The file's name in the data folder.
const FILE_NAME: &str = "catalog.db";

/// Marks the file as ours in SQLite's header: "thct".
const APPLICATION_ID: u32 = 0x7468_6374;

/// The newest format this program reads, in SQLite's `user_version`. Format 0 is a file that was just made.
const FORMAT: u32 = 1;

/// How long to wait for another process that is writing. Its transactions take milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Times are microseconds since 1970, scopes are names with a space between. `AUTOINCREMENT` never gives a number
/// again, which is what parts and dictionaries rely on, and counts from 1 without gaps.
const SCHEMA: &str = "
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

/// An open `catalog.db`. Safe to share between threads; each call is one short transaction.
pub struct Catalog {
    inner: Mutex<Inner>,
}

/// What a call works with while no other one does.
pub(super) struct Inner {
    pub(super) connection: Connection,
    pub(super) verified: Verified,
}

impl Catalog {
    /// Opens `catalog.db` in a data folder; makes both where there are none.
    pub fn open(folder: &Path) -> Result<Catalog, CatalogError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| CatalogError::Folder { path: folder.to_owned(), source })?;
        Self::connect(folder, OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Opens `catalog.db` in a data folder that has one.
    pub fn open_existing(folder: &Path) -> Result<Catalog, CatalogError> {
        if !folder.join(FILE_NAME).exists() {
            return Err(CatalogError::Absent(folder.to_owned()));
        }
        Self::connect(folder, OpenFlags::empty())
    }

    fn connect(folder: &Path, create: OpenFlags) -> Result<Catalog, CatalogError> {
        let path = folder.join(FILE_NAME);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
        let mut connection = Connection::open_with_flags(&path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        check_format(&connection, &path)?;
        // A revoked token must not come back after a power failure, hence FULL.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        make_schema(&mut connection)?;
        let verified = Verified::default();
        Ok(Catalog { inner: Mutex::new(Inner { connection, verified }) })
    }

    /// A panic while the lock was held cannot have left anything half done: SQLite rolls back, and the cache only
    /// ever holds whole entries.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses files of later releases and of other programs before anything is written to them.
fn check_format(connection: &Connection, path: &Path) -> Result<(), CatalogError> {
    let found = format_of(connection)?;
    let id: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && id != APPLICATION_ID {
        return Err(CatalogError::Foreign(path.to_owned()));
    }
    if found > FORMAT {
        return Err(CatalogError::NewerFormat { found, known: FORMAT });
    }
    Ok(())
}

/// Makes the tables unless another process has just done so.
fn make_schema(connection: &mut Connection) -> Result<(), CatalogError> {
    if format_of(connection)? == FORMAT {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if format_of(&transaction)? == 0 {
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
    }
    transaction.commit()?;
    Ok(())
}

fn format_of(connection: &Connection) -> Result<u32, CatalogError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
