//! The sharing records come in, replace each other, are deleted, refused, mended and exported like any others.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tallyhouse_server::catalog::Scope;

use super::rig::Rig;

const NAMES: [&str; 2] = ["reactions", "referrals"];

fn events(name: &str) -> String {
    format!("/v0/events?name={name}&wait=true")
}

fn export(name: &str) -> String {
    format!("/v0/export?name={name}&deletions=true")
}

/// What names the record of this number.
fn key(name: &str, number: u32) -> (&'static str, Value) {
    match name {
        "reactions" => ("reaction_id", json!(format!("r {number}"))),
        "referrals" => ("referral_id", json!(format!("00000000-0000-4000-8000-{number:012x}"))),
        other => panic!("{other}"),
    }
}

/// A valid record; the provider is what differs from version to version.
fn record(name: &str, number: u32, provider: &str) -> Value {
    let (key, id) = key(name, number);
    let at = format!("2026-11-0{number}T10:00:00.123456Z");
    match name {
        "reactions" => json!({
            key: id, "sharing_message_token": "m", "provider": provider, "kind": "comment", "occurred_at": at,
            "content": "é\"\n",
        }),
        _ => json!({
            key: id, "shorturl_token": "abcd1234", "occurred_at": at, "target": "https://example.com/",
            "provider": provider, "ip_address": "203.0.113.9",
        }),
    }
}

fn deletion(name: &str, number: u32) -> Value {
    let (key, id) = key(name, number);
    json!({ key: id, "deleted": true })
}

/// What names the rows of an account, and their providers, in the order of time.
async fn rows(rig: &Rig, name: &str) -> Vec<(Value, String)> {
    let lines = rig.manage("GET", &format!("/v0/export?name={name}"), "").await.lines();
    let key = key(name, 0).0;
    lines.iter().map(|line| (line[key].clone(), line["provider"].as_str().unwrap().to_owned())).collect()
}

/// The same as [`rows`] should answer.
fn expected(name: &str, rows: &[(u32, &str)]) -> Vec<(Value, String)> {
    rows.iter().map(|(number, provider)| (key(name, *number).1, (*provider).to_owned())).collect()
}

#[tokio::test]
async fn sharing_records_are_replaced_and_deleted_like_segments() {
    for name in NAMES {
        let rig = Rig::new();
        let mut old = record(name, 3, "late");
        old["updated_at"] = json!("2026-11-01T00:00:00Z");
        let records =
            [record(name, 1, "a"), record(name, 2, "b"), record(name, 3, "c"), deletion(name, 2), old];
        for record in records {
            assert_eq!(rig.send(&events(name), record.to_string()).await.counts(), (1, 0), "{name}");
        }
        assert_eq!(
            rig.send(&events(name), record(name, 1, "d").to_string()).await.counts(),
            (1, 0),
            "{name}"
        );
        assert_eq!(rows(&rig, name).await, expected(name, &[(1, "d"), (3, "c")]), "{name}");
    }
}

#[tokio::test]
async fn an_export_of_sharing_records_can_be_sent_again_with_its_deletions() {
    for name in NAMES {
        let rig = Rig::new();
        let body = format!("{}\n{}\n{}\n", record(name, 1, "a"), record(name, 2, "b"), deletion(name, 3));
        assert_eq!(rig.send(&events(name), body).await.counts(), (3, 0), "{name}");
        let exported = rig.manage("GET", &export(name), "").await;
        assert_eq!(exported.lines().len(), 3, "{name}");
        let mut gone = deletion(name, 3);
        gone["updated_at"] = json!("2026-12-01T00:00:00Z");
        assert_eq!(exported.lines()[2], gone);

        let other = Rig::new();
        assert_eq!(other.send(&events(name), exported.text.clone()).await.counts(), (3, 0), "{name}");
        assert_eq!(other.manage("GET", &export(name), "").await.text, exported.text, "{name}");
    }
}

