//! Documents come in, replace each other, are deleted, refused and exported like rows, though they are kept elsewhere.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tallyhouse_server::catalog::Scope;

use super::rig::Rig;

/// The record types, and what their numbers are called.
const DOCUMENTS: [(&str, &str); 4] =
    [("channels", "channel_id"), ("report_states", "id"), ("users", "user_id"), ("forms", "id")];

fn events(name: &str) -> String {
    format!("/v0/events?name={name}&wait=true")
}

/// A record of any of them, as it is exported when it arrives now.
fn record(name: &str, id: u64, word: &str) -> Value {
    let updated_at = "2026-12-01T00:00:00Z";
    match name {
        "channels" => json!({ "channel_id": id, "name": word, "updated_at": updated_at }),
        "report_states" => json!({
            "id": id, "channel_id": 7, "name": word, "position": 0, "visibility": null, "team_id": null,
            "updated_at": updated_at,
        }),
        "users" => json!({
            "user_id": id, "first_name": word, "last_name": "", "email": "user-1@example.com",
            "updated_at": updated_at,
        }),
        _ => json!({
            "id": id, "uuid": null, "name": word, "team_id": 3, "version": 52, "updated_at": updated_at,
            "fields": [{ "id": 17, "field_type": "DropDown", "data": "{\"options\":[]}" }],
        }),
    }
}

fn at(mut record: Value, updated_at: &str) -> Value {
    record["updated_at"] = json!(updated_at);
    record
}

async fn export(rig: &Rig, name: &str, deletions: bool) -> Vec<Value> {
    rig.manage("GET", &format!("/v0/export?name={name}&deletions={deletions}"), "").await.lines()
}

#[tokio::test]
async fn documents_come_in_and_are_exported_in_the_order_of_their_numbers() {
    let rig = Rig::new();
    let last = i64::MAX.unsigned_abs();
    for (name, _) in DOCUMENTS {
        let all = [record(name, 0, "first"), record(name, 12, "second"), record(name, last, "é \"third\"\n")];
        for place in [2, 0, 1] {
            assert_eq!(rig.send(&events(name), all[place].to_string()).await.counts(), (1, 0), "{name}");
        }
        assert_eq!(export(&rig, name, false).await, all, "{name}");
    }
}

#[tokio::test]
async fn the_newest_version_of_a_document_lives_and_without_one_it_is_as_new_as_its_receipt() {
    let rig = Rig::new();
    for (name, key) in DOCUMENTS {
        let (old, new) = ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
        let versions =
            [at(record(name, 1, "new"), new), at(record(name, 1, "old"), old), record(name, 2, "x")];
        let lines: String = versions.iter().map(|record| format!("{record}\n")).collect();
        assert_eq!(rig.send(&events(name), lines).await.counts(), (3, 0), "{name}");
        assert_eq!(export(&rig, name, false).await, [at(record(name, 1, "new"), new), record(name, 2, "x")]);
        let mut unversioned = record(name, 1, "now");
        unversioned.as_object_mut().unwrap().remove("updated_at");
        rig.send(&events(name), unversioned.to_string()).await;
        assert_eq!(export(&rig, name, false).await[0], record(name, 1, "now"), "{name}");
        let gone = json!({ key: "1", "deleted": true, "updated_at": "2026-12-01T12:00:00Z" });
        assert_eq!(rig.send(&events(name), gone.to_string()).await.counts(), (1, 0));
        rig.send(&events(name), record(name, 1, "late").to_string()).await;
        assert_eq!(export(&rig, name, false).await, [record(name, 2, "x")]);
        let deletion = json!({ key: 1, "deleted": true, "updated_at": "2026-12-01T12:00:00Z" });
        assert_eq!(export(&rig, name, true).await, [deletion, record(name, 2, "x")], "{name}");
    }
}

#[tokio::test]
async fn documents_that_break_a_rule_are_refused_with_a_reason_that_names_the_field() {
    let rig = Rig::new();
    let cases = [
        ("channels", json!({ "name": "x" }), "channel_id: is required"),
        ("channels", json!({ "channel_id": -1 }), "channel_id: is not between 0 and 9223372036854775807"),
        ("users", json!({ "user_id": "a" }), "user_id: is neither an integer nor a string of digits"),
        ("users", json!({ "user_id": 1, "email": "x".repeat(1_025) }), "email: is longer than 1024 bytes"),
        ("report_states", json!({ "id": 1, "name": 5 }), "name: is not a string"),
        ("report_states", json!({ "id": 1, "position": 1.5 }), "position: is not an integer"),
        ("forms", json!({ "id": 1, "fields": "[]" }), "fields: is not a list"),
        ("forms", json!({ "id": 1, "fields": {} }), "fields: is not a list"),
        ("forms", json!({ "id": 1, "fields": vec![0; 10_001] }), "fields: has more than 10000 items"),
        (
            "forms",
            json!({ "id": 1, "updated_at": "2026-11-01T00:00:00" }),
            "updated_at: has no UTC offset; write Z or an offset such as +01:00",
        ),
        (
            "forms",
            json!({ "id": 1, "updated_at": "2026-12-02T00:00:01Z" }),
            "updated_at: is more than a day in the future",
        ),
    ];
    for (name, sent, _) in &cases {
        assert_eq!(rig.send(&events(name), sent.to_string()).await.counts(), (0, 1), "{sent}");
    }
    let listed = rig.manage("GET", "/v0/quarantine", "").await.lines();
    let told: Vec<_> = listed.iter().map(|line| (&line["name"], &line["reason"])).collect();
    let expected: Vec<_> = cases.iter().map(|(name, _, reason)| (json!(name), json!(reason))).collect();
    assert_eq!(told, expected.iter().map(|(name, reason)| (name, reason)).collect::<Vec<_>>());
    let of_forms = rig.manage("GET", "/v0/quarantine?name=forms", "").await.lines();
    assert_eq!(of_forms.len(), 5);
}

