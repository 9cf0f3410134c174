//! What one account must hold of reports or of users after a number of batches, kept as the records that were sent: the
//! truth of the crash test of reports.
//!
//! Batches hold new records, replacements that bring other images and choices, deletions, and old versions that arrive
//! late. Records are sent as they are exported, so that they can be compared member by member.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tallyhouse_model::{Micros, SECOND, render_record_time};

use crate::random::Random;

/// 2026-01-01T00:00:00Z: every time is in the 90 days from here.
const FIRST_TIME: Micros = 1_767_225_600 * SECOND;
const SECONDS: u64 = 90 * 86_400;

/// 2026-05-01T00:00:00Z: versions count seconds from here.
const FIRST_VERSION: Micros = 1_777_593_600 * SECOND;

/// Records of one account at most; a batch changes old ones from then on.
const KEYS_MAX: u64 = 1_000;

/// Channels that reports are in, from 1.
pub const CHANNELS: u64 = 2;

/// The field of which every choice is.
pub const FIELD: u64 = 3;

/// What the records are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Rows that own others.
    Reports,
    /// Documents.
    Users,
}

impl Kind {
    /// The name of their table.
    pub fn table(self) -> &'static str {
        match self {
            Kind::Reports => "reports",
            Kind::Users => "users",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Kind::Reports => "report_id",
            Kind::Users => "user_id",
        }
    }
}

/// Records that were sent together, with their key and the number of their version.
#[derive(Debug, Clone)]
pub struct Sent(Vec<(u64, u64, Value)>);

impl Sent {
    /// The body of a request.
    pub fn body(&self) -> String {
        self.0.iter().map(|(_, _, record)| format!("{record}\n")).collect()
    }

    /// How many.
    pub fn records(&self) -> usize {
        self.0.len()
    }
}

/// The newest version of every record, deletions included.
type Versions = BTreeMap<u64, (u64, Value)>;

/// What one account must hold.
pub struct RecordLedger {
    /// What of.
    pub kind: Kind,
    versions: Versions,
    serial: u64,
}

impl RecordLedger {
    /// An account without records.
    pub fn new(kind: Kind) -> Self {
        Self { kind, versions: Versions::new(), serial: 0 }
    }

    /// Makes up the next batch.
    pub fn next(&mut self, random: &mut Random) -> Sent {
        let records = 1 + random.below(30);
        Sent((0..records).map(|_| self.next_record(random)).collect())
    }

    fn next_record(&mut self, random: &mut Random) -> (u64, u64, Value) {
        self.serial += 1;
        let known = self.versions.len() as u64;
        let is_new = known == 0 || (known < KEYS_MAX && random.percent(40));
        let mut version = self.serial;
        let key = if is_new {
            self.serial
        } else {
            *self.versions.keys().nth(random.below(known) as usize).expect("below their number")
        };
        if !is_new && random.percent(10) {
            version -= random.below(self.serial);
        }
        let mut record = match self.kind {
            _ if !is_new && random.percent(20) => json!({"deleted": true}),
            Kind::Reports => self.report(random),
            Kind::Users => json!({"first_name": format!("name-{}", self.serial)}),
        };
        record[self.kind.key()] = json!(key);
        record["updated_at"] = json!(render_record_time(FIRST_VERSION + version as Micros * SECOND));
        (key, version, record)
    }

    /// The serial number as the user tells versions of one report apart that are alike else.
    fn report(&self, random: &mut Random) -> Value {
        let (images, choices) = (random.below(6), random.below(4));
        let images: Vec<Value> = (0..images)
            .map(|image| json!({"report_image_id": image, "created_at": time(random), "styles": {"thumb": null, "medium": null}}))
            .collect();
        let form_fields = match choices {
            0 => json!([]),
            1 => json!([{"field_id": FIELD, "value": format!("option-{}", random.below(5))}]),
            _ => {
                let options: Vec<_> = (0..choices).map(|option| format!("option-{option}")).collect();
                json!([{"field_id": FIELD, "value": options}])
            }
        };
        json!({
            "channel_id": 1 + random.below(CHANNELS), "created_at": time(random), "user_id": self.serial,
            "images": images, "form_fields": form_fields,
        })
    }

