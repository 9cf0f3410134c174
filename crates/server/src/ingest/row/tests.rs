//! Columns of every kind can hold one field each, whichever record types there are today.

use tallyhouse_model::limits::TEXT_BYTES_MAX;
use tallyhouse_model::tables::{VIEW_SEGMENTS, view_segments as at};

use super::*;
use crate::ingest::{Field, RowForm, Zoneless, json};

const TIME: Rule = Rule::Time(Zoneless::Utc);
const TEXT: Rule = Rule::text(TEXT_BYTES_MAX);
const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// A record type that nobody sends, over a table that has all kinds of columns.
static EVERY_KIND: RecordType = RecordType {
    table: &VIEW_SEGMENTS,
    row: RowForm::Fields,
    fields: &[
        Field::required("view_id", Rule::Uuid, at::VIEW_ID),
        Field::required("started_at", TIME, at::STARTED_AT),
        Field::optional("ended_at", TIME, at::ENDED_AT),
        Field::or("finished", Rule::Flag, at::FINISHED, Cell::Flag(false)),
        Field::optional("last_seen_at", TIME, at::LAST_SEEN_AT),
        Field::optional("content_type", Rule::Word, at::CONTENT_TYPE),
        Field::optional("content_id", Rule::Digits(9), at::CONTENT_ID),
        Field::optional("channel_id", Rule::Digits(9), at::CHANNEL_ID),
        Field::or("from", Rule::Integer(9), at::FROM, Cell::Integer(0)),
        Field::or("to", Rule::Integer(9), at::TO, Cell::Integer(3)),
        Field::optional("client_id", Rule::name(4), at::CLIENT_ID),
        Field::or("view_session_id", TEXT, at::VIEW_SESSION_ID, Cell::Text("")),
        Field::optional("viewer_identifier", TEXT, at::VIEWER_IDENTIFIER),
        Field::optional("country", Rule::Country, at::COUNTRY),
        Field::optional("region", TEXT, at::REGION),
        Field::optional("city", TEXT, at::CITY),
        Field::or("view_type", Rule::Word, at::VIEW_TYPE, Cell::Choice(2)),
        Field::optional("device", Rule::Word, at::DEVICE),
        Field::or("is_mobile_view", Rule::Flag, at::IS_MOBILE_VIEW, Cell::Flag(true)),
        Field::optional("device_info", Rule::Object, at::DEVICE_INFO),
        Field::not_kept("ip", Rule::Address),
        Field::derived("updated_at", TIME, at::UPDATED_AT),
        Field::deleted(),
    ],
};

fn judged(members: &str) -> Result<Batch, String> {
    let line = format!(r#"{{"view_id":"{UUID}","started_at":"2026-01-01"{members}}}"#);
    let fields = json::decode(&EVERY_KIND, &line).unwrap();
    let row = judge(&fields, Receipt::at(1_770_000_000_000_000)).map_err(|reason| reason.to_string())?;
    let mut batch = Batch::new(&VIEW_SEGMENTS);
    row.push_to(&mut batch);
    assert!(batch.is_consistent());
    Ok(batch)
}

#[test]
fn every_kind_of_column_takes_its_value_its_default_or_none() {
    let none = judged("").unwrap();
    let all = concat!(
        r#","content_type":"recorded","content_id":"7","from":4,"client_id":12,"country":"hu","device":"tv","#,
        r#""is_mobile_view":false,"device_info":{"a":[1, 2]},"ip":"203.0.113.7""#
    );
    let all = judged(all).unwrap();
    let cells = [
        (at::VIEW_ID, Cell::Id(tallyhouse_model::parse_uuid(UUID).unwrap()), None),
        (at::CONTENT_TYPE, Cell::Absent, Some(Cell::Choice(2))),
        (at::CONTENT_ID, Cell::Absent, Some(Cell::Integer(7))),
        (at::ENDED_AT, Cell::Absent, None),
        (at::FROM, Cell::Integer(0), Some(Cell::Integer(4))),
        (at::TO, Cell::Integer(3), None),
        (at::CLIENT_ID, Cell::Absent, Some(Cell::Text("12"))),
        (at::VIEW_SESSION_ID, Cell::Text(""), None),
        (at::COUNTRY, Cell::Absent, Some(Cell::Text("HU"))),
        (at::VIEW_TYPE, Cell::Choice(2), None),
        (at::DEVICE, Cell::Absent, Some(Cell::Choice(4))),
        (at::IS_MOBILE_VIEW, Cell::Flag(true), Some(Cell::Flag(false))),
        (at::DEVICE_INFO, Cell::Absent, Some(Cell::Text(r#"{"a":[1, 2]}"#))),
    ];
    for (column, without, with) in cells {
        assert_eq!(none.columns[column].cell(0), without, "{column}");
        assert_eq!(all.columns[column].cell(0), with.unwrap_or(without), "{column}");
    }
}

#[test]
fn every_kind_of_value_is_held_against_its_rule() {
    for (members, reason) in [
        (r#","content_type":"dead""#, "content_type: is not one of: live, recorded"),
        (r#","content_id":10"#, "content_id: is not between 0 and 9"),
        (r#","from":"1""#, "from: is not an integer"),
        (r#","client_id":12345"#, "client_id: is longer than 4 bytes"),
        (r#","country":"HUN""#, "country: is not a country code of two letters"),
        (r#","is_mobile_view":1"#, "is_mobile_view: is neither true nor false"),
        (r#","device_info":[]"#, "device_info: is not an object"),
        (r#","device_info":"{}""#, "device_info: is not an object"),
        (r#","ip":"example.com""#, "ip: is not an IP address"),
        (r#","view_id":"x""#, "view_id: is not a UUID of five groups with hyphens"),
    ] {
        assert_eq!(judged(members), Err(reason.to_owned()), "{members}");
    }
}

#[test]
fn a_deletion_that_was_sent_with_its_key_has_nothing_else() {
    let batch = judged(r#","deleted":true,"from":"x""#).unwrap();
    let mut expected = Batch::new(&VIEW_SEGMENTS);
    expected.push_deletion(tallyhouse_model::parse_uuid(UUID).unwrap(), 1_770_000_000_000_000);
    assert_eq!(batch, expected);
}
