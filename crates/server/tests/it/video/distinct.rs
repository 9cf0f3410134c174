//! `/unique-devices` and `/authenticated-viewers`: who is present in a period, a bucket and a category.

use serde_json::json;
use tallyhouse_model::DeviceClass;
use tallyhouse_server::config::{Config, DeviceNames, DevicePoint, SummaryPoint, VideoConfig};

use super::rig::{Rig, pairs};
use super::segment::{Segment, watched};

const DAY: &str = "date_time_from=2018-07-16T00:00:00Z&date_time_to=2018-07-17T00:00:00Z";

const NOON_HOUR: &str = "date_time_from=2018-07-16T12:00:00Z&date_time_to=2018-07-16T13:00:00Z";

async fn summary(rig: &Rig, path: &str, query: &str) -> u64 {
    let points = rig.points(&format!("/v1/{path}/summary?{query}")).await;
    assert_eq!(points.len(), 1, "a summary is one row");
    points[0].1
}

/// Two people on three devices; one device is at two contents.
fn two_people() -> Vec<Segment> {
    vec![
        Segment {
            client_id: "phone",
            viewer: Some("a"),
            ..watched(1, "s1", "2018-07-16T10:00:00Z", "2018-07-16T10:10:00Z")
        },
        Segment {
            client_id: "tv",
            viewer: Some("a"),
            ..watched(2, "s2", "2018-07-16T10:20:00Z", "2018-07-16T11:10:00Z")
        },
        Segment {
            client_id: "tv",
            viewer: Some("a"),
            content_type: "recorded",
            ..watched(3, "s3", "2018-07-16T12:00:00Z", "2018-07-16T12:10:00Z")
        },
        Segment {
            client_id: "desk",
            viewer: Some("b"),
            content_id: 6,
            ..watched(4, "s4", "2018-07-16T11:00:00Z", "2018-07-16T11:10:00Z")
        },
    ]
}

#[tokio::test]
async fn a_device_and_a_viewer_count_once_whatever_they_watched() {
    let rig = Rig::holding(&two_people());
    assert_eq!(summary(&rig, "unique-devices", DAY).await, 3);
    assert_eq!(summary(&rig, "unique-devices/live", DAY).await, 3);
    assert_eq!(summary(&rig, "unique-devices/recorded", DAY).await, 1);
    assert_eq!(summary(&rig, "unique-devices/live", &format!("{DAY}&content_id=5")).await, 2);
    assert_eq!(summary(&rig, "unique-devices/live", &format!("{DAY}&content_id=5,6")).await, 3);
    assert_eq!(summary(&rig, "authenticated-viewers", DAY).await, 2);
    assert_eq!(summary(&rig, "authenticated-viewers/live", &format!("{DAY}&content_id=5")).await, 1);
}

#[tokio::test]
async fn distinct_series_are_the_documented_example_field_for_field() {
    let rig = Rig::holding(&[watched(1, "a", "1997-07-16T19:20:30+01:00", "1997-07-16T19:20:40+01:00")]);
    let period = "date_time_from=1997-07-16T00:00:00%2B01:00&date_time_to=1997-07-17T00:00:00%2B01:00";
    for metric in ["unique-devices", "authenticated-viewers"] {
        for (path, dimension) in [("", "day"), ("/live", "day"), ("", "summary"), ("/live", "summary")] {
            let body = rig.json(&format!("/v1/{metric}{path}/{dimension}?{period}")).await;
            let attributes =
                json!({"dimension_type": dimension, "point": "1997-07-16T00:00:00+01:00", "value": 1});
            assert_eq!(body["data"], json!([{"attributes": attributes, "type": "Series"}]));
            assert_eq!(body["pagination"]["count"], 1);
            let href = body["pagination"]["self"]["href"].as_str().unwrap();
            assert!(href.starts_with(&format!("/{metric}{path}/{dimension}?")), "{href}");
        }
    }
}

#[tokio::test]
async fn the_summary_of_distinct_values_is_not_the_sum_of_its_buckets() {
    let rig = Rig::holding(&two_people());
    let hours = rig.points(&format!("/v1/unique-devices/hour?{DAY}")).await;
    assert_eq!(
        pairs(&hours),
        [
            ("2018-07-16T10:00:00+00:00", 2),
            ("2018-07-16T11:00:00+00:00", 2),
            ("2018-07-16T12:00:00+00:00", 1)
        ]
    );
    assert_eq!(summary(&rig, "unique-devices", DAY).await, 3);
    let hours = rig.points(&format!("/v1/authenticated-viewers/hour?{DAY}")).await;
    assert_eq!(hours.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [1, 2, 1]);
}

