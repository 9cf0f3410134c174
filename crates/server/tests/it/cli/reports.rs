//! Report records by command: imported from files, exported, through a folder and through a server.

use serde_json::{Value, json};

use super::round_trip::{assert_same_in_every_format, assert_same_through_a_server};

const TABLES: [&str; 3] = ["reports", "report_reads", "report_alerts"];

/// Records of a table, one of them deleted.
fn records(table: &str) -> String {
    let at = |number: u32| format!("2026-01-{:02}T10:00:00.{number:06}Z", 1 + number % 28);
    let record = |number: u32| match table {
        "reports" => json!({
            "report_id": number, "channel_id": number % 3, "created_at": at(number), "updated_at": "2026-02-01T00:00:00Z",
            "images": (0..number % 3).map(|image| json!({"report_image_id": image, "created_at": at(image)}))
                .collect::<Value>(),
            "form_fields": [{"field_id": 1, "value": format!("\"{number}\",\n")}, {"field_id": 2, "value": ["b", "a"]}],
        }),
        "report_reads" => json!({
            "read_id": number, "report_id": number / 3, "channel_id": 1, "user_id": number % 7, "read_at": at(number),
            "updated_at": "2026-02-01T00:00:00Z",
        }),
        _ => json!({
            "alert_id": number, "report_id": number / 3, "channel_id": 1, "user_id": number % 7, "alerted_at": at(number),
            "opened_at": if number.is_multiple_of(2) { json!(at(number + 1)) } else { Value::Null },
            "updated_at": "2026-02-01T00:00:00Z",
        }),
    };
    let key = format!("{}_id", table.rsplit('_').next().unwrap_or(table).trim_end_matches('s'));
    let gone = json!({ key: 5, "deleted": true, "updated_at": "2026-02-02T00:00:00Z" });
    (0..900).map(record).chain([gone]).map(|record| format!("{record}\n")).collect()
}

#[test]
fn report_records_are_imported_and_exported_in_every_format() {
    for table in TABLES {
        assert_same_in_every_format(table, &records(table));
    }
}

#[test]
fn report_records_go_through_a_running_server() {
    assert_same_through_a_server(&TABLES, records);
}
