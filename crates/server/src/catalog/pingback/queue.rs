//! Which pingbacks are due: a few of each target, and a few of each site, so that none has to wait for another.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};
use tallyhouse_model::Micros;

use super::super::webhook_secret::secrets_in;
use super::super::{Catalog, CatalogError, SiteNumber};
use crate::pingback::SigningSecret;

/// Attempts at the same time: in all, of one site, at one target, and at a target that could not be reached lately.
const IN_FLIGHT_MAX: usize = 256;
const IN_FLIGHT_MAX_PER_SITE: usize = 32;
const IN_FLIGHT_MAX_PER_TARGET: usize = 4;
const IN_FLIGHT_MAX_UNREACHED: usize = 1;

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
}

/// A queue that is due.
struct Queue {
    target: String,
    room: usize,
    /// Numbers of what is due in it, the earliest first.
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
        let (mut sites, mut next_at) = (Vec::new(), None::<Micros>);
        for site in sites_that_wait(&connection)? {
            let later = next_turn(&connection, site, now)?;
            next_at = next_at.into_iter().chain(later).min();
            let queues = due_queues(&connection, site, now, in_flight)?;
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
        let pingbacks = numbers.into_iter().map(|number| load(&connection, number, now, &mut secrets));
        Ok(DuePingbacks { pingbacks: pingbacks.collect::<Result<_, _>>()?, next_at })
    }
}

/// Sites with anything waiting: one index seek each.
fn sites_that_wait(connection: &Connection) -> Result<Vec<SiteNumber>, CatalogError> {
    let mut statement = connection.prepare_cached("SELECT min(site) FROM pingback_queues WHERE site > ?1")?;
    let mut sites = Vec::new();
    let mut last = SiteNumber(i64::MIN);
    while let Some(site) = statement.query_row([last], |row| row.get::<_, Option<SiteNumber>>(0))? {
        sites.push(site);
        last = site;
    }
    Ok(sites)
}

/// When the next queue of a site that is not due yet will be.
fn next_turn(connection: &Connection, site: SiteNumber, now: Micros) -> Result<Option<Micros>, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT min(next_attempt_at) FROM pingback_queues WHERE site = ?1 AND next_attempt_at > ?2",
    )?;
    Ok(statement.query_row((site, now), |row| row.get(0))?)
}

/// Queues of a site that are due and have room, those that have waited longest for their turn first.
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
    let mut statement = connection.prepare_cached(
        "SELECT target, failures FROM pingback_queues WHERE site = ?1 AND next_attempt_at <= ?2
         ORDER BY next_attempt_at",
    )?;
    let mut rows = statement.query((site, now))?;
    let mut queues = Vec::new();
    // What is in flight may take the front rows, but is bounded itself.
    while queues.len() < room {
        let Some(row) = rows.next()? else { break };
        let (target, failures): (String, i64) = (row.get(0)?, row.get(1)?);
        let most = if failures > 0 { IN_FLIGHT_MAX_UNREACHED } else { IN_FLIGHT_MAX_PER_TARGET };
        let room = most.saturating_sub(in_flight.of_target(&target));
        if room == 0 {
            continue;
        }
        let due = due_in_queue(connection, site, &target, now, in_flight)?;
        if !due.is_empty() {
            queues.push(Queue { target, room, due });
        }
    }
    Ok(queues)
}

/// The earliest in a queue that are not in flight.
fn due_in_queue(
    connection: &Connection,
    site: SiteNumber,
    target: &str,
    now: Micros,
    in_flight: &InFlight,
) -> Result<Vec<i64>, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT number FROM pingbacks WHERE site = ?1 AND target = ?2 AND next_attempt_at <= ?3
         ORDER BY next_attempt_at LIMIT ?4",
    )?;
    let limit = 2 * IN_FLIGHT_MAX_PER_TARGET as i64;
    let numbers = statement.query_map((site, target, now, limit), |row| row.get(0))?;
    let mut due = numbers.collect::<rusqlite::Result<Vec<i64>>>()?;
    due.retain(|number| !in_flight.by_number.contains_key(number));
    Ok(due)
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
                let target_room = target_room.entry(&queue.target).or_insert(queue.room);
                if room > 0 && *site_room > 0 && *target_room > 0 {
                    chosen.push(*number);
                    (room, *site_room, *target_room) = (room - 1, *site_room - 1, *target_room - 1);
                }
            }
        }
    }
    chosen
}

fn load(
    connection: &Connection,
    number: i64,
    now: Micros,
    secrets: &mut HashMap<SiteNumber, Vec<SigningSecret>>,
) -> Result<DuePingback, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, site, target, uri, body, attempts, first_due_at FROM pingbacks WHERE number = ?1",
    )?;
    let mut due = statement.query_row([number], |row| {
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
    })?;
    due.secrets = match secrets.get(&due.site) {
        Some(known) => known.clone(),
        None => {
            let found = secrets_in(connection, due.site, now)?;
            secrets.insert(due.site, found.clone());
            found
        }
    };
    Ok(due)
}

/// Brings the row of a queue in line with what waits in it; its turn comes no sooner than this. An empty queue goes.
pub(super) fn settle_queue(
    connection: &Connection,
    site: SiteNumber,
    target: &str,
    no_sooner_than: Micros,
) -> Result<(), CatalogError> {
    let earliest: Option<Micros> = connection
        .prepare_cached(
            "SELECT min(next_attempt_at) FROM pingbacks
             WHERE site = ?1 AND target = ?2 AND next_attempt_at IS NOT NULL",
        )?
        .query_row((site, target), |row| row.get(0))
        .optional()?
        .flatten();
    match earliest {
        None => connection
            .prepare_cached("DELETE FROM pingback_queues WHERE site = ?1 AND target = ?2")?
            .execute((site, target))?,
        Some(earliest) => connection
            .prepare_cached(
                "INSERT INTO pingback_queues (site, target, next_attempt_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET next_attempt_at = max(excluded.next_attempt_at, rests_until)",
            )?
            .execute((site, target, earliest.max(no_sooner_than)))?,
    };
    Ok(())
}
