//! `tallyhouse token create --pipe`, `--append-to`, and `tallyhouse warehouse-key`.

use serde_json::{Value, json};

use crate::process::{Folder, Server, program, run, run_json, run_refused};
use crate::program::Program;

#[test]
fn a_token_of_pipes_and_data_sources_is_made_listed_and_does_no_more() {
    let folder = Folder::new();
    folder.account("harbour", &["admin"]);
    let server = Server::start(&folder);
    let made = run_json(
        program()
            .args(["token", "create", "--account", "harbour", "--json", "--data"])
            .arg(folder.data())
            .args(["--pipe", "sessions_by_day", "--pipe", "replay_metrics", "--pipe", "replay_metrics"])
            .args(["--append-to", "view_segments"]),
    );
    assert_eq!((&made["scopes"], &made["append_to"]), (&json!([]), &json!(["view_segments"])));
    assert_eq!(made["pipes"], json!(["sessions_by_day", "replay_metrics"]));
    let token = made["token"].as_str().expect("a token");
    let segment = json!({
        "view_id": "00000000-0000-4000-8000-000000000001", "content_type": "live", "content_id": 5,
        "started_at": "2026-02-01T00:00:00Z", "client_id": "c", "view_session_id": "s",
    });
    let client = server.client();
    let sent =
        client.send_to("/v0/events?name=view_segments", token, &segment.to_string()).expect("it answers");
    assert_eq!(sent.status, 202);
    assert_eq!(client.get(token, "/v0/export?name=view_segments").status, 403);
    assert_eq!(client.get(token, "/v1/views?date_time_from=2026-01-01&date_time_to=2026-03-01").status, 401);

    let listed = run_json(program().args(["token", "list", "--json", "--data"]).arg(folder.data()));
    let listed = &listed.as_array().expect("a list")[1];
    for name in ["scopes", "pipes", "append_to", "content_ids"] {
        assert_eq!(listed[name], made[name], "{name}");
    }
    let lines = run(program().args(["token", "list", "--data"]).arg(folder.data()));
    let lines = String::from_utf8_lossy(&lines.stdout).into_owned();
    assert!(lines.contains("active - of harbour"), "{lines}");
    assert!(
        lines.contains("reads the pipes sessions_by_day+replay_metrics, appends to view_segments"),
        "{lines}"
    );
    assert!(!lines.contains(token), "{lines}");
}

#[test]
fn what_makes_no_token_is_said() {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    for (flags, said) in [
        (vec!["--pipe", "no name"], "is no name of a pipe"),
        (vec!["--append-to", "plays"], "there is no data source"),
        (vec!["--pipe", "a", "--scope", "read", "--content-id", "5"], "contents or channels"),
        (vec!["--append-to", "view_segments", "--channel-id", "5"], "contents or channels"),
    ] {
        let message = run_refused(
            program()
                .args(["token", "create", "--account", "harbour", "--data"])
                .arg(folder.data())
                .args(&flags),
        );
        assert!(message.contains(said), "{flags:?}: {message}");
    }
}

#[test]
fn a_warehouse_key_is_made_listed_and_revoked() {
    let program = Program::new();
    program.answer("account create harbour");
    program.answer("account create birch");
    let made = program.json("warehouse-key create --account harbour --label nightly --json");
    let key = made["api_key"].as_str().unwrap();
    assert_eq!(made.as_object().unwrap().len(), 1);
    assert!(key.starts_with("rprswh_") && key.len() == 71, "{key}");
    let plain = program.answer("warehouse-key create --account birch");
    assert!(plain.starts_with("rprswh_") && plain.lines().count() == 1, "{plain}");

    let listed = program.json("warehouse-key list --json");
    assert!(!listed.to_string().contains(key));
    let seen: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|key| [&key["account"], &key["label"], &key["state"]])
        .collect();
    assert_eq!(
        seen,
        [
            [&json!("harbour"), &json!("nightly"), &json!("active")],
            [&json!("birch"), &Value::Null, &json!("active")]
        ]
    );
    let id = listed[0]["id"].as_str().unwrap();
    assert!(program.answer(&format!("warehouse-key revoke {id}")).contains("revoked"));
    let of_harbour = program.json("warehouse-key list --account harbour --json");
    assert_eq!((of_harbour.as_array().unwrap().len(), &of_harbour[0]["state"]), (1, &json!("revoked")));
    assert!(program.answer("warehouse-key list").contains("revoked of harbour"));
    assert!(program.failure("warehouse-key revoke whk_none", 1).contains("warehouse-key list"));
    program.failure("warehouse-key create --account nobody", 1);
}

#[test]
fn keys_and_tokens_in_headers_and_urls_are_not_logged() {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    let made = run_json(
        program()
            .args(["warehouse-key", "create", "--account", "harbour", "--json", "--data"])
            .arg(folder.data()),
    );
    let key = made["api_key"].as_str().expect("a key").to_owned();
    let server = Server::start(&folder);
    let client = server.client();
    let answer = client.send_to("/api/warehouse/token", &key, "").expect("it answers");
    assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let token = body["token"].as_str().expect("a token");
    assert!(body["api_url"].as_str().is_some_and(|url| url.ends_with("/v0/pipes/")), "{body}");
    for path in [format!("/v0/events?token={token}"), format!("/v0/tokens/?token={token}&token={key}")] {
        assert_eq!(client.send_to(&path, "", "").expect("it answers").status, 403);
    }
    assert!(server.stop().success());
    let log = std::fs::read_to_string(folder.path("server.log")).expect("the log is text");
    assert!(log.contains("/api/warehouse/token"), "{log}");
    assert!(!log.contains(&key) && !log.contains(token), "{log}");
}
