//! The wire format of a View and a Segment, field for field against the documented examples.

use serde_json::{Value, json};
use tallyhouse_model::ABSENT_TIME;
use tallyhouse_model::tables::VIEW_SEGMENTS;

use super::*;
use crate::video::time_text::{default_zone, parse_time};

const DEVICE: &str = concat!(
    r#"{"browser":{"family":"Chrome","major":"70","minor":"0","patch":"3538"},"#,
    r#""os":{"family":"Mac OS X","major":"10","minor":"14","patch":"1","patch_minor":null},"#,
    r#""device":{"family":"Other","brand":null,"model":null}}"#
);

fn set(page: &mut Batch, column: ColumnIndex, value: Values) {
    page.columns[column] = value;
}

fn texts(value: Option<&str>) -> Values {
    let mut texts = tallyhouse_model::Texts::default();
    texts.push(value);
    Values::Texts(texts)
}

/// The segment of the documented example.
fn example() -> Batch {
    let mut page = Batch::new(&VIEW_SEGMENTS);
    let at = |text: &str| parse_time(text).unwrap().at;
    let view_id = 0x4bfc_69b5_1320_4a44_a8d6_1fe1_f397_fb94_u128.to_be_bytes();
    page.deleted.push(false);
    set(&mut page, VIEW_ID, Values::Ids(vec![view_id]));
    set(&mut page, STARTED_AT, Values::Times(vec![at("2018-07-16T19:20:30+01:00")]));
    set(&mut page, 2, Values::Times(vec![0]));
    set(&mut page, ENDED_AT, Values::Times(vec![at("2018-07-16T19:20:42.999+01:00")]));
    set(&mut page, FINISHED, Values::Flags(vec![true]));
    set(&mut page, 5, Values::Times(vec![ABSENT_TIME]));
    set(&mut page, CONTENT_TYPE, Values::Choices(vec![1]));
    set(&mut page, CONTENT_ID, Values::Integers(vec![112_342_345]));
    set(&mut page, 8, Values::Integers(vec![77]));
    set(&mut page, FROM, Values::Integers(vec![0]));
    set(&mut page, TO, Values::Integers(vec![0]));
    set(&mut page, CLIENT_ID, texts(Some("13602851710424434669")));
    set(&mut page, VIEW_SESSION_ID, texts(Some("7f66d911:8b7aa82c")));
    set(&mut page, VIEWER_IDENTIFIER, texts(Some("some.viewer@example.com")));
    set(&mut page, COUNTRY, texts(Some("HU")));
    set(&mut page, 15, texts(Some("HU-BU")));
    set(&mut page, CITY, texts(Some("Budapest")));
    set(&mut page, VIEW_TYPE, Values::Choices(vec![2]));
    set(&mut page, 18, Values::Choices(vec![2]));
    set(&mut page, IS_MOBILE_VIEW, Values::Flags(vec![true]));
    set(&mut page, DEVICE_INFO, texts(Some(DEVICE)));
    assert!(page.is_consistent());
    page
}

fn written(page: Batch, zone: Zone, content_id_as_string: bool) -> Vec<u8> {
    let mut out = Vec::new();
    SegmentWriter::new(zone, content_id_as_string).write_view(&page, 0, &mut out);
    out
}

fn json_of(page: Batch) -> Value {
    serde_json::from_slice(&written(page, Zone::fixed(3_600).unwrap(), false)).unwrap()
}

#[test]
fn a_view_has_exactly_the_documented_attributes() {
    assert_eq!(
        json_of(example()),
        json!({
            "attributes": {
                "city": "Budapest",
                "client_id": "13602851710424434669",
                "content_id": 112_342_345,
                "content_type": "live",
                "country": "HU",
                "finished_at": "2018-07-16T19:20:42+01:00",
                "from": 0,
                "is_mobile_view": true,
                "started_at": "2018-07-16T19:20:30+01:00",
                "to": 0,
                "view_id": "4bfc69b5-1320-4a44-a8d6-1fe1f397fb94",
                "view_session_id": "7f66d911:8b7aa82c",
                "view_type": "offsite",
                "viewer_identifier": "some.viewer@example.com",
                "device_info": {
                    "browser": {"family": "Chrome", "major": "70", "minor": "0", "patch": "3538"},
                    "device": {"brand": null, "family": "Other", "model": null},
                    "os": {"family": "Mac OS X", "major": "10", "minor": "14", "patch": "1", "patch_minor": null}
                }
            },
            "type": "View"
        })
    );
}

#[test]
fn a_segment_has_exactly_the_documented_attributes() {
    let mut out = Vec::new();
    SegmentWriter::new(Zone::fixed(3_600).unwrap(), false).write_segment(&example(), 0, &mut out);
    let segment: Value = serde_json::from_slice(&out).unwrap();
    let mut view = json_of(example())["attributes"].take();
    let attributes = view.as_object_mut().unwrap();
    assert_eq!(attributes.remove("viewer_identifier").unwrap(), "some.viewer@example.com");
    let id = attributes.remove("view_id").unwrap();
    attributes.insert("id".to_owned(), id);
    assert_eq!(segment, view);
}

#[test]
fn attributes_keep_their_order() {
    let text = String::from_utf8(written(example(), Zone::UTC, false)).unwrap();
    assert!(
        text.starts_with(
            r#"{"attributes":{"city":"Budapest","client_id":"13602851710424434669","content_id":"#
        )
    );
    assert!(text.ends_with(&format!(
        r#""viewer_identifier":"some.viewer@example.com","device_info":{DEVICE}}},"type":"View"}}"#
    )));
}

#[test]
fn what_is_absent_is_null() {
    let mut page = example();
    set(&mut page, FINISHED, Values::Flags(vec![false]));
    for column in [CITY, COUNTRY, VIEWER_IDENTIFIER] {
        set(&mut page, column, texts(None));
    }
    let view = json_of(page);
    for name in ["finished_at", "city", "country", "viewer_identifier"] {
        assert_eq!(view["attributes"][name], Value::Null, "{name}");
        assert!(view["attributes"].as_object().unwrap().contains_key(name), "{name}");
    }
}

#[test]
fn content_id_can_be_a_string() {
    let view: Value = serde_json::from_slice(&written(example(), Zone::UTC, true)).unwrap();
    assert_eq!(view["attributes"]["content_id"], "112342345");
}

#[test]
fn texts_from_outside_are_escaped() {
    let mut page = example();
    let nasty = "quote \" backslash \\ newline \n null \u{0} é 𝄞 </script>";
    set(&mut page, VIEW_SESSION_ID, texts(Some(nasty)));
    assert_eq!(json_of(page)["attributes"]["view_session_id"], nasty);
}

#[test]
fn times_are_shown_in_the_zone_of_the_answer() {
    let view: Value = serde_json::from_slice(&written(example(), default_zone(), false)).unwrap();
    assert_eq!(view["attributes"]["started_at"], "2018-07-16T11:20:30-07:00");
}
