//! Demo records by command: imported from files, exported, listed when refused.

use serde_json::{Value, json};

use super::round_trip::{assert_same_in_every_format, assert_same_through_a_server, command, export};
use crate::process::{Folder, program, run, run_refused, text};

/// Records of every demo table, one of them deleted, more than once per flush.
fn records(table: &str) -> String {
    let record = |number: u32| match table {
        "demo_sessions" => json!({
            "session_id": format!("s{number}"), "session_date": format!("2026-01-{:02} 10:00:00", 1 + number % 28),
            "viewer": format!("203.0.113.{}", number % 250), "updated_at": "2026-02-01",
        }),
        "demo_activity" => json!({
            "activity_id": number, "activity_type": "screen", "session_id": number / 3, "guide_text": "",
            "create_at": format!("2026-01-{:02} 10:00:00.{number:06}", 1 + number % 28), "session_created_at": "2026-01-01",
            "updated_at": "2026-02-01",
        }),
        _ => json!({
            "entity_type": "link", "entity_id": number, "change_type": "updated", "changed_at": "2026-01-01",
            "updated_at": "2026-02-01",
        }),
    };
    let mut records: Vec<Value> = (0..900).map(record).collect();
    let mut gone = record(5);
    gone["deleted"] = json!(true);
    gone["updated_at"] = json!("2026-02-02");
    records.push(gone);
    records.iter().map(|record| format!("{record}\n")).collect()
}

#[test]
fn demo_records_are_imported_and_exported_in_every_format() {
    for table in ["demo_sessions", "demo_activity"] {
        assert_same_in_every_format(table, &records(table));
    }
}

/// Changes arrive when they arrive: everything else of an import is what was exported.
#[test]
fn imported_changes_differ_from_the_exported_ones_only_in_their_arrival() {
    let (source, target) = (Folder::new(), Folder::new());
    let table = "demo_changes";
    let file = source.path("sent.ndjson");
    std::fs::write(&file, records(table)).expect("the folder can be written to");
    let exports = [(&source, file), (&target, source.path("all.parquet"))].map(|(folder, file)| {
        folder.account("harbour", &["read"]);
        run(command("import", folder, table).arg(&file));
        export(folder, table, &source.path("all.parquet"));
        let exported = text(&export(folder, table, &folder.path("all.ndjson")));
        let mut lines: Vec<Value> =
            exported.lines().map(|line| serde_json::from_str(line).expect("exports are JSON")).collect();
        for line in &mut lines {
            let arrival = line.as_object_mut().and_then(|line| line.remove("ingested_at"));
            assert_eq!(arrival.is_some(), line["deleted"] != true, "{line}");
        }
        lines.sort_by_key(|line| line["entity_id"].to_string());
        lines
    });
    assert_eq!(exports[0].len(), 900);
    assert_eq!(exports[0], exports[1]);
}

#[test]
fn demo_records_go_through_a_running_server() {
    assert_same_through_a_server(&["demo_sessions", "demo_activity", "demo_changes"], records);
}

#[test]
fn refused_demo_records_are_listed_by_their_table() {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    let file = folder.path("bad.csv");
    std::fs::write(&file, "session_id,session_date\n,2026-01-01\nx,soon\n")
        .expect("the folder can be written to");
    let output = command("import", &folder, "demo_sessions").arg("--json").arg(&file).output();
    let output = output.expect("the program can be started");
    assert_eq!(output.status.code(), Some(3), "there were rows, and none was taken");
    let summary: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&summary["taken"], &summary["quarantined"]), (&json!(0), &json!(2)));
    let mut resend = program();
    resend.args(["quarantine", "resend", "1", "2", "--account", "harbour", "--data"]).arg(folder.data());
    assert_eq!(resend.output().expect("the program can be started").status.code(), Some(3));
    let list = |table: &str| {
        let mut command = program();
        command.args(["quarantine", "list", "--account", "harbour", "--table", table, "--data"]);
        text(&run(command.arg(folder.data())).stdout)
    };
    let listed = list("demo_sessions");
    assert!(listed.contains("demo_sessions: session_id: is required"), "{listed}");
    assert!(listed.contains("demo_sessions: session_date: is not an ISO 8601 date and time"), "{listed}");
    assert_eq!(list("demo_activity"), "");
    let message = run_refused(command("import", &folder, "plays").arg(&file));
    assert!(message.contains("view_segments, demo_sessions, demo_activity, demo_changes"), "{message}");
}