#[tokio::test]
async fn a_mended_document_is_taken_with_the_version_of_its_first_arrival() {
    let rig = Rig::new();
    let lines = "{\"user_id\":1,\"first_name\":5}\n{\"user_id\":2,\"first_name\":\"b\"}\n{\"user_id\":\"x\"}";
    assert_eq!(rig.send(&events("users"), lines).await.counts(), (1, 2));
    assert_eq!(export(&rig, "users", false).await.len(), 1);
    let listed = rig.manage("GET", "/v0/quarantine", "").await.lines();
    let body = format!(
        "{}\n{}",
        json!({ "id": listed[0]["id"], "line": "{\"user_id\":1,\"first_name\":\"a\"}" }),
        json!({ "id": listed[1]["id"], "line": "{\"user_id\":\"y\"}" }),
    );
    let resent = rig.manage("POST", "/v0/quarantine/resend", body).await;
    assert_eq!(resent.json(), json!({ "successful_rows": 1, "quarantined_rows": 1, "unknown_ids": [] }));
    let names: Vec<_> =
        export(&rig, "users", false).await.iter().map(|line| line["first_name"].clone()).collect();
    assert_eq!(names, ["a", "b"]);
    let left = rig.manage("GET", "/v0/quarantine", "").await.lines();
    assert_eq!(left.len(), 1);
    assert_eq!((&left[0]["name"], &left[0]["line"]), (&json!("users"), &json!("{\"user_id\":\"y\"}")));
}

/// What is only for a person to read in a form is kept for them, byte by byte.
#[tokio::test]
async fn the_fields_of_a_form_are_kept_as_they_were_sent_less_white_space() {
    let rig = Rig::new();
    let fields = r#"[ {"id": 13, "label" : "A  \"b\"", "data": "{ \"options\": [ ] }", "x": 1.50, "big": 12345678901234567890123}, null ]"#;
    let sent = format!(r#"{{"fields":{fields},"id":"4","unknown":{{}},"deleted":false}}"#);
    assert_eq!(rig.send(&events("forms"), sent).await.counts(), (1, 0));
    let line = rig.manage("GET", "/v0/export?name=forms", "").await.text;
    let kept = r#"[{"id":13,"label":"A  \"b\"","data":"{ \"options\": [ ] }","x":1.50,"big":12345678901234567890123},null]"#;
    let rest = r#""uuid":null,"name":null,"team_id":null,"version":null,"updated_at":"2026-12-01T00:00:00Z""#;
    assert_eq!(line, format!("{{\"id\":4,{rest},\"fields\":{kept}}}\n"));
    rig.send(&events("forms"), r#"{"id":5}"#).await;
    assert_eq!(export(&rig, "forms", false).await[1]["fields"], json!([]));
}

#[tokio::test]
async fn the_longest_form_that_is_taken_can_be_sent_again_as_it_is_exported() {
    let rig = Rig::new();
    let text = "\u{1}".repeat(1_024);
    // With its quotes and brackets, a list of exactly 1,000,000 bytes.
    let fields = json!(["x".repeat(1_000_000 - 4)]);
    let last = i64::MAX;
    let form = json!({
        "id": last, "uuid": text, "name": text, "team_id": last, "version": last, "fields": fields,
    });
    assert_eq!(rig.send(&events("forms"), form.to_string()).await.counts(), (1, 0));
    let longer = json!({ "id": 1, "fields": ["x".repeat(1_000_000 - 3)] });
    assert_eq!(rig.send(&events("forms"), longer.to_string()).await.counts(), (0, 1));
    let exported = rig.manage("GET", "/v0/export?name=forms", "").await.text;
    assert_eq!(rig.send(&events("forms"), exported.clone()).await.counts(), (1, 0));
    assert!(rig.manage("GET", "/v0/export?name=forms", "").await.text == exported);
}

#[tokio::test]
async fn exports_of_documents_go_on_from_page_to_page() {
    let rig = Rig::new();
    let lines: String =
        (0..25_000).map(|id| format!("{{\"channel_id\":{id},\"name\":\"n{id}\"}}\n")).collect();
    assert_eq!(rig.send(&events("channels"), lines).await.counts(), (25_000, 0));
    let ids: Vec<_> = export(&rig, "channels", false)
        .await
        .iter()
        .map(|line| line["channel_id"].as_u64().unwrap())
        .collect();
    assert!(ids == (0..25_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn documents_are_listed_as_data_sources_of_their_account() {
    let rig = Rig::new();
    for (name, _) in DOCUMENTS {
        rig.send(&events(name), record(name, 1, "a").to_string()).await;
        rig.send(&events(name), record(name, 2, "b").to_string()).await;
        let exported = rig.manage("GET", &format!("/v0/export?name={name}"), "").await.text;
        let path = format!("/v0/datasources/{name}");
        let source = rig.manage("GET", &path, "").await.json();
        // Without the line breaks of an export.
        assert_eq!(source["statistics"], json!({ "row_count": 2, "bytes": exported.len() - 2 }), "{name}");
        assert_eq!(source["columns"][0]["type"], "UInt64");
        let stranger = rig.stranger(Scope::Admin);
        let header = format!("Bearer {stranger}");
        let theirs = rig.request("GET", &path, &[("authorization", &header)], "").await.json();
        assert_eq!(theirs["statistics"], json!({ "row_count": 0, "bytes": 0 }));
        let uri = format!("/v0/export?name={name}");
        let theirs = rig.request("GET", &uri, &[("authorization", &header)], "").await;
        assert_eq!((theirs.status, theirs.text.as_str()), (StatusCode::OK, ""));
    }
}
