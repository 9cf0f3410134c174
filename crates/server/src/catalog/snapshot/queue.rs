//! The queue of snapshots that are to be made: which one is next, and what becomes of it.

use rusqlite::{OptionalExtension as _, Row, TransactionBehavior};
use tallyhouse_model::{AccountId, DAY, Micros};

use super::body::compressed;
use super::publishers::{Publisher, set_publishers};
use super::{COLUMNS, PendingSnapshot, snapshot_of};
use crate::catalog::message::message_in;
use crate::catalog::pingback::insert_pingback;
use crate::catalog::{Catalog, CatalogError, Message, NewPingback, SiteNumber};

impl Catalog {
    /// What to make next: the oldest of the first site behind this one that has any, so that sites take turns. Those that
    /// failed wait for their time.
    pub fn next_snapshot(
        &self,
        behind: SiteNumber,
        now: Micros,
    ) -> Result<Option<PendingSnapshot>, CatalogError> {
        let connection = self.snapshots_connection();
        let mut statement = connection.prepare_cached(&first_sql())?;
        for mut behind in [behind, SiteNumber(i64::MIN)] {
            // Of each site only the first is looked at, however many of it wait for their time.
            while let Some((retry_at, first)) = statement.query_row([behind], first_of).optional()? {
                // Nothing waits for longer than a day; what seems to was put aside by a clock that was ahead.
                if retry_at <= now || retry_at > now.saturating_add(DAY) {
                    return Ok(Some(first));
                }
                behind = first.site;
            }
        }
        Ok(None)
    }

    /// The message of a snapshot, and whose rows count for it.
    pub fn message_to_count(
        &self,
        site: SiteNumber,
        message_token: &str,
    ) -> Result<Option<(Message, AccountId)>, CatalogError> {
        let connection = self.snapshots_connection();
        let moment = connection.unchecked_transaction()?;
        let Some(message) = message_in(&moment, site, message_token)? else { return Ok(None) };
        let account =
            moment.query_row("SELECT account FROM sites WHERE number = ?1", [site], |row| row.get(0))?;
        Ok(Some((message, AccountId(account))))
    }

    /// Finishes a snapshot: keeps what it found, which is JSON, with what it says of the message as it was read for
    /// it, and queues its pingback, in one transaction. Whether it was still there to be finished.
    pub fn finish_snapshot(
        &self,
        pending: &PendingSnapshot,
        message: &Message,
        json: &[u8],
        pingback: Option<&NewPingback>,
        finished_at: Micros,
    ) -> Result<bool, CatalogError> {
        let body = compressed(json)?;
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number: Option<i64> = transaction
            .prepare_cached(
                "UPDATE snapshots SET finished_at = ?2, body = ?3, message_created_at = ?4, message_published_at = ?5
                 WHERE token = ?1 AND finished_at IS NULL RETURNING number",
            )?
            .query_row(
                (&pending.snapshot.token, finished_at, body, message.created_at, message.published_at),
                |row| row.get(0),
            )
            .optional()?;
        let Some(number) = number else { return Ok(false) };
        let publishers = publishers_of(message);
        set_publishers(&transaction, pending.site, number, &pending.snapshot, &publishers)?;
        if let Some(pingback) = pingback {
            insert_pingback(&transaction, pingback)?;
        }
        transaction.commit()?;
        Ok(true)
    }

    /// Puts a snapshot that is still to be made aside until a time, as one that was not made so often.
    pub fn postpone_snapshot(
        &self,
        token: &str,
        failures: u32,
        retry_at: Micros,
    ) -> Result<(), CatalogError> {
        self.lock()
            .prepare_cached(
                "UPDATE snapshots SET failures = ?2, retry_at = ?3 WHERE token = ?1 AND finished_at IS NULL",
            )?
            .execute((token, failures, retry_at))?;
        Ok(())
    }
}

/// Finds what is first in the queue of the next site behind one.
pub(super) fn first_sql() -> String {
    format!(
        "SELECT {COLUMNS}, site, pingback_uri, failures, retry_at FROM snapshots INDEXED BY snapshots_queue
         WHERE finished_at IS NULL AND site > ?1 ORDER BY site, retry_at, number LIMIT 1"
    )
}

/// A row of [`first_sql`], behind the time before which it is not to be made.
fn first_of(row: &Row<'_>) -> rusqlite::Result<(Micros, PendingSnapshot)> {
    let pending = PendingSnapshot {
        snapshot: snapshot_of(row)?,
        site: row.get(6)?,
        pingback_uri: row.get(7)?,
        failures: row.get(8)?,
    };
    Ok((row.get(9)?, pending))
}

fn publishers_of(message: &Message) -> Vec<Publisher> {
    let publications = message.publications.iter();
    let publishers = publications.map(|publication| Publisher {
        identity_token: publication.identity_token.clone(),
        user_token: publication.user_token.clone(),
    });
    publishers.collect()
}
