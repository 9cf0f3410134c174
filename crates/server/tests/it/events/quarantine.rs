//! What was refused is kept, shown, mended and sent again.

use axum::http::StatusCode;
use serde_json::json;
use tallyhouse_server::catalog::Scope;

use super::rig::{EVENTS, Rig, record};

const QUARANTINE: &str = "/v0/quarantine";
const RESEND: &str = "/v0/quarantine/resend";

/// A rig with these lines in quarantine, and their ids.
async fn refused(lines: &[String]) -> (Rig, Vec<i64>) {
    let rig = Rig::new();
    let sent = rig.send(EVENTS, lines.join("\n")).await;
    assert_eq!(sent.counts(), (0, lines.len() as u64));
    let listed = rig.manage("GET", QUARANTINE, "").await.lines();
    let ids = listed.iter().map(|line| line["id"].as_i64().unwrap()).collect();
    (rig, ids)
}

fn without_offset(number: u32) -> String {
    record(number).replace("10:00:00Z", "10:00:00")
}

#[tokio::test]
async fn a_refused_row_is_shown_with_its_reason_and_without_its_address() {
    let (rig, ids) = refused(&[without_offset(1).replace('{', r#"{"ip":"203.0.113.7","#)]).await;
    let listed = rig.manage("GET", QUARANTINE, "").await;
    assert_eq!(
        listed.lines(),
        [json!({
            "id": ids[0],
            "name": "view_segments",
            "received_at": "2026-12-01T00:00:00Z",
            "reason": "started_at: has no UTC offset; write Z or an offset such as +01:00",
            "line": without_offset(1),
        })]
    );
    let as_json = rig.manage("GET", "/v0/quarantine?format=json&name=view_segments", "").await.json();
    assert_eq!(as_json["data"], json!(listed.lines()));
}

#[tokio::test]
async fn pages_follow_the_last_id() {
    let lines: Vec<String> = (0..5).map(without_offset).collect();
    let (rig, ids) = refused(&lines).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let after = seen.last().copied().unwrap_or(0);
        let page = rig.manage("GET", &format!("{QUARANTINE}?limit=2&after={after}"), "").await.lines();
        seen.extend(page.iter().map(|line| line["id"].as_i64().unwrap()));
    }
    assert_eq!(seen, ids);
    for wrong in ["limit=0", "limit=1001", "limit=x", "after=-1"] {
        let reply = rig.manage("GET", &format!("{QUARANTINE}?{wrong}"), "").await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn a_mended_line_becomes_a_row_and_leaves() {
    let (rig, ids) = refused(&[without_offset(1), without_offset(2), without_offset(3)]).await;
    let still_wrong = record(2).replace("live", "dead");
    let body = format!(
        "{}\n{}\n{}\n{}\n",
        json!({ "id": ids[0], "line": record(1), "reason": "ignored" }),
        json!({ "id": ids[1], "line": still_wrong }),
        json!({ "id": ids[2] }),
        json!({ "id": 999_999 }),
    );
    let reply = rig.manage("POST", RESEND, body).await;
    assert_eq!(reply.counts(), (1, 2));
    assert_eq!(reply.json()["unknown_ids"], json!([999_999]));

    let left = rig.manage("GET", QUARANTINE, "").await.lines();
    assert_eq!(left.len(), 2);
    assert_eq!((left[0]["id"].as_i64(), &left[0]["line"]), (Some(ids[2]), &json!(without_offset(3))));
    assert_eq!(left[1]["reason"], "content_type: is not one of: live, recorded");
    assert_eq!(left[1]["line"], still_wrong);
    assert_eq!(rig.manage("GET", "/v0/export?name=view_segments", "").await.lines().len(), 1);
}

#[tokio::test]
async fn requests_to_resend_that_are_none_change_nothing() {
    let (rig, ids) = refused(&[without_offset(1)]).await;
    let twice = format!("{{\"id\":{0}}}\n{{\"id\":{0}}}", ids[0]);
    for body in ["", "\n", "rubbish", "{}", "{\"id\":\"1\"}", &twice] {
        assert_eq!(
            rig.manage("POST", RESEND, body.to_owned()).await.status,
            StatusCode::BAD_REQUEST,
            "{body}"
        );
    }
    assert_eq!(rig.manage("GET", QUARANTINE, "").await.lines().len(), 1);
}

#[tokio::test]
async fn lines_are_removed_by_their_ids() {
    let (rig, ids) = refused(&[without_offset(1), without_offset(2)]).await;
    let removed = rig.manage("DELETE", &format!("{QUARANTINE}?ids={},999999", ids[0]), "").await;
    assert_eq!(removed.json(), json!({ "removed_rows": 1 }));
    assert_eq!(rig.manage("GET", QUARANTINE, "").await.lines().len(), 1);
    for wrong in ["", "?ids=", "?ids=1,x"] {
        let reply = rig.manage("DELETE", &format!("{QUARANTINE}{wrong}"), "").await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn an_account_sees_and_touches_only_its_own() {
    let (rig, ids) = refused(&[without_offset(1)]).await;
    let stranger = format!("Bearer {}", rig.stranger(Scope::Admin));
    let headers = [("authorization", stranger.as_str())];
    let listed = rig.request("GET", QUARANTINE, &headers, "").await;
    assert_eq!((listed.status, listed.text.as_str()), (StatusCode::OK, ""));
    let removed = rig.request("DELETE", &format!("{QUARANTINE}?ids={}", ids[0]), &headers, "").await;
    assert_eq!(removed.json()["removed_rows"], 0);
    let resent =
        rig.request("POST", RESEND, &headers, json!({ "id": ids[0], "line": record(1) }).to_string()).await;
    assert_eq!(resent.json()["unknown_ids"], json!([ids[0]]));
    assert_eq!(rig.manage("GET", QUARANTINE, "").await.lines().len(), 1);
}

#[tokio::test]
async fn looking_after_the_quarantine_needs_the_scope_admin() {
    let rig = Rig::new();
    let append = format!("Bearer {}", rig.append);
    let headers = [("authorization", append.as_str())];
    for (method, uri) in [
        ("GET", QUARANTINE),
        ("DELETE", QUARANTINE),
        ("POST", RESEND),
        ("GET", "/v0/export?name=view_segments"),
    ] {
        let refused = rig.request(method, uri, &headers, "").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {uri}");
    }
}
