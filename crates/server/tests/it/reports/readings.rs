//! A test by name for every reading of the sources that `docs/API.md` lists under the reports family.

use tallyhouse_server::config::{Config, ReportsConfig};

use super::answers;
use super::rig::{DATES, Rig};

fn report(id: u32, created_at: &str, more: &str) -> String {
    format!(r#"{{"report_id":{id},"channel_id":1,"created_at":"{created_at}"{more}}}"#)
}

async fn holding(reports: &[String]) -> Rig {
    Rig::holding(&[("reports", &reports.join("\n"))]).await
}

/// The numbers of an answer: `report_count` by another member.
async fn counts(rig: &Rig, path: &str, by: &str) -> Vec<(String, u64)> {
    let reply = rig.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    let body = reply.json();
    let items = body.as_array().unwrap().iter();
    items.map(|item| (item[by].to_string(), item["report_count"].as_u64().unwrap())).collect()
}

fn pairs(counts: &[(String, u64)]) -> Vec<(&str, u64)> {
    counts.iter().map(|(name, count)| (name.as_str(), *count)).collect()
}

#[tokio::test]
async fn each_endpoint_compares_the_time_of_what_it_counts() {
    let rig = Rig::holding(&[
        ("reports", &report(1, "2015-12-31T00:00:00Z", r#","images":[{"report_image_id":3,"created_at":"2016-02-01T00:00:00Z"}],"form_fields":[{"field_id":2,"value":"a"}]"#)),
        ("report_reads", r#"{"read_id":1,"report_id":1,"channel_id":1,"user_id":4,"read_at":"2016-03-01T00:00:00Z"}"#),
        ("report_alerts", r#"{"alert_id":1,"report_id":1,"channel_id":1,"user_id":4,"alerted_at":"2016-04-01T00:00:00Z","opened_at":"2020-01-01T00:00:00Z"}"#),
    ])
    .await;
    for name in [
        "reports_over_time",
        "reports_per_state",
        "reports_per_user",
        "reports_per_day_hour",
        "reports_per_week_day",
    ] {
        assert_eq!(rig.analytics(name, "").await, "[]", "{name}");
    }
    assert_eq!(rig.analytics("reports_per_field_selection", "&field_id=2").await, "[]");
    assert!(rig.analytics("reports_images", "").await.contains(r#""report_image_id":3"#));
    assert_eq!(rig.analytics("reports_read", "").await, r#"{"total_reads":1}"#);
    let awareness = rig.analytics("user_awareness", "&fields=alerts_opened").await;
    assert!(awareness.contains(r#""alerts_opened":1"#), "{awareness}");
}

#[tokio::test]
async fn both_ends_of_a_time_are_included() {
    let times = [
        "2016-01-01T00:00:00Z",
        "2016-01-02T00:00:00Z",
        "2015-12-31T23:59:59.999999Z",
        "2016-01-02T00:00:00.000001Z",
    ];
    let reports: Vec<_> = times.iter().zip(1..).map(|(at, id)| report(id, at, "")).collect();
    let rig = holding(&reports).await;
    let path = "analytics/reports_per_user?channel_id=1&start_date=2016-01-01&end_date=2016-01-02";
    assert_eq!(pairs(&counts(&rig, path, "user_id").await), [("null", 2)]);
    let instant = "analytics/reports_per_user?channel_id=1&start_date=2016-01-02&end_date=2016-01-02";
    assert_eq!(pairs(&counts(&rig, instant, "user_id").await), [("null", 1)]);
}

#[tokio::test]
async fn dates_that_run_backwards_are_an_empty_answer() {
    let rig = holding(&[report(1, "2016-02-01T00:00:00Z", "")]).await;
    let reply =
        rig.get("analytics/reports_over_time?channel_id=1&start_date=2017-01-01&end_date=2016-01-01").await;
    assert_eq!((reply.status, reply.text.as_str()), (200, "[]"));
}

#[tokio::test]
async fn the_width_of_buckets_follows_from_the_length_of_the_range() {
    let rig = holding(&[report(1, "2016-02-17T10:20:30Z", "")]).await;
    for (start, end, width, bucket) in [
        ("2016-02-16", "2016-02-18", "hour", "2016-02-17T10:00:00.000Z"),
        ("2016-02-16", "2016-02-18T00:00:00.000001", "day", "2016-02-17T00:00:00.000Z"),
        ("2016-02-01", "2016-03-03", "day", "2016-02-17T00:00:00.000Z"),
        ("2016-02-01", "2016-03-03T00:00:00.000001", "week", "2016-02-15T00:00:00.000Z"),
        ("2016-01-01", "2017-01-01", "week", "2016-02-15T00:00:00.000Z"),
        ("2016-01-01", "2017-01-01T00:00:00.000001", "month", "2016-02-01T00:00:00.000Z"),
    ] {
        let path = format!("analytics/reports_over_time?channel_id=1&start_date={start}&end_date={end}");
        let body = rig.get(&path).await.json();
        assert_eq!(body[0]["datetime_range_width"], width, "{path}");
        assert_eq!(body[0]["datetime_range_start"], bucket, "{path}");
    }
}

#[tokio::test]
async fn the_length_of_a_range_is_measured_on_the_calendar_of_the_account() {
    let zones = [("first".to_owned(), "Europe/Berlin".to_owned())].into();
    let config = Config { reports: ReportsConfig { zones, ..ReportsConfig::default() }, ..Config::default() };
    let rig = Rig::with_config(config);
    let times = ["2026-10-25T10:20:30Z", "2026-03-29T10:20:30Z"];
    let reports: Vec<_> = times.iter().zip(1..).map(|(at, id)| report(id, at, "")).collect();
    rig.send("reports", &reports.join("\n")).await;
    for (start, end, width) in [
        // An hour more than 31 days went by, and an hour less than 2 days.
        ("2026-10-01", "2026-11-01", "day"),
        ("2026-10-01", "2026-11-01T00:00:00.000001", "week"),
        ("2026-10-24", "2026-10-26", "hour"),
        ("2026-03-28", "2026-03-30", "hour"),
        ("2026-03-28", "2026-03-30T00:00:01", "day"),
    ] {
        let path = format!("analytics/reports_over_time?channel_id=1&start_date={start}&end_date={end}");
        let body = rig.get(&path).await.json();
        assert_eq!(body[0]["datetime_range_width"], width, "{path}");
    }
}

#[tokio::test]
async fn of_a_parameter_sent_several_times_the_last_counts_and_lists_are_joined() {
    let rig = answers::rig().await;
    let path = |more: &str| format!("analytics/reports_read?{DATES}&{more}");
    let reply = rig.get(&path("channel_id=x&channel_id=1")).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, r#"{"total_reads":4}"#));
    assert_eq!(rig.get(&path("channel_id=1&channel_id=")).await.json()["param"], "channel_id");
    let both = rig.get(&path("channel_id=1&fields=unique_reads&fields[]=total_reads")).await;
    assert_eq!(both.text, r#"{"total_reads":4,"unique_reads":3}"#);
    let forms =
        rig.get("forms?ids=1&ids[]=2&fields=-fields,-uuid&fields=-updated_at,-team_id,-version").await;
    assert_eq!(forms.text, r#"[{"id":1,"name":"A form"}]"#);
}

#[tokio::test]
async fn dates_have_one_of_these_forms() {
    let rig = holding(&[report(1, "2026-05-01T10:20:30Z", "")]).await;
    for (start, status) in [
        ("2026-05-01", 200),
        ("2026-05-01T10:20:30", 200),
        ("2026-05-01T10:20:30.000Z", 200),
        ("2026-05-01T12:20:30%2B02:00", 200),
        ("2026-05-01T12:20:30+02:00", 200),
        ("2026-05-01%2010:20:30", 200),
        ("2026-05-01+10:20:30", 200),
        ("2026-05-01%2B02:00", 422),
        ("2026-05-01+02:00", 422),
        ("1777630830", 422),
    ] {
        let path = format!("analytics/reports_per_user?channel_id=1&start_date={start}&end_date=2026-05-02");
        let reply = rig.get(&path).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
        assert!(status == 422 || reply.json()[0]["report_count"] == 1, "{path}: {}", reply.text);
    }
}

#[tokio::test]
async fn weeks_start_on_monday_and_the_first_may_begin_before_the_range() {
    let rig = holding(&[report(1, "2016-02-21T23:59:59Z", ""), report(2, "2016-02-22T00:00:00Z", "")]).await;
    let path = "analytics/reports_over_time?channel_id=1&start_date=2016-02-20&end_date=2016-06-01";
    assert_eq!(
        pairs(&counts(&rig, path, "datetime_range_start").await),
        [("\"2016-02-15T00:00:00.000Z\"", 1), ("\"2016-02-22T00:00:00.000Z\"", 1)]
    );
}

#[tokio::test]
async fn hours_days_and_buckets_are_of_the_zone_of_the_account() {
    let zones = [("first".to_owned(), "Pacific/Auckland".to_owned())].into();
    let config = Config { reports: ReportsConfig { zones, ..ReportsConfig::default() }, ..Config::default() };
    let rig = Rig::with_config(config);
    rig.send("reports", &report(1, "2016-07-02T12:30:00Z", "")).await;
    // A Saturday in UTC, the first hour of Sunday there.
    let path = |name: &str| format!("analytics/{name}?channel_id=1&{DATES}");
    assert_eq!(pairs(&counts(&rig, &path("reports_per_day_hour"), "hour").await), [("0", 1)]);
    assert_eq!(pairs(&counts(&rig, &path("reports_per_week_day"), "dow").await), [("0", 1)]);
    // The Monday of that week begins there at noon of the Sunday before it in UTC, and is shown in UTC.
    let over_time = counts(&rig, &path("reports_over_time"), "datetime_range_start").await;
    assert_eq!(pairs(&over_time), [("\"2016-06-26T12:00:00.000Z\"", 1)]);
    // Times without an offset are of it too.
    let path = "analytics/reports_per_user?channel_id=1&start_date=2016-07-03&end_date=2016-07-03T00:30";
    assert_eq!(pairs(&counts(&rig, path, "user_id").await), [("null", 1)]);
}

#[tokio::test]
async fn hours_and_days_of_the_week_are_those_of_postgresql_in_utc() {
    let times =
        ["2016-07-03T00:00:00Z", "2016-07-09T23:59:59Z", "2016-07-04T05:00:00Z", "2016-07-10T05:59:59Z"];
    let reports: Vec<_> = times.iter().zip(1..).map(|(at, id)| report(id, at, "")).collect();
    let rig = holding(&reports).await;
    let path = |name: &str| format!("analytics/{name}?channel_id=1&{DATES}");
    assert_eq!(
        pairs(&counts(&rig, &path("reports_per_day_hour"), "hour").await),
        [("0", 1), ("5", 2), ("23", 1)]
    );
    assert_eq!(
        pairs(&counts(&rig, &path("reports_per_week_day"), "dow").await),
        [("0", 2), ("1", 1), ("6", 1)]
    );
}

#[tokio::test]
async fn what_has_no_reports_is_left_out() {
    let rig = holding(&[report(1, "2016-02-01T00:00:00Z", ""), report(2, "2016-10-01T00:00:00Z", "")]).await;
    rig.send("report_states", r#"{"id":1,"channel_id":1,"name":"Unused"}"#).await;
    for (name, items) in [
        ("reports_over_time", 2),
        ("reports_per_day_hour", 1),
        ("reports_per_week_day", 2),
        ("reports_per_state", 1),
    ] {
        let text = rig.analytics(name, "").await;
        let body: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(body.as_array().unwrap().len(), items, "{name}: {text}");
    }
}

#[tokio::test]
async fn counts_are_sorted_by_count_then_id_and_times_ascend() {
    let users = [9, 2, 9, 30, 2, 1];
    let report = |(user, id): (&u32, u32)| {
        report(id, &format!("2016-0{}-01T0{}:00:00Z", 8 - id, 8 - id), &format!(r#","user_id":{user}"#))
    };
    let rig = holding(&users.iter().zip(1..).map(report).collect::<Vec<_>>()).await;
    let path = |name: &str| format!("analytics/{name}?channel_id=1&{DATES}");
    assert_eq!(
        pairs(&counts(&rig, &path("reports_per_user"), "user_id").await),
        [("2", 2), ("9", 2), ("1", 1), ("30", 1)]
    );
    let hours = counts(&rig, &path("reports_per_day_hour"), "hour").await;
    assert_eq!(pairs(&hours), [("2", 1), ("3", 1), ("4", 1), ("5", 1), ("6", 1), ("7", 1)]);
    assert!(counts(&rig, &path("reports_over_time"), "datetime_range_start").await.is_sorted());
}

#[tokio::test]
async fn the_current_state_counts_and_unknown_ones_have_no_name() {
    let rig = holding(&[
        report(1, "2016-02-01T00:00:00Z", r#","state_id":1"#),
        report(2, "2016-02-01T00:00:00Z", r#","state_id":1"#),
        report(3, "2016-02-01T00:00:00Z", ""),
    ])
    .await;
    // Long after the range, a report comes into another state.
    rig.send(
        "reports",
        &report(2, "2016-02-01T00:00:00Z", r#","state_id":7,"updated_at":"2026-12-01T00:00:01Z""#),
    )
    .await;
    rig.send("report_states", r#"{"id":1,"name":"Open"}"#).await;
    assert_eq!(
        rig.analytics("reports_per_state", "").await,
        concat!(
            r#"[{"id":1,"name":"Open","account_id":1,"report_count":1},"#,
            r#"{"id":7,"name":null,"account_id":1,"report_count":1},"#,
            r#"{"id":null,"name":null,"account_id":1,"report_count":1}]"#
        )
    );
}

#[tokio::test]
async fn anonymous_reports_are_a_row_of_their_own() {
    let rig = holding(&[
        report(1, "2016-02-01T00:00:00Z", ""),
        report(2, "2016-02-01T00:00:00Z", r#","user_id":3"#),
    ])
    .await;
    let path = format!("analytics/reports_per_user?channel_id=1&{DATES}");
    assert_eq!(pairs(&counts(&rig, &path, "user_id").await), [("3", 1), ("null", 1)]);
}

#[tokio::test]
async fn every_option_of_a_multi_select_counts_once() {
    let chosen = r#","form_fields":[{"field_id":2,"value":["b","a","b"]},{"field_id":3,"value":"c"}]"#;
    let rig = holding(&[
        report(1, "2016-02-01T00:00:00Z", chosen),
        report(2, "2016-02-01T00:00:00Z", r#","form_fields":[{"field_id":2,"value":"b"}]"#),
    ])
    .await;
    let path = format!("analytics/reports_per_field_selection?field_id=2&channel_id=1&{DATES}");
    assert_eq!(pairs(&counts(&rig, &path, "value").await), [("\"b\"", 2), ("\"a\"", 1)]);
}

#[tokio::test]
async fn a_category_has_its_label_as_name() {
    let rig =
        holding(&[report(1, "2016-02-01T00:00:00Z", r#","form_fields":[{"field_id":2,"value":"17"}]"#)])
            .await;
    rig.send("forms", r#"{"id":1,"fields":[{"id":2,"field_type":"Category","data":{"options":[{"label":"Hazard","value":17}]}}]}"#).await;
    let text = rig.analytics("reports_per_field_selection", "&field_id=2").await;
    assert_eq!(text, r#"[{"field_id":2,"account_id":1,"name":"Hazard","value":"17","report_count":1}]"#);
}

#[tokio::test]
async fn fields_of_other_types_are_422_and_unknown_ones_404() {
    let rig = answers::rig().await;
    let get = async |field: &str| {
        rig.get(&format!("analytics/reports_per_field_selection?field_id={field}&channel_id=1&{DATES}")).await
    };
    let wrong = get("6").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.json()["errors"]["field_id"][0].is_string(), "{}", wrong.text);
    let unknown = get("77").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.json()["errors"]["field_id"][0].is_string(), "{}", unknown.text);
    assert_eq!(get("x").await.status, 422);
}

#[tokio::test]
async fn a_field_of_another_channel_is_an_empty_answer() {
    let rig = answers::rig().await;
    let path = format!("analytics/reports_per_field_selection?field_id=2&channel_id=9&{DATES}");
    let reply = rig.get(&path).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, "[]"));
}

#[tokio::test]
async fn a_selection_without_its_form_is_called_by_its_value() {
    let rig =
        holding(&[report(1, "2016-02-01T00:00:00Z", r#","form_fields":[{"field_id":2,"value":"f_1"}]"#)])
            .await;
    let text = async || rig.analytics("reports_per_field_selection", "&field_id=2").await;
    assert_eq!(
        text().await,
        r#"[{"field_id":2,"account_id":1,"name":"f_1","value":"f_1","report_count":1}]"#
    );
    rig.send("forms", r#"{"id":1,"fields":[{"id":2,"field_type":"Radio","data":"{\"options\":[{\"label\":\"Yes\",\"value\":\"f_1\"}]}"}]}"#).await;
    assert!(text().await.contains(r#""name":"Yes""#));
}

#[tokio::test]
async fn reads_are_events_pairs_people_and_reports() {
    let rig = answers::rig().await;
    let text = rig.analytics("reports_read", "&fields=unique_reads,reports_seen").await;
    assert_eq!(text, r#"{"reports_seen":2,"unique_reads":3}"#);
}

#[tokio::test]
async fn unique_reads_and_reports_seen_can_be_swapped() {
    let reports = ReportsConfig { reads_seen_swapped: true, ..ReportsConfig::default() };
    let rig = Rig::with_config(Config { reports, ..Config::default() });
    let read = |id: u32, report: u32, user: u32| {
        format!(
            r#"{{"read_id":{id},"report_id":{report},"channel_id":1,"user_id":{user},"read_at":"2016-02-01T00:00:00Z"}}"#
        )
    };
    rig.send("report_reads", &[read(1, 1, 1), read(2, 1, 2), read(3, 2, 1)].join("\n")).await;
    let text = rig.analytics("reports_read", "&fields=unique_reads,reports_seen").await;
    assert_eq!(text, r#"{"reports_seen":3,"unique_reads":2}"#);
}

#[tokio::test]
async fn only_what_is_asked_for_is_answered_and_unknown_fields_are_ignored() {
    let rig = answers::rig().await;
    assert_eq!(rig.analytics("reports_read", "&fields=nope,reports_seen").await, r#"{"reports_seen":2}"#);
    assert_eq!(rig.analytics("reports_read", "&fields=nope").await, r#"{"total_reads":4}"#);
    let awareness = rig.analytics("user_awareness", "&fields=alerts_opened").await;
    assert!(!awareness.contains("total_alerts") && awareness.contains(r#""user_id":3"#), "{awareness}");
}

#[tokio::test]
async fn users_alerted_is_one_per_row() {
    let text = answers::rig().await.analytics("user_awareness", "&fields=users_alerted").await;
    assert_eq!(text.matches(r#""users_alerted":1"#).count(), 2, "{text}");
}

#[tokio::test]
async fn users_who_were_deleted_keep_their_counts() {
    let rig = answers::rig().await;
    rig.send("users", r#"{"user_id":3,"deleted":true,"updated_at":"2026-12-01T00:00:01Z"}"#).await;
    let text = rig.analytics("user_awareness", "").await;
    assert!(text.contains(r#"{"total_alerts":3,"user_id":3,"first_name":null,"last_name":null}"#), "{text}");
    assert_eq!(rig.analytics("reports_read", "&fields=report_readers").await, r#"{"report_readers":2}"#);
    assert!(rig.analytics("reports_per_user", "").await.contains(r#""user_id":3"#));
}

#[tokio::test]
async fn reads_and_alerts_of_a_deleted_report_still_count() {
    let rig = answers::rig().await;
    rig.send("reports", r#"{"report_id":2,"deleted":true,"updated_at":"2026-12-01T00:00:01Z"}"#).await;
    assert_eq!(rig.analytics("reports_read", "").await, r#"{"total_reads":4}"#);
    assert!(rig.analytics("user_awareness", "").await.contains(r#""total_alerts":3"#));
    assert_eq!(rig.analytics("reports_images", "").await, "[]");
    assert_eq!(
        rig.analytics("reports_per_user", "").await,
        r#"[{"user_id":3,"account_id":1,"report_count":1}]"#
    );
}

#[tokio::test]
async fn a_channel_exists_by_its_document_or_any_row() {
    let rig = Rig::holding(&[
        ("channels", r#"{"channel_id":1,"name":"A channel"}"#),
        (
            "report_reads",
            r#"{"read_id":1,"report_id":1,"channel_id":2,"user_id":1,"read_at":"2020-02-01T00:00:00Z"}"#,
        ),
        (
            "report_alerts",
            r#"{"alert_id":1,"report_id":1,"channel_id":3,"user_id":1,"alerted_at":"2020-02-01T00:00:00Z"}"#,
        ),
    ])
    .await;
    for (channel, status) in [(1, 200), (2, 200), (3, 200), (4, 404)] {
        for name in ["reports_over_time", "reports_images", "user_awareness", "reports_read"] {
            let reply = rig.get(&format!("analytics/{name}?channel_id={channel}&{DATES}")).await;
            assert_eq!(reply.status, status, "{name} of {channel}: {}", reply.text);
        }
    }
    rig.send("channels", r#"{"channel_id":1,"deleted":true,"updated_at":"2026-12-01T00:00:01Z"}"#).await;
    assert_eq!(rig.get(&format!("analytics/reports_over_time?channel_id=1&{DATES}")).await.status, 404);
}

#[tokio::test]
async fn the_channel_in_the_path_and_in_the_query_have_to_agree() {
    let rig = answers::rig().await;
    assert_eq!(rig.get(&format!("analytics/1/reports_over_time?channel_id=1&{DATES}")).await.status, 200);
    assert_eq!(rig.get(&format!("analytics/1/reports_over_time?channel_id=9&{DATES}")).await.status, 422);
}

#[tokio::test]
async fn lists_are_complete_unless_a_range_is_asked_for() {
    let reports: Vec<_> =
        (1..=233).map(|id| report(id, "2016-02-01T00:00:00Z", &format!(r#","user_id":{id}"#))).collect();
    let rig = holding(&reports).await;
    let path = format!("analytics/reports_per_user?channel_id=1&{DATES}");
    let all = rig.get(&path).await;
    assert_eq!((all.json().as_array().unwrap().len(), all.header("content-range")), (233, None));
    for (range, items, content_range) in [
        ("objects=0-99", 100, "reports_per_user 0-99/233"),
        ("objects=200-299", 33, "reports_per_user 200-232/233"),
        ("objects=500-599", 0, "reports_per_user */233"),
        ("objects=0-500", 100, "reports_per_user 0-99/233"),
    ] {
        let some = rig.get_range(&path, range).await;
        assert_eq!((some.status, some.header("content-range")), (206, Some(content_range)));
        assert_eq!(some.json().as_array().unwrap().len(), items, "{range}");
    }
}

#[tokio::test]
async fn reports_made_is_not_there() {
    let reply = answers::rig()
        .await
        .get(&format!("analytics/reports_made?channel_id=1&{DATES}&fields=total_reads"))
        .await;
    assert_eq!(reply.status, 404);
    assert!(reply.json()["errors"]["base"].is_array(), "{}", reply.text);
}
