//! `/total-views`: what a play is, which period counts it, and its categories.

use serde_json::{Value, json};
use tallyhouse_server::config::{Config, SummaryPoint, VideoConfig};

use super::rig::{Rig, pairs};
use super::segment::{Segment, play};

const DAY: &str = "date_time_from=2018-07-16T00:00:00Z&date_time_to=2018-07-17T00:00:00Z";

const DIMENSIONS: [&str; 8] =
    ["month", "day", "hour", "country", "region", "location", "device", "view-source"];

async fn summary(rig: &Rig, path: &str, query: &str) -> u64 {
    let points = rig.points(&format!("/v1/total-views{path}/summary?{query}")).await;
    assert_eq!(points.len(), 1, "a summary is one row");
    points[0].1
}

#[tokio::test]
async fn a_series_is_the_documented_example_field_for_field() {
    let rig = Rig::holding(&[Segment { started_at: "1997-07-16T19:20:30+01:00", ..Segment::default() }]);
    let period = "date_time_from=1997-07-16T00:00:00%2B01:00&date_time_to=1997-07-17T00:00:00%2B01:00";
    let body = rig.json(&format!("/v1/total-views/day?{period}")).await;
    assert_eq!(
        body["data"],
        json!([{
            "attributes": {"dimension_type": "day", "point": "1997-07-16T00:00:00+01:00", "value": 1},
            "type": "Series"
        }])
    );
}

#[tokio::test]
async fn a_view_is_a_session_on_one_content() {
    let on = |view_id, content_type, content_id, session| Segment {
        view_id,
        content_type,
        content_id,
        session,
        ..Segment::default()
    };
    let rig = Rig::holding(&[
        on(1, "live", 5, "a"),
        on(2, "live", 5, "a"),
        on(3, "live", 6, "a"),
        on(4, "recorded", 5, "a"),
        on(5, "live", 5, "b"),
    ]);
    assert_eq!(summary(&rig, "", DAY).await, 4);
    assert_eq!(summary(&rig, "/live", DAY).await, 3);
    assert_eq!(summary(&rig, "/recorded", DAY).await, 1);
    assert_eq!(summary(&rig, "/live", &format!("{DAY}&content_id=5")).await, 2);
    assert_eq!(summary(&rig, "/live", &format!("{DAY}&content_id=5,6,7")).await, 3);
}

#[tokio::test]
async fn a_play_counts_where_its_first_segment_over_all_stored_data_starts() {
    // The session began the day before; its segment of the 16th begins no play.
    let rig = Rig::holding(&[play(1, "a", "2018-07-16T10:00:00Z")]);
    assert_eq!(summary(&rig, "", DAY).await, 1);
    rig.send(&[play(2, "a", "2018-06-15T23:59:59Z")]);
    assert_eq!(summary(&rig, "", DAY).await, 0);
    assert_eq!(summary(&rig, "", "date_time_from=2018-06-15T00:00:00Z&date_time_to=2018-07-17").await, 1);
}

#[tokio::test]
async fn the_range_is_half_open() {
    let rig = Rig::holding(&[
        play(1, "a", "2018-07-15T23:59:59.999999Z"),
        play(2, "b", "2018-07-16T00:00:00Z"),
        play(3, "c", "2018-07-16T23:59:59.999999Z"),
        play(4, "d", "2018-07-17T00:00:00Z"),
    ]);
    assert_eq!(summary(&rig, "", DAY).await, 2);
}

#[tokio::test]
async fn the_category_is_that_of_the_first_segment_and_ties_go_to_the_lowest_view_id() {
    let at = "2018-07-16T10:00:00Z";
    let rig = Rig::holding(&[
        Segment { country: Some("US"), ..play(1, "a", "2018-07-16T10:00:01Z") },
        Segment { country: Some("DE"), ..play(9, "a", at) },
        Segment { country: Some("FR"), ..play(8, "a", at) },
    ]);
    assert_eq!(pairs(&rig.points(&format!("/v1/total-views/country?{DAY}")).await), [("FR", 1)]);
}

#[tokio::test]
async fn location_is_country_and_every_dimension_echoes_its_word() {
    let rig = Rig::holding(&[Segment { region: Some("HU-BU"), ..Segment::default() }]);
    for (dimension, point) in [
        ("month", "2018-07-01T00:00:00+00:00"),
        ("day", "2018-07-16T00:00:00+00:00"),
        ("hour", "2018-07-16T18:00:00+00:00"),
        ("country", "HU"),
        ("location", "HU"),
        ("region", "HU-BU"),
        ("device", "mobile"),
        ("view-source", "offsite"),
    ] {
        for path in ["", "/live"] {
            let body = rig.json(&format!("/v1/total-views{path}/{dimension}?{DAY}")).await;
            let expected = json!({"dimension_type": dimension, "point": point, "value": 1});
            assert_eq!(body["data"], json!([{"attributes": expected, "type": "Series"}]), "{dimension}");
        }
    }
}

