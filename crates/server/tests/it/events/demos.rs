//! The demo records come in, replace each other, are deleted, refused and exported like any others.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tallyhouse_server::catalog::Scope;

use super::rig::Rig;

const NAMES: [&str; 3] = ["demo_sessions", "demo_activity", "demo_changes"];

fn events(name: &str) -> String {
    format!("/v0/events?name={name}&wait=true")
}

fn export(name: &str) -> String {
    format!("/v0/export?name={name}&deletions=true")
}

/// A valid record; the number names it. Two fields hold the words that differ from version to version.
fn record(name: &str, number: u32, word: &str) -> Value {
    match name {
        "demo_sessions" => json!({
            "session_id": format!("session-{number}"), "session_date": format!("2026-11-0{number} 10:00:00.123456"),
            "demo_title": word,
        }),
        "demo_activity" => json!({
            "activity_id": format!("00000000-0000-4000-8000-{number:012}"), "activity_type": "click",
            "create_at": format!("2026-11-0{number}T10:00:00Z"), "session_id": 7, "session_created_at": "2026-11-01",
            "guide_text": word, "link_is_active": true, "link_deleted_at": null,
        }),
        "demo_changes" => json!({
            "entity_type": "link", "entity_id": number, "changed_at": "2026-11-01", "change_type": "created",
            "published_replay_id": word,
        }),
        other => panic!("{other}"),
    }
}

