//! Every rule of the demo records as a case, through the JSON decoder.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde_json::{Value, json};
use tallyhouse_model::tables::{demo_activity, demo_changes, demo_sessions};
use tallyhouse_model::{
    AccountId, Batch, Cell, DAY, KeyDigest, Micros, Table, key_of_text, parse_record_time,
};
use tallyhouse_store::Submission;

use super::*;

mod texts;
mod whole;

const NOW: &str = "2026-03-01T12:00:00Z";

fn time(text: &str) -> Micros {
    parse_record_time(text).unwrap()
}

fn submit(record_type: &'static RecordType, body: &str) -> Submission {
    let mut rows = RecordRows::new(record_type, Receipt::at(time(NOW)), Enrichment::off());
    rows.take_lines(Cursor::new(body)).unwrap();
    rows.into_submission(AccountId(1), time(NOW))
}

/// The smallest valid record of each type.
fn smallest(record_type: &RecordType) -> BTreeMap<String, Value> {
    let record = match record_type.name() {
        "demo_sessions" => json!({"session_id": "s", "session_date": "2026-03-01 10:00:00"}),
        "demo_activity" => json!({
            "activity_id": "a", "activity_type": "click", "create_at": "2026-03-01 10:00:00",
            "session_id": "s", "session_created_at": "2026-03-01 09:00:00",
        }),
        "demo_changes" => json!({
            "entity_type": "link", "entity_id": "l", "changed_at": "2026-03-01 10:00:00", "change_type": "created",
        }),
        other => panic!("{other}"),
    };
    serde_json::from_value(record).unwrap()
}

fn demo_types() -> impl Iterator<Item = &'static RecordType> {
    [&DEMO_SESSIONS, &DEMO_ACTIVITY, &DEMO_CHANGES].into_iter()
}

/// The smallest record with these members set.
fn record(record_type: &RecordType, changes: Value) -> String {
    let mut members = smallest(record_type);
    members.extend(changes.as_object().unwrap().clone());
    serde_json::to_string(&members).unwrap()
}

fn taken(record_type: &'static RecordType, changes: Value) -> Batch {
    let submission = submit(record_type, &record(record_type, changes.clone()));
    assert_eq!(submission.quarantined, [], "{changes}");
    assert_eq!(submission.batch.rows(), 1, "{changes}");
    assert!(submission.batch.is_consistent());
    submission.batch
}

fn refused(record_type: &'static RecordType, changes: Value) -> String {
    let submission = submit(record_type, &record(record_type, changes.clone()));
    assert_eq!((submission.batch.rows(), submission.quarantined.len()), (0, 1), "{changes}");
    submission.quarantined[0].reason.clone()
}

fn cell(batch: &Batch, column: usize) -> Cell<'_> {
    batch.columns[column].cell(0)
}

