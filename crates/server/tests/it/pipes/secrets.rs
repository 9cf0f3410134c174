//! The real program: URLs as they come over the wire, and tokens in URLs and forms, which reach no log.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::process::{Folder, Starting};

/// Sends these bytes and reads whatever comes back.
fn exchange(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_raw_space_in_the_url_is_400_and_the_server_goes_on() {
    let folder = Folder::new();
    let token = folder.account("acme", &["read"]);
    let server = Starting::spawn(&folder).listening().unwrap();
    let ask = |space: &str| {
        let path = format!(
            "/v0/pipes/api_replicate_analytics.json?token={token}&start_timestamp=2020-01-01{space}01:01:01"
        );
        exchange(&server.url(), &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    };
    assert!(ask(" ").starts_with("HTTP/1.1 400"));
    for space in ["%20", "+", "T"] {
        assert!(ask(space).starts_with("HTTP/1.1 200"), "{space}");
    }
}

#[test]
fn no_token_of_a_url_or_form_is_logged_at_any_level() {
    for level in ["info", "trace"] {
        let folder = Folder::new();
        let valid = folder.account("acme", &["read"]);
        let starting = Starting::spawn_with(&folder, &[("TALLYHOUSE_LOG_LEVEL", level)]);
        let server = starting.listening().unwrap();
        let url = server.url();
        let wrong = "tally_5ec2e7";
        let get = |path: &str| {
            exchange(&url, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        };
        for secret in [&*valid, wrong] {
            for name in ["token", "TOKEN", "%74oken", "t%6Fken", "to%6ben"] {
                for path in [
                    "/v0/pipes/api_replicate_analytics.json",
                    "/v0/pipes",
                    "/v0/pipes/nothing",
                    "/v0/sql",
                    "/v0/nothing",
                    "/nothing",
                ] {
                    assert!(get(&format!("{path}?{name}={secret}")).starts_with("HTTP/1.1 "));
                }
            }
            // A raw space ends the request line, and the library refuses what it then sees.
            get(&format!(
                "/v0/pipes/api_replicate_analytics.json?token={secret}&start_timestamp=2020-01-01 01:01:01"
            ));
            let form = format!("start_timestamp=2020-01-01&token={secret}");
            let posted = exchange(
                &url,
                &format!(
                    "POST /v0/pipes/api_replicate_analytics.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                     Content-Length: {}\r\n\r\n{form}",
                    form.len()
                ),
            );
            assert!(
                posted.starts_with(if secret == wrong { "HTTP/1.1 403" } else { "HTTP/1.1 200" }),
                "{posted}"
            );
        }
        assert!(server.stop().success());
        let log = std::fs::read_to_string(folder.path("server.log")).unwrap();
        assert!(log.lines().filter(|line| line.contains("answered")).count() >= 60, "{log}");
        for secret in [valid.strip_prefix("tally_").unwrap(), "5ec2e7"] {
            assert!(!log.contains(secret), "the token is in the log at {level}");
        }
    }
}
