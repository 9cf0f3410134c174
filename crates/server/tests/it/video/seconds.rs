//! `/viewer-seconds`: time watched, per content and bucket.

use serde_json::json;

use super::rig::Rig;
use super::segment::{Segment, watched};

const DAY: &str = "date_time_from=2018-07-16T00:00:00Z&date_time_to=2018-07-17T00:00:00Z";

async fn seconds(rig: &Rig, path: &str, query: &str) -> Vec<String> {
    rig.numbers(&format!("/v1/viewer-seconds{path}?{query}"), "ViewerSecondSeries").await
}

async fn seconds_of(rig: &Rig, query: &str) -> Vec<String> {
    rig.numbers(&format!("/v1/viewer-seconds/live/summary?{query}"), "ViewerSecondSummary").await
}

#[tokio::test]
async fn seconds_are_the_documented_example_field_for_field() {
    let content = |segment| Segment { content_id: 238_589, ..segment };
    let rig =
        Rig::holding(&[content(watched(1, "a", "2020-07-16T00:00:10+01:00", "2020-07-16T00:00:21+01:00"))]);
    let period = "date_time_from=2020-07-16T00:00:00%2B01:00&date_time_to=2020-07-17T00:00:00%2B01:00";
    let attributes = json!({
        "content_type": "live", "content_id": 238_589, "time": "2020-07-16T00:00:00+01:00", "value": 11
    });
    for path in ["", "/live"] {
        let body = rig.json(&format!("/v1/viewer-seconds{path}?{period}")).await;
        assert_eq!(body["data"], json!([{"attributes": attributes, "type": "ViewerSecondSeries"}]));
        let href = body["pagination"]["first"]["href"].as_str().unwrap();
        assert!(href.starts_with(&format!("/viewer-seconds{path}?date_time_from=")), "{href}");
    }
    let summary = rig.json(&format!("/v1/viewer-seconds/live/summary?content_id=238589&{period}")).await;
    let data = json!([{"attributes": attributes, "type": "ViewerSecondSummary"}]);
    assert_eq!(summary, json!({"pagination": {}, "data": data}));
}

#[tokio::test]
async fn seconds_are_clipped_to_the_period_and_to_each_bucket() {
    let rig = Rig::holding(&[watched(1, "a", "2018-07-16T11:59:50Z", "2018-07-16T12:01:10Z")]);
    assert_eq!(
        seconds(&rig, "", DAY).await,
        [
            "live 5 2018-07-16T11:59:00+00:00 10",
            "live 5 2018-07-16T12:00:00+00:00 60",
            "live 5 2018-07-16T12:01:00+00:00 10"
        ]
    );
    let inside = "date_time_from=2018-07-16T12:00:15Z&date_time_to=2018-07-16T12:00:20Z";
    assert_eq!(seconds(&rig, "", inside).await, ["live 5 2018-07-16T12:00:00+00:00 5"]);
    // Of a summary the time is the start of the period.
    let summary = seconds_of(&rig, &format!("{inside}&content_id=5")).await;
    assert_eq!(summary, ["live 5 2018-07-16T12:00:15+00:00 5"]);
}

