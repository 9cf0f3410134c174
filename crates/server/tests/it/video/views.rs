//! `/views`: the wire format, which segments a period lists, and the filters.

use serde_json::{Value, json};
use tallyhouse_server::config::{Config, VideoConfig};

use super::rig::Rig;
use super::segment::Segment;

const NOON_HOUR: &str = "date_time_from=2018-07-16T12:00:00Z&date_time_to=2018-07-16T13:00:00Z";

/// A segment by its times on 2018-07-16.
fn lasting(view_id: u128, started_at: &'static str, finished_at: Option<&'static str>) -> Segment {
    Segment { view_id, started_at, finished_at, ..Segment::default() }
}

/// Every way to lie about the hour from 12:00 to 13:00.
fn around_noon() -> Vec<Segment> {
    let (before, from) = ("2018-07-16T11:00:00Z", "2018-07-16T12:00:00Z");
    let (inside, to, after) = ("2018-07-16T12:30:00Z", "2018-07-16T13:00:00Z", "2018-07-16T13:30:00Z");
    vec![
        lasting(1, before, Some(before)),
        lasting(2, before, Some(from)),
        lasting(3, before, Some(inside)),
        lasting(4, before, Some(to)),
        lasting(5, before, Some(after)),
        lasting(6, before, None),
        lasting(7, from, Some(from)),
        lasting(8, from, Some(inside)),
        lasting(9, from, Some(to)),
        lasting(10, from, Some(after)),
        lasting(11, from, None),
        lasting(12, inside, Some(inside)),
        lasting(13, inside, Some(to)),
        lasting(14, inside, Some(after)),
        lasting(15, inside, None),
        lasting(16, to, Some(to)),
        lasting(17, to, Some(after)),
        lasting(18, to, None),
    ]
}

#[tokio::test]
async fn a_view_is_the_documented_example_field_for_field() {
    let chrome = concat!(
        r#"{"browser":{"family":"Chrome","major":"70","minor":"0","patch":"3538"},"#,
        r#""os":{"family":"Mac OS X","major":"10","minor":"14","patch":"1","patch_minor":null},"#,
        r#""device":{"family":"Other","brand":null,"model":null}}"#
    );
    let rig = Rig::holding(&[Segment { device_info: chrome, ..Segment::default() }]);
    let body = rig
        .json("/v1/views?date_time_from=2018-07-16T00:00:00%2B01:00&date_time_to=2018-07-17T00:00:00Z")
        .await;
    assert_eq!(
        body["data"],
        json!([{
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
        }])
    );
}

#[tokio::test]
async fn content_id_is_an_integer_unless_configured_as_a_string() {
    let day = "/v1/views?date_time_from=2018-07-16&date_time_to=2018-07-17";
    let largest = Segment { content_id: i64::MAX as u64, ..Segment::default() };
    let rig = Rig::holding(std::slice::from_ref(&largest));
    assert_eq!(rig.json(day).await["data"][0]["attributes"]["content_id"], i64::MAX);
    let video = VideoConfig { content_id_as_string: true, ..VideoConfig::default() };
    let rig = Rig::with_config(Config { video, ..Config::default() });
    rig.send(&[largest]);
    assert_eq!(rig.json(day).await["data"][0]["attributes"]["content_id"], "9223372036854775807");
}

#[tokio::test]
async fn client_id_and_session_are_texts_of_any_length_of_digits() {
    let segment =
        Segment { client_id: "8776986273576598258658", session: "7f66d911:8b7aa82c", ..Segment::default() };
    let rig = Rig::holding(&[segment]);
    let body = rig.json("/v1/views?date_time_from=2018-07-16&date_time_to=2018-07-17").await;
    let attributes = &body["data"][0]["attributes"];
    assert_eq!(attributes["client_id"], "8776986273576598258658");
    assert_eq!(attributes["view_session_id"], "7f66d911:8b7aa82c");
}

#[tokio::test]
async fn views_without_a_viewer_identifier_are_listed_with_null() {
    let segment =
        Segment { viewer: None, country: None, city: None, finished_at: None, ..Segment::default() };
    let rig = Rig::holding(&[segment]);
    let body = rig.json("/v1/views?date_time_from=2018-07-16&date_time_to=2018-07-17").await;
    let attributes = body["data"][0]["attributes"].as_object().unwrap();
    for name in ["viewer_identifier", "country", "city", "finished_at"] {
        assert_eq!(attributes.get(name), Some(&Value::Null), "{name}");
    }
}

#[tokio::test]
async fn a_segment_that_spans_the_whole_range_is_excluded() {
    // The documentation lists three cases, and "started before, finished after" (5) is none of them; nor is
    // "started before, not finished" (6).
    let rig = Rig::holding(&around_noon());
    let listed = rig.view_ids(&format!("/v1/views?{NOON_HOUR}&_limit=100")).await;
    assert!(!listed.contains(&5) && !listed.contains(&6), "{listed:?}");
}

