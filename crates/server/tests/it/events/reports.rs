//! The report records come in, replace each other, are deleted, refused and exported like any others.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tallyhouse_server::catalog::Scope;

use super::rig::Rig;

const NAMES: [&str; 3] = ["reports", "report_reads", "report_alerts"];

fn events(name: &str) -> String {
    format!("/v0/events?name={name}&wait=true")
}

fn export(name: &str) -> String {
    format!("/v0/export?name={name}&deletions=true")
}

/// The field that names a record.
fn key(name: &str) -> &'static str {
    match name {
        "reports" => "report_id",
        "report_reads" => "read_id",
        "report_alerts" => "alert_id",
        other => panic!("{other}"),
    }
}

/// A valid record; the number names it, the user is what differs from version to version.
fn record(name: &str, number: u32, user: u32) -> Value {
    let at = format!("2026-11-0{number}T10:00:00.123456Z");
    match name {
        "reports" => json!({
            "report_id": number, "channel_id": 1, "created_at": at, "user_id": user, "state_id": 4,
            "images": [{"report_image_id": number, "created_at": at, "styles": {"thumb": "https://images/t"}}],
            "form_fields": [{"field_id": 2, "value": ["f_2", "f_1"]}, {"field_id": 1, "value": "é\"\n"}],
        }),
        "report_reads" => json!({
            "read_id": number, "report_id": 7, "channel_id": "1", "user_id": user, "read_at": at,
        }),
        "report_alerts" => json!({
            "alert_id": number, "report_id": 7, "channel_id": 1, "user_id": user, "alerted_at": at, "opened_at": null,
        }),
        other => panic!("{other}"),
    }
}

fn deletion(name: &str, number: u32) -> Value {
    json!({ key(name): number.to_string(), "deleted": true })
}

/// Ids and users of the rows of an account, sorted by the ids.
async fn rows(rig: &Rig, name: &str) -> Vec<(u64, u64)> {
    let lines = rig.manage("GET", &format!("/v0/export?name={name}"), "").await.lines();
    let pair = |line: &Value| (line[key(name)].as_u64().unwrap(), line["user_id"].as_u64().unwrap());
    let mut rows: Vec<_> = lines.iter().map(pair).collect();
    rows.sort_unstable();
    rows
}

#[tokio::test]
async fn report_records_are_replaced_and_deleted_like_segments() {
    for name in NAMES {
        let rig = Rig::new();
        let mut old = record(name, 3, 9);
        old["updated_at"] = json!("2026-11-01T00:00:00Z");
        let records = [record(name, 1, 11), record(name, 2, 12), record(name, 3, 13), deletion(name, 2), old];
        for record in records {
            assert_eq!(rig.send(&events(name), record.to_string()).await.counts(), (1, 0), "{name}");
        }
        let mut again = record(name, 1, 14);
        again[key(name)] = json!("001");
        assert_eq!(rig.send(&events(name), again.to_string()).await.counts(), (1, 0), "{name}");
        assert_eq!(rows(&rig, name).await, [(1, 14), (3, 13)], "{name}");
    }
}

#[tokio::test]
async fn an_export_of_report_records_can_be_sent_again_with_its_deletions() {
    for name in NAMES {
        let rig = Rig::new();
        let body = format!("{}\n{}\n{}\n", record(name, 1, 3), record(name, 2, 3), deletion(name, 3));
        assert_eq!(rig.send(&events(name), body).await.counts(), (3, 0), "{name}");
        let exported = rig.manage("GET", &export(name), "").await;
        assert_eq!(exported.lines().len(), 3, "{name}");
        assert_eq!(
            exported.lines()[2],
            json!({ key(name): 3, "deleted": true, "updated_at": "2026-12-01T00:00:00Z" })
        );

        let other = Rig::new();
        assert_eq!(other.send(&events(name), exported.text.clone()).await.counts(), (3, 0), "{name}");
        assert_eq!(other.manage("GET", &export(name), "").await.text, exported.text, "{name}");
    }
}

#[tokio::test]
async fn an_export_keeps_every_digit_of_a_report() {
    let rig = Rig::new();
    assert_eq!(rig.send(&events("reports"), record("reports", 1, 3).to_string()).await.counts(), (1, 0));
    assert_eq!(
        rig.manage("GET", &export("reports"), "").await.lines(),
        [json!({
            "report_id": 1, "channel_id": 1, "created_at": "2026-11-01T10:00:00.123456Z", "user_id": 3, "state_id": 4,
            "images": [{
                "report_image_id": 1, "created_at": "2026-11-01T10:00:00.123456Z",
                "styles": {"thumb": "https://images/t", "medium": null},
            }],
            "form_fields": [{"field_id": 1, "value": "é\"\n"}, {"field_id": 2, "value": ["f_1", "f_2"]}],
            "updated_at": "2026-12-01T00:00:00Z",
        })]
    );
}

