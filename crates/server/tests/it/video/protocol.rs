//! Credentials, methods, error bodies, headers, and parameters that are not what they should be.

use axum::http::StatusCode;
use serde_json::json;
use tallyhouse_server::catalog::Scope;
use tallyhouse_server::config::{Config, VideoConfig};

use super::rig::Rig;
use super::segment::Segment;

const PERIOD: &str = "date_time_from=2018-07-16T00:00:00Z&date_time_to=2018-07-17T00:00:00Z";

fn uri(path: &str) -> String {
    format!("{path}?{PERIOD}")
}

#[tokio::test]
async fn the_token_is_accepted_raw_and_as_bearer() {
    let rig = Rig::new();
    let token = rig.token(Scope::Read);
    for authorization in [token.clone(), format!("Bearer {token}"), format!("bearer  {token}")] {
        let reply = rig.request("GET", &uri("/v1/views"), Some(&authorization)).await;
        assert_eq!(reply.status, StatusCode::OK, "{authorization}");
    }
}

#[tokio::test]
async fn a_missing_or_wrong_token_is_401_in_the_documented_shape() {
    let rig = Rig::new();
    for authorization in
        [None, Some("no such token"), Some("Bearer nonsense"), Some("Basic bm86bm8="), Some("")]
    {
        let reply = rig.request("GET", &uri("/v1/views"), authorization).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{authorization:?}");
        assert_eq!(reply.headers["www-authenticate"], "Bearer");
        assert_eq!(reply.pointers(), ["Authorization"]);
    }
}

#[tokio::test]
async fn a_token_that_may_not_read_is_401_and_the_detail_says_so() {
    let rig = Rig::new();
    let reply = rig.request("GET", &uri("/v1/total-views/day"), Some(&rig.token(Scope::Append))).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(reply.json()["errors"][0]["detail"].as_str().unwrap().contains("scope"));
}

