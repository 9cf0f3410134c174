//! `tallyhouse client` and `tallyhouse key`, as scripts use them, and the tokens of a real server.

use serde_json::{Value, json};
use tallyhouse_server::catalog::{Catalog, Scope};

use super::rig::NOW;
use crate::program::Program;

#[test]
fn a_script_makes_a_client_that_can_be_used_listed_and_revoked() {
    let program = Program::new();
    program.answer("account create harbour");
    let made = program.json("client create --account harbour --json");
    assert_eq!(made.as_object().unwrap().keys().collect::<Vec<_>>(), ["client_id", "client_secret"]);
    let [id, secret] = ["client_id", "client_secret"].map(|name| made[name].as_str().unwrap().to_owned());
    for text in [&id, &secret] {
        assert!(text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()), "{text}");
    }
    let catalog = Catalog::open_existing(program.folder.path()).unwrap();
    assert_eq!(catalog.authenticate_client(&id, &secret).unwrap().unwrap().scopes, [Scope::Read]);
    let listed = program.json("client list --account harbour --json");
    assert_eq!((&listed[0]["client_id"], &listed[0]["state"]), (&json!(id), &json!("active")));
    assert!(!listed.to_string().contains(&secret) && !program.answer("client list").contains(&secret));
    program.answer(&format!("client revoke {id}"));
    assert_eq!(program.json("client list --json")[0]["state"], "revoked");
    assert!(catalog.authenticate_client(&id, &secret).unwrap().is_none());
}

#[test]
fn without_json_the_two_lines_name_what_they_show() {
    let program = Program::new();
    program.answer("account create harbour");
    let printed =
        program.answer("client create --account harbour --scope read --scope append --label nightly");
    let names: Vec<_> = printed.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(names, ["client_id", "client_secret"]);
    let listed = program.json("client list --json");
    assert_eq!((&listed[0]["scopes"], &listed[0]["label"]), (&json!(["read", "append"]), &json!("nightly")));
}

#[test]
fn tokens_and_clients_can_be_confined_to_contents_and_channels() {
    let program = Program::new();
    program.answer("account create harbour");
    program.answer("client create --account harbour --content-id 7,5 --content-id 5 --channel-id 9");
    program.answer("token create --account harbour --scope read --channel-id 9");
    for (list, contents) in [("client", json!([5, 7])), ("token", Value::Null)] {
        let listed = program.json(&format!("{list} list --json"));
        assert_eq!((&listed[0]["content_ids"], &listed[0]["channel_ids"]), (&contents, &json!([9])));
        assert!(program.answer(&format!("{list} list")).contains("only channels 9"));
    }
    for line in [
        "token create --account harbour --scope append --content-id 5",
        "client create --account harbour --scope read --scope admin --channel-id 5",
    ] {
        assert!(program.failure(line, 1).contains("only have the scope read"), "{line}");
    }
    program.failure("client create --account harbour --content-id -5", 2);
    program.failure("client create --account harbour --content-id 9223372036854775808", 2);
}

#[test]
fn keys_are_listed_rotated_and_retired() {
    let program = Program::new();
    program.answer("account create harbour");
    assert_eq!(program.json("key list --json"), json!([]));
    let first = program.json("key rotate --json");
    assert_eq!((&first["algorithm"], &first["state"]), (&json!("EdDSA"), &json!("signing")));
    let second = program.json("key rotate --algorithm HS256 --json");
    assert_eq!(second["algorithm"], "HS256");
    program.answer(&format!("key retire {}", first["id"].as_str().unwrap()));
    let states = program.json("key list --json");
    assert_eq!((&states[0]["state"], &states[1]["state"]), (&json!("retired"), &json!("signing")));
    let members: Vec<_> = states[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert!(!members.iter().any(|name| name.contains("private") || name.contains("secret")), "{members:?}");
    let message = program.failure(&format!("key retire {}", second["id"].as_str().unwrap()), 1);
    assert!(message.contains("tallyhouse key rotate"), "{message}");
}

#[test]
fn errors_say_what_to_do() {
    let program = Program::new();
    program.answer("account create harbour");
    for (line, advice) in [
        ("client create --account birch", "tallyhouse account list"),
        ("client revoke none", "tallyhouse client list"),
        ("key retire none", "tallyhouse key list"),
    ] {
        let message = program.failure(line, 1);
        assert!(message.starts_with("error: ") && message.contains(advice), "{line}: {message}");
    }
}

#[test]
fn the_catalog_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = Program::new();
    program.answer("account create harbour");
    // While it is open, SQLite has more files than one.
    let catalog = Catalog::open_existing(program.folder.path()).unwrap();
    catalog.create_account("birch", NOW).unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(program.folder.path()).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_string_lossy().starts_with("catalog.db") {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
            files += 1;
        }
    }
    assert!(files >= 2);
}
