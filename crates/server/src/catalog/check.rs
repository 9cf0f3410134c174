//! Reads all of `catalog.db` and says what is wrong with it.

use std::path::Path;

use rusqlite::Connection;

use super::database::FILE_NAME;

/// What is wrong with the catalog of a data folder; nothing where there is none. SQLite has no checksums: it finds
/// pages, indexes and references that contradict each other, and not every flipped bit.
pub fn problems(folder: &Path) -> Vec<String> {
    let path = folder.join(FILE_NAME);
    if !path.exists() {
        return Vec::new();
    }
    found(&path).unwrap_or_else(|error| vec![error.to_string()])
}

fn found(path: &Path) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open(path)?;
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let mut problems: Vec<String> =
        statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    problems.retain(|problem| problem != "ok");
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let broken = statement.query_map([], |row| row.get::<_, String>(0))?;
    for table in broken {
        problems.push(format!("a row of {} belongs to nothing", table?));
    }
    Ok(problems)
}
