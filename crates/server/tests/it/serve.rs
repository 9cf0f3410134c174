//! The server as a process: it says where it is, sees what the command line changes, and stops when told to.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::program::Program;

struct Server {
    process: Child,
    base: String,
}

impl Server {
    fn start(program: &Program) -> Self {
        let mut command = program.command(["serve", "--listen", "127.0.0.1:0"]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim_end().strip_prefix("listening on ").expect("the first line has the address");
        Self { process, base: base.to_owned() }
    }

    fn status(&self, path: &str, token: Option<&str>) -> u16 {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = agent.get(format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.header("Authorization", token);
        }
        request.call().unwrap().status().as_u16()
    }

    /// Tells the process to stop and answers its exit code.
    fn stop(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.process.wait().unwrap().code()
    }
}

/// A test that fails must not leave its server behind.
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_server_is_ready_once_it_told_its_address_and_stops_cleanly_on_sigterm() {
    let program = Program::new();
    let server = Server::start(&program);
    assert_eq!(server.status("/health", None), 200);
    assert_eq!(server.status("/ready", None), 200);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn tokens_of_the_command_line_take_effect_on_a_running_server_at_once() {
    let program = Program::new();
    let server = Server::start(&program);
    program.answer("account create acme");
    let token = program.json("token create --account acme --scope read --json");
    let secret = token["token"].as_str().unwrap();
    let url = "/v1/total-views/summary?date_time_from=2018-07-16T00:00:00Z&date_time_to=2018-07-17T00:00:00Z";
    assert_eq!(server.status(url, Some(secret)), 200);
    assert_eq!(server.status(&url[3..], Some(&format!("Bearer {secret}"))), 200);
    program.answer(&format!("token revoke {}", token["id"].as_str().unwrap()));
    assert_eq!(server.status(url, Some(secret)), 401);
}

#[test]
fn a_second_server_and_a_check_are_told_that_the_folder_is_in_use() {
    let program = Program::new();
    let _server = Server::start(&program);
    for line in ["serve --listen 127.0.0.1:0", "check"] {
        assert!(program.failure(line, 1).contains("in use by another process"), "{line}");
    }
}

#[test]
fn urls_and_methods_that_there_are_not_are_answered_in_the_shape_of_their_family() {
    let program = Program::new();
    let server = Server::start(&program);
    for path in ["/", "/v1", "/v1/nothing", "/v1/total-views", "/nothing", "/v0/nothing"] {
        assert_eq!(server.status(path, None), 404, "{path}");
    }
    for path in ["/v1/views", "/views", "/health", "/ready", "/v0/events"] {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.delete(format!("{}{path}", server.base)).call().unwrap();
        assert_eq!(answer.status(), 405, "{path}");
        let allowed = if path == "/v0/events" { "POST" } else { "GET,HEAD" };
        assert_eq!(answer.headers()["allow"], allowed, "{path}");
        let body: serde_json::Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        assert!(if path == "/v0/events" { body["error"].is_string() } else { body["errors"][0].is_object() });
    }
}

#[test]
fn a_checked_folder_is_sound_after_a_server_ran_on_it() {
    let program = Program::new();
    assert_eq!(Server::start(&program).stop(), Some(0));
    assert_eq!(program.json("check --json")["findings"], serde_json::json!([]));
}
