//! Imports and mended lines without a server are enriched, too, and a wrong setting is told at once.

use serde_json::{Value, json};

use crate::events::enrichment::{from_somewhere, places, told};
use crate::program::Program;

/// A program whose settings file names a file of places.
fn program() -> Program {
    let program = Program::new();
    places(program.folder.path(), "Budapest");
    std::fs::write(program.folder.path().join("tallyhouse.toml"), "[geo]\ndatabase = \"places.mmdb\"\n")
        .unwrap();
    program.answer("account create acme");
    program
}

fn write(program: &Program, name: &str, text: &str) {
    std::fs::write(program.folder.path().join(name), text).unwrap();
}

#[test]
fn an_import_and_mended_lines_are_enriched_alike() {
    let program = program();
    let refused = from_somewhere(2).replace("\"live\"", "\"dead\"");
    write(&program, "rows.ndjson", &format!("{}\n{refused}\n", from_somewhere(1)));
    program.answer("import --account acme --table view_segments rows.ndjson");
    let listed = program.answer("quarantine list --account acme --json");
    assert!(!listed.contains("203.0.113"), "{listed}");
    let mut entry: Value = serde_json::from_str(&listed).unwrap();
    entry["line"] = json!(from_somewhere(2));
    write(&program, "mended.ndjson", &entry.to_string());
    program.answer("quarantine resend --account acme --file mended.ndjson");

    let exported = program.answer("export --account acme --table view_segments");
    let rows: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(
            told(row),
            [&json!("HU"), &json!("HU-BU"), &json!("Budapest"), &json!("tv"), &json!("Roku")]
        );
    }
}

#[test]
fn a_file_of_places_that_is_not_there_stops_every_command_that_needs_it() {
    let program = program();
    program.answer("check-config");
    std::fs::remove_file(program.folder.path().join("places.mmdb")).unwrap();
    write(&program, "rows.ndjson", &from_somewhere(1));
    for line in [
        "check-config",
        "serve --listen 127.0.0.1:0",
        "import --account acme --table view_segments rows.ndjson",
        "quarantine resend --account acme 1",
    ] {
        let message = program.failure(line, 1);
        assert!(message.contains("geo.database") && message.contains("places.mmdb"), "{line}: {message}");
    }
    // Others have no use for it.
    program.answer("account list");
    program.answer("export --account acme --table view_segments");
}
