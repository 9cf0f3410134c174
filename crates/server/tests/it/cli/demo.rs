//! `tallyhouse demo`: what it prints works, and a folder of an earlier edition gets what it lacks.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::process::{Folder, program};

/// A demo that answers; it ends with its test.
struct Demo {
    process: Child,
    /// What it printed.
    guide: String,
}

impl Demo {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = program();
        command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(folder.data()).args(arguments);
        let mut process =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it can be started");
        let mut output = BufReader::new(process.stdout.take().expect("standard output is piped"));
        let mut guide = String::new();
        while !guide.contains("Ctrl-C") {
            let bytes = output.read_line(&mut guide).expect("it prints text");
            assert!(bytes > 0, "the demo ended before it was ready; it printed {guide:?}");
        }
        Self { process, guide }
    }

    /// The word behind another one in what was printed.
    fn word_behind(&self, word: &str) -> &str {
        let (_, rest) =
            self.guide.split_once(word).unwrap_or_else(|| panic!("no {word:?} in {}", self.guide));
        rest.split([' ', '\n']).find(|word| !word.is_empty()).expect("there is more")
    }

    /// The answer to a request with this secret.
    fn get(&self, secret: &str, path: &str) -> Value {
        let url = format!("{}{path}", self.word_behind("listening on "));
        let mut answer = ureq::get(url)
            .header("Authorization", format!("Bearer {secret}"))
            .call()
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        json_of(&mut answer)
    }

    fn sign_in(&self) -> String {
        let url = format!("{}/api/v4/session", self.word_behind("listening on "));
        let password = self.word_behind("password ");
        let body = json!({"session": {"email": "demo@example.com", "password": password}});
        let request = ureq::post(url).content_type("application/json");
        let mut answer = request.send(body.to_string()).expect("the login of the demo is good");
        json_of(&mut answer)["session"]["access_token"].as_str().expect("a token").to_owned()
    }

    /// The answer to a request of the site of the demo, with the keys that were printed.
    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let url = format!("{}{path}", self.word_behind("listening on "));
        let authorization = format!("Basic {}", STANDARD.encode(self.word_behind("site   demo, keys ")));
        let request =
            ureq::http::Request::builder().method(method).uri(url).header("Authorization", authorization);
        let request = request.body(body.to_owned()).expect("it is a request");
        let mut answer = ureq::run(request).unwrap_or_else(|error| panic!("{path}: {error}"));
        json_of(&mut answer)["response"]["result"]["data"].take()
    }

    /// The requests about reports that were printed, without the server's address.
    fn paths(&self) -> Vec<String> {
        let printed = self.guide.split('\'').filter_map(|word| word.split_once("/api/v4/analytics/"));
        printed.map(|(_, path)| format!("/api/v4/analytics/{path}")).collect()
    }
}

fn json_of(answer: &mut ureq::http::Response<ureq::Body>) -> Value {
    let text = answer.body_mut().read_to_string().expect("answers are text");
    serde_json::from_str(&text).expect("answers are JSON")
}

/// A test that fails must not leave its server behind.
impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_requests_that_the_demo_prints_have_answers_for_its_token_and_its_login() {
    let folder = Folder::new();
    let demo = Demo::start(&folder, &["--segments", "2000"]);
    let (token, session) = (demo.word_behind("token  ").to_owned(), demo.sign_in());
    let paths = demo.paths();
    assert_eq!(paths.len(), 3, "{}", demo.guide);
    for path in paths {
        let answer = demo.get(&token, &path);
        assert_eq!(answer, demo.get(&session, &path));
        assert!(answer.as_array().map_or(answer.is_object(), |rows| !rows.is_empty()), "{path}: {answer}");
    }
}

#[test]
fn the_site_of_the_demo_has_messages_and_finished_snapshots_that_found_something() {
    let folder = Folder::new();
    let demo = Demo::start(&folder, &["--segments", "2000"]);
    let requests = demo.guide.lines().filter(|line| line.trim_start().starts_with("curl -u "));
    let paths: Vec<String> = requests
        .map(|line| line.split('\'').nth(1).expect("a URL").to_owned())
        .map(|url| url[url.find("/sharing/").expect("a path")..].to_owned())
        .collect();
    assert_eq!(paths.len(), 5, "{}", demo.guide);
    assert_eq!(demo.ask("GET", &paths[0], "")["sharing_messages"]["count"], 3);
    let message = demo.ask("GET", &paths[1], "")["sharing_message"].take();
    let shorturl = &message["publications"]["entries"][0]["shorturls"]["entries"][0]["short_url"];
    assert!(
        shorturl.as_str().expect("a short URL").starts_with(demo.word_behind("listening on ")),
        "{message}"
    );
    let list = demo.ask("GET", "/sharing/analytics/snapshots.json", "")["sharing_analytics_snapshots"].take();
    let entries = list["entries"].as_array().expect("a list");
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry["status"] == "processed"), "{list}");
    let found = entries.iter().map(|entry| {
        let token = entry["sharing_analytics_snapshot_token"].as_str().expect("a token");
        demo.ask("GET", &format!("/sharing/analytics/snapshots/{token}.json"), "")
    });
    let found: Vec<String> = found.map(|data| data.to_string()).collect();
    for member in ["likes", "comments", "retweets", "urls"] {
        let empty = format!("\"{member}\":{{\"count\":0,");
        let is_found =
            |data: &String| data.matches(&empty).count() < data.matches(&format!("\"{member}\":")).count();
        assert!(found.iter().any(is_found), "no snapshot has any {member}");
    }
    assert_eq!(
        demo.ask("GET", &paths[3], ""),
        serde_json::from_str::<Value>(found.last().expect("one")).expect("JSON")
    );
    let body =
        demo.guide.lines().find_map(|line| line.split_once("-X PUT")?.1.split('\'').nth(3)).expect("a body");
    assert!(demo.ask("PUT", &paths[4], body)["sharing_analytics_snapshot"].is_object());
}

#[test]
fn a_demo_of_the_second_edition_gets_reports_and_keeps_what_it_has() {
    let folder = Folder::new();
    std::fs::create_dir(folder.data()).expect("the folder can be made");
    let recipe = folder.data().join("demo.json");
    let earlier = r#"{"seed":3,"segments":400,"until":"2026-03-01T00:00:00Z","stored_edition":2}"#;
    std::fs::write(&recipe, earlier).expect("the folder can be written to");
    for _ in 0..2 {
        let demo = Demo::start(&folder, &[]);
        let token = demo.word_behind("token  ");
        let year = "channel_id=1&start_date=2025-03-01T00:00:00Z&end_date=2026-03-01T00:00:00Z";
        let read = demo.get(token, &format!("/api/v4/analytics/reports_read?{year}"));
        assert!(read["total_reads"].as_u64().is_some_and(|reads| reads > 50), "{read}");
        // Segments were made by the earlier edition, or would have been: nobody makes them again.
        let views = demo.get(token, "/v1/total-views/day?date_time_from=2025-12-01&date_time_to=2026-03-01");
        assert!(!views.to_string().contains("2026-02"), "{views}");
        drop(demo);
        let stored: Value =
            serde_json::from_slice(&std::fs::read(&recipe).expect("it is there")).expect("JSON");
        assert_eq!(stored["stored_edition"], 4);
    }
}
