//! Opening `store.db`: its tables, its format number, and how safely it writes.

use std::path::Path;

use rusqlite::Connection;

use crate::OpenError;

/// The format this program writes: of `store.db`, parts and dictionaries together. See `docs/FORMAT.md`.
pub const FORMAT: u32 = 4;

/// "TLYH": tells `store.db` from other SQLite files.
const APPLICATION_ID: i32 = 0x544c_5948;

const TABLES: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE log (seq INTEGER PRIMARY KEY AUTOINCREMENT, rows INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE TABLE parts (
        id INTEGER PRIMARY KEY, table_number INTEGER NOT NULL, header BLOB NOT NULL, dead BLOB NOT NULL
    );
    CREATE TABLE dictionaries (
        account INTEGER NOT NULL, namespace TEXT NOT NULL, entries INTEGER NOT NULL, bytes INTEGER NOT NULL,
        PRIMARY KEY (account, namespace)
    ) WITHOUT ROWID;
    CREATE TABLE quarantine (
        id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, table_number INTEGER NOT NULL,
        received_at INTEGER NOT NULL, reason TEXT NOT NULL, line TEXT NOT NULL, bytes INTEGER NOT NULL
    );
    CREATE INDEX quarantine_by_account ON quarantine (account, id, received_at, bytes);
";

/// Opens or makes the file.
pub fn open(path: &Path) -> Result<Connection, OpenError> {
    let mut connection = Connection::open(path)?;
    // Pages of 16 KiB suit log bodies of megabytes; it only takes effect before the first table is made.
    connection.pragma_update(None, "page_size", 16_384)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL syncs the write-ahead file at every commit: what was acknowledged survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -8_192)?;
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match found {
        0 => create(&mut connection)?,
        FORMAT => {}
        // Formats 2 to 4 only add tables of rows; what there is stays as it is.
        1..FORMAT => connection.pragma_update(None, "user_version", FORMAT)?,
        found => return Err(OpenError::NewerFormat { found, known: FORMAT }),
    }
    Ok(connection)
}

fn create(connection: &mut Connection) -> Result<(), OpenError> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|error| OpenError::Damaged(format!("no randomness: {error}")))?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute("INSERT INTO meta (name, value) VALUES ('seed', ?1)", [i64::from_le_bytes(seed)])?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()?;
    Ok(())
}
