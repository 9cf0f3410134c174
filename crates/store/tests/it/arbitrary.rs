//! Strategies for records and probes. Everything is drawn from few values, so that rows meet: the same keys, sessions,
//! contents and versions again and again, and times around the ends of months and the daylight-saving changes.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use tallyhouse_model::tables::{plays, view_segments};
use tallyhouse_model::{AccountId, DAY, DeviceClass, Filter, HOUR, Micros, Range, SECOND, Zone};

use crate::questions::{ALL_ROWS, Probe};
use crate::rows::{Record, Segment, at, key_of, version};

/// The tenants. All use the same keys.
pub const ACCOUNTS: [AccountId; 2] = [AccountId(1), AccountId(2)];

const CONTENT_TYPES: [&str; 2] = ["live", "recorded"];
const CONTENT_IDS: [u64; 3] = [0, 5, i64::MAX as u64];
const CHANNELS: [u64; 2] = [0, 7];
const COUNTRIES: [&str; 3] = ["HU", "US", ""];
const REGIONS: [&str; 3] = ["US-CA", "Gy\u{151}r", ""];
/// Some differ only in case, only behind their first 16 bytes, or only in length.
const VIEWERS: [&str; 8] = [
    "a@example.org",
    "A@example.org",
    "",
    "\u{1f441}",
    "customer-0000001@b",
    "customer-0000001@a",
    "a",
    "a\0",
];
const CLIENTS: [&str; 3] = ["c", "18446744073709551617000", " c"];
const DEVICES: [&str; 5] = DeviceClass::WORDS;

/// Ends of months and days, in UTC and in Los Angeles, and both hours at which its clocks change.
const ANCHORS: [&str; 13] = [
    "2025-12-31T23:59:59.999999Z",
    "2026-02-28T12:00:00Z",
    "2026-03-01T00:00:00Z",
    "2026-03-08T08:00:00Z",
    "2026-03-08T10:00:00Z",
    "2026-03-31T23:00:00Z",
    "2026-04-01T07:00:00Z",
    "2026-04-04T15:00:00Z",
    "2026-10-31T23:30:00Z",
    "2026-11-01T07:00:00Z",
    "2026-11-01T08:00:00Z",
    "2026-11-01T09:00:00Z",
    "2026-12-01T08:00:00Z",
];

pub fn account() -> impl Strategy<Value = AccountId> {
    select(&ACCOUNTS)
}

/// A record: mostly segments, every sixth a deletion.
pub fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        5 => segment().prop_map(Record::Segment),
        1 => (key(), updated_at()).prop_map(|(key, updated_at)| Record::Deletion { key, updated_at }),
    ]
}

/// Records of one batch, in order of arrival.
pub fn records(at_most: usize) -> impl Strategy<Value = Vec<Record>> {
    vec(record(), 0..=at_most)
}