#[tokio::test]
async fn who_is_present_starts_in_the_period_or_started_before_and_ends_after_its_start() {
    let (before, from) = ("2018-07-16T11:00:00Z", "2018-07-16T12:00:00Z");
    let (to, after) = ("2018-07-16T13:00:00Z", "2018-07-16T14:00:00Z");
    for (started_at, finished_at, is_present) in [
        (before, before, 0),
        (before, from, 0),
        (before, "2018-07-16T12:00:00.000001Z", 1),
        (before, after, 1),
        (from, from, 1),
        ("2018-07-16T12:59:59.999999Z", after, 1),
        (to, to, 0),
        (to, after, 0),
    ] {
        let rig = Rig::holding(&[watched(1, "a", started_at, finished_at)]);
        for metric in ["unique-devices", "authenticated-viewers"] {
            let present = summary(&rig, metric, NOON_HOUR).await;
            assert_eq!(present, is_present, "{metric} {started_at} {finished_at}");
        }
    }
}

#[tokio::test]
async fn an_unfinished_segment_is_present_until_it_was_last_seen() {
    let unfinished = |last_seen_at| Segment {
        finished_at: None,
        last_seen_at,
        from: 10,
        to: 70,
        ..watched(1, "a", "2018-07-16T11:59:30Z", "")
    };
    let rig = Rig::holding(&[unfinished(Some("2018-07-16T12:00:00Z"))]);
    assert_eq!(summary(&rig, "unique-devices", NOON_HOUR).await, 0);
    let rig = Rig::holding(&[unfinished(Some("2018-07-16T12:30:00Z"))]);
    assert_eq!(summary(&rig, "unique-devices", NOON_HOUR).await, 1);
    // Without that, for the sixty seconds it played.
    let rig = Rig::holding(&[unfinished(None)]);
    assert_eq!(summary(&rig, "unique-devices", NOON_HOUR).await, 1);
    let later = "date_time_from=2018-07-16T12:00:30Z&date_time_to=2018-07-16T13:00:00Z";
    assert_eq!(summary(&rig, "unique-devices", later).await, 0);
}

#[tokio::test]
async fn a_segment_counts_in_every_bucket_it_reaches_into() {
    let rig = Rig::holding(&[watched(1, "a", "2018-07-31T23:30:00Z", "2018-08-02T00:00:00Z")]);
    let period = "date_time_from=2018-07-31T22:00:00Z&date_time_to=2018-08-31T00:00:00Z";
    let points = |dimension: &str| format!("/v1/unique-devices/{dimension}?{period}");
    let months = rig.points(&points("month")).await;
    assert_eq!(pairs(&months), [("2018-07-01T00:00:00+00:00", 1), ("2018-08-01T00:00:00+00:00", 1)]);
    let days = rig.points(&points("day")).await;
    assert_eq!(pairs(&days), [("2018-07-31T00:00:00+00:00", 1), ("2018-08-01T00:00:00+00:00", 1)]);
    let hours = rig.json(&points("hour")).await;
    assert_eq!(hours["pagination"]["count"], 25);
}

#[tokio::test]
async fn a_device_seen_in_two_countries_counts_once_in_each() {
    let seen = |view_id, started_at, country, region| Segment {
        country,
        region,
        ..watched(view_id, "a", started_at, started_at)
    };
    let rig = Rig::holding(&[
        seen(1, "2018-07-16T10:00:00Z", Some("HU"), Some("HU-BU")),
        seen(2, "2018-07-16T10:00:01Z", Some("AT"), Some("Wien")),
        seen(3, "2018-07-16T10:00:02Z", Some("AT"), Some("Wien")),
    ]);
    for metric in ["unique-devices", "authenticated-viewers"] {
        for (dimension, points) in
            [("country", ["AT", "HU"]), ("location", ["AT", "HU"]), ("region", ["HU-BU", "Wien"])]
        {
            let found = rig.points(&format!("/v1/{metric}/{dimension}?{DAY}")).await;
            assert_eq!(pairs(&found), points.map(|point| (point, 1)), "{metric} {dimension}");
        }
        assert_eq!(summary(&rig, metric, DAY).await, 1);
    }
}

#[tokio::test]
async fn categories_are_those_of_the_segments_in_the_period_and_not_of_the_first_one() {
    let rig = Rig::holding(&[
        Segment { country: Some("HU"), ..watched(1, "a", "2018-07-16T10:00:00Z", "2018-07-16T10:10:00Z") },
        Segment { country: Some("AT"), ..watched(2, "a", "2018-07-16T12:00:00Z", "2018-07-16T12:10:00Z") },
    ]);
    let found = rig.points(&format!("/v1/unique-devices/country?{NOON_HOUR}")).await;
    assert_eq!(pairs(&found), [("AT", 1)]);
}

