//! Pingbacks of the whole program: what can be asked for, a receiver on this machine, the log on the command line, and what
//! it is signed with. What receivers can do wrong is tested in `src/jobs/pingbacks/tests`.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};

use super::rig::{MESSAGES, Rig, SNAPSHOTS};
use crate::process::{Folder, Server, Starting, program, run, run_json, run_refused, text};
use crate::program::Program;
use crate::receiver::{Received, THIS_MACHINE, receive};

/// How long a receiver waits before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

const MESSAGE: &str = r#"{"request":{"sharing_message":{"publish_for_user":{"user_token":"u","providers":["twitter"]},"parts":{"text":{"body":"x"}}}}}"#;

/// A data folder with a site, and the value of `Authorization` that it sends.
fn folder_with_site() -> (Folder, String) {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    let keys = folder.site("harbour", "demo");
    (folder, keys)
}

fn started(folder: &Folder) -> Server {
    Starting::spawn_with(folder, &THIS_MACHINE).listening().unwrap_or_else(|log| panic!("{log}"))
}

fn command_json(folder: &Folder, line: &str) -> Value {
    run_json(program().args(line.split(' ')).arg("--data").arg(folder.data()))
}

fn command(folder: &Folder, line: &str) -> String {
    text(&run(program().args(line.split(' ')).arg("--data").arg(folder.data())).stdout)
}

fn ask(server: &Server, keys: &str, method: &str, path: &str, body: &str) -> Value {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let url = format!("{}{path}", server.url());
    let request = match method {
        "PUT" => agent.put(url),
        _ => agent.post(url),
    };
    let answer =
        request.header("Authorization", keys).send(body).unwrap().body_mut().read_to_string().unwrap();
    serde_json::from_str::<Value>(&answer).unwrap()["response"]["result"]["data"].take()
}

