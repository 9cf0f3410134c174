//! Which pingbacks are due: a few of each target, and a few of each site, so that none has to wait for another.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};
use tallyhouse_model::{HOUR, Micros};

use super::super::webhook_secret::secrets_in;
use super::super::{Catalog, CatalogError, SiteNumber};
use super::PingbackState;
use super::attempt::REST_MAX;
use crate::pingback::SigningSecret;

/// Attempts at the same time: in all, of one site, at one target, and at a target that could not be reached lately.
const IN_FLIGHT_MAX: usize = 256;
const IN_FLIGHT_MAX_PER_SITE: usize = 32;
const IN_FLIGHT_MAX_PER_TARGET: usize = 4;
const IN_FLIGHT_MAX_UNREACHED: usize = 1;

/// No attempt is ever planned further ahead than this (two hours and a fifth are the longest delay): what is further ahead
/// was planned by a clock that was wrong, and is due now.
const AHEAD_MAX: Micros = 3 * HOUR;

/// So many whose time is further ahead are brought back in one transaction.
const BROUGHT_BACK_AT_ONCE: i64 = 500;

/// Sites with anything waiting.
pub(super) const NEXT_SITE: &str = "SELECT min(site) FROM pingback_queues WHERE site > ?1";

/// When the next queue of a site that is not due yet will be.
pub(super) const NEXT_TURN: &str = "SELECT min(next_attempt_at) FROM pingback_queues
    WHERE site = ?1 AND next_attempt_at > ?2 AND next_attempt_at <= ?3";

/// Queues of a site by their turn, between two times.
pub(super) const QUEUES: &str = "SELECT target, failures FROM pingback_queues
    WHERE site = ?1 AND next_attempt_at BETWEEN ?2 AND ?3 ORDER BY next_attempt_at";

/// What waits in a queue, between two times.
pub(super) const WAITING: &str = "SELECT number FROM pingbacks
    WHERE site = ?1 AND target = ?2 AND next_attempt_at BETWEEN ?3 AND ?4 ORDER BY next_attempt_at LIMIT ?5";

/// When the first one that waits in a queue is due.
pub(super) const EARLIEST: &str = "SELECT min(next_attempt_at) FROM pingbacks
    WHERE site = ?1 AND target = ?2 AND next_attempt_at IS NOT NULL";

/// A pingback that is to be tried now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePingback {
    /// Its place in the catalog.
    pub number: i64,
    /// Its id, the same at every attempt.
    pub id: String,
    /// Whose.
    pub site: SiteNumber,
    /// Scheme, host and port of its URI.
    pub target: String,
    /// Where to.
    pub uri: String,
    /// What is told.
    pub body: String,
    /// How often it was tried before.
    pub attempts: u32,
    /// From when on it is tried for a day.
    pub first_due_at: Micros,
    /// What it is signed with now.
    pub secrets: Vec<SigningSecret>,
}

/// What is due, and when more will be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuePingbacks {
    /// As many as there is room for.
    pub pingbacks: Vec<DuePingback>,
    /// When a queue that is not due yet will be.
    pub next_at: Option<Micros>,
}

/// Pingbacks that are being tried, by their numbers.
#[derive(Debug, Clone, Default)]
pub struct InFlight {
    by_number: HashMap<i64, (SiteNumber, String)>,
}

impl InFlight {
    /// Adds one.
    pub fn add(&mut self, due: &DuePingback) {
        self.by_number.insert(due.number, (due.site, due.target.clone()));
    }

    /// Removes one.
    pub fn remove(&mut self, number: i64) {
        self.by_number.remove(&number);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.by_number.len()
    }

    fn of_site(&self, site: SiteNumber) -> usize {
        self.by_number.values().filter(|(of, _)| *of == site).count()
    }

    fn of_target(&self, target: &str) -> usize {
        self.by_number.values().filter(|(_, of)| of == target).count()
    }

    fn of_queue(&self, site: SiteNumber, target: &str) -> usize {
        self.by_number.values().filter(|(of, at)| *of == site && at == target).count()
    }

    /// Whether this one is among them.
    pub(super) fn contains(&self, number: i64) -> bool {
        self.by_number.contains_key(&number)
    }
}

/// A queue that is due.
struct Queue {
    target: String,
    /// For how many more its target has room, of all sites.
    target_room: usize,
    /// Numbers of what is due in it and may be tried, the earliest first.
    due: Vec<i64>,
}

