//! Rows that failed validation: listed with their reason, and sent again after mending, over HTTP and by command.

use serde_json::{Value, json};

use crate::process::{Client, Folder, Server, program, run, text};

use super::{RANGE, segment};

/// Sends a row that is refused for its country, and one that is not.
fn send_a_bad_row(client: &Client, token: &str) {
    let mut bad = segment(7);
    bad["country"] = json!("HUN");
    bad["ip"] = json!("203.0.113.9");
    let answer = client.try_send(token, &format!("{bad}\n{}\n", segment(8))).expect("the server answers");
    assert_eq!(answer.json(), json!({"successful_rows": 1, "quarantined_rows": 1}));
}

fn assert_listed(entry: &Value) {
    assert!(entry["reason"].as_str().is_some_and(|reason| reason.contains("country")), "{entry}");
    let line = entry["line"].as_str().unwrap_or_default();
    assert!(line.contains("HUN") && !line.contains("203.0.113.9"), "addresses are cut out: {line}");
}

/// What mends the row of this entry.
fn mended(entry: &Value) -> String {
    format!("{}\n", json!({"id": entry["id"], "line": segment(7).to_string()}))
}

#[test]
fn a_refused_row_is_read_and_sent_again_over_http() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["read", "append"]);
    let admin = folder.token("harbour", &["admin"]);
    let stranger = folder.account("other", &["admin"]);
    let server = Server::start(&folder);
    let client = server.client();
    send_a_bad_row(&client, &token);

    let path = "/v0/quarantine?name=view_segments&format=json";
    assert_eq!(client.get(&token, path).status, 403, "it takes the scope admin");
    assert_eq!(client.get_json(&stranger, path)["data"], json!([]), "each account has its own");
    let entry = client.get_json(&admin, path)["data"][0].clone();
    assert_listed(&entry);
    let answer =
        client.send_to("/v0/quarantine/resend", &admin, &mended(&entry)).expect("the server answers");
    assert_eq!(answer.json(), json!({"successful_rows": 1, "quarantined_rows": 0, "unknown_ids": []}));
    assert_eq!(client.get_json(&admin, path)["data"], json!([]));
    assert_eq!(client.views(&token, RANGE).len(), 2);
}

#[test]
fn a_refused_row_is_read_and_sent_again_by_command() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["read", "append"]);
    let server = Server::start(&folder);
    send_a_bad_row(&server.client(), &token);
    assert!(server.stop().success());

    let entries = list(&folder);
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_listed(&entries[0]);
    let file = folder.path("mended.ndjson");
    std::fs::write(&file, mended(&entries[0])).expect("the folder can be written to");
    let mut command = program();
    command.args(["quarantine", "resend", "--account", "harbour", "--data"]).arg(folder.data());
    run(command.arg("--file").arg(&file));
    assert_eq!(list(&folder), Vec::<Value>::new());
    assert_eq!(Server::start(&folder).client().views(&token, RANGE).len(), 2);
}

fn list(folder: &Folder) -> Vec<Value> {
    let mut command = program();
    command.args(["quarantine", "list", "--account", "harbour", "--json", "--data"]).arg(folder.data());
    let lines = text(&run(&mut command).stdout);
    lines.lines().map(|line| serde_json::from_str(line).expect("a JSON object per line")).collect()
}