/// Publishes a message and asks for a snapshot of it that is told there; the snapshot's token.
fn snapshot_told_to(server: &Server, keys: &str, uri: &str) -> String {
    let message =
        ask(server, keys, "POST", MESSAGES, MESSAGE)["sharing_message"]["sharing_message_token"].take();
    let sharing = json!({ "sharing_message_token": message, "pingback_uri": uri });
    let body = json!({ "request": { "analytics": { "sharing": sharing } } }).to_string();
    let data = ask(server, keys, "PUT", SNAPSHOTS, &body);
    data["sharing_analytics_snapshot"]["sharing_analytics_snapshot_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_finished_snapshot_is_told_and_an_operator_reads_it_in_the_log_and_sends_it_again() {
    let ((folder, keys), (uri, pingbacks)) = (folder_with_site(), receive());
    let server = started(&folder);
    let token = snapshot_told_to(&server, &keys, &uri);
    let first = pingbacks.recv_timeout(PATIENCE).unwrap();
    let body: Value = serde_json::from_str(&first.body).unwrap();
    let request = &body["response"]["request"];
    assert_eq!(
        (&request["resource"], &request["status"]["code"]),
        (&json!("/sharing/analytics/snapshot.json"), &json!(200))
    );
    let snapshot = &body["response"]["result"]["data"]["sharing_analytics_snapshot"];
    assert_eq!(snapshot["sharing_analytics_snapshot_token"], token);
    let members: Vec<_> = snapshot.as_object().unwrap().keys().collect();
    assert_eq!(members.len(), 4, "{members:?}");
    let id = first.header("webhook-id").unwrap();

    // In any order beside the server: it notes what came of the attempt after the receiver has answered.
    let log = || command_json(&folder, &format!("pingback list --site demo --snapshot {token} --json"));
    let until = Instant::now() + PATIENCE;
    let listed = loop {
        let listed = log();
        if listed[0]["state"] != "waiting" {
            break listed;
        }
        assert!(Instant::now() < until, "the note never came: {listed}");
    };
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let expected = [
        ("id", json!(id)),
        ("site", json!("demo")),
        ("sharing_analytics_snapshot_token", json!(token)),
        ("pingback_uri", json!(uri)),
        ("state", json!("delivered")),
        ("num_attempts", json!(1)),
        ("next_attempt_at", Value::Null),
    ];
    expected.into_iter().for_each(|(name, value)| assert_eq!(listed[0][name], value, "{name}"));
    let shown = command_json(&folder, &format!("pingback show {id} --json"));
    assert_eq!((&shown["body"], &shown["attempts"][0]["status"]), (&json!(first.body), &json!(200)));
    assert_eq!(
        (&shown["attempts"][0]["address"], &shown["attempts"][0]["problem"]),
        (&json!("127.0.0.1"), &Value::Null)
    );
    assert!(command(&folder, &format!("pingback show {id}")).contains("status 200 (127.0.0.1)"));
    assert_eq!(command_json(&folder, "pingback list --state failed --json"), json!([]));

    command(&folder, &format!("pingback replay {id}"));
    let again = pingbacks.recv_timeout(PATIENCE).unwrap();
    assert_eq!((again.header("webhook-id"), &again.body), (Some(id), &first.body));
    let log = server.log_tail();
    assert!(!log.contains("pingback.php"), "URIs may hold secrets: {log}");
}

#[test]
fn what_is_sent_again_while_no_server_runs_is_told_at_its_start() {
    let ((folder, keys), (uri, pingbacks)) = (folder_with_site(), receive());
    let server = started(&folder);
    let token = snapshot_told_to(&server, &keys, &uri);
    let first = pingbacks.recv_timeout(PATIENCE).unwrap();
    server.kill();
    // It has to find nothing.
    folder.check();
    let id = first.header("webhook-id").unwrap();
    command(&folder, &format!("pingback replay {id}"));
    let waiting = command_json(&folder, "pingback list --state waiting --json");
    assert_eq!(waiting[0]["sharing_analytics_snapshot_token"], token);
    let _server = started(&folder);
    let again = pingbacks.recv_timeout(PATIENCE).unwrap();
    assert_eq!((again.header("webhook-id"), &again.body), (Some(id), &first.body));
}

/// As the specification tells receivers to.
fn verifies(got: &Received, secret: &str) -> bool {
    let key =
        hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap());
    let signed = format!(
        "{}.{}.{}",
        got.header("webhook-id").unwrap(),
        got.header("webhook-timestamp").unwrap(),
        got.body
    );
    got.header("webhook-signature").unwrap().split(' ').any(|signature| {
        let signature = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
        hmac::verify(&key, signed.as_bytes(), &signature).is_ok()
    })
}

#[test]
fn secrets_sign_from_the_moment_they_are_made_and_are_shown_once() {
    let ((folder, keys), (uri, pingbacks)) = (folder_with_site(), receive());
    let server = started(&folder);
    let told = || {
        snapshot_told_to(&server, &keys, &uri);
        pingbacks.recv_timeout(PATIENCE).unwrap()
    };
    assert_eq!(told().header("webhook-signature"), None);
    let made = command_json(&folder, "webhook-secret create --site demo --json");
    let first = made["secret"].as_str().unwrap().to_owned();
    assert!(verifies(&told(), &first));
    let second = command(&folder, "webhook-secret create --site demo").trim_end().to_owned();
    let both = told();
    assert!(first != second && verifies(&both, &first) && verifies(&both, &second));
    command(&folder, &format!("webhook-secret revoke {}", made["id"].as_str().unwrap()));
    let one = told();
    assert!(verifies(&one, &second) && !verifies(&one, &first));
    // By default, the one before signs for a day.
    let listed = command_json(&folder, "webhook-secret list --site demo --json");
    let states: Vec<_> = listed.as_array().unwrap().iter().map(|secret| &secret["state"]).collect();
    assert_eq!(states, ["expired", "active"]);
    for secret in [&first, &second] {
        assert!(
            !listed.to_string().contains(secret) && !command(&folder, "webhook-secret list").contains(secret)
        );
        assert!(!server.log_tail().contains(secret));
    }
}