impl Catalog {
    /// What is due now, besides what is in flight. `turn` tells which site comes first where there is not room for all:
    /// another one each time.
    pub fn due_pingbacks(
        &self,
        now: Micros,
        in_flight: &InFlight,
        turn: usize,
    ) -> Result<DuePingbacks, CatalogError> {
        let connection = self.documents_connection();
        // One moment: what is deleted after that counts as under way.
        let moment = connection.unchecked_transaction()?;
        let (mut sites, mut next_at) = (Vec::new(), None::<Micros>);
        for site in sites_that_wait(&moment)? {
            let later = next_turn(&moment, site, now)?;
            next_at = next_at.into_iter().chain(later).min();
            let queues = due_queues(&moment, site, now, in_flight)?;
            if !queues.is_empty() {
                sites.push((site, queues));
            }
        }
        if !sites.is_empty() {
            let first = turn % sites.len();
            sites.rotate_left(first);
        }
        let numbers = choose(&sites, in_flight);
        let mut secrets = HashMap::new();
        let pingbacks =
            numbers.into_iter().filter_map(|number| load(&moment, number, now, &mut secrets).transpose());
        Ok(DuePingbacks { pingbacks: pingbacks.collect::<Result<_, _>>()?, next_at })
    }
}

/// Sites with anything waiting: one index seek each.
fn sites_that_wait(connection: &Connection) -> Result<Vec<SiteNumber>, CatalogError> {
    let mut statement = connection.prepare_cached(NEXT_SITE)?;
    let mut sites = Vec::new();
    let mut last = SiteNumber(i64::MIN);
    while let Some(site) = statement.query_row([last], |row| row.get::<_, Option<SiteNumber>>(0))? {
        sites.push(site);
        last = site;
    }
    Ok(sites)
}

fn next_turn(connection: &Connection, site: SiteNumber, now: Micros) -> Result<Option<Micros>, CatalogError> {
    let mut statement = connection.prepare_cached(NEXT_TURN)?;
    Ok(statement.query_row((site, now, now.saturating_add(AHEAD_MAX)), |row| row.get(0))?)
}

