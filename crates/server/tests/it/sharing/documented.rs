//! The page on the API: its examples of sharing are sent as they are printed, and its receiver receives.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tallyhouse_server::catalog::{Narrowing, Scope, TokenRequest};

use super::published::{path_of, publication};
use super::rig::{Reply, Rig, basic, documented};
use super::shell::{Line, lines, sent, value};
use super::snapshots_found::reaction;
use crate::process::{Folder, Starting};
use crate::receiver::THIS_MACHINE;

/// Where the page says that the server is.
const BASE: &str = "http://127.0.0.1:8686";

/// A section of the page, by its heading.
fn section(heading: &str) -> String {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(crate_folder.join("../../docs/API.md")).unwrap();
    page.split_once(&format!("\n{heading}\n")).unwrap().1.split("\n### ").next().unwrap().to_owned()
}

/// The blocks of a section in a language.
fn blocks(section: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let blocks = section.split(&start).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// Whoever tries the examples.
struct Shell {
    rig: Rig,
    variables: HashMap<String, String>,
}

impl Shell {
    fn new() -> Self {
        let mut config = documented();
        config.sharing.shorturl_base = format!("{BASE}/s");
        config.sharing.pingback_networks = "127.0.0.0/8".to_owned().try_into().unwrap();
        let rig = Rig::with_config(config);
        let request = TokenRequest {
            account: rig.demo.site.account,
            scopes: vec![Scope::Append],
            narrowing: Narrowing::default(),
            expires_at: None,
            label: None,
        };
        let token = rig.state.catalog.create_token(&request, (rig.state.clock)()).unwrap().secret;
        let keys = format!("{}:{}", rig.demo.site.public_key, rig.demo.private_key);
        let variables = [("BASE", BASE.to_owned()), ("TOKEN", token), ("SITE", keys)];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { rig, variables }
    }

    async fn ask(&self, curl: &str) -> Reply {
        let sent = sent(curl, &self.variables);
        let path = sent.url.strip_prefix(BASE).unwrap_or_else(|| panic!("{curl}"));
        let mut headers = sent.headers;
        if let Some((public_key, private_key)) = sent.user.as_deref().and_then(|user| user.split_once(':')) {
            headers.push(("authorization".to_owned(), basic(public_key, private_key)));
        }
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.rig.request(&sent.method, path, &headers, &sent.body).await
    }

    /// Does what a script says; what its last line answers.
    async fn run(&mut self, script: &str) -> Reply {
        let mut last = None;
        for line in lines(script) {
            match line {
                Line::Ask { curl, answer } => {
                    let reply = self.ask(&curl).await;
                    if let Some(answer) = answer {
                        let location = reply.header("location").unwrap_or_default();
                        let redirect = format!("{} {location}", reply.status);
                        assert_eq!(if location.is_empty() { &reply.text } else { &redirect }, &answer);
                    }
                    last = Some(reply);
                }
                Line::Keep { name, curl, member } => {
                    let reply = self.ask(&curl).await;
                    assert!(reply.status < 300, "{curl}: {}", reply.text);
                    self.variables.insert(name, value(&reply.text, &member));
                }
                Line::Until { curl, text } => {
                    assert!(!self.ask(&curl).await.text.contains(&text), "it is not there yet");
                    assert_eq!(self.rig.make_snapshots(), 1);
                    assert!(self.ask(&curl).await.text.contains(&text), "{text}");
                }
            }
        }
        last.unwrap()
    }
}

/// How many there are of each in what a snapshot found for a social network.
fn counts(found: &Value, provider: &str) -> [Value; 4] {
    let entries = found["publication_snapshots"]["entries"].as_array().unwrap().iter();
    let mut entries = entries.filter(|entry| entry["publication"]["provider"] == provider);
    let snapshot = &entries.next().unwrap()["publication_snapshot"];
    ["urls", "likes", "comments", "retweets"].map(|name| snapshot[name]["count"].clone())
}

#[tokio::test]
async fn both_workflows_of_the_page_find_what_was_sent() {
    let section = section("### Workflows of sharing");
    let blocks = blocks(&section, "sh");
    let [_, without_pingback, _, with_pingback] = &blocks[..] else { panic!("{}", blocks.len()) };
    let mut shell = Shell::new();
    let reply = shell.run(without_pingback).await;
    let found = &reply.data(200)["sharing_analytics_snapshot"];
    assert_eq!(counts(found, "twitter"), [json!(1), json!(0), json!(0), json!(1)]);
    assert_eq!(counts(found, "facebook"), [json!(1), json!(1), json!(1), json!(0)]);
    let reply = shell.run(with_pingback).await;
    assert_eq!(reply.data(200)["sharing_analytics_snapshot"]["status"], "pending");
    assert_eq!(shell.rig.make_snapshots(), 1);
}

#[tokio::test]
async fn the_examples_of_sharing_records_answer_what_the_page_says() {
    let section = section("### Sharing records");
    let blocks = blocks(&section, "sh");
    assert_eq!(blocks.len(), 1, "examples were added or are not found any more");
    assert!(Shell::new().run(&blocks[0]).await.text.starts_with(r#"{"successful_rows":3,"#));
}

/// All members of an object, and of those in it, by their paths.
fn members(value: &Value, path: &str) -> Vec<String> {
    let below = |(name, value): (String, &Value)| {
        let path = format!("{path}.{name}");
        [vec![path.clone()], members(value, &path)].concat()
    };
    match value {
        Value::Object(object) => {
            object.iter().flat_map(|(name, value)| below((name.clone(), value))).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| below((String::new(), item))).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn the_example_of_a_snapshot_is_what_is_answered() {
    let example: Value = serde_json::from_str(&blocks(&section("### Snapshots"), "json")[0]).unwrap();
    let rig = Rig::new();
    rig.keep_message(&rig.demo, "m1", &[publication(Some("twitter"), "u", "i", &[])]);
    let visit = |number| {
        reaction(&format!("r{number}"), "twitter", "referral", json!({"target": "http://www.example.com/"}))
    };
    let mut records: Vec<String> = (0..12).map(visit).collect();
    let by = json!({
        "username": "quiet-owl", "profile_url": "https://twitter.example.com/quiet-owl", "num_followers": 120,
        "date_member_since": "2009-05-04T00:00:00Z",
    });
    records.push(reaction("r", "twitter", "retweet", by));
    rig.send("reactions", &records.join("\n")).await;
    let token = rig.initiate("m1").await;
    rig.pass(86);
    assert_eq!(rig.make_snapshots(), 1);
    let data = rig.get(&path_of(&token)).await.data(200);
    assert_eq!(members(&example, ""), members(&data, ""));
    let found = |data: &Value| {
        data["sharing_analytics_snapshot"]["publication_snapshots"]["entries"][0]["publication_snapshot"]
            .clone()
    };
    assert_eq!(found(&example), found(&data));
}

/// A child that dies with the test.
struct Receiver(Child);

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_receiver_of_the_page_has_ten_lines_and_prints_the_token_of_the_snapshot() {
    let section = section("### Workflows of sharing");
    let receiver = &blocks(&section, "python")[0];
    assert!(receiver.lines().count() <= 10, "{}", receiver.lines().count());
    if Command::new("python3").arg("--version").output().is_err() {
        return eprintln!("there is no Python here to run it with");
    }
    // A port that was free a moment ago; should somebody else take it, the receiver says so and ends.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let code = receiver.replace("8080", &port.to_string());
    let child =
        Command::new("python3").args(["-c", &code]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = Receiver(child.unwrap());
    let output = BufReader::new(child.0.stdout.take().unwrap());

    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    let keys = folder.site("harbour", "pier");
    let server = Starting::spawn_with(&folder, &THIS_MACHINE).listening().unwrap();
    let ask = |method: &str, path: &str, body: &Value| -> String {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", server.url()));
        let request = request.header("authorization", &keys);
        let mut answer = ureq::run(request.body(body.to_string()).unwrap()).unwrap();
        assert_eq!(answer.status(), 201);
        answer.body_mut().read_to_string().unwrap()
    };
    let for_user = json!({"user_token": "u", "providers": ["twitter"]});
    let message = json!({"publish_for_user": for_user, "parts": {"text": {"body": "x"}}});
    let published = ask("POST", "/sharing/messages.json", &json!({"request": {"sharing_message": message}}));
    let sharing = json!({
        "sharing_message_token": value(&published, "sharing_message_token"),
        "pingback_uri": format!("http://127.0.0.1:{port}/"),
    });
    let asked = json!({"request": {"analytics": {"sharing": sharing}}});
    let scheduled = ask("PUT", "/sharing/analytics/snapshots.json", &asked);
    let printed = output.lines().next().expect("it is told, and prints that").unwrap();
    assert_eq!(printed, value(&scheduled, "sharing_analytics_snapshot_token"));
}
