//! Sample data by command: what `generate` writes is taken in without exception.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::process::{Folder, program, run, run_json, run_refused, text};

const TABLES: [&str; 4] = ["view_segments", "demo_sessions", "demo_activity", "demo_changes"];

fn generate(arguments: &str) -> String {
    let mut command = program();
    command.args(["generate", "--until", "2026-03-01T00:00:00.5Z"]).args(arguments.split(' '));
    text(&run(&mut command).stdout)
}

fn records(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("NDJSON")).collect()
}

/// All records but for when they arrived, which an import tells anew, in no order.
fn sent(lines: &str) -> Vec<String> {
    let mut records = records(lines);
    for record in &mut records {
        record.as_object_mut().expect("a record is an object").remove("ingested_at");
    }
    let mut lines: Vec<String> = records.iter().map(Value::to_string).collect();
    lines.sort();
    lines
}

#[test]
fn sample_data_of_every_table_is_taken_in_from_every_format() {
    for table in TABLES {
        let folder = Folder::new();
        let first = generate(&format!("--table {table} --rows 300"));
        let mut exports = HashSet::new();
        for format in ["ndjson", "csv", "parquet"] {
            folder.account(&format!("from-{format}"), &["read"]);
            let file = folder.path(&format!("sample.{format}"));
            generate(&format!("--table {table} --rows 300 --output {}", file.display()));
            let of_account = |command: &str| {
                let mut line = program();
                line.args([command, "--table", table, "--account", &format!("from-{format}"), "--data"]);
                line.arg(folder.data());
                line
            };
            let summary = run_json(of_account("import").arg("--json").arg(&file));
            assert_eq!((&summary["taken"], &summary["quarantined"]), (&json!(300), &json!(0)), "{table}");
            exports.insert(sent(&text(&run(&mut of_account("export")).stdout)));
        }
        assert_eq!(exports, HashSet::from([sent(&first)]), "{table}");
    }
}

#[test]
fn files_of_sessions_and_activities_belong_together_as_the_hint_says() {
    let mut command = program();
    command.args(["generate", "--table", "demo_activity", "--rows", "500", "--seed", "9"]);
    let output = run(command.args(["--until", "2026-03-01T00:00:00.5Z"]));
    let hint = text(&output.stderr);
    let hint = hint.lines().find_map(|line| line.strip_prefix("their sessions: ")).expect("there is a hint");
    let sessions = text(&run(program().arg("generate").args(hint.split(' '))).stdout);
    let ids = |lines: &str| -> HashSet<String> {
        records(lines).iter().map(|record| record["session_id"].to_string()).collect()
    };
    assert_eq!(ids(&sessions), ids(&text(&output.stdout)));
}

#[test]
fn segments_are_a_short_form_that_goes_with_no_table() {
    assert_eq!(generate("--segments 40 --seed 3"), generate("--table view_segments --rows 40 --seed 3"));
    assert_eq!(generate("--segments 40 --seed 3"), generate("--rows 40 --seed 3"));
    for wrong in ["--segments 4 --rows 4", "--segments 4 --table demo_sessions", "--table demo_sessions"] {
        run_refused(program().arg("generate").args(wrong.split(' ')));
    }
    let replacements = ["generate", "--table", "demo_changes", "--rows", "4", "--replacements", "9"];
    assert!(
        run_refused(program().args(replacements)).contains("--replacements is for --table view_segments")
    );
}
