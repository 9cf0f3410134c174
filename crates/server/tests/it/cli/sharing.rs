//! Sharing records by command: imported from files, exported, through a folder and through a server.

use serde_json::{Value, json};

use super::round_trip::{assert_same_in_every_format, assert_same_through_a_server};

const TABLES: [&str; 2] = ["reactions", "referrals"];

/// A UUID for a number.
fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// Records of a table, one of them deleted.
fn records(table: &str) -> String {
    let at = |number: u32| format!("2026-01-{:02}T10:00:00.{number:06}Z", 1 + number % 28);
    let kinds = ["referral", "like", "comment", "retweet"];
    let absent = |number: u32, value: Value| if number.is_multiple_of(3) { Value::Null } else { value };
    let record = |number: u32| match table {
        "reactions" => json!({
            "reaction_id": format!("r,{number}"), "sharing_message_token": uuid(number % 7), "occurred_at": at(number),
            "provider": if number.is_multiple_of(2) { "twitter" } else { "facebook" },
            "kind": kinds[number as usize % kinds.len()],
            "target": absent(number, json!("https://example.com/?a=1,2")), "username": absent(number, json!("\"\"")),
            "profile_url": absent(number + 1, json!("https://example.com/u")),
            "content": absent(number + 2, json!(format!("\"{number}\",\n\u{1}é😀"))),
            "num_followers": absent(number, json!(number)), "date_member_since": absent(number, json!(at(0))),
            "updated_at": "2026-02-01T00:00:00Z",
        }),
        _ => json!({
            "referral_id": uuid(number), "shorturl_token": format!("short{}", number % 9), "occurred_at": at(number),
            "target": "https://example.com/", "sharing_message_token": absent(number, json!(uuid(number % 7))),
            "provider": absent(number, json!("twitter")), "page": absent(number, json!("https://example.org/,")),
            "ip_address": absent(number, json!("203.0.113.9")), "updated_at": "2026-02-01T00:00:00Z",
        }),
    };
    let gone = match table {
        "reactions" => json!({ "reaction_id": "r,5", "deleted": true, "updated_at": "2026-02-02T00:00:00Z" }),
        _ => json!({ "referral_id": uuid(5), "deleted": true, "updated_at": "2026-02-02T00:00:00Z" }),
    };
    (0..900).map(record).chain([gone]).map(|record| format!("{record}\n")).collect()
}

#[test]
fn sharing_records_are_imported_and_exported_in_every_format() {
    for table in TABLES {
        assert_same_in_every_format(table, &records(table));
    }
}

#[test]
fn sharing_records_go_through_a_running_server() {
    assert_same_through_a_server(&TABLES, records);
}