    /// Takes a batch as done.
    pub fn apply(&mut self, sent: &Sent) {
        apply(&mut self.versions, sent);
    }

    /// Compares with an export. A batch whose fate is not known may be there wholly or not at all.
    pub fn compare(&self, exported: &str, in_flight: Option<&Sent>) -> Result<(), String> {
        let mut found = BTreeMap::new();
        for line in exported.lines() {
            let record: Value = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
            let key = record[self.kind.key()].as_u64().ok_or_else(|| format!("no key: {line}"))?;
            if found.insert(key, record).is_some() {
                return Err(format!("{key} is there twice"));
            }
        }
        let Some(without) = difference(&self.versions, &found) else { return Ok(()) };
        let Some(sent) = in_flight else { return Err(without) };
        let mut versions = self.versions.clone();
        apply(&mut versions, sent);
        match difference(&versions, &found) {
            None => Ok(()),
            Some(with) => Err(format!("without the batch in flight: {without}; with it: {with}")),
        }
    }

    /// The images of the live reports of a channel, in the order of the answer: time, report, image.
    pub fn images(&self, channel: u64) -> Vec<(String, u64, u64)> {
        let mut images: Vec<_> = self
            .reports(channel)
            .flat_map(|(key, report)| {
                let images = report["images"].as_array().into_iter().flatten();
                images.map(move |image| (text(&image["created_at"]), key, number(&image["report_image_id"])))
            })
            .collect();
        images.sort();
        images
    }

    /// How many live reports of a channel chose each option.
    pub fn choices(&self, channel: u64) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (_, report) in self.reports(channel) {
            let value = &report["form_fields"][0]["value"];
            let one = (!value.is_array() && !value.is_null()).then_some(value);
            for option in value.as_array().into_iter().flatten().chain(one) {
                *counts.entry(text(option)).or_insert(0) += 1;
            }
        }
        counts
    }

    fn reports(&self, channel: u64) -> impl Iterator<Item = (u64, &Value)> {
        let reports = self.versions.iter().map(|(key, (_, record))| (*key, record));
        reports.filter(move |(_, record)| record["channel_id"] == channel)
    }
}

fn time(random: &mut Random) -> String {
    render_record_time(FIRST_TIME + random.below(SECONDS) as Micros * SECOND)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("the ledger sends numbers")
}

fn apply(versions: &mut Versions, sent: &Sent) {
    for (key, version, record) in &sent.0 {
        if versions.get(key).is_none_or(|(newest, _)| newest <= version) {
            versions.insert(*key, (*version, record.clone()));
        }
    }
}

/// What is there and should not be, or the other way round; `None` where all is as it should be. Exports may have
/// members that were not sent, except that a record is a deletion.
fn difference(expected: &Versions, found: &BTreeMap<u64, Value>) -> Option<String> {
    let is_as_sent = |sent: &Value, found: &Value| {
        let mut members = sent.as_object().into_iter().flatten();
        sent["deleted"] == found["deleted"] && members.all(|(name, value)| found[name] == *value)
    };
    let surplus = found
        .iter()
        .filter(|(key, _)| !expected.contains_key(*key))
        .map(|found| format!("surplus: {found:?}"));
    let other = expected.iter().filter_map(|(key, (_, sent))| match found.get(key) {
        None => Some(format!("missing: {sent}")),
        Some(found) if !is_as_sent(sent, found) => Some(format!("{found} instead of {sent}")),
        Some(_) => None,
    });
    let all: Vec<_> = surplus.chain(other).collect();
    (!all.is_empty()).then(|| format!("{} records differ, such as {:?}", all.len(), &all[..all.len().min(3)]))
}
