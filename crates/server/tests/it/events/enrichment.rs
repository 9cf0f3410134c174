//! Agent and address of what is sent become device and place, whichever way the record takes.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tallyhouse_server::config::Config;

use super::rig::{EVENTS, Rig, record};
use crate::mmdb;

/// A file that puts 203.0.113.0/24 into this city.
pub fn places(folder: &Path, city: &str) -> PathBuf {
    let entry = json!({
        "country": {"iso_code": "HU"}, "subdivisions": [{"iso_code": "BU"}], "city": {"names": {"en": city}},
    });
    let path = folder.join("places.mmdb");
    std::fs::write(&path, mmdb::database("Test-City", &[("203.0.113.0/24", entry)])).unwrap();
    path
}

/// A record with an agent and an address, and nothing that they could tell.
pub fn from_somewhere(number: u32) -> String {
    let mut line: Value = serde_json::from_str(&record(number)).unwrap();
    for told in ["country", "region", "city", "device", "device_info", "is_mobile_view"] {
        line.as_object_mut().unwrap().remove(told);
    }
    // Long ago by the clock of any machine that runs this.
    line["started_at"] = json!("2025-07-16T10:00:00Z");
    line["ip"] = json!("203.0.113.7");
    line["user_agent"] = json!("Roku/DVP-14.0 (14.0.4.3164-C6)");
    line.to_string()
}

/// What an exported record says about device and place.
pub fn told(row: &Value) -> [&Value; 5] {
    assert!(row.get("ip").is_none() && row.get("user_agent").is_none(), "{row}");
    [&row["country"], &row["region"], &row["city"], &row["device"], &row["device_info"]["browser"]["family"]]
}

#[tokio::test]
async fn events_and_mended_lines_are_enriched_alike() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.geo.database = places(folder.path(), "Budapest");
    let rig = Rig::with_config(config);
    let refused = from_somewhere(2).replace("\"live\"", "\"dead\"");
    assert_ne!(refused, from_somewhere(2));
    let body = format!("{}\n{refused}\n", from_somewhere(1));
    assert_eq!(rig.send(EVENTS, body).await.counts(), (1, 1));

    let kept = rig.manage("GET", "/v0/quarantine", "").await;
    assert!(!kept.text.contains("203.0.113") && !kept.text.contains("Budapest"), "{}", kept.text);
    let mended = json!({ "id": kept.lines()[0]["id"], "line": from_somewhere(2) });
    assert_eq!(rig.manage("POST", "/v0/quarantine/resend", mended.to_string()).await.counts(), (1, 0));

    let rows = rig.manage("GET", "/v0/export?name=view_segments", "").await.lines();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(
            told(row),
            [&json!("HU"), &json!("HU-BU"), &json!("Budapest"), &json!("tv"), &json!("Roku")]
        );
    }
}
