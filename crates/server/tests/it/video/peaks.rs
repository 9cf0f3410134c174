//! `/peak-viewer-numbers`: sessions at the same time, per content and bucket.

use axum::http::StatusCode;
use serde_json::json;
use tallyhouse_server::config::{Config, PeakForm, VideoConfig};

use super::rig::Rig;
use super::segment::{Segment, watched};

const DAY: &str = "date_time_from=2018-07-16T00:00:00Z&date_time_to=2018-07-17T00:00:00Z";

async fn peaks(rig: &Rig, path: &str, query: &str) -> Vec<String> {
    rig.numbers(&format!("/v1/peak-viewer-numbers{path}?{query}"), "PeakSeries").await
}

async fn peak_of(rig: &Rig, query: &str) -> Vec<String> {
    rig.numbers(&format!("/v1/peak-viewer-numbers/live/summary?{query}"), "PeakSummary").await
}

/// Within one minute, two sessions follow each other and a third is there with the second.
fn a_minute() -> Vec<Segment> {
    vec![
        watched(1, "a", "2018-07-16T12:00:05Z", "2018-07-16T12:00:20Z"),
        watched(2, "b", "2018-07-16T12:00:20Z", "2018-07-16T12:00:40Z"),
        watched(3, "c", "2018-07-16T12:00:30Z", "2018-07-16T12:01:10Z"),
    ]
}

#[tokio::test]
async fn a_peak_is_the_documented_example_field_for_field() {
    let content = |segment| Segment { content_id: 238_589, ..segment };
    let rig =
        Rig::holding(&[content(watched(1, "a", "1997-07-16T00:00:10+01:00", "1997-07-16T00:00:20+01:00"))]);
    let period = "date_time_from=1997-07-16T00:00:00%2B01:00&date_time_to=1997-07-17T00:00:00%2B01:00";
    let attributes = json!({
        "content_type": "live", "content_id": 238_589, "time": "1997-07-16T00:00:00+01:00", "value": 1
    });
    for path in ["", "/live"] {
        let body = rig.json(&format!("/v1/peak-viewer-numbers{path}?{period}")).await;
        assert_eq!(body["data"], json!([{"attributes": attributes, "type": "PeakSeries"}]));
        let href = body["pagination"]["first"]["href"].as_str().unwrap();
        assert!(href.starts_with(&format!("/peak-viewer-numbers{path}?date_time_from=")), "{href}");
        assert!(href.ends_with("&_page=1&_limit=10"), "{href}");
        assert_eq!(body["pagination"]["count"], 1);
    }
    let summary = rig.json(&format!("/v1/peak-viewer-numbers/live/summary?content_id=238589&{period}")).await;
    let data = json!([{"attributes": attributes, "type": "PeakSummary"}]);
    assert_eq!(summary, json!({"pagination": {}, "data": data}));
}

#[tokio::test]
async fn a_peak_is_the_most_sessions_at_one_instant_and_segments_are_half_open() {
    // All three touch 12:00, but never more than two at once: "a" is gone at the instant "b" comes.
    let rig = Rig::holding(&a_minute());
    assert_eq!(
        peaks(&rig, "", DAY).await,
        ["live 5 2018-07-16T12:00:00+00:00 2", "live 5 2018-07-16T12:01:00+00:00 1"]
    );
}

#[tokio::test]
async fn a_switch_counts_all_sessions_that_touch_the_minute() {
    let video = VideoConfig { peak: PeakForm::Minute, ..VideoConfig::default() };
    let rig = Rig::with_config(Config { video, ..Config::default() });
    rig.send(&a_minute());
    assert_eq!(
        peaks(&rig, "", DAY).await,
        ["live 5 2018-07-16T12:00:00+00:00 3", "live 5 2018-07-16T12:01:00+00:00 1"]
    );
    assert_eq!(
        peaks(&rig, "", &format!("{DAY}&granularity=hour")).await,
        ["live 5 2018-07-16T12:00:00+00:00 3"]
    );
    assert_eq!(peak_of(&rig, &format!("{DAY}&content_id=5")).await, ["live 5 2018-07-16T12:00:00+00:00 3"]);
}

