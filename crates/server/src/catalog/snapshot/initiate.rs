//! Putting a snapshot into the queue, of each message one at a time.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use tallyhouse_model::Micros;

use super::publishers::{Publisher, set_publishers};
use super::{COLUMNS, Initiated, Snapshot, SnapshotState, snapshot_of};
use crate::catalog::{Catalog, CatalogError, SiteNumber};

impl Catalog {
    /// Puts a snapshot into the queue, unless one of the same message is there, or as many of the account as may wait.
    /// One that is there keeps its own `pingback_uri`.
    pub fn initiate_snapshot(
        &self,
        site: SiteNumber,
        token: &str,
        message_token: &str,
        pingback_uri: Option<&str>,
        pending_max: u32,
        now: Micros,
    ) -> Result<Initiated, CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(message) = MessageRow::find(&transaction, site, message_token)? else {
            return Ok(Initiated::NoSuchMessage);
        };
        if let Some(pending) = pending_of(&transaction, message_token)? {
            return Ok(Initiated::Pending(pending));
        }
        if pending_of_account(&transaction, site, pending_max)? >= pending_max {
            return Ok(Initiated::TooMany);
        }
        let snapshot = Snapshot {
            token: token.to_owned(),
            message_token: message_token.to_owned(),
            message_created_at: message.created_at,
            message_published_at: message.published_at,
            initiated_at: now,
            state: SnapshotState::Pending,
        };
        insert(&transaction, site, &snapshot, pingback_uri)?;
        let number = transaction.last_insert_rowid();
        set_publishers(&transaction, site, number, &snapshot, &message.publishers(&transaction)?)?;
        transaction.commit()?;
        Ok(Initiated::Scheduled(snapshot))
    }
}

/// What a snapshot needs of its message.
struct MessageRow {
    number: i64,
    created_at: Micros,
    published_at: Micros,
}

impl MessageRow {
    fn find(connection: &Connection, site: SiteNumber, token: &str) -> rusqlite::Result<Option<Self>> {
        let mut statement = connection.prepare_cached(
            "SELECT number, created_at, published_at FROM messages WHERE token = ?1 AND site = ?2",
        )?;
        let found = statement.query_row((token, site), |row| {
            Ok(Self { number: row.get(0)?, created_at: row.get(1)?, published_at: row.get(2)? })
        });
        found.optional()
    }

    /// On whose behalf it was published.
    fn publishers(&self, connection: &Connection) -> rusqlite::Result<Vec<Publisher>> {
        let mut statement = connection
            .prepare_cached("SELECT identity_token, user_token FROM publications WHERE message = ?1")?;
        let publishers = statement.query_map([self.number], |row| {
            Ok(Publisher { identity_token: row.get(0)?, user_token: row.get(1)? })
        })?;
        publishers.collect()
    }
}

fn pending_of(connection: &Connection, message_token: &str) -> rusqlite::Result<Option<Snapshot>> {
    let sql = format!("SELECT {COLUMNS} FROM snapshots WHERE message_token = ?1 AND finished_at IS NULL");
    connection.prepare_cached(&sql)?.query_row([message_token], snapshot_of).optional()
}

/// How many wait for the account of a site; no more than `enough` are counted, and none of other accounts are looked at.
fn pending_of_account(connection: &Connection, site: SiteNumber, enough: u32) -> rusqlite::Result<u32> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM (SELECT 1 FROM sites CROSS JOIN snapshots INDEXED BY snapshots_queue
             ON snapshots.site = sites.number
         WHERE sites.account = (SELECT account FROM sites WHERE number = ?1) AND finished_at IS NULL LIMIT ?2)",
    )?;
    statement.query_row((site, enough), |row| row.get(0))
}

fn insert(
    connection: &Connection,
    site: SiteNumber,
    snapshot: &Snapshot,
    pingback_uri: Option<&str>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO snapshots (token, site, message_token, message_created_at, message_published_at, initiated_at,
            pingback_uri) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute((
        &snapshot.token,
        site,
        &snapshot.message_token,
        snapshot.message_created_at,
        snapshot.message_published_at,
        snapshot.initiated_at,
        pingback_uri,
    ))?;
    Ok(())
}