#[tokio::test]
async fn the_range_is_half_open_and_lists_what_starts_in_it_or_ends_in_it() {
    let rig = Rig::holding(&around_noon());
    let listed = rig.view_ids(&format!("/v1/views?{NOON_HOUR}&_limit=100")).await;
    assert_eq!(listed, [3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
}

#[tokio::test]
async fn without_unfinished_segments_only_finished_ones_are_listed() {
    let rig = Rig::holding(&around_noon());
    let uri = format!("/v1/views?{NOON_HOUR}&_limit=100&list_unfinished_segments=false");
    assert_eq!(rig.view_ids(&uri).await, [3, 4, 7, 8, 9, 10, 12, 13, 14]);
}

#[tokio::test]
async fn inclusive_range_false_lists_what_lies_within_and_drops_unfinished_ones_too() {
    let rig = Rig::holding(&around_noon());
    for flags in [
        "inclusive_range=false",
        "inclusive_range=0&list_unfinished_segments=true",
        "inclusive_range=FALSE&list_unfinished_segments=0",
    ] {
        let listed = rig.view_ids(&format!("/v1/views?{NOON_HOUR}&_limit=100&{flags}")).await;
        // Ends at the end of the range count ("finished <= to"); what starts there (16) starts within it as well.
        assert_eq!(listed, [7, 8, 9, 12, 13, 16], "{flags}");
    }
}

#[tokio::test]
async fn flags_are_spelled_true_false_1_0_in_any_case() {
    let rig = Rig::holding(&around_noon());
    for (value, count) in [("true", 11), ("TRUE", 11), ("1", 11), ("false", 9), ("False", 9), ("0", 9)] {
        let body = rig.json(&format!("/v1/views?{NOON_HOUR}&list_unfinished_segments={value}")).await;
        assert_eq!(body["pagination"]["count"], count, "{value}");
    }
    for value in ["yes", "", "2", "on"] {
        let reply = rig.get(&format!("/v1/views?{NOON_HOUR}&list_unfinished_segments={value}")).await;
        assert_eq!(reply.pointers(), ["list_unfinished_segments"], "{value}");
    }
}

#[tokio::test]
async fn views_are_sorted_by_start_then_view_id() {
    let rig = Rig::holding(&[
        lasting(9, "2018-07-16T12:00:01Z", None),
        lasting(2, "2018-07-16T12:00:02Z", None),
        lasting(1, "2018-07-16T12:00:02Z", None),
        lasting(3, "2018-07-16T12:00:01.000001Z", None),
    ]);
    assert_eq!(rig.view_ids(&format!("/v1/views?{NOON_HOUR}")).await, [9, 3, 1, 2]);
}

#[tokio::test]
async fn content_type_and_content_id_filter() {
    let content = |view_id, content_type, content_id| Segment {
        view_id,
        content_type,
        content_id,
        ..Segment::default()
    };
    let rig = Rig::holding(&[
        content(1, "live", 5),
        content(2, "recorded", 5),
        content(3, "live", 6),
        content(4, "live", 0),
    ]);
    let day = "date_time_from=2018-07-16&date_time_to=2018-07-17";
    assert_eq!(rig.view_ids(&format!("/v1/views?{day}")).await, [1, 2, 3, 4]);
    assert_eq!(rig.view_ids(&format!("/v1/views/live?{day}")).await, [1, 3, 4]);
    assert_eq!(rig.view_ids(&format!("/v1/views/recorded?{day}")).await, [2]);
    assert_eq!(rig.view_ids(&format!("/v1/views/live?{day}&content_id=5,0")).await, [1, 4]);
    assert_eq!(rig.view_ids(&format!("/v1/views/live?{day}&content_id=5&content_id=6")).await, [1, 3]);
    assert!(rig.view_ids(&format!("/v1/views/live?{day}&content_id=7")).await.is_empty());
    // Without a content type there is no content_id to filter by.
    assert_eq!(rig.view_ids(&format!("/v1/views?{day}&content_id=5")).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn channels_are_served_under_recorded_channel_and_honoured_on_recorded() {
    let of_channel = |view_id, content_type, channel_id| Segment {
        view_id,
        content_type,
        channel_id,
        ..Segment::default()
    };
    let rig = Rig::holding(&[
        of_channel(1, "recorded", Some(1)),
        of_channel(2, "recorded", Some(2)),
        of_channel(3, "recorded", None),
        of_channel(4, "live", Some(1)),
    ]);
    let day = "date_time_from=2018-07-16&date_time_to=2018-07-17";
    assert_eq!(rig.view_ids(&format!("/v1/views/recorded/channel?{day}&channel_id=1")).await, [1]);
    assert_eq!(rig.view_ids(&format!("/v1/views/recorded/channel?{day}&channel_id=1,2")).await, [1, 2]);
    assert_eq!(rig.view_ids(&format!("/v1/views/recorded?{day}&channel_id=2")).await, [2]);
    assert_eq!(rig.view_ids(&format!("/v1/views/recorded?{day}")).await, [1, 2, 3]);
    assert_eq!(rig.get(&format!("/v1/views/recorded/channel?{day}")).await.pointers(), ["channel_id"]);
}

#[tokio::test]
async fn a_correction_replaces_the_view() {
    let rig = Rig::holding(&[Segment { finished_at: None, ..Segment::default() }]);
    rig.send(&[Segment { city: None, updated_at: "2018-07-18T00:00:00Z", ..Segment::default() }]);
    let body = rig.json("/v1/views?date_time_from=2018-07-16T00:00:00Z&date_time_to=2018-07-17").await;
    assert_eq!(body["pagination"]["count"], 1);
    assert_eq!(body["data"][0]["attributes"]["finished_at"], "2018-07-16T18:20:42+00:00");
    assert_eq!(body["data"][0]["attributes"]["city"], Value::Null);
}
