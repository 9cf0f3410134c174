//! Every rule of `view_segments` as a case, through the JSON decoder.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde_json::value::RawValue;
use tallyhouse_model::tables::view_segments as at;
use tallyhouse_model::{
    ABSENT_INTEGER, ABSENT_TIME, AccountId, Batch, DAY, Micros, Values, parse_record_time,
};
use tallyhouse_store::Submission;

use super::*;

const NOW: &str = "2026-03-01T12:00:00Z";

fn time(text: &str) -> Micros {
    parse_record_time(text).unwrap()
}

fn submit(body: &str) -> Submission {
    let mut rows = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(time(NOW)), Enrichment::off());
    rows.take_lines(Cursor::new(body)).unwrap();
    rows.into_submission(AccountId(1), time(NOW))
}

/// The smallest valid record with these members set, or left out where they are null.
fn record(changes: &str) -> String {
    let base = r#"{"view_id":"0F8FAD5B-D9CB-469F-A165-70867728950E","content_type":"live","content_id":5,
        "started_at":"2026-03-01T10:00:00Z","client_id":"c","view_session_id":"s"}"#;
    // Not as trees of values: those would lose digits.
    let mut members: BTreeMap<String, &RawValue> = serde_json::from_str(base).unwrap();
    members.extend(serde_json::from_str::<BTreeMap<String, &RawValue>>(changes).unwrap());
    serde_json::to_string(&members).unwrap()
}

fn taken(changes: &str) -> Batch {
    let submission = submit(&record(changes));
    assert_eq!(submission.quarantined, [], "{changes}");
    assert_eq!(submission.batch.rows(), 1, "{changes}");
    submission.batch
}

fn refused(line: &str) -> String {
    let submission = submit(line);
    assert_eq!(submission.batch.rows(), 0, "{line}");
    assert_eq!(submission.quarantined.len(), 1, "{line}");
    submission.quarantined[0].reason.clone()
}

fn times(batch: &Batch, column: usize) -> Micros {
    let Values::Times(times) = &batch.columns[column] else { panic!("{column}") };
    times[0]
}

fn integer(batch: &Batch, column: usize) -> u64 {
    let Values::Integers(integers) = &batch.columns[column] else { panic!("{column}") };
    integers[0]
}

fn word(batch: &Batch, column: usize) -> u8 {
    let Values::Choices(words) = &batch.columns[column] else { panic!("{column}") };
    words[0]
}

fn flag(batch: &Batch, column: usize) -> bool {
    let Values::Flags(flags) = &batch.columns[column] else { panic!("{column}") };
    flags[0]
}

fn text(batch: &Batch, column: usize) -> Option<&str> {
    let Values::Texts(texts) = &batch.columns[column] else { panic!("{column}") };
    texts.get(0)
}

#[test]
fn a_record_of_required_fields_gets_the_documented_defaults() {
    let batch = taken("{}");
    let Values::Ids(keys) = &batch.columns[at::VIEW_ID] else { panic!() };
    assert_eq!(render_uuid(&keys[0]), "0f8fad5b-d9cb-469f-a165-70867728950e");
    assert_eq!(times(&batch, at::STARTED_AT), time("2026-03-01T10:00:00Z"));
    assert_eq!(times(&batch, at::ENDED_AT), time("2026-03-01T10:00:00Z"));
    assert_eq!(times(&batch, at::UPDATED_AT), time(NOW));
    assert_eq!(times(&batch, at::LAST_SEEN_AT), ABSENT_TIME);
    assert!(!flag(&batch, at::FINISHED) && !flag(&batch, at::IS_MOBILE_VIEW));
    assert_eq!(
        (word(&batch, at::CONTENT_TYPE), word(&batch, at::VIEW_TYPE), word(&batch, at::DEVICE)),
        (1, 1, 0)
    );
    assert_eq!((integer(&batch, at::CONTENT_ID), integer(&batch, at::CHANNEL_ID)), (5, ABSENT_INTEGER));
    assert_eq!((integer(&batch, at::FROM), integer(&batch, at::TO)), (0, 0));
    assert_eq!((text(&batch, at::CLIENT_ID), text(&batch, at::VIEW_SESSION_ID)), (Some("c"), Some("s")));
    for absent in [at::VIEWER_IDENTIFIER, at::COUNTRY, at::REGION, at::CITY] {
        assert_eq!(text(&batch, absent), None);
    }
    assert_eq!(text(&batch, at::DEVICE_INFO), Some(DEVICE_INFO_UNKNOWN));
}