/// What a field with this value is stored as.
fn stored(record_type: &'static RecordType, field: &str, value: Value, column: usize) -> Option<String> {
    let batch = taken(record_type, json!({ field: value }));
    match cell(&batch, column) {
        Cell::Text(text) => Some(text.to_owned()),
        Cell::Absent => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_session_of_required_fields_gets_the_documented_defaults() {
    let batch = taken(&DEMO_SESSIONS, json!({}));
    assert_eq!(cell(&batch, Table::KEY), Cell::Id(key_of_text("s")));
    for (column, expected) in [
        (demo_sessions::SESSION_DATE, Cell::Time(time("2026-03-01T10:00:00Z"))),
        (demo_sessions::UPDATED_AT, Cell::Time(time(NOW))),
        (demo_sessions::SESSION_ID, Cell::Text("s")),
        (demo_sessions::SHARD_NAME, Cell::Text("app")),
        (demo_sessions::DEMO_TITLE, Cell::Text("")),
        (demo_sessions::DEMO_PUBLISHED_DATE, Cell::Time(0)),
        (demo_sessions::VIEWER, Cell::Text("")),
        (demo_sessions::VISITOR_KEY, Cell::Text("")),
        (demo_sessions::PUBLISHED_REPLAY_ID, Cell::Text("")),
    ] {
        assert_eq!(cell(&batch, column), expected, "{column}");
    }
}

#[test]
fn an_activity_of_required_fields_has_nothing_else() {
    let batch = taken(&DEMO_ACTIVITY, json!({}));
    assert_eq!(cell(&batch, Table::KEY), Cell::Id(key_of_text("a")));
    for (column, expected) in [
        (demo_activity::CREATE_AT, Cell::Time(time("2026-03-01T10:00:00Z"))),
        (demo_activity::UPDATED_AT, Cell::Time(time(NOW))),
        (demo_activity::ACTIVITY_ID, Cell::Text("a")),
        (demo_activity::ACTIVITY_TYPE, Cell::Text("click")),
        (demo_activity::SESSION_ID, Cell::Text("s")),
        (demo_activity::SESSION_CREATED_AT, Cell::Time(time("2026-03-01T09:00:00Z"))),
    ] {
        assert_eq!(cell(&batch, column), expected, "{column}");
    }
    for column in demo_activity::SNAPSHOT_ID..DEMO_ACTIVITY.table.columns.len() {
        assert_eq!(cell(&batch, column), Cell::Absent, "{column}");
    }
}

#[test]
fn a_change_is_named_by_four_fields() {
    let batch = taken(&DEMO_CHANGES, json!({}));
    let key = KeyDigest::new()
        .text(b"link")
        .text(b"l")
        .integer(time("2026-03-01T10:00:00Z") as u64)
        .text(b"created")
        .finish();
    assert_eq!(cell(&batch, Table::KEY), Cell::Id(key));
    assert_eq!(cell(&batch, demo_changes::PUBLISHED_REPLAY_ID), Cell::Absent);
    for (field, value) in [
        ("entity_type", "replay"),
        ("entity_id", "k"),
        ("changed_at", "2026-03-01 10:00:00.000001"),
        ("change_type", "deleted"),
    ] {
        assert_ne!(
            cell(&taken(&DEMO_CHANGES, json!({ field: value })), Table::KEY),
            Cell::Id(key),
            "{field}"
        );
    }
}

#[test]
fn demo_times_without_an_offset_are_in_utc() {
    for (record_type, field, column) in [
        (&DEMO_SESSIONS, "session_date", demo_sessions::SESSION_DATE),
        (&DEMO_SESSIONS, "demo_published_date", demo_sessions::DEMO_PUBLISHED_DATE),
        (&DEMO_SESSIONS, "updated_at", demo_sessions::UPDATED_AT),
        (&DEMO_ACTIVITY, "create_at", demo_activity::CREATE_AT),
        (&DEMO_ACTIVITY, "session_created_at", demo_activity::SESSION_CREATED_AT),
        (&DEMO_ACTIVITY, "link_created_at", demo_activity::LINK_CREATED_AT),
        (&DEMO_ACTIVITY, "link_deleted_at", demo_activity::LINK_DELETED_AT),
        (&DEMO_ACTIVITY, "published_replay_created_at", demo_activity::PUBLISHED_REPLAY_CREATED_AT),
        (&DEMO_CHANGES, "changed_at", demo_changes::CHANGED_AT),
        (&DEMO_CHANGES, "updated_at", demo_changes::UPDATED_AT),
    ] {
        let at = |text: &str| match cell(&taken(record_type, json!({ field: text })), column) {
            Cell::Time(at) => at,
            other => panic!("{other:?}"),
        };
        for text in ["2026-02-03 04:05:06.789", "2026-02-03T04:05:06.789Z", "2026-02-03 05:05:06.789+01:00"] {
            assert_eq!(at(text), time("2026-02-03T04:05:06.789Z"), "{field} {text}");
        }
        assert_eq!(at("2026-02-03"), time("2026-02-03T00:00:00Z"), "{field}");
        assert_eq!(at("1990-01-01"), time("1990-01-01T00:00:00Z"), "{field}");
        assert_eq!(at("2026-03-02 12:00:00"), time("2026-03-02T12:00:00Z"), "{field}");
        let wrong = |value: Value| refused(record_type, json!({ field: value }));
        assert_eq!(
            wrong(json!("2026-03-02 12:00:00.000001")),
            format!("{field}: is more than a day in the future")
        );
        assert_eq!(wrong(json!("1989-12-31 23:59:59")), format!("{field}: is before 1990"));
        assert_eq!(wrong(json!("yesterday")), format!("{field}: is not an ISO 8601 date and time"));
        assert_eq!(wrong(json!("")), format!("{field}: is not an ISO 8601 date and time"));
        assert_eq!(
            wrong(json!(1_772_359_200)),
            format!("{field}: is not a time; write it as an ISO 8601 string")
        );
    }
}

#[test]
fn the_date_of_a_demo_that_was_published_nobody_knows_when_can_be_sent() {
    for text in ["1970-01-01 00:00:00.000", "1970-01-01T00:00:00Z", "1970-01-01"] {
        let batch = taken(&DEMO_SESSIONS, json!({ "demo_published_date": text }));
        assert_eq!(cell(&batch, demo_sessions::DEMO_PUBLISHED_DATE), Cell::Time(0));
    }
    let later = json!({ "demo_published_date": "1970-01-01 00:00:00.001" });
    assert_eq!(refused(&DEMO_SESSIONS, later), "demo_published_date: is before 1990");
    let other = json!({ "session_date": "1970-01-01 00:00:00.000" });
    assert_eq!(refused(&DEMO_SESSIONS, other), "session_date: is before 1990");
}

#[test]
fn required_fields_are_named_when_they_are_missing() {
    for record_type in demo_types() {
        for field in smallest(record_type).into_keys() {
            let reason = refused(record_type, json!({ &field: null }));
            assert_eq!(reason, format!("{field}: is required"));
        }
    }
}
