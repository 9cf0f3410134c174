//! What one account must hold after a number of batches, kept in plain maps: the crash test's idea of the truth.
//!
//! It also makes the batches: new segments, heartbeats, corrections that move a segment in time, to another session
//! or to other content, deletions, and old versions that arrive late.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tallyhouse_model::{Micros, SECOND, parse_record_time, render_record_time};

use crate::random::Random;

/// 2026-01-01T00:00:00Z: every segment starts in the 90 days from here.
const FIRST_START: Micros = 1_767_225_600 * SECOND;
const START_DAYS: u64 = 90;

/// 2026-05-01T00:00:00Z: versions count seconds from here.
const FIRST_VERSION: Micros = 1_777_593_600 * SECOND;

/// Segments of one account at most; a batch changes old ones from then on, so that rounds do not grow ever longer.
const KEYS_MAX: u64 = 6_000;

/// A live segment, as far as the test looks at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    started_at: Micros,
    live: bool,
    content_id: u64,
    session: u64,
    country: &'static str,
    /// The number of the record that made it, sent as a position; it tells versions of one segment apart.
    serial: u64,
}

/// One line of a batch.
#[derive(Debug, Clone)]
struct Record {
    key: u64,
    version: Micros,
    segment: Option<Segment>,
}

/// Records that were sent together.
#[derive(Debug, Clone)]
pub struct Sent(Vec<Record>);

/// The newest version of every key; `None` for a deleted one.
type Versions = BTreeMap<u64, (Micros, Option<Segment>)>;

/// What one account must hold.
pub struct Ledger {
    versions: Versions,
    serial: u64,
    /// Whether records carry `updated_at`; else their order of arrival is their version.
    versioned: bool,
}

impl Ledger {
    /// An account without rows.
    pub fn new(versioned: bool) -> Self {
        Self { versions: Versions::new(), serial: 0, versioned }
    }

    /// Makes up the next batch.
    pub fn next(&mut self, random: &mut Random) -> Sent {
        let rows = 1 + random.below(80);
        Sent((0..rows).map(|_| self.next_record(random)).collect())
    }

    fn next_record(&mut self, random: &mut Random) -> Record {
        self.serial += 1;
        let version = FIRST_VERSION + self.serial as Micros * SECOND;
        let known = self.versions.len() as u64;
        if known == 0 || (known < KEYS_MAX && random.percent(50)) {
            // Keys of the batch at hand are not in the map yet, hence by serial and not by count.
            return Record { key: self.serial, version, segment: Some(self.segment(random)) };
        }
        let nth = random.below(known) as usize;
        let (key, (_, old)) = self.versions.iter().nth(nth).expect("below their number");
        let (key, old) = (*key, old.clone());
        match random.below(100) {
            0..40 => {
                let heartbeat = old.map(|old| Segment { serial: self.serial, ..old });
                Record { key, version, segment: heartbeat.or_else(|| Some(self.segment(random))) }
            }
            40..70 => Record { key, version, segment: Some(self.segment(random)) },
            70..90 => Record { key, version, segment: None },
            _ if self.versioned => {
                let old_version = version - (1 + random.below(self.serial)) as Micros * SECOND;
                Record { key, version: old_version, segment: Some(self.segment(random)) }
            }
            _ => Record { key, version, segment: Some(self.segment(random)) },
        }
    }

    fn segment(&self, random: &mut Random) -> Segment {
        Segment {
            started_at: FIRST_START + random.below(START_DAYS * 86_400) as Micros * SECOND,
            live: random.percent(50),
            content_id: 1 + random.below(3),
            session: random.below(1 + self.versions.len() as u64 / 8),
            country: ["HU", "US", "JP"][random.below(3) as usize],
            serial: self.serial,
        }
    }

    /// A batch as the body of a request.
    pub fn body(&self, sent: &Sent) -> String {
        sent.0.iter().map(|record| format!("{}\n", self.line(record))).collect()
    }

    fn line(&self, record: &Record) -> Value {
        let mut line = match &record.segment {
            None => json!({"deleted": true}),
            Some(segment) => json!({
                "started_at": render_record_time(segment.started_at),
                "finished_at": render_record_time(segment.started_at + 30 * SECOND),
                "content_type": content_type(segment.live),
                "content_id": segment.content_id,
                "view_session_id": format!("session-{}", segment.session),
                "client_id": format!("client-{}", record.key % 17),
                "country": segment.country,
                "from": segment.serial,
            }),
        };
        line["view_id"] = json!(view_id(record.key));
        if self.versioned {
            line["updated_at"] = json!(render_record_time(record.version));
        }
        line
    }

