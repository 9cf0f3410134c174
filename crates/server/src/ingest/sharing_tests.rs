//! Every rule of the sharing records as a case, through the JSON decoder.

use std::io::Cursor;

use serde_json::{Value, json};
use tallyhouse_model::tables::{reactions, referrals};
use tallyhouse_model::{
    AccountId, Batch, Cell, DAY, Micros, Table, key_of_text, parse_record_time, parse_uuid,
};
use tallyhouse_store::Submission;

use super::*;

const NOW: &str = "2026-03-01T12:00:00Z";
const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn time(text: &str) -> Micros {
    parse_record_time(text).unwrap()
}

fn submit(record_type: &'static RecordType, body: &str) -> Submission {
    let mut rows = RecordRows::new(record_type, Receipt::at(time(NOW)), Enrichment::off());
    rows.take_lines(Cursor::new(body)).unwrap();
    rows.into_submission(AccountId(1), time(NOW))
}

/// The smallest valid record.
fn smallest(record_type: &RecordType) -> Value {
    match record_type.name() {
        "reactions" => json!({
            "reaction_id": "r", "sharing_message_token": "m", "provider": "twitter", "kind": "like",
            "occurred_at": "2026-03-01T10:00:00Z",
        }),
        "referrals" => json!({
            "referral_id": ID, "shorturl_token": "abcd1234", "occurred_at": "2026-03-01T10:00:00Z",
            "target": "https://example.com/",
        }),
        other => panic!("{other}"),
    }
}

/// The smallest record with these members set.
fn record(record_type: &RecordType, changes: &Value) -> String {
    let mut record = smallest(record_type);
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    record.to_string()
}

fn taken(record_type: &'static RecordType, changes: Value) -> Batch {
    let submission = submit(record_type, &record(record_type, &changes));
    assert_eq!(submission.quarantined, [], "{changes}");
    assert_eq!(submission.batch.rows(), 1, "{changes}");
    submission.batch
}

fn refused(record_type: &'static RecordType, changes: Value) -> String {
    let submission = submit(record_type, &record(record_type, &changes));
    assert_eq!((submission.batch.rows(), submission.quarantined.len()), (0, 1), "{changes}");
    submission.quarantined[0].reason.clone()
}

#[test]
fn every_column_of_a_reaction_takes_its_field() {
    let row = taken(
        &REACTIONS,
        json!({
            "target": "https://example.com/a", "username": "Quiet Owl", "profile_url": "https://example.com/u",
            "content": "so\nmuch", "num_followers": 9_223_372_036_854_775_807u64,
            "date_member_since": "2010-01-02T00:00:00+02:00", "updated_at": "2026-03-02T11:59:59Z",
        }),
    );
    let expected = [
        Cell::Id(key_of_text("r")),
        Cell::Time(time("2026-03-01T10:00:00Z")),
        Cell::Time(time("2026-03-02T11:59:59Z")),
        Cell::Text("r"),
        Cell::Text("m"),
        Cell::Text("twitter"),
        Cell::Choice(2),
        Cell::Text("https://example.com/a"),
        Cell::Text("Quiet Owl"),
        Cell::Text("https://example.com/u"),
        Cell::Text("so\nmuch"),
        Cell::Integer(9_223_372_036_854_775_807),
        Cell::Time(time("2010-01-01T22:00:00Z")),
    ];
    for (column, cell) in expected.into_iter().enumerate() {
        assert_eq!(row.columns[column].cell(0), cell, "{column}");
    }
    assert_eq!(row.columns.len(), 13);
}

#[test]
fn every_column_of_a_referral_takes_its_field() {
    let row = taken(
        &REFERRALS,
        json!({
            "sharing_message_token": "m", "provider": "facebook", "page": "https://example.com/page",
            "ip_address": "2001:db8::1",
        }),
    );
    let expected = [
        Cell::Id(parse_uuid(ID).unwrap()),
        Cell::Time(time("2026-03-01T10:00:00Z")),
        Cell::Time(time(NOW)),
        Cell::Text("abcd1234"),
        Cell::Text("m"),
        Cell::Text("facebook"),
        Cell::Text("https://example.com/"),
        Cell::Text("https://example.com/page"),
        Cell::Text("2001:db8::1"),
    ];
    for (column, cell) in expected.into_iter().enumerate() {
        assert_eq!(row.columns[column].cell(0), cell, "{column}");
    }
    assert_eq!(row.columns.len(), 9);
}