#[tokio::test]
async fn overlapping_segments_of_one_session_count_once() {
    let rig = Rig::holding(&[
        watched(1, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:30Z"),
        watched(2, "a", "2018-07-16T12:00:10Z", "2018-07-16T12:00:40Z"),
        watched(3, "a", "2018-07-16T12:00:20Z", "2018-07-16T12:00:25Z"),
        watched(4, "b", "2018-07-16T12:00:35Z", "2018-07-16T12:00:50Z"),
    ]);
    assert_eq!(peaks(&rig, "", DAY).await, ["live 5 2018-07-16T12:00:00+00:00 2"]);
}

#[tokio::test]
async fn a_segment_of_no_length_adds_nothing() {
    let at = "2018-07-16T12:00:10Z";
    let rig = Rig::holding(&[watched(1, "a", at, at)]);
    assert!(peaks(&rig, "", DAY).await.is_empty());
    rig.send(&[watched(2, "b", "2018-07-16T12:00:00Z", "2018-07-16T12:00:30Z")]);
    assert_eq!(peaks(&rig, "", DAY).await, ["live 5 2018-07-16T12:00:00+00:00 1"]);
}

#[tokio::test]
async fn an_unfinished_segment_is_there_until_it_was_last_seen() {
    let unfinished = Segment {
        finished_at: None,
        last_seen_at: Some("2018-07-16T12:01:30Z"),
        ..watched(1, "a", "2018-07-16T12:00:10Z", "")
    };
    let rig = Rig::holding(std::slice::from_ref(&unfinished));
    let two = ["live 5 2018-07-16T12:00:00+00:00 1", "live 5 2018-07-16T12:01:00+00:00 1"];
    assert_eq!(peaks(&rig, "", DAY).await, two);
    // A heartbeat moves its end.
    let seen = Some("2018-07-16T12:02:00.000001Z");
    rig.send(&[Segment { last_seen_at: seen, updated_at: "2018-07-18T00:00:00Z", ..unfinished }]);
    assert_eq!(peaks(&rig, "", DAY).await.len(), 3);
}

#[tokio::test]
async fn the_time_of_a_coarser_bucket_is_its_start() {
    let rig = Rig::holding(&a_minute());
    rig.send(&[
        watched(10, "x", "2018-07-16T15:30:00Z", "2018-07-16T15:40:00Z"),
        watched(11, "y", "2018-07-01T01:02:03Z", "2018-07-01T01:02:04Z"),
    ]);
    let period = "date_time_from=2018-07-01T00:00:00Z&date_time_to=2018-08-01T00:00:00Z";
    for (granularity, expected) in [
        (
            "hour",
            &[
                "live 5 2018-07-01T01:00:00+00:00 1",
                "live 5 2018-07-16T12:00:00+00:00 2",
                "live 5 2018-07-16T15:00:00+00:00 1",
            ][..],
        ),
        ("day", &["live 5 2018-07-01T00:00:00+00:00 1", "live 5 2018-07-16T00:00:00+00:00 2"]),
        ("month", &["live 5 2018-07-01T00:00:00+00:00 2"]),
    ] {
        assert_eq!(peaks(&rig, "", &format!("{period}&granularity={granularity}")).await, expected);
    }
    let default = peaks(&rig, "", period).await;
    assert_eq!(default, peaks(&rig, "", &format!("{period}&granularity=minute")).await);
    let body = rig.json(&format!("/v1/peak-viewer-numbers?{period}")).await;
    assert_eq!(body["pagination"]["count"], 13, "one row per minute that anybody watched");
}

#[tokio::test]
async fn peaks_are_sorted_by_time_then_content_type_then_content_id() {
    let at = |view_id, who, content_type, content_id| Segment {
        content_type,
        content_id,
        ..watched(view_id, who, "2018-07-16T12:00:00Z", "2018-07-16T12:01:00Z")
    };
    let rig = Rig::holding(&[
        at(1, "a", "recorded", 4),
        at(2, "b", "live", 10),
        at(3, "c", "live", 9),
        watched(4, "d", "2018-07-16T11:59:00Z", "2018-07-16T11:59:30Z"),
        at(5, "e", "recorded", 10),
    ]);
    let expected = [
        "live 5 2018-07-16T11:59:00+00:00 1",
        "live 9 2018-07-16T12:00:00+00:00 1",
        "live 10 2018-07-16T12:00:00+00:00 1",
        "recorded 4 2018-07-16T12:00:00+00:00 1",
        "recorded 10 2018-07-16T12:00:00+00:00 1",
    ];
    assert_eq!(peaks(&rig, "", DAY).await, expected);
    assert_eq!(peaks(&rig, "", &format!("{DAY}&_limit=2&_page=2")).await, expected[2..4]);
    assert!(peaks(&rig, "", &format!("{DAY}&_limit=2&_page=9")).await.is_empty());
    assert_eq!(peaks(&rig, "/live", DAY).await, expected[..3]);
    assert_eq!(peaks(&rig, "/recorded", &format!("{DAY}&content_id=4,5")).await, expected[3..4]);
    // Without a content type there is no content_id to filter by.
    assert_eq!(peaks(&rig, "", &format!("{DAY}&content_id=5")).await, expected);
}

#[tokio::test]
async fn a_period_cuts_segments_in_two_and_takes_what_spans_it() {
    let rig = Rig::holding(&[
        watched(1, "a", "2018-07-15T12:00:00Z", "2018-07-16T12:00:30Z"),
        watched(2, "b", "2018-07-16T12:00:30Z", "2018-07-18T12:00:00Z"),
        watched(3, "c", "2018-07-14T00:00:00Z", "2018-07-20T00:00:00Z"),
    ]);
    let period = "date_time_from=2018-07-16T12:00:10Z&date_time_to=2018-07-16T12:00:50Z";
    assert_eq!(peaks(&rig, "", period).await, ["live 5 2018-07-16T12:00:00+00:00 2"]);
    let edge = "date_time_from=2018-07-16T12:00:29Z&date_time_to=2018-07-16T12:00:30Z";
    assert_eq!(peaks(&rig, "", edge).await, ["live 5 2018-07-16T12:00:00+00:00 2"]);
}

#[tokio::test]
async fn the_summary_tells_the_first_minute_of_the_peak() {
    let rig = Rig::holding(&a_minute());
    // The same height again, later: the first one stays.
    rig.send(&[
        watched(10, "x", "2018-07-16T15:00:00Z", "2018-07-16T15:10:00Z"),
        watched(11, "y", "2018-07-16T15:05:30Z", "2018-07-16T15:06:00Z"),
    ]);
    let period = format!("{DAY}&content_id=5");
    assert_eq!(peak_of(&rig, &period).await, ["live 5 2018-07-16T12:00:00+00:00 2"]);
    let later = "date_time_from=2018-07-16T13:00:00%2B00:30&date_time_to=2018-07-17T00:00:00Z&content_id=5";
    assert_eq!(peak_of(&rig, later).await, ["live 5 2018-07-16T15:35:00+00:30 2"]);
}

#[tokio::test]
async fn a_summary_without_anybody_is_empty_and_of_an_unknown_content_404() {
    let rig = Rig::holding(&a_minute());
    rig.send(&[Segment { content_type: "recorded", content_id: 9, ..a_minute().remove(0) }]);
    let before = "date_time_from=2017-01-01T00:00:00Z&date_time_to=2017-02-01T00:00:00Z";
    for metric in ["peak-viewer-numbers", "viewer-seconds"] {
        let empty = rig.json(&format!("/v1/{metric}/live/summary?content_id=5&{before}")).await;
        assert_eq!(empty, json!({"pagination": {}, "data": []}), "{metric}");
        // Recorded 9 is another content than live 9.
        for (content_type, content_id) in [("live", 6), ("live", 9), ("recorded", 5)] {
            let uri = format!("/v1/{metric}/{content_type}/summary?content_id={content_id}&{DAY}");
            let reply = rig.get(&uri).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{uri}");
            assert_eq!(reply.pointers(), ["content_id"], "{uri}");
        }
    }
}

#[tokio::test]
async fn the_content_of_another_account_is_unknown() {
    let rig = Rig::new();
    rig.send_for(rig.second_account(), &a_minute());
    let reply = rig.get(&format!("/v1/peak-viewer-numbers/live/summary?content_id=5&{DAY}")).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert!(peaks(&rig, "", DAY).await.is_empty());
}

#[tokio::test]
async fn peaks_and_seconds_of_channels_are_under_recorded_channel_and_on_recorded() {
    let of = |view_id, content_type, content_id, channel_id| Segment {
        content_type,
        content_id,
        channel_id,
        ..watched(view_id, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z")
    };
    let rig = Rig::holding(&[
        of(1, "recorded", 1, Some(7)),
        of(2, "recorded", 2, Some(8)),
        of(3, "recorded", 3, None),
        of(4, "live", 4, Some(7)),
    ]);
    let row = |content_id| format!("recorded {content_id} 2018-07-16T12:00:00+00:00 1");
    for (metric, row_type) in
        [("peak-viewer-numbers", "PeakSeries"), ("viewer-seconds", "ViewerSecondSeries")]
    {
        let rows = async |path: &str, query: &str| {
            rig.numbers(&format!("/v1/{metric}/{path}?{DAY}{query}"), row_type).await
        };
        assert_eq!(rows("recorded/channel", "&channel_id=7").await, [row(1)]);
        assert_eq!(rows("recorded/channel", "&channel_id=7,8").await, [row(1), row(2)]);
        assert_eq!(rows("recorded", "&channel_id=8").await, [row(2)]);
        assert!(rows("recorded", "&channel_id=8&content_id=1").await.is_empty());
        assert_eq!(rows("recorded", "").await, [row(1), row(2), row(3)]);
        let missing = rig.get(&format!("/v1/{metric}/recorded/channel?{DAY}")).await;
        assert_eq!(missing.pointers(), ["channel_id"]);
        let live = rig.get(&format!("/v1/{metric}/live/channel?{DAY}&channel_id=7")).await;
        assert_eq!(live.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn peaks_follow_daylight_saving_and_the_offset_of_the_period() {
    let rig = Rig::holding(&[watched(1, "a", "2026-11-01T08:30:00Z", "2026-11-01T09:30:00Z")]);
    let hours = "date_time_from=2026-11-01&date_time_to=2026-11-02&granularity=hour";
    assert_eq!(
        peaks(&rig, "", hours).await,
        ["live 5 2026-11-01T01:00:00-07:00 1", "live 5 2026-11-01T01:00:00-08:00 1"]
    );
    let days = "date_time_from=2026-11-01T00:00:00%2B15:00&date_time_to=2026-11-03&granularity=day";
    assert_eq!(
        peaks(&rig, "", days).await,
        ["live 5 2026-11-01T00:00:00+15:00 1", "live 5 2026-11-02T00:00:00+15:00 1"]
    );
}

#[tokio::test]
async fn a_period_of_all_years_is_answered() {
    let rig = Rig::holding(&a_minute());
    let ever = "date_time_from=0001-01-01T00:00:00Z&date_time_to=9999-12-31T00:00:00Z";
    assert_eq!(peaks(&rig, "", ever).await.len(), 2);
    let month = format!("{ever}&granularity=month");
    assert_eq!(peaks(&rig, "", &month).await, ["live 5 2018-07-01T00:00:00+00:00 2"]);
    assert_eq!(peak_of(&rig, &format!("{ever}&content_id=5")).await, ["live 5 2018-07-16T12:00:00+00:00 2"]);
}

#[tokio::test]
async fn content_ids_of_peaks_and_seconds_can_be_strings() {
    let video = VideoConfig { content_id_as_string: true, ..VideoConfig::default() };
    let rig = Rig::with_config(Config { video, ..Config::default() });
    rig.send(&a_minute());
    for path in ["peak-viewer-numbers", "viewer-seconds/live", "peak-viewer-numbers/live/summary"] {
        let body = rig.json(&format!("/v1/{path}?{DAY}&content_id=5")).await;
        assert_eq!(body["data"][0]["attributes"]["content_id"], "5", "{path}");
    }
    let viewers = rig.json("/v1/viewers").await;
    assert_eq!(viewers["data"][0]["attributes"]["segments"][0]["content_id"], "5");
}
