//! The real program: no password and no token of a session is in a log at any level, or in a file.

use std::path::Path;

use serde_json::{Value, json};

use super::command_line::with_password;
use crate::process::{Folder, Server, Starting, program, run};

const PASSWORD: &str = "unmistakable harbour";
const WRONG: &str = "unmistakable error";

/// All files of a folder and those below it, one behind the other.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(if path.is_dir() { bytes_below(&path) } else { std::fs::read(&path).unwrap() });
    }
    bytes
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A whole life of a session; all secrets that were in it.
fn secrets_of(server: &Server) -> Vec<String> {
    let client = server.client();
    let post = |body: String| client.send_to("/api/v4/session", "", &body).unwrap();
    let body = |password| json!({"session": {"email": "owl@example.com", "password": password}}).to_string();
    assert_eq!(post(body(WRONG)).status, 401);
    let form = format!("session[email]=owl@example.com&session[password]={PASSWORD}");
    let mut secrets = vec![PASSWORD.to_owned(), WRONG.to_owned()];
    for answer in [post(body(PASSWORD)), post(form)] {
        assert_eq!(answer.status, 200);
        let session: Value = answer.json()["session"].take();
        let [access, refresh] =
            ["access_token", "refresh_token"].map(|name| session[name].as_str().unwrap().to_owned());
        assert_eq!(client.get(&format!("Token token={access}"), "/api/v4/session").status, 200);
        secrets.extend([access.strip_prefix("smt_").unwrap().to_owned(), refresh]);
    }
    secrets
}

#[test]
fn no_password_and_no_token_is_logged_or_kept() {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    let mut create = program();
    create.args(["user", "create", "--account", "harbour", "--email", "owl@example.com", "--data"]);
    let made = with_password(create.arg(folder.data()), PASSWORD);
    assert!(made.status.success() && !contains(&made.stdout, PASSWORD) && !contains(&made.stderr, PASSWORD));
    for level in ["info", "trace"] {
        let starting = Starting::spawn_with(&folder, &[("TALLYHOUSE_LOG_LEVEL", level)]);
        let server = starting.listening().unwrap();
        let secrets = secrets_of(&server);
        let running = bytes_below(&folder.data());
        assert!(server.stop().success());
        let log = std::fs::read(folder.path("server.log")).unwrap();
        assert!(contains(&log, "/api/v4/session") && contains(&running, "owl@example.com"));
        for secret in &secrets {
            for bytes in [&log, &running, &bytes_below(&folder.data())] {
                assert!(!contains(bytes, secret), "a secret is kept or logged at {level}");
            }
        }
        assert!(!contains(&log, "owl@example.com"), "addresses are nobody else's business");
    }
    let listed = run(program().args(["user", "list", "--json", "--data"]).arg(folder.data()));
    assert!(contains(&listed.stdout, "owl@example.com") && !contains(&listed.stdout, "argon2"));
}
