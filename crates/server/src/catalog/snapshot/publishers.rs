//! On whose behalf the message of a snapshot was published, as lists are filtered by it. Each snapshot stands under every
//! identity, every user, and every pair of them that one publication has.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::Snapshot;
use crate::catalog::SiteNumber;

/// On whose behalf a message was published once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// The identity.
    pub identity_token: String,
    /// The user, if that is known.
    pub user_token: Option<String>,
}

/// What the list of all snapshots is counted under.
pub const EVERYBODY: &str = "";

/// What the list of an identity is under.
pub fn of_identity(identity_token: &str) -> String {
    format!("i{identity_token}")
}

/// What the list of a user is under.
pub fn of_user(user_token: &str) -> String {
    format!("u{user_token}")
}

/// What the list of an identity of a user is under. Tokens have no line breaks.
pub fn of_both(identity_token: &str, user_token: &str) -> String {
    format!("b{identity_token}\n{user_token}")
}

/// Puts a snapshot into the lists of these publishers and takes it out of all others, unless that is how it is already, as it
/// mostly is when it is finished: then nothing is written. Within the transaction of whoever calls.
pub fn set_publishers(
    connection: &Connection,
    site: SiteNumber,
    number: i64,
    snapshot: &Snapshot,
    publishers: &[Publisher],
) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("SELECT publisher FROM snapshot_publishers WHERE snapshot = ?1")?;
    let kept = statement.query_map([number], |row| row.get(0))?;
    let (kept, wanted) = (kept.collect::<rusqlite::Result<BTreeSet<String>>>()?, keys_of(publishers));
    if kept == wanted {
        return Ok(());
    }
    connection.prepare_cached("DELETE FROM snapshot_publishers WHERE snapshot = ?1")?.execute([number])?;
    let mut statement =
        connection.prepare_cached("INSERT INTO snapshot_publishers VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for key in wanted {
        statement.execute((site, key, snapshot.initiated_at, &snapshot.token, number))?;
    }
    Ok(())
}

fn keys_of(publishers: &[Publisher]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for Publisher { identity_token, user_token } in publishers {
        keys.insert(of_identity(identity_token));
        if let Some(user_token) = user_token {
            keys.insert(of_user(user_token));
            keys.insert(of_both(identity_token, user_token));
        }
    }
    keys
}