#[tokio::test]
async fn a_refused_report_record_waits_under_its_own_name_until_it_is_mended() {
    for (name, field, bad, reason) in [
        ("reports", "created_at", json!("never"), "created_at: is not an ISO 8601 date and time"),
        ("reports", "images", json!([{"report_image_id": 1}]), "images[0].created_at: is required"),
        ("reports", "form_fields", json!([{"value": "x"}]), "form_fields[0].field_id: is required"),
        ("report_reads", "user_id", json!(null), "user_id: is required"),
        (
            "report_alerts",
            "opened_at",
            json!("2026-11-01"),
            "opened_at: has no UTC offset; write Z or an offset such as +01:00",
        ),
    ] {
        let rig = Rig::new();
        let mut refused = record(name, 1, 3);
        refused[field] = bad;
        assert_eq!(rig.send(&events(name), refused.to_string()).await.counts(), (0, 1));
        let listed = rig.manage("GET", &format!("/v0/quarantine?name={name}"), "").await.lines();
        assert_eq!((&listed[0]["name"], &listed[0]["reason"]), (&json!(name), &json!(reason)));
        assert_eq!(rig.manage("GET", "/v0/quarantine?name=view_segments", "").await.lines().len(), 0);
        let unchanged = json!({ "id": listed[0]["id"] });
        assert_eq!(rig.manage("POST", "/v0/quarantine/resend", unchanged.to_string()).await.counts(), (0, 1));
        let mended = json!({ "id": listed[0]["id"], "line": record(name, 1, 3).to_string() });
        assert_eq!(rig.manage("POST", "/v0/quarantine/resend", mended.to_string()).await.counts(), (1, 0));
        assert_eq!(rows(&rig, name).await, [(1, 3)], "{name}");
    }
}

#[tokio::test]
async fn the_same_ids_in_another_account_are_other_records() {
    for name in NAMES {
        let rig = Rig::new();
        assert_eq!(rig.send(&events(name), record(name, 1, 3).to_string()).await.counts(), (1, 0));
        let [append, admin] =
            [Scope::Append, Scope::Admin].map(|scope| format!("Bearer {}", rig.stranger(scope)));
        let headers = [("authorization", append.as_str())];
        let body = format!("{}\n{}", record(name, 1, 5), deletion(name, 2));
        assert_eq!(rig.request("POST", &events(name), &headers, body).await.counts(), (2, 0));
        let mine = record(name, 2, 4).to_string();
        assert_eq!(rig.send(&events(name), mine).await.counts(), (1, 0));
        let seen = rig.request("GET", &export(name), &[("authorization", &admin)], "").await.lines();
        let user_and_deletion = (seen[0]["user_id"].as_u64(), seen[1]["deleted"].as_bool());
        assert_eq!((seen.len(), user_and_deletion), (2, (Some(5), Some(true))), "{name}");
        assert_eq!(rows(&rig, name).await, [(1, 3), (2, 4)], "{name}");
    }
}

#[tokio::test]
async fn what_reports_own_and_their_deletions_are_no_record_types() {
    let rig = Rig::new();
    for name in ["report_images", "report_selections", "report_deletions", "report_read_deletions"] {
        let refused = rig.send(&events(name), record("reports", 1, 3).to_string()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn report_records_are_data_sources_with_their_types() {
    let rig = Rig::new();
    assert_eq!(rig.send(&events("reports"), record("reports", 1, 3).to_string()).await.counts(), (1, 0));
    let source = rig.manage("GET", "/v0/datasources/reports", "").await.json();
    assert_eq!(source["statistics"]["row_count"], 1);
    let columns = source["columns"].as_array().unwrap().iter();
    let columns: Vec<_> =
        columns.map(|column| (column["name"].as_str().unwrap(), column["type"].as_str().unwrap())).collect();
    assert_eq!(
        columns,
        [
            ("report_id", "UInt64"),
            ("channel_id", "UInt64"),
            ("created_at", "DateTime64(6)"),
            ("user_id", "Nullable(UInt64)"),
            ("state_id", "Nullable(UInt64)"),
            ("images", "String"),
            ("form_fields", "String"),
            ("updated_at", "DateTime64(6)"),
        ]
    );
}