#[tokio::test]
async fn seconds_are_time_on_the_clock_of_all_viewers_together_and_not_positions() {
    let rig = Rig::holding(&[
        // Ten seconds in which somebody skipped through an hour.
        Segment { to: 3_600, ..watched(1, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:10Z") },
        // The same session twice at the same time is twice the time.
        watched(2, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:10Z"),
        watched(3, "b", "2018-07-16T12:00:05Z", "2018-07-16T12:00:10Z"),
    ]);
    assert_eq!(seconds(&rig, "", DAY).await, ["live 5 2018-07-16T12:00:00+00:00 25"]);
}

#[tokio::test]
async fn seconds_are_added_up_in_microseconds_and_rounded_down_once() {
    let rig = Rig::holding(&[
        watched(1, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:00.6Z"),
        watched(2, "b", "2018-07-16T12:00:00Z", "2018-07-16T12:00:00.6Z"),
        watched(3, "c", "2018-07-16T12:01:00Z", "2018-07-16T12:01:00.9Z"),
    ]);
    let minutes = seconds(&rig, "", DAY).await;
    assert_eq!(minutes, ["live 5 2018-07-16T12:00:00+00:00 1", "live 5 2018-07-16T12:01:00+00:00 0"]);
    // 0.6 + 0.6 + 0.9, once over all of them.
    let hour = seconds(&rig, "", &format!("{DAY}&granularity=hour")).await;
    assert_eq!(hour, ["live 5 2018-07-16T12:00:00+00:00 2"]);
    assert_eq!(
        seconds_of(&rig, &format!("{DAY}&content_id=5")).await,
        ["live 5 2018-07-16T00:00:00+00:00 2"]
    );
}

#[tokio::test]
async fn less_than_a_second_is_a_row_of_0_and_no_time_is_no_row() {
    let at = "2018-07-16T12:00:00Z";
    let rig = Rig::holding(&[
        watched(1, "a", at, "2018-07-16T12:00:00.000001Z"),
        Segment { content_id: 6, ..watched(2, "b", at, at) },
    ]);
    assert_eq!(seconds(&rig, "", DAY).await, ["live 5 2018-07-16T12:00:00+00:00 0"]);
    assert_eq!(seconds_of(&rig, &format!("{DAY}&content_id=5")).await.len(), 1);
    assert!(seconds_of(&rig, &format!("{DAY}&content_id=6")).await.is_empty());
}

#[tokio::test]
async fn an_unfinished_segment_adds_what_is_known_of_it() {
    let unfinished = |view_id, content_id, last_seen_at| Segment {
        finished_at: None,
        last_seen_at,
        content_id,
        from: 100,
        to: 130,
        ..watched(view_id, "a", "2018-07-16T12:00:00Z", "")
    };
    let rig = Rig::holding(&[
        unfinished(1, 5, Some("2018-07-16T12:00:20Z")),
        unfinished(2, 6, None),
        Segment { from: 130, to: 100, ..unfinished(3, 7, None) },
    ]);
    assert_eq!(
        seconds(&rig, "", DAY).await,
        ["live 5 2018-07-16T12:00:00+00:00 20", "live 6 2018-07-16T12:00:00+00:00 30"]
    );
}

#[tokio::test]
async fn seconds_without_a_content_type_take_contents_of_both_types() {
    let of = |view_id, content_type, content_id| Segment {
        content_type,
        content_id,
        ..watched(view_id, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:01Z")
    };
    let rig = Rig::holding(&[of(1, "live", 5), of(2, "recorded", 5), of(3, "live", 6)]);
    let [live_5, live_6, recorded_5] =
        ["live 5", "live 6", "recorded 5"].map(|content| format!("{content} 2018-07-16T12:00:00+00:00 1"));
    assert_eq!(seconds(&rig, "", DAY).await, [live_5.clone(), live_6.clone(), recorded_5.clone()]);
    assert_eq!(seconds(&rig, "", &format!("{DAY}&content_id=5")).await, [live_5.clone(), recorded_5]);
    assert_eq!(seconds(&rig, "/live", &format!("{DAY}&content_id=5")).await, [live_5]);
    assert_eq!(seconds(&rig, "", &format!("{DAY}&_limit=1&_page=2")).await, [live_6]);
}

#[tokio::test]
async fn a_long_segment_fills_days_of_23_and_25_hours() {
    let rig = Rig::holding(&[watched(1, "a", "2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z")]);
    for (period, expected) in [
        ("date_time_from=2026-03-08&date_time_to=2026-03-09", "2026-03-08T00:00:00-08:00 82800"),
        ("date_time_from=2026-11-01&date_time_to=2026-11-02", "2026-11-01T00:00:00-07:00 90000"),
        ("date_time_from=2026-02-01&date_time_to=2026-02-02", "2026-02-01T00:00:00-08:00 86400"),
    ] {
        let days = seconds(&rig, "", &format!("{period}&granularity=day")).await;
        assert_eq!(days, [format!("live 5 {expected}")]);
    }
    let months = "date_time_from=2026-02-01T00:00:00Z&date_time_to=2026-04-01T00:00:00Z&granularity=month";
    assert_eq!(
        seconds(&rig, "", months).await,
        ["live 5 2026-02-01T00:00:00+00:00 2419200", "live 5 2026-03-01T00:00:00+00:00 2678400"]
    );
}

#[tokio::test]
async fn a_summary_over_all_years_shows_the_start_that_was_asked_for() {
    let rig = Rig::holding(&[watched(1, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:00:07Z")]);
    let ever = "date_time_from=0001-01-01T00:00:00Z&date_time_to=9999-12-31T00:00:00Z&content_id=5";
    assert_eq!(seconds_of(&rig, ever).await, ["live 5 0001-01-01T00:00:00+00:00 7"]);
}
