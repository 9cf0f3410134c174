//! Pingbacks: what is to be told to whom, and what became of it.
//!
//! | file | what it does |
//! |---|---|
//! | `queue` | which ones are due, fairly between sites and their targets |
//! | `attempt` | what an attempt changes |
//! | `log` | what operators read, and send again |
//!
//! What one site has waiting for one target is a queue with a row of its own, so that to find what is due costs a few index
//! seeks, however much waits at a target that is dead.

mod attempt;
mod log;
mod queue;

use rusqlite::Connection;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use tallyhouse_model::Micros;

pub use self::attempt::{AttemptNote, AttemptOutcome};
pub use self::log::{Pingback, PingbackAttempt, PingbackFilter};
use self::queue::rest_end_max;
use self::queue::settle_queue;
pub use self::queue::{DuePingback, DuePingbacks, InFlight};
use super::{CatalogError, SiteNumber};
use crate::pingback::Endpoint;

/// A pingback that is to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPingback {
    /// Its id, the same at every attempt.
    pub id: String,
    /// Which site asked for it.
    pub site: SiteNumber,
    /// The snapshot it tells of.
    pub snapshot_token: String,
    /// Where to.
    pub uri: String,
    /// What is told.
    pub body: String,
    /// When it came about: the first attempt is due at once.
    pub created_at: Micros,
}

/// How far a pingback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PingbackState {
    /// An attempt is still to come.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// It was tried for a day without success.
    Failed,
    /// The receiver wants no more of it (410).
    Gone,
    /// What it tells of was deleted before it was delivered.
    Cancelled,
}

impl PingbackState {
    /// Every state with its name, on disk and on the command line.
    pub const NAMES: [(&'static str, PingbackState); 5] = [
        ("waiting", PingbackState::Waiting),
        ("delivered", PingbackState::Delivered),
        ("failed", PingbackState::Failed),
        ("gone", PingbackState::Gone),
        ("cancelled", PingbackState::Cancelled),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(_, state)| *state == self);
        named.expect("every state has a name").0
    }
}

impl FromSql for PingbackState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        let known = Self::NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, state)| *state).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for PingbackState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

/// Queues a pingback, within the transaction of whoever calls.
pub(super) fn insert_pingback(connection: &Connection, pingback: &NewPingback) -> Result<(), CatalogError> {
    // What is no URI is a target by itself: each attempt says what is wrong with it.
    let target = Endpoint::parse(&pingback.uri).map_or_else(|_| pingback.uri.clone(), |uri| uri.target());
    connection
        .prepare_cached(
            "INSERT INTO pingbacks (id, site, snapshot_token, uri, target, body, created_at, state, first_due_at,
                 next_attempt_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7, ?7)",
        )?
        .execute((
            &pingback.id,
            pingback.site,
            &pingback.snapshot_token,
            &pingback.uri,
            &target,
            &pingback.body,
            pingback.created_at,
            PingbackState::Waiting,
        ))?;
    connection
        .prepare_cached(
            "INSERT INTO pingback_queues (site, target, next_attempt_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET
                 next_attempt_at = max(min(next_attempt_at, excluded.next_attempt_at),
                     iif(rests_until > ?4, 0, rests_until))",
        )?
        .execute((pingback.site, &target, pingback.created_at, rest_end_max(pingback.created_at)))?;
    Ok(())
}

/// The same by itself, for tests of those who deliver.
#[cfg(test)]
impl super::Catalog {
    pub(crate) fn queue_pingbacks(&self, pingbacks: &[NewPingback]) {
        let mut connection = self.lock();
        let transaction = connection.transaction().unwrap();
        for pingback in pingbacks {
            insert_pingback(&transaction, pingback).unwrap();
        }
        transaction.commit().unwrap();
    }

    pub(crate) fn cancel_pingbacks_of(&self, snapshot_token: &str, now: Micros) {
        cancel_pingbacks(&self.lock(), snapshot_token, now).unwrap();
    }

    /// A site of the account `harbour`.
    pub(crate) fn site_of_harbour(&self, name: &str) -> SiteNumber {
        let known = self.account_by_name("harbour");
        let account = known.unwrap_or_else(|_| self.create_account("harbour", 1).unwrap()).id;
        self.create_site(account, name, 1).unwrap().site.number
    }
}

/// Ends what is still to be told of a snapshot, within the transaction of whoever calls.
pub(super) fn cancel_pingbacks(
    connection: &Connection,
    snapshot_token: &str,
    now: Micros,
) -> Result<(), CatalogError> {
    let mut statement = connection.prepare_cached(
        "UPDATE pingbacks SET state = ?2, next_attempt_at = NULL, finished_at = ?3
         WHERE snapshot_token = ?1 AND state = ?4 RETURNING site, target",
    )?;
    let ended = statement
        .query_map((snapshot_token, PingbackState::Cancelled, now, PingbackState::Waiting), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<Vec<(SiteNumber, String)>>>()?;
    for (site, target) in ended {
        settle_queue(connection, site, &target, now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