#[test]
fn null_is_the_same_as_absent() {
    let nulls: Vec<String> =
        VIEW_SEGMENTS.fields[9..].iter().map(|field| format!("\"{}\":null", field.name)).collect();
    let with_session = format!("{{{},\"view_session_id\":\"s\",\"from\":null,\"to\":null}}", nulls.join(","));
    assert_eq!(taken(&with_session), taken("{}"));
}

#[test]
fn the_end_is_the_finish_or_the_last_sign_or_the_positions() {
    let finished =
        r#"{"finished_at":"2026-03-01T10:05:00Z","last_seen_at":"2026-03-01T10:09:00Z","from":0,"to":9}"#;
    let batch = taken(finished);
    assert_eq!(times(&batch, at::ENDED_AT), time("2026-03-01T10:05:00Z"));
    assert_eq!(times(&batch, at::LAST_SEEN_AT), time("2026-03-01T10:09:00Z"));
    assert!(flag(&batch, at::FINISHED));

    let batch = taken(r#"{"finished_at":null,"last_seen_at":"2026-03-01T10:09:00Z","from":0,"to":9}"#);
    assert_eq!(times(&batch, at::ENDED_AT), time("2026-03-01T10:09:00Z"));
    assert!(!flag(&batch, at::FINISHED));

    assert_eq!(times(&taken(r#"{"from":10,"to":25}"#), at::ENDED_AT), time("2026-03-01T10:00:15Z"));
    assert_eq!(times(&taken(r#"{"from":25,"to":10}"#), at::ENDED_AT), time("2026-03-01T10:00:00Z"));
    assert_eq!(
        times(&taken(r#"{"to":2147483647}"#), at::ENDED_AT),
        time("2026-03-01T10:00:00Z") + i64::from(i32::MAX) * 1_000_000
    );
}

#[test]
fn a_segment_last_seen_before_it_started_was_last_seen_when_it_started() {
    let started_at = time("2026-03-01T10:00:00Z");
    let batch = taken(r#"{"last_seen_at":"2026-03-01T09:59:59.999999Z","from":0,"to":9}"#);
    assert_eq!(times(&batch, at::LAST_SEEN_AT), started_at);
    assert_eq!(times(&batch, at::ENDED_AT), started_at);
    assert!(!flag(&batch, at::FINISHED));

    let finished = r#"{"last_seen_at":"2026-02-28T00:00:00Z","finished_at":"2026-03-01T10:05:00Z"}"#;
    let batch = taken(finished);
    assert_eq!(times(&batch, at::LAST_SEEN_AT), started_at);
    assert_eq!(times(&batch, at::ENDED_AT), time("2026-03-01T10:05:00Z"));
}

#[test]
fn values_are_kept_in_their_stored_form() {
    let cases: [(&str, usize, &str); 11] = [
        (r#"{"client_id":12345678901234567890123}"#, at::CLIENT_ID, "12345678901234567890123"),
        (r#"{"client_id":-7}"#, at::CLIENT_ID, "-7"),
        (r#"{"client_id":"é\u0041"}"#, at::CLIENT_ID, "éA"),
        (r#"{"country":"hu"}"#, at::COUNTRY, "HU"),
        (r#"{"region":""}"#, at::REGION, ""),
        (r#"{"city":"Bâle"}"#, at::CITY, "Bâle"),
        (r#"{"viewer_identifier":"Viewer-1@example.com"}"#, at::VIEWER_IDENTIFIER, "Viewer-1@example.com"),
        (r#"{"view_session_id":"0a1b2c3d:4e5f6071"}"#, at::VIEW_SESSION_ID, "0a1b2c3d:4e5f6071"),
        (r#"{"device_info":{}}"#, at::DEVICE_INFO, DEVICE_INFO_UNKNOWN),
        (
            r#"{"device_info":{"browser":null,"os":{"family":null},"x":1}}"#,
            at::DEVICE_INFO,
            DEVICE_INFO_UNKNOWN,
        ),
        (
            r#"{"device_info":{"os":{"patch_minor":"9","family":"Mac OS X","vendor":[]},"device":{"model":"M\"1"}}}"#,
            at::DEVICE_INFO,
            r#"{"browser":{"family":"Other","major":null,"minor":null,"patch":null},"os":{"family":"Mac OS X","major":null,"minor":null,"patch":null,"patch_minor":"9"},"device":{"family":"Other","brand":null,"model":"M\"1"}}"#,
        ),
    ];
    for (changes, column, expected) in cases {
        assert_eq!(text(&taken(changes), column), Some(expected), "{changes}");
    }
    assert_eq!(text(&taken(r#"{"viewer_identifier":""}"#), at::VIEWER_IDENTIFIER), None);
    assert_eq!(integer(&taken(r#"{"content_id":"9223372036854775807"}"#), at::CONTENT_ID), i64::MAX as u64);
    assert_eq!(integer(&taken(r#"{"channel_id":"007"}"#), at::CHANNEL_ID), 7);
    assert_eq!(times(&taken(r#"{"started_at":"2026-03-01T10:00:00.1234567+01:00"}"#), at::STARTED_AT), {
        time("2026-03-01T09:00:00.123456Z")
    });
    assert_eq!(word(&taken(r#"{"view_type":"offsite"}"#), at::VIEW_TYPE), 2);
    assert_eq!(word(&taken(r#"{"device":"other"}"#), at::DEVICE), 5);
}

#[test]
fn a_view_is_mobile_on_phones_and_tablets_unless_the_record_says_otherwise() {
    for (changes, mobile) in [
        (r#"{"device":"mobile"}"#, true),
        (r#"{"device":"tablet"}"#, true),
        (r#"{"device":"tv"}"#, false),
        (r#"{"device":"mobile","is_mobile_view":false}"#, false),
        (r#"{"is_mobile_view":true}"#, true),
    ] {
        assert_eq!(flag(&taken(changes), at::IS_MOBILE_VIEW), mobile, "{changes}");
    }
}

#[test]
fn times_reach_from_1990_to_a_day_after_receipt() {
    assert_eq!(
        times(&taken(r#"{"started_at":"1990-01-01T00:00:00Z"}"#), at::STARTED_AT),
        631_152_000_000_000
    );
    for field in ["started_at", "finished_at", "last_seen_at", "updated_at"] {
        taken(&format!(r#"{{"{field}":"2026-03-02T12:00:00Z"}}"#));
        let late = record(&format!(r#"{{"{field}":"2026-03-02T12:00:00.000001Z"}}"#));
        assert_eq!(refused(&late), format!("{field}: is more than a day in the future"));
        let early = record(&format!(r#"{{"{field}":"1989-12-31T23:59:59Z"}}"#));
        assert_eq!(refused(&early), format!("{field}: is before 1990"));
        let last = record(&format!(r#"{{"{field}":"9999-12-31T23:59:59Z"}}"#));
        assert_eq!(refused(&last), format!("{field}: is more than a day in the future"));
        let local = record(&format!(r#"{{"{field}":"2026-03-01T11:00:00"}}"#));
        assert_eq!(
            refused(&local),
            format!("{field}: has no UTC offset; write Z or an offset such as +01:00")
        );
        let number = record(&format!(r#"{{"{field}":1772359200}}"#));
        assert_eq!(refused(&number), format!("{field}: is not a time; write it as an ISO 8601 string"));
    }
}

#[test]
fn every_broken_rule_names_its_field() {
    let long = |field: &str, bytes: usize| format!(r#"{{"{field}":"{}"}}"#, "x".repeat(bytes + 1));
    let cases = [
        (r#"{"view_id":null}"#.into(), "view_id: is required"),
        (r#"{"view_id":7}"#.into(), "view_id: is not a string"),
        (
            r#"{"view_id":"0f8fad5bd9cb469fa16570867728950e"}"#.into(),
            "view_id: is not a UUID of five groups with hyphens",
        ),
        (
            r#"{"view_id":"0f8fad5b-d9cb-469f-a165-70867728950g"}"#.into(),
            "view_id: is not a UUID of five groups with hyphens",
        ),
        (r#"{"content_type":null}"#.into(), "content_type: is required"),
        (r#"{"content_type":"Live"}"#.into(), "content_type: is not one of: live, recorded"),
        (r#"{"content_id":null}"#.into(), "content_id: is required"),
        (r#"{"content_id":5.0}"#.into(), "content_id: is not an integer"),
        (r#"{"content_id":"5.0"}"#.into(), "content_id: is neither an integer nor a string of digits"),
        (r#"{"content_id":""}"#.into(), "content_id: is neither an integer nor a string of digits"),
        (r#"{"content_id":"+5"}"#.into(), "content_id: is neither an integer nor a string of digits"),
        (r#"{"content_id":-1}"#.into(), "content_id: is not between 0 and 9223372036854775807"),
        (
            r#"{"content_id":9223372036854775808}"#.into(),
            "content_id: is not between 0 and 9223372036854775807",
        ),
        (r#"{"content_id":true}"#.into(), "content_id: is not an integer"),
        (r#"{"channel_id":[1]}"#.into(), "channel_id: is not an integer"),
        (r#"{"started_at":null}"#.into(), "started_at: is required"),
        (r#"{"started_at":"yesterday"}"#.into(), "started_at: is not an ISO 8601 date and time"),
        (
            r#"{"started_at":"2026-03-01T10:00:00+25:00"}"#.into(),
            "started_at: is not an ISO 8601 date and time",
        ),
        (r#"{"finished_at":"2026-03-01T09:59:59.999999Z"}"#.into(), "finished_at: is before started_at"),
        (r#"{"from":"5"}"#.into(), "from: is not an integer"),
        (r#"{"from":-1}"#.into(), "from: is not between 0 and 2147483647"),
        (r#"{"to":2147483648}"#.into(), "to: is not between 0 and 2147483647"),
        (r#"{"client_id":null}"#.into(), "client_id: is required"),
        (r#"{"client_id":""}"#.into(), "client_id: is empty"),
        (r#"{"client_id":1.5}"#.into(), "client_id: is neither a string nor an integer"),
        (r#"{"client_id":{}}"#.into(), "client_id: is neither a string nor an integer"),
        (long("client_id", 256), "client_id: is longer than 256 bytes"),
        (r#"{"view_session_id":null}"#.into(), "view_session_id: is required"),
        (r#"{"view_session_id":""}"#.into(), "view_session_id: is empty"),
        (r#"{"view_session_id":5}"#.into(), "view_session_id: is not a string"),
        (long("view_session_id", 256), "view_session_id: is longer than 256 bytes"),
        (r#"{"viewer_identifier":5}"#.into(), "viewer_identifier: is not a string"),
        (long("viewer_identifier", 1024), "viewer_identifier: is longer than 1024 bytes"),
        (r#"{"country":"HUN"}"#.into(), "country: is not a country code of two letters"),
        (r#"{"country":""}"#.into(), "country: is not a country code of two letters"),
        (r#"{"country":"É"}"#.into(), "country: is not a country code of two letters"),
        (long("region", 1024), "region: is longer than 1024 bytes"),
        (long("city", 1024), "city: is longer than 1024 bytes"),
        (r#"{"view_type":"both"}"#.into(), "view_type: is not one of: onsite, offsite"),
        (r#"{"device":"phone"}"#.into(), "device: is not one of: desktop, mobile, tablet, tv, other"),
        (r#"{"is_mobile_view":"true"}"#.into(), "is_mobile_view: is neither true nor false"),
        (r#"{"is_mobile_view":1}"#.into(), "is_mobile_view: is neither true nor false"),
        (r#"{"deleted":"yes"}"#.into(), "deleted: is neither true nor false"),
        (r#"{"device_info":"{}"}"#.into(), "device_info: is not an object"),
        (r#"{"device_info":[]}"#.into(), "device_info: is not an object"),
        (r#"{"device_info":{"os":[]}}"#.into(), "device_info: os is not an object"),
        (r#"{"device_info":{"os":{"major":10}}}"#.into(), "device_info: os.major is not a string"),
        (
            format!(r#"{{"device_info":{{"device":{{"model":"{}"}}}}}}"#, "x".repeat(1025)),
            "device_info: device.model is longer than 1024 bytes",
        ),
        (long("user_agent", 2048), "user_agent: is longer than 2048 bytes"),
        (r#"{"ip":"example.com"}"#.into(), "ip: is not an IP address"),
        (r#"{"ip":1}"#.into(), "ip: is not a string"),
    ];
    for (changes, reason) in cases {
        assert_eq!(refused(&record(&changes)), reason, "{changes}");
    }
}

#[test]
fn texts_of_the_greatest_length_are_taken() {
    for (field, bytes) in [("client_id", 256), ("view_session_id", 256), ("city", 1024), ("user_agent", 2048)]
    {
        taken(&format!(r#"{{"{field}":"{}"}}"#, "x".repeat(bytes)));
    }
    taken(r#"{"ip":"2001:db8::1"}"#);
}

#[test]
fn a_deletion_needs_only_its_key() {
    let line = r#"{"view_id":"0f8fad5b-d9cb-469f-a165-70867728950e","deleted":true,"started_at":"never"}"#;
    let submission = submit(line);
    let mut expected = Batch::new(VIEW_SEGMENTS.table);
    let key = parse_uuid("0f8fad5b-d9cb-469f-a165-70867728950e").unwrap();
    expected.push_deletion(key, time(NOW));
    assert_eq!(submission.batch, expected);
    assert_eq!(refused(r#"{"deleted":true}"#), "view_id: is required");

    let versioned = submit(&record(r#"{"deleted":true,"updated_at":"2026-02-01T00:00:00Z"}"#));
    assert_eq!(times(&versioned.batch, at::UPDATED_AT), time("2026-02-01T00:00:00Z"));
    assert_eq!(submit(&record(r#"{"deleted":false}"#)).batch, taken("{}"));
}

#[test]
fn unknown_fields_are_ignored_and_the_last_of_two_counts() {
    assert_eq!(taken(r#"{"shoe_size":{"eu":[43]},"":null}"#), taken("{}"));
    let twice = record("{}").replacen('{', r#"{"content_id":"x","content_id":1,"#, 1);
    assert_eq!(submit(&twice).batch, taken("{}"));
}

#[test]
fn a_record_that_waited_in_quarantine_keeps_its_version() {
    let (now, then) = (time(NOW), time(NOW) - 10 * DAY);
    let mut rows =
        RecordRows::new(&VIEW_SEGMENTS, Receipt { version: then, ..Receipt::at(now) }, Enrichment::off());
    rows.line(record("{}").as_bytes());
    let batch = rows.into_submission(AccountId(1), now).batch;
    assert_eq!(times(&batch, at::UPDATED_AT), then);
    assert_eq!(times(&batch, at::STARTED_AT), time("2026-03-01T10:00:00Z"));
}