/// The members that name a record.
fn naming(name: &str, number: u32) -> Value {
    let fields: &[&str] = match name {
        "demo_sessions" => &["session_id"],
        "demo_activity" => &["activity_id"],
        _ => &["entity_type", "entity_id", "changed_at", "change_type"],
    };
    let record = record(name, number, "");
    fields
        .iter()
        .map(|field| ((*field).to_owned(), record[*field].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn word(name: &str, line: &Value) -> Value {
    line[match name {
        "demo_sessions" => "demo_title",
        "demo_activity" => "guide_text",
        _ => "published_replay_id",
    }]
    .clone()
}

#[tokio::test]
async fn demo_records_are_replaced_and_deleted_like_segments() {
    for name in NAMES {
        let rig = Rig::new();
        let mut old = record(name, 3, "old");
        old["updated_at"] = json!("2026-11-01 00:00:00");
        let mut gone = naming(name, 2);
        gone["deleted"] = json!(true);
        let records =
            [record(name, 1, "first"), record(name, 2, "second"), record(name, 3, "third"), gone, old];
        for record in records {
            assert_eq!(rig.send(&events(name), record.to_string()).await.counts(), (1, 0), "{name}");
        }
        assert_eq!(rig.send(&events(name), record(name, 1, "again").to_string()).await.counts(), (1, 0));
        let rows = rig.manage("GET", &format!("/v0/export?name={name}"), "").await.lines();
        let mut words: Vec<Value> = rows.iter().map(|line| word(name, line)).collect();
        words.sort_by_key(|word| word.to_string());
        assert_eq!(words, [json!("again"), json!("third")], "{name}");
    }
}

#[tokio::test]
async fn an_export_of_demo_records_can_be_sent_again_with_its_deletions() {
    for name in NAMES {
        let rig = Rig::new();
        let mut gone = naming(name, 3);
        gone["deleted"] = json!(true);
        let body = format!("{}\n{}\n{gone}\n", record(name, 1, "é\"\n"), record(name, 2, ""));
        assert_eq!(rig.send(&events(name), body).await.counts(), (3, 0), "{name}");
        let exported = rig.manage("GET", &export(name), "").await;
        assert_eq!(exported.lines().len(), 3, "{name}");
        let deletion = &exported.lines()[2];
        assert_eq!(deletion["deleted"], true);
        for (field, _) in naming(name, 3).as_object().unwrap() {
            assert!(!deletion[field].is_null(), "{field} of {deletion}");
        }

        let other = Rig::new();
        assert_eq!(other.send(&events(name), exported.text.clone()).await.counts(), (3, 0), "{name}");
        assert_eq!(other.manage("GET", &export(name), "").await.text, exported.text, "{name}");
        let late = rig.send(&events(name), exported.lines()[0].to_string()).await;
        assert_eq!(late.counts(), (1, 0));
        assert_eq!(rig.manage("GET", &export(name), "").await.text, exported.text, "{name}");
    }
}

#[tokio::test]
async fn an_export_keeps_every_digit_of_a_demo_record() {
    let rig = Rig::new();
    assert_eq!(
        rig.send(&events("demo_sessions"), record("demo_sessions", 1, "x").to_string()).await.counts(),
        (1, 0)
    );
    assert_eq!(
        rig.manage("GET", &export("demo_sessions"), "").await.lines(),
        [json!({
            "session_id": "session-1", "session_date": "2026-11-01T10:00:00.123456Z", "shard_name": "app",
            "demo_title": "x", "demo_published_date": "1970-01-01T00:00:00Z", "viewer": "", "visitor_key": "",
            "published_replay_id": "", "updated_at": "2026-12-01T00:00:00Z",
        })]
    );
}

#[tokio::test]
async fn a_refused_demo_record_waits_under_its_own_name_until_it_is_mended() {
    for (name, field, reason) in [
        ("demo_sessions", "session_date", "session_date: is not an ISO 8601 date and time"),
        ("demo_activity", "session_created_at", "session_created_at: is not an ISO 8601 date and time"),
        ("demo_changes", "changed_at", "changed_at: is not an ISO 8601 date and time"),
    ] {
        let rig = Rig::new();
        let mut bad = record(name, 1, "mended");
        bad[field] = json!("never");
        assert_eq!(rig.send(&events(name), bad.to_string()).await.counts(), (0, 1));
        let listed = rig.manage("GET", &format!("/v0/quarantine?name={name}"), "").await.lines();
        assert_eq!((&listed[0]["name"], &listed[0]["reason"]), (&json!(name), &json!(reason)));
        assert_eq!(rig.manage("GET", "/v0/quarantine?name=view_segments", "").await.lines().len(), 0);
        let mended = json!({ "id": listed[0]["id"], "line": record(name, 1, "mended").to_string() });
        assert_eq!(rig.manage("POST", "/v0/quarantine/resend", mended.to_string()).await.counts(), (1, 0));
        let rows = rig.manage("GET", &export(name), "").await.lines();
        assert_eq!((rows.len(), word(name, &rows[0])), (1, json!("mended")));
    }
}

#[tokio::test]
async fn lines_of_several_record_types_are_sent_again_together() {
    let rig = Rig::new();
    let mut requests = String::new();
    for name in NAMES {
        assert_eq!(rig.send(&events(name), "{}").await.counts(), (0, 1));
    }
    for line in rig.manage("GET", "/v0/quarantine", "").await.lines() {
        let record = record(line["name"].as_str().unwrap(), 1, "mended").to_string();
        requests.push_str(&format!("{}\n", json!({ "id": line["id"], "line": record })));
    }
    assert_eq!(rig.manage("POST", "/v0/quarantine/resend", requests).await.counts(), (3, 0));
    assert_eq!(rig.manage("GET", "/v0/quarantine", "").await.lines().len(), 0);
    for name in NAMES {
        assert_eq!(rig.manage("GET", &export(name), "").await.lines().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn demo_records_of_another_account_are_not_seen() {
    for name in NAMES {
        let rig = Rig::new();
        assert_eq!(rig.send(&events(name), record(name, 1, "mine").to_string()).await.counts(), (1, 0));
        let [append, admin] =
            [Scope::Append, Scope::Admin].map(|scope| format!("Bearer {}", rig.stranger(scope)));
        let theirs = rig
            .request(
                "POST",
                &events(name),
                &[("authorization", &append)],
                record(name, 1, "theirs").to_string(),
            )
            .await;
        assert_eq!(theirs.counts(), (1, 0));
        let seen = rig.request("GET", &export(name), &[("authorization", &admin)], "").await.lines();
        assert_eq!((seen.len(), word(name, &seen[0])), (1, json!("theirs")));
        let mine = rig.manage("GET", &export(name), "").await.lines();
        assert_eq!((mine.len(), word(name, &mine[0])), (1, json!("mine")));
    }
}

#[tokio::test]
async fn derived_tables_and_those_of_deletions_are_no_record_types() {
    let rig = Rig::new();
    for name in ["plays", "view_segment_deletions", "demo_session_deletions", "demo_sessions_quarantine"] {
        let refused = rig.send(&events(name), record("demo_sessions", 1, "x").to_string()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}");
    }
}
