//! Report records by command: imported from files, exported, through a folder and through a server.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::process::{Folder, Server, program, run, text};

const TABLES: [&str; 3] = ["reports", "report_reads", "report_alerts"];

fn command(name: &str, folder: &Folder, table: &str) -> Command {
    let mut command = program();
    command.args([name, "--account", "harbour", "--table", table, "--data"]).arg(folder.data());
    command
}

fn export(folder: &Folder, table: &str, file: &Path) -> Vec<u8> {
    run(command("export", folder, table).arg("--deletions").arg("--output").arg(file));
    std::fs::read(file).expect("the export is there")
}

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
        let source = Folder::new();
        source.account("harbour", &["read"]);
        let file = source.path("sent.ndjson");
        std::fs::write(&file, records(table)).expect("the folder can be written to");
        run(command("import", &source, table).arg(&file));
        let first = export(&source, table, &source.path("all.ndjson"));
        assert_eq!(text(&first).lines().count(), 900, "{table}: 899 rows and a deletion");
        for name in ["all.ndjson", "all.csv.gz", "all.parquet"] {
            let (target, again) = (Folder::new(), source.path(&format!("again.{name}")));
            export(&source, table, &source.path(name));
            target.account("harbour", &["read"]);
            run(command("import", &target, table).arg(source.path(name)));
            export(&target, table, &again);
            assert!(export(&target, table, &source.path("again.ndjson")) == first, "{table} {name}");
            target.check();
        }
        source.check();
    }
}

#[test]
fn report_records_go_through_a_running_server() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["append", "admin"]);
    let server = Server::start(&folder);
    for table in TABLES {
        let at = |command: &mut Command| {
            run(command.args(["--table", table, "--url", &server.url(), "--token", &token]))
        };
        let file = folder.path("sent.ndjson");
        std::fs::write(&file, records(table)).expect("the folder can be written to");
        at(program().arg("import").arg(&file));
        at(program().args(["export", "--deletions", "--output"]).arg(folder.path(&format!("{table}.csv"))));
    }
    assert!(server.stop().success());
    for table in TABLES {
        let of_server = std::fs::read(folder.path(&format!("{table}.csv"))).expect("the export is there");
        let of_folder = export(&folder, table, &folder.path("all.csv"));
        assert!(of_server == of_folder, "{table}: both exports are of the same rows");
    }
}
