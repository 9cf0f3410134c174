//! Errors and their order, narrowing, accounts, methods and headers.

use serde_json::json;
use tallyhouse_server::catalog::Narrowing;
use tallyhouse_server::config::{Config, ReportsConfig};

use super::answers;
use super::rig::{DATES, Rig};

const NAMES: [&str; 9] = [
    "reports_images",
    "reports_over_time",
    "reports_per_field_selection",
    "reports_per_state",
    "reports_per_user",
    "reports_per_day_hour",
    "reports_per_week_day",
    "reports_read",
    "user_awareness",
];

#[tokio::test]
async fn missing_parameters_are_told_one_at_a_time() {
    let rig = answers::rig().await;
    for name in NAMES {
        for (query, param) in [
            ("", "channel_id"),
            ("channel_id=1", "start_date"),
            ("channel_id=1&start_date=2016-01-01", "end_date"),
            ("end_date=2016-01-01&field_id=x", "channel_id"),
        ] {
            let reply = rig.get(&format!("analytics/{name}?{query}")).await;
            assert_eq!(reply.status, 422, "{name}");
            assert_eq!(reply.json(), json!({ "message": "client error", "param": param }), "{name}");
            assert_eq!(reply.header("x-status-reason"), Some(format!("{param} is missing").as_str()));
        }
    }
    let reply = rig.get(&format!("analytics/reports_per_field_selection?channel_id=1&{DATES}")).await;
    assert_eq!(reply.json()["param"], "field_id");
    assert_eq!(rig.get("analytics/1/reports_over_time").await.json()["param"], "start_date");
}

#[tokio::test]
async fn bad_dates_and_channels_are_told_by_their_name() {
    let rig = answers::rig().await;
    for (query, about) in [
        ("channel_id=x&start_date=2016-01-01&end_date=2016-01-02", "channel_id"),
        ("channel_id=1&start_date=yesterday&end_date=2016-01-02", "start_date"),
        ("channel_id=1&start_date=2016-01-01&end_date=2016-13-02", "end_date"),
    ] {
        let reply = rig.get(&format!("analytics/reports_over_time?{query}")).await;
        let body = reply.json();
        assert_eq!(reply.status, 422, "{query}");
        assert!(body["errors"][about][0].is_string() && body["failures"] == body["errors"], "{body}");
    }
}

#[tokio::test]
async fn without_a_good_token_nothing_else_is_looked_at() {
    let rig = answers::rig().await;
    for path in ["analytics/reports_over_time", "forms", "report_states/1"] {
        let uri = format!("/api/v4/{path}");
        for headers in [vec![], vec![("authorization", "Token token=nope")]] {
            let reply = rig.request("GET", &uri, &headers, String::new()).await;
            let body = reply.json();
            assert_eq!(reply.status, 401, "{path}");
            assert_eq!(body["error_codes"], json!({ "base": [{ "error": "bad_credentials" }] }));
            assert!(body["errors"].is_array() && body["failures"]["base"].is_array(), "{body}");
            assert!(reply.header("x-status-reason").is_some());
        }
    }
    assert_eq!(rig.get_as(rig.append(), "forms").await.status, 403);
}