#[tokio::test]
async fn a_value_named_unknown_and_no_value_are_one_point() {
    let seen = |view_id, who, region| Segment {
        region,
        ..watched(view_id, who, "2018-07-16T10:00:00Z", "2018-07-16T10:10:00Z")
    };
    // Device "a" is in both; it is one device, not two.
    let rig = Rig::holding(&[
        seen(1, "a", None),
        seen(2, "a", Some("unknown")),
        seen(3, "b", None),
        seen(4, "c", Some("Wien")),
    ]);
    for (metric, unknown) in [("unique-devices", 2), ("authenticated-viewers", 2), ("total-views", 2)] {
        let found = rig.points(&format!("/v1/{metric}/region?{DAY}")).await;
        assert_eq!(pairs(&found), [("unknown", unknown), ("Wien", 1)], "{metric}");
    }
}

#[tokio::test]
async fn classes_of_devices_can_be_named_and_those_of_one_name_are_one_point() {
    let video = VideoConfig {
        device_names: DeviceNames::from([
            (DevicePoint::Class(DeviceClass::Tablet), "mobile".to_owned()),
            (DevicePoint::Class(DeviceClass::Tv), "Connected TV".to_owned()),
            (DevicePoint::Unknown, "other".to_owned()),
        ]),
        ..VideoConfig::default()
    };
    let rig = Rig::with_config(Config { video, ..Config::default() });
    let seen = |view_id, who, device| Segment {
        device,
        ..watched(view_id, who, "2018-07-16T10:00:00Z", "2018-07-16T10:10:00Z")
    };
    rig.send(&[
        seen(1, "a", Some("mobile")),
        seen(2, "a", Some("tablet")),
        seen(3, "b", Some("tablet")),
        seen(4, "c", Some("tv")),
        seen(5, "d", None),
        seen(6, "e", Some("other")),
        seen(7, "f", Some("desktop")),
    ]);
    let devices = rig.points(&format!("/v1/unique-devices/device?{DAY}")).await;
    assert_eq!(pairs(&devices), [("mobile", 2), ("other", 2), ("Connected TV", 1), ("desktop", 1)]);
    let countries = rig.points(&format!("/v1/unique-devices/country?{DAY}")).await;
    assert_eq!(pairs(&countries), [("HU", 6)]);
}

#[tokio::test]
async fn viewers_are_compared_with_case_and_nobody_is_none() {
    let named = |view_id, viewer| Segment {
        viewer,
        ..watched(view_id, "s", "2018-07-16T10:00:00Z", "2018-07-16T10:10:00Z")
    };
    let rig =
        Rig::holding(&[named(1, Some("a@example.com")), named(2, Some("A@example.com")), named(3, None)]);
    assert_eq!(summary(&rig, "authenticated-viewers", DAY).await, 2);
    let rig = Rig::holding(&[named(1, None)]);
    assert_eq!(summary(&rig, "authenticated-viewers", DAY).await, 0);
    for dimension in ["day", "country", "device"] {
        let points = rig.points(&format!("/v1/authenticated-viewers/{dimension}?{DAY}")).await;
        assert!(points.is_empty(), "{dimension}: {points:?}");
    }
}

#[tokio::test]
async fn distinct_buckets_follow_daylight_saving() {
    // 01:30 is shown twice in Los Angeles on this day; the segment spans both.
    let rig = Rig::holding(&[watched(1, "a", "2026-11-01T08:30:00Z", "2026-11-01T09:30:00Z")]);
    let period = "date_time_from=2026-11-01&date_time_to=2026-11-02";
    let hours = rig.points(&format!("/v1/unique-devices/hour?{period}")).await;
    assert_eq!(pairs(&hours), [("2026-11-01T01:00:00-07:00", 1), ("2026-11-01T01:00:00-08:00", 1)]);
    let days = rig.points(&format!("/v1/unique-devices/day?{period}")).await;
    assert_eq!(pairs(&days), [("2026-11-01T00:00:00-07:00", 1)]);
}

#[tokio::test]
async fn a_correction_takes_the_old_device_away() {
    let rig = Rig::holding(&[watched(1, "a", "2018-07-16T10:00:00Z", "2018-07-16T10:10:00Z")]);
    let corrected = watched(1, "b", "2018-07-16T10:00:00Z", "2018-07-16T10:10:00Z");
    rig.send(&[Segment { updated_at: "2018-07-18T00:00:00Z", country: Some("AT"), ..corrected }]);
    assert_eq!(summary(&rig, "unique-devices", DAY).await, 1);
    assert_eq!(pairs(&rig.points(&format!("/v1/unique-devices/country?{DAY}")).await), [("AT", 1)]);
}

#[tokio::test]
async fn the_point_of_every_summary_can_be_its_metric() {
    let video = VideoConfig { summary_point: SummaryPoint::Metric, ..VideoConfig::default() };
    let rig = Rig::with_config(Config { video, ..Config::default() });
    for metric in ["unique-devices", "authenticated-viewers"] {
        let points = rig.points(&format!("/v1/{metric}/live/summary?{DAY}")).await;
        assert_eq!(pairs(&points), [(metric, 0)]);
    }
}
