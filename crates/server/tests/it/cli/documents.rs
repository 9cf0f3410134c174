//! Documents by command: imported from files and through a server, exported in every format, mended when refused.

use std::process::Command;

use serde_json::json;

use super::round_trip::{command, export};
use crate::process::{Folder, Server, program, run, run_json, run_refused, text};

const TABLES: [(&str, &str); 4] =
    [("channels", "channel_id"), ("report_states", "id"), ("users", "user_id"), ("forms", "id")];

/// Records of a table with anything that formats are likely to get wrong, a deletion among them.
fn records(key: &str) -> String {
    let record = |number: u32| {
        json!({
            key: number, "name": format!("a \"name\", {number}"), "first_name": "", "email": null,
            "position": number % 3, "version": "12", "updated_at": "2026-02-01T10:00:00+01:00",
            "fields": [{ "id": number, "field_type": "Radio", "data": "{\"options\": [{\"value\": \"v\"}]}" }],
        })
    };
    let mut records: Vec<_> = (0..300).map(record).collect();
    records.push(json!({ key: 5, "deleted": true, "updated_at": "2026-02-02T00:00:00Z" }));
    records.push(json!({ key: 900, "deleted": true, "updated_at": "2026-02-02T00:00:00Z" }));
    records.iter().map(|record| format!("{record}\n")).collect()
}

#[test]
fn documents_are_imported_and_exported_in_every_format_with_their_deletions() {
    let source = Folder::new();
    source.account("harbour", &["read"]);
    let file = source.path("sent.ndjson");
    let target = Folder::new();
    for name in ["ndjson", "csv", "parquet"] {
        run(program().args(["account", "create", name, "--data"]).arg(target.data()));
    }
    for (table, key) in TABLES {
        std::fs::write(&file, records(key)).expect("the folder can be written to");
        let summary = run_json(command("import", &source, table).arg("--json").arg(&file));
        assert_eq!(
            summary,
            json!({ "taken": 300, "replaced": 1, "deleted": 2, "outdated": 0, "quarantined": 0 }),
            "{table}"
        );
        let again = run_json(command("import", &source, table).arg("--json").arg(&file));
        assert_eq!((&again["taken"], &again["outdated"]), (&json!(299), &json!(1)), "{table}");
        let first = export(&source, table, &source.path("all.ndjson"));
        assert_eq!(text(&first).lines().count(), 301, "{table}: 299 documents and two deletions");
        for (account, name) in [("ndjson", "all.ndjson.gz"), ("csv", "all.csv"), ("parquet", "all.parquet")] {
            export(&source, table, &source.path(name));
            let at = |name: &str| {
                let mut command = program();
                command.args([name, "--account", account, "--table", table, "--data"]).arg(target.data());
                command
            };
            run(at("import").arg(source.path(name)));
            let back = source.path("back.ndjson");
            run(at("export").arg("--deletions").arg("--output").arg(&back));
            assert!(std::fs::read(&back).expect("the export is there") == first, "{table} {name}");
        }
    }
    source.check();
    target.check();
}

#[test]
fn documents_go_through_a_running_server_whose_folder_is_locked_and_outlive_its_end() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["append", "admin"]);
    let file = folder.path("sent.ndjson");
    let server = Server::start(&folder);
    for (table, key) in TABLES {
        std::fs::write(&file, records(key)).expect("the folder can be written to");
        let message = run_refused(command("import", &folder, table).arg(&file));
        assert!(message.contains("is in use by another process"), "{message}");
        let message = run_refused(&mut command("export", &folder, table));
        assert!(message.contains("is in use by another process"), "{message}");
        let at = |command: &mut Command| {
            run(command.args(["--table", table, "--url", &server.url(), "--token", &token]))
        };
        std::fs::write(&file, records(key) + "{\"no\":\"key\"}\n").expect("the folder can be written to");
        at(program().arg("import").arg(&file));
        at(program().args(["export", "--deletions", "--output"]).arg(folder.path(&format!("{table}.csv"))));
    }
    server.kill();
    for (table, _) in TABLES {
        let of_server = std::fs::read(folder.path(&format!("{table}.csv"))).expect("the export is there");
        assert_eq!(text(&of_server).lines().count(), 302, "{table}: a header and 301 records");
        let of_folder = export(&folder, table, &folder.path("all.csv"));
        assert!(of_server == of_folder, "{table}: both exports are of the same documents");
    }
    let mut list = program();
    list.args(["quarantine", "list", "--account", "harbour", "--data"]).arg(folder.data());
    let listed = text(&run(&mut list).stdout);
    for (line, (table, key)) in listed.lines().zip(TABLES) {
        assert!(line.ends_with(&format!(" {table}: {key}: is required")), "{line}");
    }
    assert_eq!(listed.lines().count(), TABLES.len());
    folder.check();
}

#[test]
fn refused_documents_are_mended_by_command() {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    let file = folder.path("bad.csv");
    std::fs::write(&file, "id,fields\n1,{}\n2,[1]\n").expect("the folder can be written to");
    let summary = run_json(command("import", &folder, "forms").arg("--json").arg(&file));
    assert_eq!((&summary["taken"], &summary["quarantined"]), (&json!(1), &json!(1)));
    let quarantine = |arguments: &[&str]| {
        let mut command = program();
        command.arg("quarantine").args(arguments).args(["--account", "harbour", "--data"]).arg(folder.data());
        text(&run(&mut command).stdout)
    };
    let listed = quarantine(&["list", "--table", "forms", "--json"]);
    assert!(listed.contains("fields: is not a list"), "{listed}");
    let mended = folder.path("mended.ndjson");
    std::fs::write(&mended, listed.replace("{}", "[2]")).expect("the folder can be written to");
    let file = mended.to_str().expect("temporary folders have readable names");
    assert!(quarantine(&["resend", "--file", file]).contains("1 rows taken, 0 still refused"));
    let exported = text(&export(&folder, "forms", &folder.path("all.ndjson")));
    assert!(exported.lines().next().unwrap().ends_with("\"fields\":[2]}"), "{exported}");
    assert_eq!(quarantine(&["list"]), "");
}