#[tokio::test]
async fn the_token_is_checked_before_the_parameters() {
    let rig = Rig::new();
    assert_eq!(rig.request("GET", "/v1/views?_page=0", None).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_account_sees_only_its_own_rows() {
    let rig = Rig::new();
    rig.send_for(rig.second_account(), &[Segment::default()]);
    assert_eq!(rig.json(&uri("/v1/views")).await["pagination"]["count"], 0);
    assert_eq!(rig.points(&uri("/v1/total-views/summary")).await[0].1, 0);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let rig = Rig::holding(&[Segment::default()]);
    let token = rig.token(Scope::Read);
    for path in ["/v1/views", "/total-views/day", "/v1/viewers", "/v1/peak-viewer-numbers"] {
        let get = rig.request("GET", &uri(path), Some(&token)).await;
        let head = rig.request("HEAD", &uri(path), Some(&token)).await;
        assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
        assert_eq!(head.headers["content-type"], get.headers["content-type"]);
        assert_eq!(head.headers["content-length"], get.text.len().to_string());
    }
}

#[tokio::test]
async fn other_methods_are_405_with_allow_and_the_documented_shape() {
    let rig = Rig::new();
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        for path in [
            "/v1/views",
            "/views/live",
            "/v1/total-views/day",
            "/total-views/live/day",
            "/v1/viewers",
            "/v1/peak-viewer-numbers/live/summary",
        ] {
            let reply = rig.request(method, &uri(path), None).await;
            assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(reply.headers["allow"], "GET,HEAD");
            assert_eq!(reply.pointers(), [""]);
        }
    }
}

#[tokio::test]
async fn a_content_type_alone_is_neither_a_dimension_nor_a_summary_and_404() {
    let rig = Rig::new();
    for path in [
        "/v1/total-views/live",
        "/total-views/recorded",
        "/v1/unique-devices/live",
        "/v1/authenticated-viewers/recorded",
        "/v1/views/live/channel",
        "/v1/views/x/channel",
        "/v1/peak-viewer-numbers/live/channel",
        "/v1/viewer-seconds/x/channel",
    ] {
        let reply = rig.get(&uri(path)).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(reply.pointers(), [""]);
    }
}

#[tokio::test]
async fn unknown_routes_are_404_in_the_documented_shape() {
    let rig = Rig::new();
    for path in [
        "/v1/nothing",
        "/v1",
        "/v1/views/live/5/6",
        "/v1/total-views",
        "/v1/views/%FF",
        "/v1/viewers/%FF",
        "/v1/viewers/recorded/channel",
        "/v1/peak-viewer-numbers/live/day",
        "/v1/viewer-seconds/%FF/summary",
    ] {
        let reply = rig.get(&uri(path)).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(reply.pointers(), [""], "{path}");
    }
}

#[tokio::test]
async fn an_unknown_content_type_or_dimension_is_400_with_its_name() {
    let rig = Rig::new();
    for (path, pointers) in [
        ("/v1/views/video", &["content_type"][..]),
        ("/v1/views/Live", &["content_type"]),
        ("/v1/total-views/week", &["dimension"]),
        ("/v1/total-views/minute", &["dimension"]),
        ("/v1/total-views/live/week", &["dimension"]),
        ("/v1/total-views/live/recorded", &["dimension"]),
        ("/v1/total-views/vod/day", &["content_type"]),
        ("/v1/total-views/summary/week", &["content_type", "dimension"]),
        ("/v1/unique-devices/minute", &["dimension"]),
        ("/v1/authenticated-viewers/vod/day", &["content_type"]),
        ("/v1/viewers/summary", &["content_type"]),
        ("/v1/peak-viewer-numbers/summary", &["content_type"]),
        ("/v1/viewer-seconds/vod", &["content_type"]),
        ("/v1/viewer-seconds/vod/summary", &["content_type", "content_id"]),
    ] {
        let reply = rig.get(&uri(path)).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(reply.pointers(), pointers, "{path}");
    }
}

#[tokio::test]
async fn a_400_has_one_error_per_bad_parameter() {
    let rig = Rig::new();
    let reply =
        rig.get("/v1/views/live?date_time_from=noon&content_id=&inclusive_range=yes&_limit=10001").await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(reply.headers["content-type"], "application/json");
    assert_eq!(
        reply.pointers(),
        ["content_id", "date_time_from", "date_time_to", "inclusive_range", "_limit"]
    );
    for (path, pointers) in [
        ("/v1/views/recorded/channel", &["channel_id", "date_time_from", "date_time_to"][..]),
        (
            "/v1/viewer-seconds/recorded/channel?_page=0",
            &["channel_id", "date_time_from", "date_time_to", "_page"],
        ),
        ("/v1/peak-viewer-numbers?granularity=week", &["granularity", "date_time_from", "date_time_to"]),
        (
            "/v1/viewer-seconds?content_id=x&date_time_from=2018&date_time_to=2018-07-16",
            &["content_id", "date_time_from"],
        ),
        (
            "/v1/peak-viewer-numbers/live/summary?content_id=1,2",
            &["content_id", "date_time_from", "date_time_to"],
        ),
        ("/v1/viewers/live?content_id=x&date_time_to=y&_limit=0", &["content_id", "date_time_to", "_limit"]),
        ("/v1/viewers?viewer_identifier=a&viewer_identifier=b", &["viewer_identifier"]),
    ] {
        assert_eq!(rig.get(path).await.pointers(), pointers, "{path}");
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored_and_carried_in_links() {
    let rig = Rig::new();
    let body = rig.json(&format!("/v1/views?{PERIOD}&content_id=x&granularity=century&from=sdk")).await;
    let href = body["pagination"]["self"]["href"].as_str().unwrap();
    assert!(href.ends_with("&content_id=x&granularity=century&from=sdk&_page=1&_limit=10"), "{href}");
}

#[tokio::test]
async fn a_period_that_is_empty_or_runs_backwards_holds_nothing() {
    let rig = Rig::holding(&[Segment::default()]);
    let at = "2018-07-16T18:20:30Z";
    for to in [at, "2018-07-16T18:20:29Z", "2018-07-16T00:00:00Z", "0001-01-01"] {
        let period = format!("date_time_from={at}&date_time_to={to}");
        for inclusive_range in [true, false] {
            let body = rig.json(&format!("/v1/views?{period}&inclusive_range={inclusive_range}")).await;
            assert_eq!((&body["pagination"]["count"], &body["data"]), (&json!(0), &json!([])), "{to}");
        }
        for dimension in ["hour", "day", "month", "country"] {
            let points = rig.points(&format!("/v1/total-views/{dimension}?{period}")).await;
            assert_eq!(points, [], "{dimension} {to}");
        }
        for metric in ["total-views", "unique-devices", "authenticated-viewers"] {
            let summary = rig.points(&format!("/v1/{metric}/summary?{period}")).await;
            assert_eq!(summary, [("2018-07-16T18:20:30+00:00".to_owned(), 0)], "{metric} {to}");
            assert_eq!(rig.points(&format!("/v1/{metric}/day?{period}")).await, [], "{metric} {to}");
        }
        for path in ["viewers", "peak-viewer-numbers", "viewer-seconds/live"] {
            let body = rig.json(&format!("/v1/{path}?{period}")).await;
            assert_eq!((&body["pagination"]["count"], &body["data"]), (&json!(0), &json!([])), "{path} {to}");
        }
        for metric in ["peak-viewer-numbers", "viewer-seconds"] {
            let uri = format!("/v1/{metric}/live/summary?content_id=112342345&{period}");
            assert_eq!(rig.json(&uri).await["data"], json!([]), "{metric} {to}");
        }
    }
}

#[tokio::test]
async fn no_period_is_too_long() {
    let rig = Rig::holding(&[Segment::default()]);
    for (from, to, start) in [
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+00:00"),
        ("0001-01-01", "9999-12-31", "0001-01-01T00:00:00-07:52:58"),
        ("0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"),
    ] {
        let all = format!("date_time_from={from}&date_time_to={to}");
        assert_eq!(rig.json(&format!("/v1/views?{all}")).await["pagination"]["count"], 1, "{all}");
        for dimension in ["hour", "day", "month", "country"] {
            let points = rig.points(&format!("/v1/total-views/{dimension}?{all}")).await;
            assert_eq!(points.len(), 1, "{dimension} {all}");
        }
        let summary = rig.points(&format!("/v1/total-views/summary?{all}")).await;
        assert_eq!(summary, [(start.to_owned(), 1)]);
    }
}

#[tokio::test]
async fn a_period_longer_than_configured_is_400() {
    let video = VideoConfig { date_range_days_max: 1, ..VideoConfig::default() };
    let rig = Rig::with_config(Config { video, ..Config::default() });
    for path in ["/views", "/views/live", "/total-views/day", "/total-views/live/summary"] {
        assert_eq!(rig.get(&uri(path)).await.status, StatusCode::OK, "{path}");
        let reply = rig.get(&format!("{path}?{PERIOD}").replace("07-17", "07-18")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(reply.pointers(), ["date_time_to"], "{path}");
    }
    let channel = format!("/views/recorded/channel?channel_id=1&{PERIOD}").replace("07-17", "07-18");
    assert_eq!(rig.get(&channel).await.pointers(), ["date_time_to"]);
}

#[tokio::test]
async fn a_period_on_the_last_day_of_the_calendar_is_empty() {
    let rig = Rig::holding(&[Segment::default()]);
    let last = "date_time_from=9999-12-31T00:00:00Z&date_time_to=9999-12-31T23:59:59Z";
    for inclusive_range in [true, false] {
        let body = rig.json(&format!("/v1/views?{last}&inclusive_range={inclusive_range}")).await;
        assert_eq!(body["pagination"]["count"], 0);
    }
    for dimension in ["hour", "day", "month", "country"] {
        assert_eq!(rig.points(&format!("/v1/total-views/{dimension}?{last}")).await, [], "{dimension}");
    }
    assert_eq!(rig.points(&format!("/v1/total-views/summary?{last}")).await[0].1, 0);
}

#[tokio::test]
async fn reads_tell_their_type_and_what_they_touched_and_are_not_cached() {
    let rig = Rig::holding(&[Segment::default()]);
    for path in ["/v1/views", "/v1/total-views/day"] {
        let reply = rig.get(&uri(path)).await;
        assert_eq!(reply.headers["content-type"], "application/json");
        assert_eq!(reply.headers["cache-control"], "private, no-store");
        let timing = reply.headers["server-timing"].to_str().unwrap();
        let [store, rows, parts] = timing.split(", ").collect::<Vec<_>>()[..] else { panic!("{timing}") };
        assert!(store.strip_prefix("store;dur=").is_some_and(|dur| dur.parse::<f64>().is_ok()), "{timing}");
        assert_eq!((rows, parts), (r#"rows;desc="1""#, r#"parts;desc="1""#));
    }
}
