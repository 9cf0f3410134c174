//! Zones: how times are read, which zone buckets are in, and both daylight-saving days.

use axum::http::StatusCode;

use super::rig::{Rig, pairs};
use super::segment::{Segment, play};

/// A play every half hour around the end of daylight saving in Los Angeles: the clock shows 01:00 to 02:00 twice.
fn autumn() -> Vec<Segment> {
    vec![
        play(1, "a", "2026-11-01T07:30:00Z"), // 00:30 -07:00
        play(2, "b", "2026-11-01T08:30:00Z"), // 01:30 -07:00
        play(3, "c", "2026-11-01T09:30:00Z"), // 01:30 -08:00
        play(4, "d", "2026-11-01T10:30:00Z"), // 02:30 -08:00
        play(5, "e", "2026-11-02T07:59:59Z"), // 23:59:59 -08:00
        play(6, "f", "2026-11-02T08:00:00Z"), // midnight of the 2nd
    ]
}

#[tokio::test]
async fn without_an_offset_times_are_in_los_angeles_and_so_is_the_answer() {
    let rig = Rig::holding(&[Segment::default()]);
    // 18:20:30Z is 11:20:30 in Los Angeles.
    let body =
        rig.json("/v1/views?date_time_from=2018-07-16T11:20:30&date_time_to=2018-07-16T11:20:31").await;
    assert_eq!(body["data"][0]["attributes"]["started_at"], "2018-07-16T11:20:30-07:00");
    assert_eq!(body["data"][0]["attributes"]["finished_at"], "2018-07-16T11:20:42-07:00");
    let after =
        rig.json("/v1/views?date_time_from=2018-07-16T11:20:31&date_time_to=2018-07-16T11:20:32").await;
    assert_eq!(after["pagination"]["count"], 0);
}

#[tokio::test]
async fn buckets_are_in_the_offset_of_date_time_from() {
    let rig = Rig::holding(&[play(1, "a", "2018-07-16T23:30:00Z")]);
    for (from, point) in [
        ("2018-07-16T00:00:00Z", "2018-07-16T00:00:00+00:00"),
        ("2018-07-16T00:00:00%2B01:00", "2018-07-17T00:00:00+01:00"),
        ("2018-07-16T00:00:00-05:30", "2018-07-16T00:00:00-05:30"),
        ("2018-07-16T00:00:00", "2018-07-16T00:00:00-07:00"),
    ] {
        let uri = format!("/v1/total-views/day?date_time_from={from}&date_time_to=2018-07-18T00:00:00Z");
        assert_eq!(pairs(&rig.points(&uri).await), [(point, 1)], "{from}");
    }
}

#[tokio::test]
async fn date_time_to_is_read_with_its_own_offset() {
    let rig = Rig::holding(&[play(1, "a", "2018-07-16T05:00:00Z")]);
    for (to, count) in
        [("2018-07-16T05:00:00Z", 0), ("2018-07-15T22:00:01", 1), ("2018-07-16T06:00:00%2B01:00", 0)]
    {
        let uri =
            format!("/v1/total-views/summary?date_time_from=2018-07-15T00:00:00%2B02:00&date_time_to={to}");
        assert_eq!(rig.points(&uri).await[0].1, count, "{to}");
    }
}

#[tokio::test]
async fn a_plus_sign_that_was_not_encoded_is_understood() {
    let rig = Rig::holding(&[Segment::default()]);
    let bare = "/v1/views?date_time_from=2018-07-16T19:20:30+01:00&date_time_to=2018-07-16T19:20:31+01:00";
    let body = rig.json(bare).await;
    assert_eq!(body["data"][0]["attributes"]["started_at"], "2018-07-16T19:20:30+01:00");
    let href = body["pagination"]["self"]["href"].as_str().unwrap();
    assert!(href.contains("2018-07-16T19%3A20%3A30%2B01%3A00"), "{href}");
    assert_eq!(rig.json(href).await, body);
    for offset in ["+01", "+0100"] {
        let short = rig.json(&bare.replace("+01:00", offset)).await;
        assert_eq!(short["data"], body["data"], "{offset}");
        let href = short["pagination"]["self"]["href"].as_str().unwrap();
        assert!(href.contains(&offset.replace('+', "%2B")), "{href}");
        assert_eq!(rig.json(href).await, short);
    }
}