/// Queues of a site that are due and have room, those that have waited longest for their turn first. Before them come those
/// that would wait for a clock that was wrong: after one attempt they are like the others.
fn due_queues(
    connection: &Connection,
    site: SiteNumber,
    now: Micros,
    in_flight: &InFlight,
) -> Result<Vec<Queue>, CatalogError> {
    let room = IN_FLIGHT_MAX_PER_SITE.saturating_sub(in_flight.of_site(site));
    if room == 0 || in_flight.count() >= IN_FLIGHT_MAX {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare_cached(QUEUES)?;
    let mut queues = Vec::new();
    for (from, to) in [(too_far_ahead(now), Micros::MAX), (Micros::MIN, now)] {
        let mut rows = statement.query((site, from, to))?;
        // What is in flight may take the front rows, but is bounded itself.
        while queues.len() < room {
            let Some(row) = rows.next()? else { break };
            let (target, failures): (String, i64) = (row.get(0)?, row.get(1)?);
            let most = if failures > 0 { IN_FLIGHT_MAX_UNREACHED } else { IN_FLIGHT_MAX_PER_TARGET };
            // A target that one site could not reach is not full because another site is there.
            let own_room = most.saturating_sub(in_flight.of_queue(site, &target));
            let target_room = IN_FLIGHT_MAX_PER_TARGET.saturating_sub(in_flight.of_target(&target));
            if own_room == 0 || target_room == 0 {
                continue;
            }
            let mut due = due_in_queue(connection, site, &target, now, in_flight)?;
            due.truncate(own_room);
            if !due.is_empty() {
                queues.push(Queue { target, target_room, due });
            }
        }
    }
    Ok(queues)
}

/// The earliest in a queue that are not in flight, and behind them those that would wait for a clock that was wrong.
fn due_in_queue(
    connection: &Connection,
    site: SiteNumber,
    target: &str,
    now: Micros,
    in_flight: &InFlight,
) -> Result<Vec<i64>, CatalogError> {
    let mut statement = connection.prepare_cached(WAITING)?;
    let limit = 2 * IN_FLIGHT_MAX_PER_TARGET;
    let mut due = Vec::new();
    for (from, to) in [(Micros::MIN, now), (too_far_ahead(now), Micros::MAX)] {
        let numbers =
            statement.query_map((site, target, from, to, (limit - due.len()) as i64), |row| row.get(0))?;
        due.extend(numbers.collect::<rusqlite::Result<Vec<i64>>>()?);
    }
    due.retain(|number| !in_flight.contains(*number));
    Ok(due)
}

/// The first time that nobody plans an attempt for.
fn too_far_ahead(now: Micros) -> Micros {
    now.saturating_add(AHEAD_MAX).saturating_add(1)
}

/// One of each queue of each site in turn, then another one, as long as there is room.
fn choose(sites: &[(SiteNumber, Vec<Queue>)], in_flight: &InFlight) -> Vec<i64> {
    let mut chosen = Vec::new();
    let mut room = IN_FLIGHT_MAX.saturating_sub(in_flight.count());
    let mut site_room: Vec<usize> = sites
        .iter()
        .map(|(site, _)| IN_FLIGHT_MAX_PER_SITE.saturating_sub(in_flight.of_site(*site)))
        .collect();
    // Two sites may tell one target.
    let mut target_room: HashMap<&str, usize> = HashMap::new();
    let longest = sites.iter().map(|(_, queues)| queues.len()).max().unwrap_or(0);
    for round in 0..IN_FLIGHT_MAX_PER_TARGET {
        for place in 0..longest {
            for ((_, queues), site_room) in sites.iter().zip(&mut site_room) {
                let Some(queue) = queues.get(place) else { continue };
                let Some(number) = queue.due.get(round) else { continue };
                let target_room = target_room.entry(&queue.target).or_insert(queue.target_room);
                if room > 0 && *site_room > 0 && *target_room > 0 {
                    chosen.push(*number);
                    (room, *site_room, *target_room) = (room - 1, *site_room - 1, *target_room - 1);
                }
            }
        }
    }
    chosen
}

/// What is to be tried; `None` where it does not wait any more.
pub(super) fn load(
    connection: &Connection,
    number: i64,
    now: Micros,
    secrets: &mut HashMap<SiteNumber, Vec<SigningSecret>>,
) -> Result<Option<DuePingback>, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, site, target, uri, body, attempts, first_due_at FROM pingbacks WHERE number = ?1 AND state = ?2",
    )?;
    let found = statement.query_row((number, PingbackState::Waiting), |row| {
        Ok(DuePingback {
            number,
            id: row.get(0)?,
            site: row.get(1)?,
            target: row.get(2)?,
            uri: row.get(3)?,
            body: row.get(4)?,
            attempts: row.get(5)?,
            first_due_at: row.get(6)?,
            secrets: Vec::new(),
        })
    });
    let Some(mut due) = found.optional()? else { return Ok(None) };
    due.secrets = match secrets.get(&due.site) {
        Some(known) => known.clone(),
        None => {
            let found = secrets_in(connection, due.site, now)?;
            secrets.insert(due.site, found.clone());
            found
        }
    };
    Ok(Some(due))
}

/// Brings the row of a queue in line with what waits in it; its turn comes behind those that are due now. An empty queue
/// goes.
pub(super) fn settle_queue(
    connection: &Connection,
    site: SiteNumber,
    target: &str,
    now: Micros,
) -> Result<(), CatalogError> {
    bring_back(connection, site, target, now)?;
    let earliest: Option<Micros> =
        connection.prepare_cached(EARLIEST)?.query_row((site, target), |row| row.get(0))?;
    match earliest {
        None => {
            let mut statement =
                connection.prepare_cached("DELETE FROM pingback_queues WHERE site = ?1 AND target = ?2")?;
            statement.execute((site, target))?;
        }
        Some(earliest) => {
            let mut statement = connection.prepare_cached(
                "INSERT INTO pingback_queues (site, target, next_attempt_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET
                     next_attempt_at = max(excluded.next_attempt_at, iif(rests_until > ?4, 0, rests_until))",
            )?;
            statement.execute((site, target, earliest.max(now), rest_end_max(now)))?;
        }
    }
    Ok(())
}

/// Until when a queue may rest; what says later was noted by a clock that was wrong.
pub(super) fn rest_end_max(now: Micros) -> Micros {
    now.saturating_add(REST_MAX)
}

/// Makes some of what waits for a clock that was wrong due now.
fn bring_back(
    connection: &Connection,
    site: SiteNumber,
    target: &str,
    now: Micros,
) -> Result<(), CatalogError> {
    let mut statement = connection.prepare_cached(WAITING)?;
    let far = (site, target, too_far_ahead(now), Micros::MAX, BROUGHT_BACK_AT_ONCE);
    let numbers = statement.query_map(far, |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut update =
        connection.prepare_cached("UPDATE pingbacks SET next_attempt_at = ?2 WHERE number = ?1")?;
    for number in numbers {
        update.execute((number, now))?;
    }
    Ok(())
}
