//! The `pagination` object, and pages that follow each other.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::rig::Rig;
use super::segment::{Segment, play};

const PERIOD: &str = "date_time_from=2018-07-16T00:00:00%2B01:00&date_time_to=2018-07-17T00:00:00Z";
const SHOWN: &str = "date_time_from=2018-07-16T00%3A00%3A00%2B01%3A00&date_time_to=2018-07-17T00%3A00%3A00Z";

/// Segments 1 to `count`, all at the same instant, so that only the key orders them.
fn at_once(count: u128) -> Vec<Segment> {
    (1..=count).rev().map(|view_id| Segment { view_id, ..Segment::default() }).collect()
}

#[tokio::test]
async fn the_pagination_object_is_that_of_the_documented_example() {
    let rig = Rig::holding(&at_once(10));
    let body = rig.json(&format!("/v1/views?{PERIOD}&_page=1&_limit=1")).await;
    let href = |page: u32| json!({"href": format!("/views?{SHOWN}&_page={page}&_limit=1")});
    assert_eq!(
        body["pagination"],
        json!({"count": 10, "first": href(1), "last": href(10), "next": href(2), "prev": null, "self": href(1)})
    );
}

#[tokio::test]
async fn count_is_all_items_and_next_leads_through_all_of_them() {
    let rig = Rig::holding(&at_once(7));
    let mut href = Some(format!("/views?{PERIOD}&_limit=3"));
    let mut seen = Vec::new();
    while let Some(uri) = href {
        let body = rig.json(&uri).await;
        assert_eq!(body["pagination"]["count"], 7);
        seen.extend(rig.view_ids(&uri).await);
        href = body["pagination"]["next"]["href"].as_str().map(str::to_owned);
        assert!(seen.len() <= 7, "a page came twice");
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn links_carry_the_path_without_v1_and_both_forms_are_served() {
    let rig = Rig::holding(&at_once(3));
    for path in [
        "/views/live",
        "/total-views/live/day",
        "/total-views/summary",
        "/viewers/live",
        "/peak-viewer-numbers",
        "/viewer-seconds/live",
    ] {
        let versioned = rig.json(&format!("/v1{path}?{PERIOD}&_limit=1")).await;
        assert_eq!(versioned, rig.json(&format!("{path}?{PERIOD}&_limit=1")).await);
        let href = versioned["pagination"]["self"]["href"].as_str().unwrap();
        assert_eq!(href, format!("{path}?{SHOWN}&_page=1&_limit=1"));
        assert_eq!(versioned, rig.json(href).await);
    }
}

#[tokio::test]
async fn links_of_a_list_of_ids_carry_the_list() {
    let rig = Rig::new();
    let body =
        rig.json(&format!("/v1/views/recorded?content_id=1,2&{PERIOD}&list_unfinished_segments=FALSE")).await;
    let expected =
        format!("/views/recorded?content_id=1%2C2&{SHOWN}&list_unfinished_segments=FALSE&_page=1&_limit=10");
    assert_eq!(body["pagination"]["self"]["href"], expected);
}

#[tokio::test]
async fn last_of_an_empty_result_is_page_1_without_neighbours() {
    let rig = Rig::new();
    for path in [
        "/v1/views",
        "/v1/total-views/country",
        "/v1/unique-devices/day",
        "/v1/peak-viewer-numbers",
        "/v1/viewer-seconds/live",
        "/v1/viewers",
    ] {
        let body = rig.json(&format!("{path}?{PERIOD}")).await;
        assert_eq!((&body["pagination"]["count"], &body["data"]), (&json!(0), &json!([])), "{path}");
        assert!(body["pagination"]["last"]["href"].as_str().unwrap().contains("&_page=1&"), "{path}");
        assert_eq!((&body["pagination"]["prev"], &body["pagination"]["next"]), (&Value::Null, &Value::Null));
    }
}

#[tokio::test]
async fn a_page_beyond_the_last_is_200_and_empty() {
    let rig = Rig::holding(&at_once(3));
    for (path, last) in [("/v1/views", 2), ("/v1/total-views/country", 1), ("/v1/total-views/summary", 1)] {
        let reply = rig.get(&format!("{path}?{PERIOD}&_limit=2&_page=18446744073709551615")).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        let body = reply.json();
        assert_eq!(body["data"], json!([]), "{path}");
        assert_eq!(body["pagination"]["next"], Value::Null);
        let prev = body["pagination"]["prev"]["href"].as_str().unwrap();
        assert!(prev.ends_with(&format!("&_page={last}&_limit=2")), "{prev}");
    }
}

#[tokio::test]
async fn series_have_pages_too() {
    let plays = [
        Segment { country: Some("AT"), ..play(1, "a", "2018-07-16T10:00:00Z") },
        Segment { country: Some("BE"), ..play(2, "b", "2018-07-16T10:00:00Z") },
        Segment { country: Some("CH"), ..play(3, "c", "2018-07-16T10:00:00Z") },
    ];
    let rig = Rig::holding(&plays);
    let uri = format!("/v1/total-views/country?{PERIOD}&_limit=2");
    assert_eq!(rig.json(&uri).await["pagination"]["count"], 3);
    assert_eq!(rig.points(&uri).await.len(), 2);
    assert_eq!(rig.points(&format!("{uri}&_page=2")).await, [("CH".to_owned(), 1)]);
}

#[tokio::test]
async fn a_full_page_of_10000_rows_arrives_whole_and_in_order() {
    let rig = Rig::holding(&at_once(10_003));
    let ids = rig.view_ids(&format!("/v1/views?{PERIOD}&_limit=10000")).await;
    assert_eq!(ids, (1..=10_000).collect::<Vec<u128>>());
    let rest = rig.view_ids(&format!("/v1/views?{PERIOD}&_limit=10000&_page=2")).await;
    assert_eq!(rest, [10_001, 10_002, 10_003]);
}