#[tokio::test]
async fn dates_are_accepted_with_and_without_time_offset_and_fraction_and_nothing_else_is() {
    let rig = Rig::new();
    for from in ["2018-07-16", "2018-07-16T01:02:03", "2018-07-16T01:02:03Z", "2018-07-16T01:02:03.456-08:00"]
    {
        rig.json(&format!("/v1/views?date_time_from={from}&date_time_to=2018-07-18")).await;
    }
    for from in [
        "16.07.2018",
        "1531765230",
        "2018-07-16+01:02:03",
        "yesterday",
        "2018-07-32",
        "",
        "2018-07-16T01:02:03%2B25:00",
        "2018-07-16T01:02:03-24:00",
    ] {
        let reply = rig.get(&format!("/v1/views?date_time_from={from}&date_time_to=2018-07-18")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{from}");
        assert_eq!(reply.pointers(), ["date_time_from"], "{from}");
    }
}

#[tokio::test]
async fn the_hour_that_is_shown_twice_in_autumn_is_two_buckets() {
    let rig = Rig::holding(&autumn());
    let hours = rig.points("/v1/total-views/hour?date_time_from=2026-11-01&date_time_to=2026-11-02").await;
    assert_eq!(
        pairs(&hours),
        [
            ("2026-11-01T00:00:00-07:00", 1),
            ("2026-11-01T01:00:00-07:00", 1),
            ("2026-11-01T01:00:00-08:00", 1),
            ("2026-11-01T02:00:00-08:00", 1),
            ("2026-11-01T23:00:00-08:00", 1)
        ]
    );
}

#[tokio::test]
async fn a_day_in_los_angeles_has_25_hours_in_autumn_and_23_in_spring() {
    let rig = Rig::holding(&autumn());
    let days = rig.points("/v1/total-views/day?date_time_from=2026-11-01&date_time_to=2026-11-03").await;
    assert_eq!(pairs(&days), [("2026-11-01T00:00:00-07:00", 5), ("2026-11-02T00:00:00-08:00", 1)]);
    let rig = Rig::holding(&[
        play(1, "a", "2026-03-08T08:00:00Z"), // midnight of the 8th, -08:00
        play(2, "b", "2026-03-08T10:00:00Z"), // 03:00 -07:00, the end of the gap
        play(3, "c", "2026-03-09T06:59:59Z"), // 23:59:59 -07:00
        play(4, "d", "2026-03-09T07:00:00Z"), // midnight of the 9th
    ]);
    let days = rig.points("/v1/total-views/day?date_time_from=2026-03-08&date_time_to=2026-03-10").await;
    assert_eq!(pairs(&days), [("2026-03-08T00:00:00-08:00", 3), ("2026-03-09T00:00:00-07:00", 1)]);
    let hours = rig.points("/v1/total-views/hour?date_time_from=2026-03-08&date_time_to=2026-03-09").await;
    assert_eq!(
        pairs(&hours),
        [
            ("2026-03-08T00:00:00-08:00", 1),
            ("2026-03-08T03:00:00-07:00", 1),
            ("2026-03-08T23:00:00-07:00", 1)
        ]
    );
}

#[tokio::test]
async fn a_fixed_offset_knows_no_daylight_saving() {
    let rig = Rig::holding(&autumn());
    let uri =
        "/v1/total-views/day?date_time_from=2026-11-01T00:00:00-07:00&date_time_to=2026-11-03T00:00:00-07:00";
    assert_eq!(
        pairs(&rig.points(uri).await),
        [("2026-11-01T00:00:00-07:00", 4), ("2026-11-02T00:00:00-07:00", 2)]
    );
}

#[tokio::test]
async fn the_point_of_a_cut_bucket_is_its_calendar_start_and_its_value_what_lies_in_the_range() {
    let rig = Rig::holding(&[
        play(1, "a", "2018-07-02T00:00:00Z"),
        play(2, "b", "2018-07-16T10:00:00Z"),
        play(3, "c", "2018-07-16T12:00:00Z"),
    ]);
    let period = "date_time_from=2018-07-16T11:30:00Z&date_time_to=2018-07-16T12:30:00Z";
    for (dimension, point) in [
        ("month", "2018-07-01T00:00:00+00:00"),
        ("day", "2018-07-16T00:00:00+00:00"),
        ("hour", "2018-07-16T12:00:00+00:00"),
    ] {
        let points = rig.points(&format!("/v1/total-views/{dimension}?{period}")).await;
        assert_eq!(pairs(&points), [(point, 1)], "{dimension}");
    }
}

#[tokio::test]
async fn empty_buckets_are_omitted() {
    let rig = Rig::holding(&[play(1, "a", "2018-01-31T00:00:00Z"), play(2, "b", "2018-07-16T12:00:00Z")]);
    let months =
        rig.points("/v1/total-views/month?date_time_from=2018-01-01T00:00:00Z&date_time_to=2019-01-01").await;
    assert_eq!(pairs(&months), [("2018-01-01T00:00:00+00:00", 1), ("2018-07-01T00:00:00+00:00", 1)]);
}

#[tokio::test]
async fn times_are_whole_seconds_with_a_numeric_offset_of_that_very_instant() {
    let around = [Segment {
        finished_at: Some("2026-11-01T09:00:00.999999Z"),
        ..play(1, "a", "2026-11-01T08:59:59.999999Z")
    }];
    let rig = Rig::holding(&around);
    let body = rig.json("/v1/views?date_time_from=2026-11-01&date_time_to=2026-11-02").await;
    let attributes = &body["data"][0]["attributes"];
    assert_eq!(attributes["started_at"], "2026-11-01T01:59:59-07:00");
    assert_eq!(attributes["finished_at"], "2026-11-01T01:00:00-08:00");
    let body = rig.json("/v1/views?date_time_from=2026-11-01T00:00:00Z&date_time_to=2026-11-02").await;
    assert_eq!(body["data"][0]["attributes"]["started_at"], "2026-11-01T08:59:59+00:00");
}
