//! The delivery log: what operators read of pingbacks, send again, and what is deleted of it in time.

use rusqlite::{OptionalExtension as _, Row, TransactionBehavior, named_params};
use tallyhouse_model::Micros;

use super::super::{Catalog, CatalogError, SiteNumber};
use super::PingbackState;
use super::queue::settle_queue;

/// A pingback as the log shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pingback {
    /// Its place in the log, the order in which pingbacks came about.
    pub number: i64,
    /// Its id, the same at every attempt.
    pub id: String,
    /// The name of the site it belongs to.
    pub site_name: String,
    /// The snapshot it tells of.
    pub snapshot_token: String,
    /// Where to.
    pub uri: String,
    /// What is told.
    pub body: String,
    /// When it came about.
    pub created_at: Micros,
    /// How far it is.
    pub state: PingbackState,
    /// How often it was tried since it came about, or was last sent again.
    pub attempts: u32,
    /// When it is tried next, if it is.
    pub next_attempt_at: Option<Micros>,
    /// When it ended, if it did.
    pub finished_at: Option<Micros>,
}

/// One attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PingbackAttempt {
    /// When it began.
    pub started_at: Micros,
    /// How long it took.
    pub duration: Micros,
    /// What the receiver answered, if it did.
    pub status: Option<u16>,
    /// The address that was connected to, or was to be.
    pub address: Option<String>,
    /// Why there was no answer.
    pub problem: Option<String>,
}

/// Which pingbacks are asked for; what is none is not looked at.
#[derive(Debug, Clone, Default)]
pub struct PingbackFilter {
    /// Of the site with this name.
    pub site: Option<String>,
    /// In this state.
    pub state: Option<PingbackState>,
    /// About this snapshot.
    pub snapshot_token: Option<String>,
}

/// What all questions select; a row is read by [`pingback_of`].
const COLUMNS: &str =
    "pingbacks.number, id, sites.name, snapshot_token, uri, body, pingbacks.created_at, state, attempts,
    next_attempt_at, finished_at";

impl Catalog {
    /// Pingbacks behind a place in the log, the earliest first, up to so many.
    pub fn pingbacks(
        &self,
        filter: &PingbackFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Pingback>, CatalogError> {
        let connection = self.bulk_connection();
        let site = filter.site.as_deref().map(|name| site_number(&connection, name)).transpose()?;
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM pingbacks JOIN sites ON sites.number = site
             WHERE pingbacks.number > :after AND (:site IS NULL OR site = :site) AND (:state IS NULL OR state = :state)
                 AND (:snapshot IS NULL OR snapshot_token = :snapshot)
             ORDER BY pingbacks.number LIMIT :limit"
        ))?;
        let rows = statement.query_map(
            named_params! {
                ":after": after,
                ":site": site,
                ":state": filter.state,
                ":snapshot": filter.snapshot_token,
                ":limit": limit,
            },
            pingback_of,
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A pingback with its attempts, the earliest first.
    pub fn pingback(&self, id: &str) -> Result<(Pingback, Vec<PingbackAttempt>), CatalogError> {
        let connection = self.bulk_connection();
        let pingback = connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM pingbacks JOIN sites ON sites.number = site WHERE id = ?1"
            ))?
            .query_row([id], pingback_of)
            .optional()?
            .ok_or_else(|| CatalogError::NoSuchPingback(id.to_owned()))?;
        let mut statement = connection.prepare_cached(
            "SELECT started_at, duration, status, address, problem FROM pingback_attempts
             WHERE pingback = ?1 ORDER BY number",
        )?;
        let attempts = statement.query_map([pingback.number], attempt_of)?;
        let attempts = attempts.collect::<rusqlite::Result<_>>()?;
        Ok((pingback, attempts))
    }

    /// Sends a pingback again, whatever became of it: it is due at once, with the same id and body, and is tried for a day
    /// from now.
    pub fn replay_pingback(&self, id: &str, now: Micros) -> Result<(), CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let queue: Option<(SiteNumber, String)> = transaction
            .query_row(
                "UPDATE pingbacks SET state = ?2, attempts = 0, first_due_at = ?3, next_attempt_at = ?3,
                     finished_at = NULL
                 WHERE id = ?1 RETURNING site, target",
                (id, PingbackState::Waiting, now),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let (site, target) = queue.ok_or_else(|| CatalogError::NoSuchPingback(id.to_owned()))?;
        // Whoever asks for it may know that the target is back.
        transaction.execute(
            "UPDATE pingback_queues SET failures = 0, rests_until = 0 WHERE site = ?1 AND target = ?2",
            (site, &target),
        )?;
        settle_queue(&transaction, site, &target, now)?;
        transaction.commit()?;
        Ok(())
    }

    /// Deletes up to so many pingbacks that ended before a time, with their attempts. How many there were.
    pub fn delete_ended_pingbacks(&self, before: Micros, limit: u32) -> Result<usize, CatalogError> {
        let is_any = self
            .documents_connection()
            .prepare_cached("SELECT 1 FROM pingbacks WHERE finished_at < ?1 LIMIT 1")?
            .exists([before])?;
        if !is_any {
            // What changes nothing must not commit either.
            return Ok(0);
        }
        let deleted = self.lock().execute(
            "DELETE FROM pingbacks WHERE number IN
                 (SELECT number FROM pingbacks WHERE finished_at < ?1 ORDER BY finished_at LIMIT ?2)",
            (before, limit),
        )?;
        Ok(deleted)
    }
}

fn site_number(connection: &rusqlite::Connection, name: &str) -> Result<SiteNumber, CatalogError> {
    connection
        .prepare_cached("SELECT number FROM sites WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?
        .ok_or_else(|| CatalogError::NoSuchSite(name.to_owned()))
}

fn pingback_of(row: &Row<'_>) -> rusqlite::Result<Pingback> {
    Ok(Pingback {
        number: row.get(0)?,
        id: row.get(1)?,
        site_name: row.get(2)?,
        snapshot_token: row.get(3)?,
        uri: row.get(4)?,
        body: row.get(5)?,
        created_at: row.get(6)?,
        state: row.get(7)?,
        attempts: row.get(8)?,
        next_attempt_at: row.get(9)?,
        finished_at: row.get(10)?,
    })
}

fn attempt_of(row: &Row<'_>) -> rusqlite::Result<PingbackAttempt> {
    Ok(PingbackAttempt {
        started_at: row.get(0)?,
        duration: row.get(1)?,
        status: row.get(2)?,
        address: row.get(3)?,
        problem: row.get(4)?,
    })
}
