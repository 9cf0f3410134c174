//! The command line from end to end: what a command does to a data folder, and to the server that runs on it.

use serde_json::{Value, json};

use crate::process::{Folder, Server, assert_taken, program, run, run_json, run_refused, text};

mod demo;
mod demos;
mod documents;
mod enrichment;
mod files;
mod quarantine;
mod reports;
mod round_trip;
mod samples;
mod sharing;

const RANGE: &str = "date_time_from=2026-01-01T00:00:00Z&date_time_to=2026-04-01T00:00:00Z";

/// A segment as one line of JSON; every second one is of recorded content, every third is not finished.
fn segment(number: u32) -> Value {
    let (day, second) = (1 + number % 28, number % 60);
    let mut segment = json!({
        "view_id": format!("00000000-0000-4000-8000-{number:012x}"),
        "content_type": if number.is_multiple_of(2) { "live" } else { "recorded" },
        "content_id": 1 + number % 5,
        "started_at": format!("2026-02-{day:02}T10:20:{second:02}.{number:06}Z"),
        "client_id": format!("client-{}", number % 7),
        "view_session_id": format!("session-{}", number / 3),
        "country": "HU",
        "updated_at": "2026-03-01T00:00:00Z",
    });
    if !number.is_multiple_of(3) {
        segment["finished_at"] = json!(format!("2026-02-{day:02}T10:25:{second:02}Z"));
    }
    segment
}

/// Segments as lines of JSON.
fn segments(numbers: std::ops::Range<u32>) -> String {
    numbers.map(|number| format!("{}\n", segment(number))).collect()
}

/// Every answer that tests compare: all rows, and the plays by day, country and device.
fn answers(server: &Server, token: &str) -> Vec<Value> {
    let client = server.client();
    let series = ["summary", "day", "live/country", "recorded/device"];
    let series =
        series.map(|path| client.get_json(token, &format!("/v1/total-views/{path}?{RANGE}&_limit=10000")));
    let mut answers = client.views(token, RANGE);
    answers.extend(series);
    answers
}

#[test]
fn a_token_works_at_once_and_its_revocation_does_too() {
    let folder = Folder::new();
    let early = folder.account("harbour", &["read"]);
    let server = Server::start(&folder);
    let late = folder.token("harbour", &["read", "append"]);
    let (client, path) = (server.client(), format!("/v1/views?{RANGE}"));
    for token in [early.clone(), format!("Bearer {early}"), late.clone()] {
        assert_eq!(client.get(&token, &path).status, 200);
    }
    client.send(&late, &segments(0..3));
    assert_eq!(client.views(&early, RANGE).len(), 3, "two tokens of one account see the same rows");

    let tokens = run_json(program().args(["token", "list", "--json", "--data"]).arg(folder.data()));
    let listed = tokens.as_array().expect("a list of tokens");
    assert_eq!(listed.len(), 2, "{tokens}");
    assert!(!tokens.to_string().contains(&early), "secrets are printed once");

    let id = listed[0]["id"].to_string().replace('"', "");
    run(program().args(["token", "revoke", &id, "--data"]).arg(folder.data()));
    let statuses = [&early, &late].map(|token| client.get(token, &path).status);
    assert!(statuses == [401, 200] || statuses == [200, 401], "one of them is revoked: {statuses:?}");
}

#[test]
fn accounts_do_not_see_each_other() {
    let folder = Folder::new();
    let tokens = ["north", "south"].map(|name| folder.account(name, &["read", "append"]));
    let server = Server::start(&folder);
    server.client().send(&tokens[0], &segments(0..5));
    server.client().send(&tokens[1], &segments(3..4));
    assert_eq!(tokens.map(|token| server.client().views(&token, RANGE).len()), [5, 1]);
    let accounts = run_json(program().args(["account", "list", "--json", "--data"]).arg(folder.data()));
    let names: Vec<_> =
        accounts.as_array().into_iter().flatten().map(|account| account["name"].clone()).collect();
    assert_eq!(names, ["north", "south"]);
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    let server = Server::start(&folder);
    let message =
        run_refused(program().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.data()));
    assert!(message.contains("in use"), "{message}");
    let message = run_refused(program().args(["check", "--data"]).arg(folder.data()));
    assert!(message.contains("in use"), "{message}");
    assert!(server.stop().success());
    folder.check();
}

#[test]
fn a_graceful_stop_loses_nothing() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["read", "append"]);
    let server = Server::start(&folder);
    let client = server.client();
    for batch in 0..10 {
        let path = "/v0/events?name=view_segments";
        let answer =
            client.send_to(path, &token, &segments(batch * 100..batch * 100 + 100)).expect("it answers");
        assert_eq!(answer.status, 202, "{}", text(&answer.body));
    }
    assert!(server.stop().success());
    folder.check();
    let server = Server::start(&folder);
    assert_eq!(server.client().views(&token, RANGE).len(), 1_000);
}

#[test]
fn secrets_are_not_logged() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["read", "append"]);
    let server = Server::start(&folder);
    let client = server.client();
    let path = format!("/v0/events?name=view_segments&wait=true&token={token}");
    assert_taken(&client.send_to(&path, "", &segments(0..1)).expect("it answers"), 1);
    client.get_json(&token, &format!("/v1/views?{RANGE}"));
    assert!(server.stop().success());
    let log = std::fs::read_to_string(folder.path("server.log")).expect("the log is text");
    assert!(!log.contains(&token), "{log}");
}
