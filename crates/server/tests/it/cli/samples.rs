//! Sample data by command: what `generate` writes is taken in without exception.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use crate::process::{Folder, program, run, run_json, run_refused, text};

const TABLES: [&str; 13] = [
    "view_segments",
    "demo_sessions",
    "demo_activity",
    "demo_changes",
    "reports",
    "report_reads",
    "report_alerts",
    "channels",
    "report_states",
    "users",
    "forms",
    "reactions",
    "referrals",
];

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

/// The numbers that records of a table have for something.
fn numbers(lines: &str, name: &str) -> HashSet<u64> {
    records(lines).iter().filter_map(|record| record[name].as_u64()).collect()
}

#[test]
fn files_of_reports_and_of_what_belongs_to_them_refer_to_each_other() {
    let reports = generate("--table reports --rows 400");
    let ids = numbers(&reports, "report_id");
    let reads = [
        generate("--table report_reads --rows 4000"),
        generate("--table report_reads --rows 50 --reports 400"),
    ];
    let alerts = [
        generate("--table report_alerts --rows 1600"),
        generate("--table report_alerts --rows 50 --reports 400"),
    ];
    for of_reports in reads.iter().chain(&alerts) {
        assert!(numbers(of_reports, "report_id").is_subset(&ids));
    }
    assert!(numbers(&reads[0], "report_id").len() > 380, "most reports are read");
    assert_eq!(numbers(&alerts[0], "report_id"), ids);
    let mut command = program();
    command.args(["generate", "--until", "2026-03-01T00:00:00.5Z", "--table", "reports", "--rows", "400"]);
    let hint = text(&run(&mut command).stderr);
    let word_before = |word: &str| {
        let (before, _) = hint.split_once(word).unwrap_or_else(|| panic!("no{word} in {hint}"));
        before.rsplit(' ').next().and_then(|number| number.parse::<u64>().ok()).expect("a number")
    };
    let documents = [
        ("user_id", "users", " users"),
        ("state_id", "report_states", " states"),
        ("channel_id", "channels", " channels"),
    ];
    for (name, table, word) in documents {
        let rows = word_before(word);
        let key = if table == "report_states" { "id" } else { name };
        let known = numbers(&generate(&format!("--table {table} --rows {rows}")), key);
        assert_eq!(known.len() as u64, rows, "{table}");
        assert!(numbers(&reports, name).is_subset(&known), "{table}");
    }
}

/// The texts that records of a table have for something.
fn words(lines: &str, name: &str) -> HashSet<String> {
    records(lines).iter().filter_map(|record| record[name].as_str().map(str::to_owned)).collect()
}

#[test]
fn reactions_and_referrals_are_of_the_same_messages() {
    let reactions = generate("--table reactions --rows 4000");
    let tokens = words(&reactions, "sharing_message_token");
    assert_eq!(tokens.len(), 100);
    let referrals = generate("--table referrals --rows 2000");
    assert_eq!(words(&referrals, "sharing_message_token"), tokens);
    let fewer = generate("--table referrals --rows 60 --messages 100");
    assert!(words(&fewer, "sharing_message_token").is_subset(&tokens));
    let mut shorturls: HashMap<String, String> = HashMap::new();
    for record in records(&referrals).iter().chain(&records(&fewer)) {
        let [shorturl, message] =
            ["shorturl_token", "sharing_message_token"].map(|name| record[name].to_string());
        assert_eq!(*shorturls.entry(shorturl).or_insert_with(|| message.clone()), message, "{record}");
    }
    for table in ["reports", "users", "view_segments"] {
        let message =
            run_refused(program().args(["generate", "--table", table, "--rows", "4", "--messages", "4"]));
        assert!(message.contains("--messages is for --table reactions and referrals"), "{message}");
    }
}

#[test]
fn how_many_reports_there_are_is_told_for_reads_and_alerts_only() {
    for table in ["reports", "users", "view_segments"] {
        let message =
            run_refused(program().args(["generate", "--table", table, "--rows", "4", "--reports", "4"]));
        assert!(message.contains("--reports is for --table report_reads and report_alerts"), "{message}");
    }
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