pub fn segment() -> impl Strategy<Value = Segment> {
    let who = (select(&CLIENTS), select(&["s1", "s2", "s3"]), option::of(select(&VIEWERS)));
    let place =
        (option::of(select(&COUNTRIES)), option::of(select(&REGIONS)), option::of(select(&["Budapest", ""])));
    let what = (select(&CONTENT_TYPES), select(&CONTENT_IDS), option::of(select(&CHANNELS)));
    let device =
        (option::of(select(&DEVICES)), any::<bool>(), select(&["{}", r#"{"os":{"family":"Other"}}"#]));
    let view_type = select(&["onsite", "offsite"]);
    (key(), updated_at(), stretch(), what, who, place, view_type, device).prop_map(
        |(key, updated_at, stretch, what, who, place, view_type, device)| Segment {
            key,
            started_at: stretch.started_at,
            updated_at,
            ended_at: stretch.ended_at,
            finished: stretch.finished,
            last_seen_at: stretch.last_seen_at,
            content_type: what.0,
            content_id: what.1,
            channel_id: what.2,
            from: stretch.from,
            to: stretch.to,
            client_id: who.0,
            view_session_id: who.1,
            viewer_identifier: who.2,
            country: place.0,
            region: place.1,
            city: place.2,
            view_type,
            device: device.0,
            is_mobile_view: device.1,
            device_info: device.2,
        },
    )
}

fn key() -> impl Strategy<Value = tallyhouse_model::Key> {
    prop_oneof![14 => 0u8..14, 1 => Just(255)].prop_map(key_of)
}

fn updated_at() -> impl Strategy<Value = Micros> {
    (0i64..6).prop_map(version)
}

#[derive(Debug)]
struct Stretch {
    started_at: Micros,
    ended_at: Micros,
    finished: bool,
    last_seen_at: Option<Micros>,
    from: u64,
    to: u64,
}

/// When a segment began and ended, by the rule of the record: what it says, else when it was last seen, else the
/// positions watched. Some end exactly where ranges do.
fn stretch() -> impl Strategy<Value = Stretch> {
    let positions = select(&[(0, 0), (10, 25), (100, 40), (0, (1 << 31) - 1)]);
    let until_anchor = option::weighted(0.3, select(&ANCHORS).prop_map(at));
    (instant(), option::weighted(0.7, length()), until_anchor, option::of(length()), positions).prop_map(
        |(started_at, finished_after, until, seen_after, (from, to))| {
            let until = until.filter(|until| *until >= started_at).map(|until| until - started_at);
            let finished_after = finished_after.map(|after| until.unwrap_or(after));
            let watched = (to as i64 - from as i64).max(0) * SECOND;
            let length = finished_after.or(seen_after).unwrap_or(watched);
            let last_seen_at = seen_after.map(|after| started_at + after);
            Stretch {
                started_at,
                ended_at: started_at + length,
                finished: finished_after.is_some(),
                last_seen_at,
                from,
                to,
            }
        },
    )
}

/// Nothing, an instant, minutes, days, and once in a while more than a year.
fn length() -> impl Strategy<Value = Micros> {
    prop_oneof![
        2 => Just(0),
        1 => Just(1),
        4 => 1i64..HOUR,
        2 => (1i64..40).prop_map(|days| days * DAY),
        1 => Just(400 * DAY),
    ]
}

fn instant() -> impl Strategy<Value = Micros> {
    let shift = prop_oneof![
        3 => Just(0),
        2 => select(&[-1, 1, -SECOND, SECOND, -HOUR, HOUR]),
        2 => -HOUR..HOUR,
        2 => -DAY..DAY,
        1 => (-6i64..6).prop_map(|weeks| weeks * 7 * DAY),
    ];
    (select(&ANCHORS), shift).prop_map(|(anchor, shift)| at(anchor) + shift)
}

pub fn probe() -> impl Strategy<Value = Probe> {
    let page = prop_oneof![3 => 0u64..12, 1 => Just(500)];
    let limit = prop_oneof![3 => 1usize..6, 1 => Just(0), 2 => Just(ALL_ROWS)];
    (range(), zone(), vec(segment_filter(), 0..3), vec(play_filter(), 0..3), page, limit).prop_map(
        |(range, zone, segment_filters, play_filters, offset, limit)| Probe {
            range,
            zone,
            segment_filters,
            play_filters,
            offset,
            limit,
        },
    )
}

/// A range with something in it; what an empty one answers has a test of its own.
fn range() -> impl Strategy<Value = Range> {
    let edge = || prop_oneof![2 => select(&ANCHORS).prop_map(at), 1 => instant()];
    let between = (edge(), edge())
        .prop_map(|(one, other)| Range { from: one.min(other), to: one.max(other) })
        .prop_map(|range| Range { to: range.to.max(range.from + 1), ..range });
    prop_oneof![
        6 => between,
        3 => (instant(), 1i64..DAY).prop_map(|(from, length)| Range { from, to: from + length }),
        1 => instant().prop_map(|from| Range { from, to: Micros::MAX }),
        1 => instant().prop_map(|to| Range { from: Micros::MIN, to }),
        2 => Just(Range::ALL),
    ]
}

fn zone() -> impl Strategy<Value = Zone> {
    let los_angeles = Zone::named("America/Los_Angeles").expect("the zone database is part of the program");
    let budapest = Zone::named("Europe/Budapest").expect("the zone database is part of the program");
    let half_hour = Zone::fixed(5 * 3_600 + 1_800).expect("it is less than a day");
    // Its clocks are put back by half an hour.
    let lord_howe = Zone::named("Australia/Lord_Howe").expect("the zone database is part of the program");
    prop_oneof![Just(Zone::UTC), Just(los_angeles), Just(budapest), Just(half_hour), Just(lord_howe)]
}

fn segment_filter() -> impl Strategy<Value = Filter> {
    use view_segments::*;
    prop_oneof![
        choice_in(CONTENT_TYPE, CONTENT_TYPES.to_vec()),
        select(&["", "A@EX", "example", "\u{1f441}", "nobody"])
            .prop_map(|part| Filter::TextContains(VIEWER_IDENTIFIER, part.to_owned())),
        choice_in(DEVICE, DEVICES.to_vec()),
        integer_in(CONTENT_ID, &CONTENT_IDS),
        integer_in(CHANNEL_ID, &CHANNELS),
        text_in(COUNTRY, &COUNTRIES),
        text_in(VIEWER_IDENTIFIER, &VIEWERS),
        text_in(CLIENT_ID, &CLIENTS),
        any::<bool>().prop_map(|flag| Filter::FlagIs(FINISHED, flag)),
        any::<bool>().prop_map(|flag| Filter::FlagIs(IS_MOBILE_VIEW, flag)),
        (-1i64..6, 0i64..4).prop_map(|(from, length)| {
            Filter::TimeIn(UPDATED_AT, Range { from: version(from), to: version(from + length) })
        }),
    ]
}

fn play_filter() -> impl Strategy<Value = Filter> {
    use plays::*;
    prop_oneof![
        choice_in(CONTENT_TYPE, CONTENT_TYPES.to_vec()),
        choice_in(DEVICE, DEVICES.to_vec()),
        integer_in(CONTENT_ID, &CONTENT_IDS),
        integer_in(CHANNEL_ID, &CHANNELS),
        text_in(COUNTRY, &COUNTRIES),
        text_in(REGION, &REGIONS),
    ]
}

fn choice_in(column: usize, words: Vec<&'static str>) -> impl Strategy<Value = Filter> {
    let count = words.len();
    subsequence(words, 0..=count).prop_map(move |words| Filter::ChoiceIn(column, words))
}

/// Some of the numbers there are, and one that never was.
fn integer_in(column: usize, numbers: &[u64]) -> impl Strategy<Value = Filter> + use<> {
    let numbers: Vec<u64> = numbers.iter().copied().chain([123_456_789]).collect();
    let count = numbers.len();
    subsequence(numbers, 0..=count).prop_map(move |numbers| Filter::IntegerIn(column, numbers))
}

/// Some of the texts there are, and one that never was.
fn text_in(column: usize, texts: &[&str]) -> impl Strategy<Value = Filter> + use<> {
    let texts: Vec<String> = texts.iter().copied().chain(["never seen"]).map(str::to_owned).collect();
    let count = texts.len();
    subsequence(texts, 0..=count).prop_map(move |texts| Filter::TextIn(column, texts))
}
