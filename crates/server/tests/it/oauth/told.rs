//! What operators are told about identity providers: why a token is refused, in the log, and at the start that there are no
//! keys.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::issuers::{ProviderKey, changed, claims, rig_and_key, write_keys};
use super::rig::{Clock, NOW_S, Rig, a_day_later, now};
use crate::program::Program;

/// What is logged while a token is checked.
fn log_of(rig: &Rig, token: &str, clock: Clock) -> String {
    let written = Arc::new(Mutex::new(Vec::new()));
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(Arc::new(Buffer(Arc::clone(&written))))
        .finish();
    tracing::subscriber::with_default(log, || assert!(!rig.is_valid(token, clock)));
    let written = written.lock().unwrap().clone();
    String::from_utf8(written).unwrap()
}

struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for &Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_log_says_why_a_token_is_refused_and_nothing_else_about_it() {
    let (rig, key, _) = rig_and_key();
    for (claims, reason) in [
        (changed("aud", json!("confidential")), "audience"),
        (changed("iss", json!("https://else.example.com/")), "neither jwt.issuer"),
        (changed("exp", json!(NOW_S - 60)), "exp has passed"),
        (changed("nbf", json!(NOW_S + 60)), "nbf is to come"),
        (changed("tenant", json!("confidential")), "account"),
        (changed("channel_ids", json!("confidential")), "channel_ids"),
    ] {
        let token = key.sign(&claims);
        let log = log_of(&rig, &token, now);
        assert!(log.contains("DEBUG") && log.contains(reason), "{reason}: {log}");
        assert!(log.contains("\"one\"") && log.contains(claims["iss"].as_str().unwrap()), "{log}");
        assert!(!log.contains("confidential") && !log.contains(token.split('.').nth(1).unwrap()), "{log}");
    }
    let known = key.sign(&claims());
    assert!(rig.is_valid(&known, now));
    assert!(log_of(&rig, &known, a_day_later).contains("exp has passed"), "of a remembered one, too");
}

#[test]
fn a_key_file_that_cannot_be_used_stops_what_starts_a_server() {
    let program = Program::new();
    let settings = "[[jwt.issuers]]\nissuer = \"https://a/\"\naudience = \"b\"\njwks_file = \"keys.json\"\n\
                    account = \"c\"\n";
    std::fs::write(program.folder.path().join("tallyhouse.toml"), settings).unwrap();
    program.answer("account create harbour");
    let file = program.folder.path().join("keys.json");
    for content in [None, Some(""), Some("{\"keys\": []}")] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        for line in ["check-config", "serve --listen 127.0.0.1:0"] {
            let message = program.failure(line, 1);
            assert!(message.contains("jwks_file keys.json") && message.contains("https://a/"), "{message}");
        }
    }
    write_keys(&file, &[&ProviderKey::new("one").jwk]);
    program.answer("check-config");
}