#[test]
fn what_a_sharing_record_needs_cannot_be_left_out_and_the_rest_can() {
    for (record_type, needed) in [
        (&REACTIONS, &["reaction_id", "sharing_message_token", "provider", "kind", "occurred_at"][..]),
        (&REFERRALS, &["referral_id", "shorturl_token", "occurred_at", "target"]),
    ] {
        for field in record_type.fields {
            let is_needed = needed.contains(&field.name);
            if is_needed {
                assert_eq!(
                    refused(record_type, json!({ field.name: null })),
                    format!("{}: is required", field.name)
                );
            } else {
                taken(record_type, json!({ field.name: null }));
            }
        }
    }
}

#[test]
fn an_empty_text_is_none_and_what_is_needed_cannot_be_empty() {
    for record_type in [&REACTIONS, &REFERRALS] {
        let without = taken(record_type, json!({}));
        for field in record_type.fields.iter().filter(|field| matches!(field.rule, Rule::Text(_))) {
            if field.absence == Absence::Refused {
                assert_eq!(
                    refused(record_type, json!({ field.name: "" })),
                    format!("{}: is empty", field.name)
                );
            } else {
                assert_eq!(taken(record_type, json!({ field.name: "" })), without, "{}", field.name);
            }
        }
    }
}

#[test]
fn texts_of_sharing_records_have_so_many_bytes_and_no_more() {
    let bounds = [
        ("reaction_id", 256),
        ("sharing_message_token", 256),
        ("provider", 64),
        ("target", 2_048),
        ("username", 1_024),
        ("profile_url", 2_048),
        ("content", 16_384),
        ("shorturl_token", 256),
        ("page", 2_048),
        ("ip_address", 64),
    ];
    for record_type in [&REACTIONS, &REFERRALS] {
        for field in record_type.fields.iter().filter(|field| matches!(field.rule, Rule::Text(_))) {
            let bytes = bounds.iter().find(|(name, _)| *name == field.name).unwrap().1;
            taken(record_type, json!({ field.name: "é".repeat(bytes / 2) }));
            assert_eq!(
                refused(record_type, json!({ field.name: "x".repeat(bytes + 1) })),
                format!("{}: is longer than {bytes} bytes", field.name)
            );
        }
    }
}

#[test]
fn the_longest_reaction_fits_a_line_with_every_character_escaped() {
    let mut line = String::from("{");
    for field in REACTIONS.fields {
        if let Rule::Text(TextRule { bytes_max, .. }) = field.rule {
            line += &format!("\"{}\":\"{}\",", field.name, "\\u0061".repeat(bytes_max));
        }
    }
    line += r#""kind":"comment","occurred_at":"2026-03-01T10:00:00Z"}"#;
    let submission = submit(&REACTIONS, &line);
    assert_eq!(submission.quarantined, []);
    assert_eq!(submission.batch.columns[reactions::CONTENT].cell(0), Cell::Text(&"a".repeat(16_384)));
    assert!(line.len() < LINE_BYTES_MAX / 2, "{}", line.len());
}

#[test]
fn a_reaction_is_named_by_a_text_or_by_an_integer_of_any_size() {
    let keys = [json!(5), json!("5"), json!("05"), json!(-5)].map(|id| {
        let batch = taken(&REACTIONS, json!({ "reaction_id": id }));
        let Cell::Id(key) = batch.columns[Table::KEY].cell(0) else { panic!("keys are ids") };
        key
    });
    assert_eq!(keys[0], keys[1]);
    assert!(keys[0] != keys[2] && keys[0] != keys[3] && keys[2] != keys[3]);
    let huge = submit(
        &REACTIONS,
        &record(&REACTIONS, &json!({})).replace("\"r\"", "123456789012345678901234567890"),
    );
    assert_eq!(
        huge.batch.columns[reactions::REACTION_ID].cell(0),
        Cell::Text("123456789012345678901234567890")
    );
    assert_eq!(
        refused(&REACTIONS, json!({ "reaction_id": 1.5 })),
        "reaction_id: is neither a string nor an integer"
    );
}

