//! What is exported can be imported again, as the same rows.

use axum::http::StatusCode;

use super::rig::{EVENTS, Rig, record};

const EXPORT: &str = "/v0/export?name=view_segments";

#[tokio::test]
async fn an_export_sent_to_an_empty_store_gives_the_same_export() {
    let rig = Rig::new();
    let finished =
        record(1).replace('{', r#"{"finished_at":"2026-11-30T10:05:00.000001+01:00","started_at":0,"#);
    let finished = finished.replace("10:00:00Z", "09:00:00+01:00");
    let deletion = r#"{"view_id":"00000000-0000-4000-8000-000000000003","deleted":true}"#;
    let body = format!("{finished}\n{}\n{}\n{deletion}\n", record(2), record(3));
    assert_eq!(rig.send(EVENTS, body).await.counts(), (4, 0));
    assert_eq!(rig.manage("GET", EXPORT, "").await.lines().len(), 2);

    let exported = rig.manage("GET", &format!("{EXPORT}&deletions=true"), "").await;
    assert_eq!(exported.lines().len(), 3);
    assert_eq!(exported.lines()[0]["finished_at"], "2026-11-30T09:05:00.000001Z");
    assert_eq!(exported.lines()[0]["updated_at"], "2026-12-01T00:00:00Z");
    assert_eq!(exported.lines()[2]["deleted"], true);

    let other = Rig::new();
    assert_eq!(other.send(EVENTS, exported.text.clone()).await.counts(), (3, 0));
    assert_eq!(other.manage("GET", &format!("{EXPORT}&deletions=true"), "").await.text, exported.text);
}

#[tokio::test]
async fn an_empty_account_exports_nothing() {
    let rig = Rig::new();
    let exported = rig.manage("GET", EXPORT, "").await;
    assert_eq!((exported.status, exported.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(rig.manage("GET", "/v0/export", "").await.status, StatusCode::BAD_REQUEST);
}
