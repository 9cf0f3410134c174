//! Requests that are refused before their body was read: the client, who is still sending, gets to read why.

use crate::process::{Folder, Server, text};

/// More than the sockets between client and server hold, so that the client is still sending.
const LARGE: usize = 10_500_000;

#[test]
fn a_refusal_reaches_a_client_that_is_still_sending() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["append"]);
    let server = Server::start(&folder);
    let body = "y".repeat(LARGE);
    for (path, token, status) in [
        ("/v0/events?name=view_segments", token.as_str(), 413),
        ("/v0/events?name=view_segments", "unknown", 403),
        ("/v0/events?name=unknown", &token, 403),
        ("/v0/nothing", &token, 404),
        ("/v1/views", &token, 405),
    ] {
        let answer = server.client().send_to(path, token, &body);
        let answer = answer.unwrap_or_else(|error| panic!("{path}, {status} expected: {error}"));
        assert_eq!(answer.status, status, "{path}: {}", text(&answer.body));
    }
}

#[test]
fn a_connection_can_be_used_again_after_a_refusal() {
    let folder = Folder::new();
    folder.account("harbour", &["append"]);
    let server = Server::start(&folder);
    for _ in 0..20 {
        // One connection for all of them, which the client keeps open as long as the server does.
        let answer = server.client().send_to("/v0/events?name=view_segments", "unknown", "{}\n");
        assert_eq!(answer.expect("the server answers").status, 403);
    }
}