#[test]
fn a_reaction_of_another_kind_is_refused() {
    for kind in ["referral", "like", "comment", "retweet"] {
        taken(&REACTIONS, json!({ "kind": kind }));
    }
    for kind in [json!("Like"), json!(""), json!("share")] {
        let reason = refused(&REACTIONS, json!({ "kind": kind }));
        assert_eq!(reason, "kind: is not one of: referral, like, comment, retweet");
    }
}

#[test]
fn followers_are_a_number_or_its_digits() {
    for (sent, expected) in
        [(json!(0), 0), (json!("0012"), 12), (json!("9223372036854775807"), i64::MAX as u64)]
    {
        let row = taken(&REACTIONS, json!({ "num_followers": sent }));
        assert_eq!(row.columns[reactions::NUM_FOLLOWERS].cell(0), Cell::Integer(expected));
    }
    for (sent, reason) in [
        (json!(9_223_372_036_854_775_808u64), "is not between 0 and 9223372036854775807"),
        (json!(-1), "is not between 0 and 9223372036854775807"),
        (json!("many"), "is neither an integer nor a string of digits"),
        (json!(""), "is neither an integer nor a string of digits"),
        (json!(1.5), "is not an integer"),
    ] {
        assert_eq!(refused(&REACTIONS, json!({ "num_followers": sent })), format!("num_followers: {reason}"));
    }
}

#[test]
fn times_of_sharing_records_have_an_offset_and_bounds() {
    let late = time(NOW) + DAY;
    for (record_type, names) in [
        (&REACTIONS, &["occurred_at", "date_member_since", "updated_at"][..]),
        (&REFERRALS, &["occurred_at", "updated_at"]),
    ] {
        for name in names {
            taken(record_type, json!({ *name: tallyhouse_model::render_record_time(late) }));
            taken(record_type, json!({ *name: "1990-01-01T00:00:00Z" }));
            for (sent, reason) in [
                ("2026-03-01", "has no UTC offset; write Z or an offset such as +01:00"),
                ("1989-12-31T23:59:59Z", "is before 1990"),
                ("2026-03-02T12:00:00.000001Z", "is more than a day in the future"),
            ] {
                assert_eq!(refused(record_type, json!({ *name: sent })), format!("{name}: {reason}"));
            }
        }
    }
}

#[test]
fn a_deletion_of_a_sharing_record_needs_its_key_and_nothing_else() {
    let body = r#"{"reaction_id":5,"deleted":true,"kind":"nonsense","content":7}"#;
    let deleted = submit(&REACTIONS, body);
    assert_eq!((deleted.quarantined.len(), &deleted.batch.deleted[..]), (0, &[true][..]));
    assert_eq!(deleted.batch.columns[reactions::REACTION_ID].cell(0), Cell::Text("5"));
    assert_eq!(deleted.batch.columns[Table::KEY].cell(0), Cell::Id(key_of_text("5")));
    let body = format!(r#"{{"referral_id":"{}","deleted":true}}"#, ID.to_uppercase());
    let deleted = submit(&REFERRALS, &body);
    assert_eq!((deleted.quarantined.len(), &deleted.batch.deleted[..]), (0, &[true][..]));
    assert_eq!(deleted.batch.columns[Table::KEY].cell(0), Cell::Id(parse_uuid(ID).unwrap()));
}

#[test]
fn the_address_of_a_referral_stays_in_its_quarantined_line_as_long_as_that_is_json() {
    let line = record(
        &REFERRALS,
        &json!({ "occurred_at": "never", "ip_address": "203.0.113.9", "ip": "203.0.113.9" }),
    );
    let refused = &submit(&REFERRALS, &line).quarantined[0];
    assert_eq!(refused.reason, "occurred_at: is not an ISO 8601 date and time");
    assert!(refused.line.contains(r#""ip_address":"203.0.113.9""#), "{}", refused.line);
    assert!(!refused.line.contains(r#""ip":"#), "{}", refused.line);
    let broken = &submit(&REFERRALS, line.trim_end_matches('}')).quarantined[0];
    assert!(broken.line.contains(r#""ip_address":"[address]""#), "{}", broken.line);
    let whole = taken(&REFERRALS, json!({ "ip_address": "203.0.113.9" }));
    assert_eq!(whole.columns[referrals::IP_ADDRESS].cell(0), Cell::Text("203.0.113.9"));
}