#[tokio::test]
async fn what_is_not_known_is_one_row_named_unknown_and_breakdowns_add_up_to_the_summary() {
    let unknown = |view_id, session| Segment {
        country: None,
        region: None,
        device: None,
        ..play(view_id, session, "2018-07-16T10:00:00Z")
    };
    let known = Segment { region: Some("Wien"), ..play(3, "c", "2018-07-16T11:00:00Z") };
    let rig = Rig::holding(&[unknown(1, "a"), unknown(2, "b"), known]);
    for (dimension, known) in
        [("country", "HU"), ("location", "HU"), ("region", "Wien"), ("device", "mobile")]
    {
        let points = rig.points(&format!("/v1/total-views/{dimension}?{DAY}")).await;
        assert_eq!(pairs(&points), [("unknown", 2), (known, 1)], "{dimension}");
    }
    for dimension in DIMENSIONS {
        let points = rig.points(&format!("/v1/total-views/{dimension}?{DAY}")).await;
        assert_eq!(points.iter().map(|(_, value)| value).sum::<u64>(), 3, "{dimension}");
    }
}

#[tokio::test]
async fn devices_and_view_sources_have_the_documented_words() {
    let words = ["desktop", "mobile", "tablet", "tv", "other"];
    let sessions = ["a", "b", "c", "d", "e"];
    let of = |(index, (device, session)): (usize, (&'static str, &'static str))| Segment {
        device: Some(device),
        view_type: if index < 2 { "onsite" } else { "offsite" },
        ..play(index as u128, session, "2018-07-16T10:00:00Z")
    };
    let plays: Vec<Segment> = words.into_iter().zip(sessions).enumerate().map(of).collect();
    let rig = Rig::holding(&plays);
    let devices = rig.points(&format!("/v1/total-views/device?{DAY}")).await;
    assert_eq!(pairs(&devices), [("desktop", 1), ("mobile", 1), ("other", 1), ("tablet", 1), ("tv", 1)]);
    let sources = rig.points(&format!("/v1/total-views/view-source?{DAY}")).await;
    assert_eq!(pairs(&sources), [("offsite", 3), ("onsite", 2)]);
}

#[tokio::test]
async fn categories_are_sorted_by_value_then_point_and_times_ascending() {
    let at =
        |view_id, session, country, started_at| Segment { country, ..play(view_id, session, started_at) };
    let rig = Rig::holding(&[
        at(1, "a", Some("US"), "2018-07-16T12:00:00Z"),
        at(2, "b", Some("AT"), "2018-07-16T11:00:00Z"),
        at(3, "c", Some("HU"), "2018-07-16T12:30:00Z"),
        at(4, "d", Some("HU"), "2018-07-16T03:00:00Z"),
        at(5, "e", None, "2018-07-16T12:59:59Z"),
    ]);
    let countries = rig.points(&format!("/v1/total-views/country?{DAY}")).await;
    assert_eq!(pairs(&countries), [("HU", 2), ("AT", 1), ("US", 1), ("unknown", 1)]);
    let hours = rig.points(&format!("/v1/total-views/hour?{DAY}")).await;
    assert_eq!(
        pairs(&hours),
        [
            ("2018-07-16T03:00:00+00:00", 1),
            ("2018-07-16T11:00:00+00:00", 1),
            ("2018-07-16T12:00:00+00:00", 3)
        ]
    );
}

#[tokio::test]
async fn a_summary_is_always_one_row_with_the_start_of_the_period() {
    let rig = Rig::new();
    let period = "date_time_from=2018-07-16T05:06:07.89%2B05:30&date_time_to=2018-07-17";
    for path in ["/summary", "/live/summary", "/recorded/summary"] {
        let body = rig.json(&format!("/v1/total-views{path}?{period}")).await;
        assert_eq!(body["pagination"]["count"], 1);
        assert_eq!(
            body["data"],
            json!([{
                "attributes": {"dimension_type": "summary", "point": "2018-07-16T05:06:07+05:30", "value": 0},
                "type": "Series"
            }])
        );
    }
}

#[tokio::test]
async fn the_summary_point_can_be_the_metric() {
    let video = VideoConfig { summary_point: SummaryPoint::Metric, ..VideoConfig::default() };
    let rig = Rig::with_config(Config { video, ..Config::default() });
    let points = rig.points(&format!("/v1/total-views/summary?{DAY}")).await;
    assert_eq!(pairs(&points), [("total-views", 0)]);
}

#[tokio::test]
async fn a_corrected_first_segment_moves_its_play() {
    let rig = Rig::holding(&[play(1, "a", "2018-07-16T10:00:00Z"), play(2, "a", "2018-07-16T12:00:00Z")]);
    let hours = format!("/v1/total-views/hour?{DAY}");
    assert_eq!(pairs(&rig.points(&hours).await), [("2018-07-16T10:00:00+00:00", 1)]);
    let later = Segment { updated_at: "2018-07-18T00:00:00Z", ..play(1, "a", "2018-07-16T14:00:00Z") };
    rig.send(&[later]);
    assert_eq!(pairs(&rig.points(&hours).await), [("2018-07-16T12:00:00+00:00", 1)]);
}

#[tokio::test]
async fn sending_the_same_segments_again_changes_nothing() {
    let segments = [play(1, "a", "2018-07-16T10:00:00Z"), play(2, "b", "2018-07-16T12:00:00Z")];
    let rig = Rig::holding(&segments);
    let before: Value = rig.json(&format!("/v1/total-views/hour?{DAY}")).await;
    rig.send(&segments);
    assert_eq!(rig.json(&format!("/v1/total-views/hour?{DAY}")).await, before);
}