    /// Takes a batch as done.
    pub fn apply(&mut self, sent: &Sent) {
        apply(&mut self.versions, sent);
    }

    /// Compares with what the server holds. A batch whose fate is not known may be there wholly or not at all.
    pub fn compare(&self, views: &[Value], in_flight: Option<&Sent>) -> Result<(), String> {
        let mut found = BTreeMap::new();
        for view in views {
            let (id, segment) = read_view(view)?;
            if found.insert(id.clone(), segment).is_some() {
                return Err(format!("{id} is there twice"));
            }
        }
        let Some(without) = difference(&live_segments(&self.versions), &found) else { return Ok(()) };
        let Some(sent) = in_flight else { return Err(without) };
        let mut versions = self.versions.clone();
        apply(&mut versions, sent);
        match difference(&live_segments(&versions), &found) {
            None => Ok(()),
            Some(with) => Err(format!("without the batch in flight: {without}; with it: {with}")),
        }
    }

    /// Plays by the word that `category` finds in their first segment.
    pub fn plays<K: Ord>(&self, category: impl Fn(&PlayFacts) -> K) -> BTreeMap<K, u64> {
        let mut first: BTreeMap<(bool, u64, u64), (Micros, String, &'static str)> = BTreeMap::new();
        for (key, segment) in self.versions.iter().filter_map(|(key, (_, row))| Some((key, row.as_ref()?))) {
            let candidate = (segment.started_at, view_id(*key), segment.country);
            let play = (segment.live, segment.content_id, segment.session);
            let best = first.entry(play).or_insert_with(|| candidate.clone());
            if candidate < *best {
                *best = candidate;
            }
        }
        let mut counts = BTreeMap::new();
        for ((live, _, _), (started_at, _, country)) in first {
            *counts.entry(category(&PlayFacts { started_at, live, country })).or_insert(0) += 1;
        }
        counts
    }
}

/// What plays are broken down by.
pub struct PlayFacts {
    /// When the first segment started.
    pub started_at: Micros,
    /// Live or recorded content.
    pub live: bool,
    /// The country of the first segment.
    pub country: &'static str,
}

fn apply(versions: &mut Versions, sent: &Sent) {
    for record in &sent.0 {
        let newest = versions.get(&record.key).is_none_or(|(version, _)| *version <= record.version);
        if newest {
            versions.insert(record.key, (record.version, record.segment.clone()));
        }
    }
}

fn live_segments(versions: &Versions) -> BTreeMap<String, Segment> {
    versions.iter().filter_map(|(key, (_, row))| Some((view_id(*key), row.clone()?))).collect()
}

fn content_type(live: bool) -> &'static str {
    if live { "live" } else { "recorded" }
}

fn view_id(key: u64) -> String {
    // The key is spread over the first digits too, so that neighbours are not neighbours on disk.
    let spread = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:08x}-{:04x}-4000-8000-{key:012x}", spread >> 32, (spread >> 16) & 0xffff)
}

fn read_view(view: &Value) -> Result<(String, Segment), String> {
    let read = || {
        let session = view["view_session_id"].as_str()?.strip_prefix("session-")?.parse().ok()?;
        let country = ["HU", "US", "JP"].into_iter().find(|country| view["country"] == *country)?;
        let segment = Segment {
            started_at: parse_record_time(view["started_at"].as_str()?).ok()?,
            live: view["content_type"] == "live",
            content_id: view["content_id"].as_u64()?,
            session,
            country,
            serial: view["from"].as_u64()?,
        };
        Some((view["view_id"].as_str()?.to_owned(), segment))
    };
    read().ok_or_else(|| format!("not a row that was sent: {view}"))
}

/// The first rows that differ; `None` where none does.
fn difference(expected: &BTreeMap<String, Segment>, found: &BTreeMap<String, Segment>) -> Option<String> {
    let missing =
        expected.iter().filter(|(id, _)| !found.contains_key(*id)).map(|(id, row)| ("missing", id, row));
    let surplus =
        found.iter().filter(|(id, _)| !expected.contains_key(*id)).map(|(id, row)| ("surplus", id, row));
    let other = expected.iter().filter(|(id, row)| found.get(*id).is_some_and(|found| found != *row));
    let other = other.map(|(id, row)| ("another version instead of", id, row));
    let all: Vec<_> = missing.chain(surplus).chain(other).collect();
    (!all.is_empty()).then(|| format!("{} rows differ, such as {:?}", all.len(), &all[..all.len().min(3)]))
}