#[tokio::test]
async fn an_export_keeps_every_field_of_a_sharing_record_and_null_for_what_there_is_not() {
    let rig = Rig::new();
    for name in NAMES {
        assert_eq!(rig.send(&events(name), record(name, 1, "a").to_string()).await.counts(), (1, 0));
    }
    assert_eq!(
        rig.manage("GET", &export("reactions"), "").await.lines(),
        [json!({
            "reaction_id": "r 1", "sharing_message_token": "m", "provider": "a", "kind": "comment",
            "occurred_at": "2026-11-01T10:00:00.123456Z", "target": null, "username": null, "profile_url": null,
            "content": "é\"\n", "num_followers": null, "date_member_since": null,
            "updated_at": "2026-12-01T00:00:00Z",
        })]
    );
    assert_eq!(
        rig.manage("GET", &export("referrals"), "").await.lines(),
        [json!({
            "referral_id": "00000000-0000-4000-8000-000000000001", "shorturl_token": "abcd1234",
            "occurred_at": "2026-11-01T10:00:00.123456Z", "target": "https://example.com/",
            "sharing_message_token": null, "provider": "a", "page": null, "ip_address": "203.0.113.9",
            "updated_at": "2026-12-01T00:00:00Z",
        })]
    );
}

#[tokio::test]
async fn content_of_16384_bytes_is_taken_and_one_byte_more_is_not() {
    let rig = Rig::new();
    let sent = |bytes: usize, escaped: &str| {
        let record = record("reactions", 1, "a");
        record.to_string().replace(r#""é\"\n""#, &format!("\"{}\"", escaped.repeat(bytes)))
    };
    for escaped in ["x", "\\u0078", "\\n"] {
        let body = sent(16_384, escaped);
        assert_eq!(rig.send(&events("reactions"), body).await.counts(), (1, 0), "{escaped}");
        let content = &rig.manage("GET", &export("reactions"), "").await.lines()[0]["content"];
        assert_eq!(content.as_str().unwrap().len(), 16_384, "{escaped}");
        let body = sent(16_385, escaped);
        assert_eq!(rig.send(&events("reactions"), body).await.counts(), (0, 1), "{escaped}");
    }
    for listed in rig.manage("GET", "/v0/quarantine?name=reactions", "").await.lines() {
        assert_eq!(listed["reason"], "content: is longer than 16384 bytes");
    }
}

#[tokio::test]
async fn texts_of_sharing_records_have_so_many_bytes_and_not_one_more() {
    for (name, field, bytes_max) in [
        ("reactions", "reaction_id", 256),
        ("reactions", "sharing_message_token", 256),
        ("reactions", "provider", 64),
        ("reactions", "target", 2_048),
        ("reactions", "username", 1_024),
        ("reactions", "profile_url", 2_048),
        ("referrals", "shorturl_token", 256),
        ("referrals", "target", 2_048),
        ("referrals", "sharing_message_token", 256),
        ("referrals", "provider", 64),
        ("referrals", "page", 2_048),
        ("referrals", "ip_address", 64),
    ] {
        let rig = Rig::new();
        let mut sent = record(name, 1, "a");
        sent[field] = json!("x".repeat(bytes_max));
        assert_eq!(rig.send(&events(name), sent.to_string()).await.counts(), (1, 0), "{name}.{field}");
        let exported = rig.manage("GET", &export(name), "").await.lines();
        assert_eq!(exported[0][field], sent[field], "{name}.{field}");
        sent[field] = json!("x".repeat(bytes_max + 1));
        assert_eq!(rig.send(&events(name), sent.to_string()).await.counts(), (0, 1), "{name}.{field}");
        let listed = rig.manage("GET", &format!("/v0/quarantine?name={name}"), "").await.lines();
        assert_eq!(listed[0]["reason"], format!("{field}: is longer than {bytes_max} bytes"));
    }
}

#[tokio::test]
async fn a_refused_sharing_record_waits_under_its_own_name_until_it_is_mended() {
    for (name, field, bad, reason) in [
        ("reactions", "kind", json!("share"), "kind: is not one of: referral, like, comment, retweet"),
        ("reactions", "provider", json!(""), "provider: is empty"),
        ("reactions", "num_followers", json!(-1), "num_followers: is not between 0 and 9223372036854775807"),
        (
            "reactions",
            "date_member_since",
            json!("2026-11-01"),
            "date_member_since: has no UTC offset; write Z or an offset such as +01:00",
        ),
        ("referrals", "target", json!(null), "target: is required"),
        ("referrals", "page", json!(7), "page: is not a string"),
    ] {
        let rig = Rig::new();
        let mut refused = record(name, 1, "a");
        refused[field] = bad;
        assert_eq!(rig.send(&events(name), refused.to_string()).await.counts(), (0, 1));
        let listed = rig.manage("GET", &format!("/v0/quarantine?name={name}"), "").await.lines();
        assert_eq!((&listed[0]["name"], &listed[0]["reason"]), (&json!(name), &json!(reason)));
        let line: Value = serde_json::from_str(listed[0]["line"].as_str().unwrap()).unwrap();
        assert_eq!(line, refused, "an address that would be kept is kept here as well");
        assert_eq!(rig.manage("GET", "/v0/quarantine?name=view_segments", "").await.lines().len(), 0);
        let unchanged = json!({ "id": listed[0]["id"] });
        assert_eq!(rig.manage("POST", "/v0/quarantine/resend", unchanged.to_string()).await.counts(), (0, 1));
        let mended = json!({ "id": listed[0]["id"], "line": record(name, 1, "a").to_string() });
        assert_eq!(rig.manage("POST", "/v0/quarantine/resend", mended.to_string()).await.counts(), (1, 0));
        assert_eq!(rows(&rig, name).await, expected(name, &[(1, "a")]), "{name}");
    }
}

#[tokio::test]
async fn the_same_reaction_in_another_account_is_another_one() {
    for name in NAMES {
        let rig = Rig::new();
        assert_eq!(rig.send(&events(name), record(name, 1, "a").to_string()).await.counts(), (1, 0));
        let [append, admin] =
            [Scope::Append, Scope::Admin].map(|scope| format!("Bearer {}", rig.stranger(scope)));
        let headers = [("authorization", append.as_str())];
        let body = format!("{}\n{}", record(name, 1, "x"), deletion(name, 2));
        assert_eq!(rig.request("POST", &events(name), &headers, body).await.counts(), (2, 0));
        assert_eq!(rig.send(&events(name), record(name, 2, "b").to_string()).await.counts(), (1, 0));
        let seen = rig.request("GET", &export(name), &[("authorization", &admin)], "").await.lines();
        let provider_and_deletion = (seen[0]["provider"].as_str(), seen[1]["deleted"].as_bool());
        assert_eq!((seen.len(), provider_and_deletion), (2, (Some("x"), Some(true))), "{name}");
        assert_eq!(rows(&rig, name).await, expected(name, &[(1, "a"), (2, "b")]), "{name}");
    }
}

#[tokio::test]
async fn deletions_of_sharing_records_are_no_record_types() {
    let rig = Rig::new();
    for name in ["reaction_deletions", "referral_deletions"] {
        let refused = rig.send(&events(name), record("reactions", 1, "a").to_string()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn sharing_records_are_data_sources_with_their_types() {
    let rig = Rig::new();
    assert_eq!(
        rig.send(&events("reactions"), record("reactions", 1, "a").to_string()).await.counts(),
        (1, 0)
    );
    let source = rig.manage("GET", "/v0/datasources/reactions", "").await.json();
    assert_eq!(source["statistics"]["row_count"], 1);
    let columns = |source: &Value| -> Vec<(String, String)> {
        let columns = source["columns"].as_array().unwrap().iter();
        let text = |column: &Value, name: &str| column[name].as_str().unwrap().to_owned();
        columns.map(|column| (text(column, "name"), text(column, "type"))).collect()
    };
    let expected = [
        ("reaction_id", "String"),
        ("sharing_message_token", "String"),
        ("provider", "String"),
        ("kind", "String"),
        ("occurred_at", "DateTime64(6)"),
        ("target", "Nullable(String)"),
        ("username", "Nullable(String)"),
        ("profile_url", "Nullable(String)"),
        ("content", "Nullable(String)"),
        ("num_followers", "Nullable(UInt64)"),
        ("date_member_since", "Nullable(DateTime64(6))"),
        ("updated_at", "DateTime64(6)"),
    ];
    assert_eq!(columns(&source), expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
    let source = rig.manage("GET", "/v0/datasources/referrals", "").await.json();
    assert_eq!(source["statistics"]["row_count"], 0);
    let names: Vec<String> = columns(&source).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names.join(" "),
        "referral_id shorturl_token occurred_at target sharing_message_token provider page ip_address updated_at"
    );
}