#[test]
fn what_is_no_site_pingback_secret_or_time_is_said() {
    let program = Program::new();
    program.answer("account create harbour");
    program.answer("site create --account harbour --name demo --json");
    for (line, advice) in [
        ("webhook-secret create --site nobody", "tallyhouse site list"),
        ("webhook-secret create --site demo --keep-old tomorrow", "90d"),
        ("webhook-secret revoke whs_1", "tallyhouse webhook-secret list"),
        ("pingback show 1", "tallyhouse pingback list"),
        ("pingback replay 1", "tallyhouse pingback list"),
        ("pingback list --site nobody", "tallyhouse site list"),
    ] {
        let message = program.failure(line, 1);
        assert!(message.starts_with("error: ") && message.contains(advice), "{line}: {message}");
    }
    for line in ["pingback", "webhook-secret", "webhook-secret create", "pingback list --state sent"] {
        program.failure(line, 2);
    }
    assert_eq!(program.json("pingback list --json"), json!([]));
    program.answer("webhook-secret create --site demo --keep-old 2h");
    program.answer("webhook-secret create --site demo --keep-old 0h");
    let listed = program.json("webhook-secret list --json");
    assert_eq!([&listed[0]["state"], &listed[1]["state"]], ["expired", "active"]);
}

#[test]
fn networks_that_are_none_stop_the_server_and_are_named() {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    for line in ["check-config", "serve --listen 127.0.0.1:0"] {
        let mut command = program();
        command.args(line.split(' ')).arg("--data").arg(folder.data());
        let message = run_refused(command.env("TALLYHOUSE_SHARING_PINGBACK_NETWORKS", "::1, 10.1.2.3/16"));
        assert!(
            message.contains("TALLYHOUSE_SHARING_PINGBACK_NETWORKS") && message.contains("10.1.2.3/16"),
            "{message}"
        );
    }
}

/// Asks for a snapshot of a message of its own, to be told there.
async fn put(rig: &Rig, uri: &str) -> super::rig::Reply {
    let reply = rig.ask("POST", MESSAGES, MESSAGE).await.data(201);
    let message = &reply["sharing_message"]["sharing_message_token"];
    let sharing = json!({ "sharing_message_token": message, "pingback_uri": uri });
    rig.ask("PUT", SNAPSHOTS, &json!({ "request": { "analytics": { "sharing": sharing } } }).to_string())
        .await
}

#[tokio::test]
async fn a_pingback_uri_that_can_never_be_told_anything_is_400() {
    let rig = Rig::new();
    for uri in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.1./",
        "http://127.0.0.1:80/x",
        "https://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://[ff02::1]/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://１２７.0.0.1/",
        "http://127。0。0。1/",
        "http://%31%32%37.0.0.1/",
        "http://user@example.com/",
        "http://a:b@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://example.com#@127.0.0.1/",
        "http:\\\\127.0.0.1/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "example.com",
        "//example.com/",
        "/pingback",
        "http://",
        "http:///x",
        "http://exa mple.com/",
        "http://example.com/\nX: y",
        "http://example.com/\u{0}",
        "http://example.com:0/",
        "http://example.com:99999/",
    ] {
        let info = put(&rig, uri).await.error(400);
        assert!(info.contains("pingback_uri"), "{uri}: {info}");
    }
    assert_eq!(
        rig.get(SNAPSHOTS).await.data(200)["sharing_analytics_snapshots"]["pagination"]["total_entries"],
        0
    );
    for uri in [
        "http://www.example.com/sharing-analytics/pingback.php",
        "https://93.184.215.14:8443/?x=1",
        "HTTP://EXAMPLE.COM",
    ] {
        put(&rig, uri).await.assert_status(201);
    }
}