#[tokio::test]
async fn a_narrowed_token_sees_its_channels_and_is_not_told_of_others() {
    let rig = answers::rig().await;
    let token = rig.narrowed(Narrowing { content_ids: None, channel_ids: Some(vec![1, 50]) });
    let status = async |name: &str, channel: u32| {
        let path = format!("analytics/{name}?channel_id={channel}&{DATES}&field_id=2");
        rig.get_as(&token, &path).await.status
    };
    for name in NAMES {
        // 9 exists and 51 does not; 50 is one of the token's and does not exist.
        let statuses =
            [status(name, 1).await, status(name, 9).await, status(name, 51).await, status(name, 50).await];
        assert_eq!(statuses, [200, 403, 403, 404], "{name}");
    }
    let contents = rig.narrowed(Narrowing { content_ids: Some(vec![1]), channel_ids: None });
    for path in [
        format!("analytics/reports_over_time?channel_id=1&{DATES}"),
        "forms".to_owned(),
        "report_states".to_owned(),
    ] {
        assert_eq!(rig.get_as(&contents, &path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn the_order_of_checks_is_token_parameters_narrowing_channel_field() {
    let rig = answers::rig().await;
    let token = rig.narrowed(Narrowing { content_ids: None, channel_ids: Some(vec![1]) });
    let status = async |token: &str, query: &str| {
        rig.get_as(token, &format!("analytics/reports_per_field_selection?{query}")).await.status
    };
    assert_eq!(status("nope", "").await, 401);
    assert_eq!(status(&token, "channel_id=51&start_date=x&end_date=y").await, 422);
    // Well-formed are looked at one after the other, in the order in which missing ones are told.
    for (query, about) in [
        ("channel_id=x&start_date=x&end_date=x&field_id=x", "channel_id"),
        ("channel_id=51&start_date=x&end_date=x&field_id=x", "start_date"),
        ("channel_id=51&start_date=2016-01-01&end_date=x&field_id=x", "end_date"),
        ("channel_id=51&start_date=2016-01-01&end_date=2016-01-02&field_id=x", "field_id"),
    ] {
        let reply = rig.get_as(&token, &format!("analytics/reports_per_field_selection?{query}")).await;
        assert_eq!(reply.status, 422, "{query}");
        assert!(reply.json()["errors"][about].is_array(), "{query}: {}", reply.text);
    }
    assert_eq!(status(&token, &format!("channel_id=51&{DATES}&field_id=77")).await, 403);
    let everything = rig.narrowed(Narrowing::default());
    let body = rig
        .get_as(
            &everything,
            &format!("analytics/reports_per_field_selection?channel_id=51&{DATES}&field_id=77"),
        )
        .await
        .json();
    assert!(body["errors"]["channel_id"].is_array(), "{body}");
}

#[tokio::test]
async fn two_accounts_may_both_have_a_channel_1() {
    let rig = answers::rig().await;
    let (append, read) = rig.second();
    let path = format!("analytics/reports_per_state?channel_id=1&{DATES}");
    assert_eq!(rig.get_as(&read, &path).await.status, 404);
    rig.send_as(
        &append,
        "reports",
        r#"{"report_id":2,"channel_id":1,"created_at":"2016-05-01T00:00:00Z","state_id":1}"#,
    )
    .await;
    assert_eq!(
        rig.get_as(&read, &path).await.text,
        r#"[{"id":1,"name":null,"account_id":1,"report_count":1}]"#
    );
    assert_eq!(rig.get(&path).await.json()[0]["report_count"], 2);
    assert_eq!(rig.get_as(&read, "forms").await.text, "[]");
}

#[tokio::test]
async fn urls_can_be_read_and_nothing_else() {
    let rig = answers::rig().await;
    let token = format!("Token token={}", rig.narrowed(Narrowing::default()));
    let headers = [("authorization", token.as_str())];
    for path in [
        format!("analytics/reports_over_time?channel_id=1&{DATES}"),
        "forms".to_owned(),
        "report_states/1".to_owned(),
    ] {
        let uri = format!("/api/v4/{path}");
        let head = rig.request("HEAD", &uri, &headers, String::new()).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        let post = rig.request("POST", &uri, &headers, String::new()).await;
        assert_eq!(post.status, 405, "{path}");
        assert!(post.header("allow").unwrap().contains("GET") && post.header("x-status-reason").is_some());
        assert!(post.json()["errors"]["base"].is_array());
    }
    for path in [
        "",
        "analytics",
        "analytics/nope",
        "analytics/1/nope",
        "analytics/1/reports_over_time/x",
        "nope",
        "forms/1/x",
    ] {
        let reply = rig.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.json()["error"], "there is nothing at this URL", "{path}");
        assert!(reply.header("x-status-reason").is_some(), "{path}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_changes_nothing() {
    let rig = answers::rig().await;
    for name in NAMES {
        let query = format!("{DATES}&field_id=2");
        let expected = rig.get(&format!("analytics/{name}?channel_id=1&{query}")).await;
        assert_eq!(expected.status, 200, "{name}");
        for path in
            [format!("analytics/{name}/?channel_id=1&{query}"), format!("analytics/1/{name}/?{query}")]
        {
            assert_eq!(rig.get(&path).await.text, expected.text, "{path}");
        }
    }
    for path in ["forms", "forms/1", "report_states", "report_states/1"] {
        let (without, with) = (rig.get(path).await, rig.get(&format!("{path}/")).await);
        assert_eq!((with.status, with.text), (200, without.text), "{path}");
    }
}

#[tokio::test]
async fn answers_are_private_and_tell_what_they_took() {
    let reply = answers::rig().await.get(&format!("analytics/reports_read?channel_id=1&{DATES}")).await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("private, no-store"));
    let timing = reply.header("server-timing").unwrap();
    assert!(
        timing.starts_with("store;dur=") && timing.contains("rows;desc=") && timing.contains("parts;desc="),
        "{timing}"
    );
}

#[tokio::test]
async fn a_request_without_its_app_is_refused_only_where_the_settings_want_one() {
    let reports = ReportsConfig { require_app_id: true, ..ReportsConfig::default() };
    let rig = Rig::with_config(Config { reports, ..Config::default() });
    let expected = json!({ "message": "client error", "param": "X-AppId" });
    assert_eq!(rig.get("forms").await.json(), expected);
    // Also without a good token, as where there is none yet: at `/session`.
    assert_eq!(rig.get_as("nope", "forms").await.json(), expected);
    let token = format!("Token token={}", rig.narrowed(Narrowing::default()));
    let headers = [("authorization", token.as_str()), ("x-appid", "com.example.app"), ("x-teamid", "1234")];
    assert_eq!(rig.request("GET", "/api/v4/forms", &headers, String::new()).await.status, 200);
    assert_eq!(Rig::new().get("forms").await.status, 200);
}

#[tokio::test]
async fn many_images_come_whole_and_in_order() {
    let images = |report: u32| {
        let image = |image: u32| {
            format!(
                r#"{{"report_image_id":{image},"created_at":"2016-05-01T00:00:{:02}Z","styles":{{"thumb":"https://example.com/{image}"}}}}"#,
                image % 60
            )
        };
        let images: Vec<_> = (1..=900).map(|number| image(report * 1_000 + number)).collect();
        format!(
            r#"{{"report_id":{report},"channel_id":1,"created_at":"2016-05-01T00:00:00Z","images":[{}]}}"#,
            images.join(",")
        )
    };
    let rig = Rig::holding(&[("reports", &[images(2), images(1)].join("\n"))]).await;
    let body: serde_json::Value = serde_json::from_str(&rig.analytics("reports_images", "").await).unwrap();
    let keys: Vec<_> = body
        .as_array()
        .unwrap()
        .iter()
        .map(|image| {
            let number = |name: &str| image[name].as_u64().unwrap();
            assert_eq!(image["styles"]["medium"], serde_json::Value::Null);
            (image["created_at"].as_str().unwrap().to_owned(), number("report_id"), number("report_image_id"))
        })
        .collect();
    assert_eq!(keys.len(), 1_800);
    assert!(keys.is_sorted());
    let some =
        rig.get_range(&format!("analytics/reports_images?channel_id=1&{DATES}"), "objects=1750-1849").await;
    assert_eq!((some.status, some.header("content-range")), (206, Some("reports_images 1750-1799/1800")));
    assert_eq!(some.json()[0], body[1750]);
}
