//! What attempts change: their rows in the log, what becomes of their pingbacks, and whose turn it is next.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tallyhouse_model::{Micros, SECOND};

use super::super::{Catalog, CatalogError, SiteNumber};
use super::PingbackState;
use super::queue::settle_queue;
use crate::pingback::GIVEN_UP_AFTER;

/// A target that cannot be reached is left alone for a second after the first failure, two after the second …, up to this:
/// less than the first delays of each pingback add up to, so that a single one is not held up by it.
const REST_MAX: Micros = 30 * SECOND;

/// So often in a row a target has to have been out of reach before what waits for it is given up without a last attempt.
const FAILURES_BEFORE_GIVING_UP: i64 = 30;

/// Pingbacks that are given up in one transaction like that.
const GIVEN_UP_AT_ONCE: i64 = 500;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptNote {
    /// The pingback's place in the catalog.
    pub number: i64,
    /// Whose.
    pub site: SiteNumber,
    /// Scheme, host and port of its URI.
    pub target: String,
    /// `first_due_at` as it was when the attempt began: it changes when an operator sends the pingback again.
    pub first_due_at: Micros,
    /// When it began.
    pub started_at: Micros,
    /// How long it took.
    pub duration: Micros,
    /// What the receiver answered, if it did.
    pub status: Option<u16>,
    /// The address that was connected to, or was to be.
    pub address: Option<String>,
    /// Why there was no answer, in words.
    pub problem: Option<String>,
    /// What follows.
    pub outcome: AttemptOutcome,
}

/// What follows from an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The receiver took it.
    Delivered,
    /// The receiver wants no more of it.
    Gone,
    /// It is tried again then.
    Again(Micros),
    /// It was tried long enough.
    GivenUp,
}

impl Catalog {
    /// Notes what came of these attempts, in one transaction. What was cancelled or sent again by an operator meanwhile
    /// only gets its row in the log, unless it was delivered.
    pub fn note_attempts(&self, notes: &[AttemptNote], now: Micros) -> Result<(), CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // By queue, whether the target was reached by the last of them.
        let mut queues = BTreeMap::new();
        for note in notes {
            log_attempt(&transaction, note)?;
            advance(&transaction, note, now)?;
            let failures: &mut (bool, i64) = queues.entry((note.site.0, note.target.as_str())).or_default();
            match note.status {
                Some(_) => *failures = (true, 0),
                None => failures.1 += 1,
            }
        }
        for ((site, target), (was_reached, failures)) in queues {
            note_reach(&transaction, SiteNumber(site), target, was_reached, failures, now)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn log_attempt(transaction: &Transaction<'_>, note: &AttemptNote) -> Result<(), CatalogError> {
    // It may have been deleted from the log.
    transaction
        .prepare_cached(
            "INSERT INTO pingback_attempts (pingback, started_at, duration, status, address, problem)
             SELECT number, ?2, ?3, ?4, ?5, ?6 FROM pingbacks WHERE number = ?1",
        )?
        .execute((note.number, note.started_at, note.duration, note.status, &note.address, &note.problem))?;
    Ok(())
}

fn advance(transaction: &Transaction<'_>, note: &AttemptNote, now: Micros) -> Result<(), CatalogError> {
    let (state, next) = match note.outcome {
        AttemptOutcome::Delivered => (PingbackState::Delivered, None),
        AttemptOutcome::Gone => (PingbackState::Gone, None),
        AttemptOutcome::GivenUp => (PingbackState::Failed, None),
        AttemptOutcome::Again(next) => (PingbackState::Waiting, Some(next)),
    };
    let finished_at = next.is_none().then_some(now);
    transaction
        .prepare_cached(
            "UPDATE pingbacks SET state = ?2, next_attempt_at = ?3, finished_at = ?4, attempts = attempts + 1
             WHERE number = ?1 AND state = ?5 AND (first_due_at = ?6 OR ?7)",
        )?
        .execute((
            note.number,
            state,
            next,
            finished_at,
            PingbackState::Waiting,
            note.first_due_at,
            note.outcome == AttemptOutcome::Delivered,
        ))?;
    Ok(())
}

/// Notes whether a target could be reached, and gives its queue its next turn: behind all that are due now.
fn note_reach(
    transaction: &Transaction<'_>,
    site: SiteNumber,
    target: &str,
    was_reached: bool,
    failures: i64,
    now: Micros,
) -> Result<(), CatalogError> {
    let failures: i64 = transaction
        .prepare_cached(
            "UPDATE pingback_queues SET failures = iif(?3, ?4, failures + ?4)
             WHERE site = ?1 AND target = ?2 RETURNING failures",
        )?
        .query_map((site, target, was_reached, failures), |row| row.get(0))?
        .next()
        .transpose()?
        .unwrap_or(0);
    let rest = failures.saturating_mul(SECOND).min(REST_MAX);
    let rests_until = if failures == 0 { 0 } else { now.saturating_add(rest) };
    transaction
        .prepare_cached("UPDATE pingback_queues SET rests_until = ?3 WHERE site = ?1 AND target = ?2")?
        .execute((site, target, rests_until))?;
    if failures >= FAILURES_BEFORE_GIVING_UP {
        give_up(transaction, site, target, now)?;
    }
    settle_queue(transaction, site, target, now)
}

/// Ends what has waited for more than a day at a target that cannot be reached: more may wait there than could be tried
/// one after the other.
fn give_up(connection: &Connection, site: SiteNumber, target: &str, now: Micros) -> Result<(), CatalogError> {
    connection
        .prepare_cached(
            "UPDATE pingbacks SET state = ?4, next_attempt_at = NULL, finished_at = ?3 WHERE number IN (
                 SELECT number FROM pingbacks
                 WHERE site = ?1 AND target = ?2 AND next_attempt_at <= ?3 AND first_due_at < ?5
                 ORDER BY next_attempt_at LIMIT ?6)",
        )?
        .execute((
            site,
            target,
            now,
            PingbackState::Failed,
            now.saturating_sub(GIVEN_UP_AFTER),
            GIVEN_UP_AT_ONCE,
        ))?;
    Ok(())
}
