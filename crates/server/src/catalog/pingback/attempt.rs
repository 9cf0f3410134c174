//! What attempts change: their rows in the log, what becomes of their pingbacks, and whose turn it is next.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tallyhouse_model::{Micros, SECOND};

use super::super::{Catalog, CatalogError, SiteNumber};
use super::PingbackState;
use super::queue::{InFlight, settle_queue};
use crate::pingback::GIVEN_UP_AFTER;

/// A target that cannot be reached is left alone for a second after the first failure, two after the second …, up to this:
/// less than the first delays of each pingback add up to, so that a single one is not held up by it.
pub(super) const REST_MAX: Micros = 30 * SECOND;

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
    pub follows: AttemptOutcome,
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
    /// It was not tried, for reasons of the server's own: nothing is said of the receiver. It is tried then.
    NotTried(Micros),
}

/// What attempts tell of their target.
#[derive(Default)]
struct Reach {
    was_reached: bool,
    /// How often it was not, since it last was.
    failures: i64,
}

impl Catalog {
    /// Notes what came of these attempts, in one transaction. What was cancelled or sent again by an operator meanwhile
    /// only gets its row in the log, unless it was delivered. What is in flight is not given up before its attempt has ended.
    pub fn note_attempts(
        &self,
        notes: &[AttemptNote],
        in_flight: &InFlight,
        now: Micros,
    ) -> Result<(), CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut queues: BTreeMap<_, Reach> = BTreeMap::new();
        for note in notes {
            log_attempt(&transaction, note)?;
            advance(&transaction, note, now)?;
            let reach = queues.entry((note.site.0, note.target.as_str())).or_default();
            match (note.follows, note.status) {
                (AttemptOutcome::NotTried(_), _) => {}
                (_, Some(_)) => *reach = Reach { was_reached: true, failures: 0 },
                (_, None) => reach.failures += 1,
            }
        }
        for ((site, target), reach) in queues {
            let site = SiteNumber(site);
            note_reach(&transaction, site, target, &reach, in_flight, now)?;
            settle_queue(&transaction, site, target, now)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn log_attempt(transaction: &Transaction<'_>, note: &AttemptNote) -> Result<(), CatalogError> {
    if matches!(note.follows, AttemptOutcome::NotTried(_)) {
        return Ok(());
    }
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
    let (state, next) = match note.follows {
        AttemptOutcome::Delivered => (PingbackState::Delivered, None),
        AttemptOutcome::Gone => (PingbackState::Gone, None),
        AttemptOutcome::GivenUp => (PingbackState::Failed, None),
        AttemptOutcome::Again(next) | AttemptOutcome::NotTried(next) => (PingbackState::Waiting, Some(next)),
    };
    let tried = i64::from(!matches!(note.follows, AttemptOutcome::NotTried(_)));
    let finished_at = next.is_none().then_some(now);
    transaction
        .prepare_cached(
            "UPDATE pingbacks SET state = ?2, next_attempt_at = ?3, finished_at = ?4, attempts = attempts + ?8
             WHERE number = ?1 AND state = ?5 AND (first_due_at = ?6 OR ?7)",
        )?
        .execute((
            note.number,
            state,
            next,
            finished_at,
            PingbackState::Waiting,
            note.first_due_at,
            note.follows == AttemptOutcome::Delivered,
            tried,
        ))?;
    Ok(())
}

/// Notes whether a target could be reached, if it was tried at all.
fn note_reach(
    transaction: &Transaction<'_>,
    site: SiteNumber,
    target: &str,
    reach: &Reach,
    in_flight: &InFlight,
    now: Micros,
) -> Result<(), CatalogError> {
    if !reach.was_reached && reach.failures == 0 {
        return Ok(());
    }
    let failures: i64 = transaction
        .prepare_cached(
            "UPDATE pingback_queues SET failures = iif(?3, ?4, failures + ?4)
             WHERE site = ?1 AND target = ?2 RETURNING failures",
        )?
        .query_map((site, target, reach.was_reached, reach.failures), |row| row.get(0))?
        .next()
        .transpose()?
        .unwrap_or(0);
    let rest = failures.saturating_mul(SECOND).min(REST_MAX);
    let rests_until = if failures == 0 { 0 } else { now.saturating_add(rest) };
    transaction
        .prepare_cached("UPDATE pingback_queues SET rests_until = ?3 WHERE site = ?1 AND target = ?2")?
        .execute((site, target, rests_until))?;
    if failures >= FAILURES_BEFORE_GIVING_UP {
        give_up(transaction, site, target, in_flight, now)?;
    }
    Ok(())
}

/// Ends what has waited for more than a day at a target that cannot be reached: more may wait there than could be tried
/// one after the other.
fn give_up(
    connection: &Connection,
    site: SiteNumber,
    target: &str,
    in_flight: &InFlight,
    now: Micros,
) -> Result<(), CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT number FROM pingbacks WHERE site = ?1 AND target = ?2 AND next_attempt_at <= ?3 AND first_due_at < ?4
         ORDER BY next_attempt_at LIMIT ?5",
    )?;
    let overdue = (site, target, now, now.saturating_sub(GIVEN_UP_AFTER), GIVEN_UP_AT_ONCE);
    let numbers = statement.query_map(overdue, |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut update = connection.prepare_cached(
        "UPDATE pingbacks SET state = ?2, next_attempt_at = NULL, finished_at = ?3 WHERE number = ?1",
    )?;
    for number in numbers.into_iter().filter(|number| !in_flight.contains(*number)) {
        update.execute((number, PingbackState::Failed, now))?;
    }
    Ok(())
}
