//! Rows that failed validation: listed with their reason, and sent again after mending.

use serde_json::{Value, json};

use crate::process::{Folder, Server, program, run, run_json};

use super::{RANGE, segment};

fn list(folder: &Folder) -> Vec<Value> {
    let mut command = program();
    command.args(["quarantine", "list", "--account", "harbour", "--json", "--data"]).arg(folder.data());
    run_json(&mut command).as_array().expect("a list of lines").clone()
}

#[test]
fn a_refused_row_is_listed_with_its_reason_and_can_be_sent_again() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["read", "append", "admin"]);
    let server = Server::start(&folder);
    let mut bad = segment(7);
    bad["country"] = json!("HUN");
    bad["ip"] = json!("203.0.113.9");
    let body = format!("{bad}\n{}\n", segment(8));
    let answer = server.client().try_send(&token, &body).expect("the server answers");
    assert_eq!(answer.json(), json!({"successful_rows": 1, "quarantined_rows": 1}));
    assert!(server.stop().success());

    let lines = list(&folder);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0]["reason"].as_str().is_some_and(|reason| reason.contains("country")), "{lines:?}");
    let line = lines[0]["line"].to_string();
    assert!(line.contains("HUN") && !line.contains("203.0.113.9"), "addresses are cut out: {line}");

    let mended = folder.path("mended.ndjson");
    std::fs::write(&mended, format!("{}\n", segment(7))).expect("the folder can be written to");
    let mut command = program();
    command.args(["quarantine", "resend", "--account", "harbour", "--data"]).arg(folder.data());
    run(command.arg(&mended));
    assert_eq!(Server::start(&folder).client().views(&token, RANGE).len(), 2);
}
