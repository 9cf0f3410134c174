//! What a JWT fixes, asked of a pipe: never more rows than it says.

use std::sync::Arc;

use serde_json::{Value, json};
use tallyhouse_server::catalog::Scope;
use tallyhouse_server::pipes::Pipes;

use super::rig::{Rig, changed};

const OWN: &str = r#"
description = "Sessions of some demos."
table = "demo_sessions"
columns = [{ name = "demo_title" }]
filters = [{ column = "demo_title", in = "{demos}" }]
parameters.demos.type = "Strings"
"#;

/// A server with a pipe that has a list, and a session of each of these demos.
async fn rig(demos: &[&str]) -> Rig {
    let mut rig = Rig::new();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("own.toml"), OWN).unwrap();
    rig.state.pipes = Arc::new(Pipes::load(Some(folder.path())).unwrap());
    let appender = rig.token(&[Scope::Append], None).secret;
    let session =
        |demo: &&str| json!({ "session_id": demo, "session_date": "2026-11-01", "demo_title": demo });
    let body = Value::Array(demos.iter().map(session).collect()).to_string();
    let reply = rig.post("/v0/events?name=demo_sessions&format=json&wait=true", &appender, body).await;
    assert_eq!(reply.body["successful_rows"], demos.len(), "{reply:?}");
    rig
}

fn jwt(rig: &Rig, pipe: &str, fixed: Value) -> String {
    let scopes = json!([{ "type": "PIPES:READ", "resource": pipe, "fixed_params": fixed }]);
    rig.jwt(&changed("scopes", scopes))
}

#[tokio::test]
async fn a_fixed_list_is_exactly_its_texts_and_one_that_cannot_be_is_403() {
    let rig = rig(&["Acme", "Birch", " Inc", "Acme, Inc", "d"]).await;
    let path = "/v0/pipes/own.json?demos=Birch&demos=d";
    let shown = async |fixed: Value| {
        let reply = rig.get(path, &jwt(&rig, "own", json!({ "demos": fixed }))).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let rows = reply.body["data"].as_array().unwrap().clone();
        let mut titles: Vec<_> =
            rows.iter().map(|row| row["demo_title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    assert_eq!(shown(json!(["Acme"])).await, ["Acme"]);
    assert_eq!(shown(json!(["Acme", "d"])).await, ["Acme", "d"]);
    assert_eq!(shown(json!("Acme,d")).await, ["Acme", "d"]);
    assert!(shown(json!(["nothing"])).await.is_empty());
    for unkept in
        [json!(["Acme, Inc"]), json!([]), json!(""), json!(","), json!(" "), json!([""]), json!(null)]
    {
        let reply = rig.get(path, &jwt(&rig, "own", json!({ "demos": unkept }))).await;
        reply.assert_error(403);
    }
}

#[tokio::test]
async fn a_fixed_name_that_the_pipe_does_not_have_is_403_and_named() {
    let rig = rig(&["Acme"]).await;
    for (pipe, fixed, named) in [
        ("own", json!({ "demo": ["Acme"] }), "'demo'"),
        ("own", json!({ "demos": "Acme", "Demos": "Acme" }), "'Demos'"),
        ("replay_metrics", json!({ "link_id": "l1" }), "'link_id'"),
        ("own", json!({ "limit": [1, 2] }), "'limit'"),
    ] {
        let path = format!("/v0/pipes/{pipe}.json?start_timestamp=2026-01-01");
        let reply = rig.get(&path, &jwt(&rig, pipe, fixed)).await;
        reply.assert_error(403);
        assert!(reply.body["error"].as_str().unwrap().contains(named), "{reply:?}");
        assert_eq!(reply.body["documentation"], "docs/API.md#pipe-tokens");
    }
}

#[tokio::test]
async fn what_every_pipe_has_can_be_fixed() {
    let rig = rig(&["Acme", "Birch"]).await;
    let rows = async |fixed: Value| {
        let reply = rig.get("/v0/pipes/own.json?limit=9", &jwt(&rig, "own", fixed)).await;
        reply.body["data"].as_array().unwrap_or_else(|| panic!("{reply:?}")).len()
    };
    assert_eq!(rows(json!({ "limit": 1 })).await, 1);
    assert_eq!(rows(json!({ "offset": 2 })).await, 0);
    assert_eq!(rows(json!({ "client_id": "harbour" })).await, 2);
    assert_eq!(rows(json!({ "client_id": "birch" })).await, 0);
}
