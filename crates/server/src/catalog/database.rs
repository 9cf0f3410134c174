//! The file `catalog.db`: opening it, its format, and the connections that a process has to it: one for everything, and
//! four that must not wait while a transaction is synced to disk: for checking tokens, for looking some documents up, for
//! reading or counting many, and for snapshots.

use std::fs::{File, OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::CatalogError;
use super::authenticate::{Verified, Verifier};
use super::schema::{APPLICATION_ID, FORMAT, format_of, upgrade};

/// The file's name in the data folder.
pub(super) const FILE_NAME: &str = "catalog.db";

/// Readable and writable by its owner alone.
const PRIVATE_MODE: u32 = 0o600;

/// How long to wait for another process that is writing. Its transactions take milliseconds; those that take documents in
/// some tens of them, each, with gaps in between.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// An open `catalog.db`. Safe to share between threads; each call is one short transaction.
pub struct Catalog {
    verifier: Mutex<Verifier>,
    documents: Mutex<Connection>,
    bulk: Mutex<Connection>,
    snapshots: Mutex<Connection>,
    /// Closed behind the others, which cannot do what is done with the last one: SQLite then takes its log into the file.
    connection: Mutex<Connection>,
}

impl Catalog {
    /// Opens `catalog.db` in a data folder; makes both where there are none.
    pub fn open(folder: &Path) -> Result<Catalog, CatalogError> {
        tallyhouse_store::make_data_folder(folder)
            .map_err(|source| CatalogError::Folder { path: folder.to_owned(), source })?;
        make_private(&folder.join(FILE_NAME))?;
        Self::connect(folder)
    }

    /// Opens `catalog.db` in a data folder that has one.
    pub fn open_existing(folder: &Path) -> Result<Catalog, CatalogError> {
        if !folder.join(FILE_NAME).exists() {
            return Err(CatalogError::Absent(folder.to_owned()));
        }
        Self::connect(folder)
    }

    fn connect(folder: &Path) -> Result<Catalog, CatalogError> {
        let path = folder.join(FILE_NAME);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        check_format(&connection, &path)?;
        if format_of(&connection)? < FORMAT {
            // Format 2 is the first that holds keys; SQLite gives its other files the mode of this one.
            restrict(&path)?;
        }
        // A revoked token must not come back after a power failure, hence FULL.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        upgrade(&mut connection)?;
        // Only now, since it needs the file in the present format, and the files beside it.
        let verifier = Verifier { connection: open_for_reading(&path)?, verified: Verified::default() };
        Ok(Catalog {
            connection: Mutex::new(connection),
            verifier: Mutex::new(verifier),
            documents: Mutex::new(open_for_reading(&path)?),
            bulk: Mutex::new(open_for_reading(&path)?),
            snapshots: Mutex::new(open_for_reading(&path)?),
        })
    }

    /// The connection for everything but checking tokens. A panic while the lock was held cannot have left anything
    /// half done: SQLite rolls back.
    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that some documents are looked up with. Nothing is ever written through it.
    pub(super) fn documents_connection(&self) -> MutexGuard<'_, Connection> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that many documents are read or counted with. Nothing is ever written through it.
    pub(super) fn bulk_connection(&self) -> MutexGuard<'_, Connection> {
        self.bulk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that snapshots are listed, read and queued up with. Nothing is ever written through it.
    pub(super) fn snapshots_connection(&self) -> MutexGuard<'_, Connection> {
        self.snapshots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What tokens are checked with. A panic while the lock was held cannot have left anything half done: the cache
    /// only ever holds whole entries.
    pub(super) fn verifier(&self) -> MutexGuard<'_, Verifier> {
        self.verifier.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that sees every commit and makes none.
fn open_for_reading(path: &Path) -> Result<Connection, CatalogError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Makes the file, for its owner alone: it holds the keys that tokens are signed with. SQLite takes an empty file for
/// a new database.
fn make_private(path: &Path) -> Result<(), CatalogError> {
    match OpenOptions::new().write(true).create_new(true).mode(PRIVATE_MODE).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(CatalogError::File { path: path.to_owned(), source }),
    }
}

/// Takes the rights of others away from a file that an older release made, and from those SQLite keeps beside it.
fn restrict(path: &Path) -> Result<(), CatalogError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let file = match File::open(&name) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(source) => return Err(CatalogError::File { path: name.into(), source }),
        };
        file.set_permissions(Permissions::from_mode(PRIVATE_MODE))
            .map_err(|source| CatalogError::File { path: name.into(), source })?;
    }
    Ok(())
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
