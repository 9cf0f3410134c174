//! `tallyhouse demo`: what it prints works, and a folder of an earlier edition gets what it lacks.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

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
        assert_eq!(stored["stored_edition"], 3);
    }
}
