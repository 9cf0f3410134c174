//! `tallyhouse account` and `tallyhouse token`, as scripts use them.

use tallyhouse_model::{DAY, parse_record_time};
use tallyhouse_server::catalog::{Catalog, Scope};
use tallyhouse_store::{Store, StoreOptions};

use crate::program::Program;

const NOW: i64 = 1_531_765_230_000_000;

#[test]
fn a_script_makes_an_account_and_a_token_that_works() {
    let program = Program::new();
    let account = program.json("account create acme --json");
    assert_eq!((&account["id"], &account["name"]), (&1.into(), &"acme".into()));
    let token = program.json("token create --account acme --scope read --scope append --label script --json");
    assert_eq!(token["scopes"], serde_json::json!(["read", "append"]));
    assert_eq!(token["label"], "script");
    assert!(token["expires_at"].is_null());
    let catalog = Catalog::open_existing(program.folder.path()).unwrap();
    let credential = catalog.authenticate(token["token"].as_str().unwrap(), NOW).unwrap();
    assert_eq!(credential.account.0, 1);
    assert!(credential.may(Scope::Append) && !credential.may(Scope::Admin));
}

#[test]
fn a_secret_is_printed_alone_once_and_never_listed() {
    let program = Program::new();
    program.answer("account create acme");
    let printed = program.answer("token create --account acme --scope read");
    let secret = printed.strip_suffix('\n').unwrap();
    assert!(secret.starts_with("tally_") && secret.lines().count() == 1);
    for line in ["token list", "token list --json", "account list", "account list --json"] {
        let answer = program.answer(line);
        assert!(!answer.contains(secret) && answer.contains("acme"), "{answer}");
    }
}

#[test]
fn tokens_are_listed_per_account_and_revoked_by_id() {
    let program = Program::new();
    for name in ["acme", "birch"] {
        program.answer(&format!("account create {name}"));
        program.answer(&format!("token create --account {name} --scope read"));
    }
    assert_eq!(program.json("token list --json").as_array().unwrap().len(), 2);
    let listed = program.json("token list --account birch --json");
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["state"]), (1, &"active".into()));
    program.answer(&format!("token revoke {id}"));
    let listed = program.json("token list --json");
    assert_eq!((&listed[0]["state"], &listed[1]["state"]), (&"active".into(), &"revoked".into()));
    assert!(listed[0]["revoked_at"].is_null() && listed[1]["revoked_at"].is_string());
}

#[test]
fn a_token_expires_when_it_was_told_to() {
    let program = Program::new();
    program.answer("account create acme");
    let token = program.json("token create --account acme --scope read --expires 90d --json");
    let [made, expires] =
        ["created_at", "expires_at"].map(|field| parse_record_time(token[field].as_str().unwrap()).unwrap());
    assert_eq!(expires - made, 90 * DAY);
    let message =
        program.failure("token create --account acme --scope read --expires 2001-01-01T00:00:00Z", 1);
    assert!(message.contains("--expires") && message.contains("future"), "{message}");
}

#[test]
fn errors_say_what_to_do() {
    let program = Program::new();
    for (line, advice) in [
        ("account list", "tallyhouse account create NAME"),
        ("token list", "tallyhouse account create NAME"),
        ("account create Acme", "1 to 64 letters a to z"),
    ] {
        let message = program.failure(line, 1);
        assert!(message.starts_with("error: ") && message.contains(advice), "{line}: {message}");
    }
    program.answer("account create acme");
    for (line, advice) in [
        ("account create acme", "already"),
        ("token create --account birch --scope read", "tallyhouse account list"),
        ("token list --account birch", "tallyhouse account create"),
        ("token revoke tok_none", "tallyhouse token list"),
    ] {
        let message = program.failure(line, 1);
        assert!(message.starts_with("error: ") && message.contains(advice), "{line}: {message}");
    }
}

#[test]
fn a_wrong_command_line_has_a_status_of_its_own() {
    let program = Program::new();
    for line in
        ["", "account", "token create --account acme", "token create --account acme --scope all", "fly"]
    {
        assert!(!program.failure(line, 2).is_empty(), "{line}");
    }
}

#[test]
fn check_names_a_catalog_that_is_damaged() {
    let program = Program::new();
    program.answer("account create acme");
    for _ in 0..40 {
        program.answer("token create --account acme --scope read --label some");
    }
    drop(Store::open(program.folder.path(), StoreOptions::default()).unwrap());
    let file = program.folder.path().join("catalog.db");
    program.answer("check");
    let names_the_catalog = || {
        let output = program.run("check");
        output.status.code() == Some(1) && String::from_utf8_lossy(&output.stdout).contains("catalog.db: ")
    };
    let sound = std::fs::read(&file).unwrap();
    let mut damaged = sound.clone();
    let page = damaged.len() / 4_096 / 2 * 4_096;
    damaged[page..page + 64].fill(0xff);
    std::fs::write(&file, damaged).unwrap();
    assert!(names_the_catalog());
    std::fs::write(&file, b"no database at all, but long enough to have been one: ".repeat(20)).unwrap();
    assert!(names_the_catalog());
    std::fs::write(&file, sound).unwrap();
    program.answer("check");
}
