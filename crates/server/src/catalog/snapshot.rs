//! Snapshots of the sharing family: asking for one, reading, deleting. Those that are not finished are the queue of what
//! is still to be made (`snapshot/queue.rs`).
//!
//! What is only read has a connection of its own, so that nobody waits while somebody else's transaction is synced.

mod body;
mod check;
mod initiate;
mod list;
mod publishers;
mod queue;

use rusqlite::{OptionalExtension as _, Row, TransactionBehavior};
use tallyhouse_model::Micros;

pub use self::body::{KeptJson, SNAPSHOT_BYTES_MAX, Unpacking};
pub(super) use self::check::broken_snapshots;
pub use self::list::{SnapshotFilter, SnapshotPage};
use super::pingback::cancel_pingbacks;
use super::{Catalog, CatalogError, SiteNumber};

/// A snapshot, without what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its token, a UUID in lower case.
    pub token: String,
    /// The message.
    pub message_token: String,
    /// When that was first published.
    pub message_created_at: Micros,
    /// When that was last published, as of when the snapshot was finished, or else initiated.
    pub message_published_at: Micros,
    /// When somebody asked for it.
    pub initiated_at: Micros,
    /// Whether it is finished.
    pub state: SnapshotState,
}

/// How far a snapshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotState {
    /// It is still to be made.
    Pending,
    /// It was made at this time, and does not change any more.
    Processed(Micros),
}

/// What came of asking for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Initiated {
    /// It is in the queue now.
    Scheduled(Snapshot),
    /// One of the same message was in the queue already: this one.
    Pending(Snapshot),
    /// The site has no such message.
    NoSuchMessage,
    /// As many are waiting for the account as may.
    TooMany,
}

/// A snapshot that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSnapshot {
    /// Which one.
    pub snapshot: Snapshot,
    /// Whose message.
    pub site: SiteNumber,
    /// Where to tell that it is finished, if anywhere.
    pub pingback_uri: Option<String>,
    /// How often making it has failed so far, or ended the server.
    pub failures: u32,
}

/// A snapshot with what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSnapshot {
    /// Which one.
    pub snapshot: Snapshot,
    /// `publication_snapshots` as JSON; nothing as long as it is pending.
    pub found: Option<KeptJson>,
}

/// A snapshot and its body, which is compressed.
type Kept = (Snapshot, Option<Vec<u8>>);

/// The columns of a [`Snapshot`], in the order of [`snapshot_of`].
const COLUMNS: &str =
    "token, message_token, message_created_at, message_published_at, initiated_at, finished_at";

impl Catalog {
    /// A snapshot of a site with what it found.
    pub fn snapshot(&self, site: SiteNumber, token: &str) -> Result<Option<FoundSnapshot>, CatalogError> {
        let Some((snapshot, body)) = self.kept_snapshot(site, token)? else { return Ok(None) };
        let found = body.map(KeptJson::of).transpose().map_err(|problem| {
            CatalogError::Damaged(format!("what the snapshot {token} found cannot be read: {problem}"))
        })?;
        Ok(Some(FoundSnapshot { snapshot, found }))
    }

    /// A snapshot with its body as it is kept.
    fn kept_snapshot(&self, site: SiteNumber, token: &str) -> Result<Option<Kept>, CatalogError> {
        let connection = self.snapshots_connection();
        let sql = format!("SELECT {COLUMNS}, body FROM snapshots WHERE token = ?1 AND site = ?2");
        let mut statement = connection.prepare_cached(&sql)?;
        let found = statement.query_row((token, site), |row| Ok((snapshot_of(row)?, row.get(6)?)));
        Ok(found.optional()?)
    }

    /// Deletes a snapshot of a site, whether it is finished or not, and ends what is still to be told of it. Whether
    /// there was one.
    pub fn delete_snapshot(&self, site: SiteNumber, token: &str, now: Micros) -> Result<bool, CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let deleted =
            transaction.execute("DELETE FROM snapshots WHERE token = ?1 AND site = ?2", (token, site))?;
        if deleted == 0 {
            return Ok(false);
        }
        cancel_pingbacks(&transaction, token, now)?;
        transaction.commit()?;
        Ok(true)
    }
}

/// The snapshot in a row that begins with [`COLUMNS`].
fn snapshot_of(row: &Row<'_>) -> rusqlite::Result<Snapshot> {
    let finished_at: Option<Micros> = row.get(5)?;
    Ok(Snapshot {
        token: row.get(0)?,
        message_token: row.get(1)?,
        message_created_at: row.get(2)?,
        message_published_at: row.get(3)?,
        initiated_at: row.get(4)?,
        state: finished_at.map_or(SnapshotState::Pending, SnapshotState::Processed),
    })
}

#[cfg(test)]
mod tests;
