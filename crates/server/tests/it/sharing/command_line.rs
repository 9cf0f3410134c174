//! `tallyhouse site`, beside a running server; and no private key in a log or a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tallyhouse_model::parse_uuid;

use super::rig::{SNAPSHOTS, basic};
use crate::process::{Folder, Starting, program, run, run_json};
use crate::program::Program;

fn keys_of(answer: &str) -> [String; 2] {
    let json: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(json.as_object().unwrap().len(), 2, "{answer}");
    let keys = ["public_key", "private_key"].map(|name| json[name].as_str().unwrap().to_owned());
    assert_eq!(answer.trim_end(), format!(r#"{{"public_key":"{}","private_key":"{}"}}"#, keys[0], keys[1]));
    assert!(keys.iter().all(|key| parse_uuid(key).is_some()));
    keys
}

#[test]
fn a_site_is_made_listed_given_new_keys_and_revoked() {
    let program = Program::new();
    program.answer("account create harbour");
    program.answer("account create birch");
    let keys = keys_of(&program.answer("site create --account harbour --name demo --json"));
    let plain = program.answer("site create --account birch --name shop-2");
    let [public, private] = ["public key  ", "private key "].map(|name| {
        let line = plain.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name}in {plain}")).to_owned()
    });
    assert!(parse_uuid(&public).is_some() && parse_uuid(&private).is_some() && plain.lines().count() == 2);

    let listed = program.json("site list --json");
    for private in [&keys[1], &private] {
        assert!(
            !listed.to_string().contains(private.as_str()) && !program.answer("site list").contains(private)
        );
    }
    let names: Vec<_> =
        listed.as_array().unwrap().iter().map(|site| [&site["name"], &site["account"]]).collect();
    assert_eq!(names, [[&json!("demo"), &json!("harbour")], [&json!("shop-2"), &json!("birch")]]);
    assert_eq!((&listed[0]["public_key"], &listed[0]["state"]), (&json!(keys[0]), &json!("active")));
    let of_birch = program.json("site list --account birch --json");
    assert_eq!((of_birch.as_array().unwrap().len(), &of_birch[0]["public_key"]), (1, &json!(public)));

    let new = keys_of(&program.answer("site rotate-keys demo --json"));
    assert_ne!(new, keys);
    assert_eq!(program.json("site list --json")[0]["public_key"], new[0]);
    assert!(program.answer("site revoke demo").contains("revoked"));
    assert!(program.answer("site list").contains("demo revoked of harbour"));
    assert!(program.json("site list --json")[0]["revoked_at"].is_string());
    keys_of(&program.answer("site rotate-keys demo --json"));
    assert_eq!(program.json("site list --json")[0]["state"], "active");
}

#[test]
fn what_makes_no_site_is_said() {
    let program = Program::new();
    program.answer("account create harbour");
    program.answer("site create --account harbour --name demo");
    for (line, said) in [
        ("site create --account harbour --name demo", "there is a site named demo already"),
        ("site create --account harbour --name Demo", "a site's name is"),
        ("site create --account harbour --name api", "a site's name is"),
        ("site create --account nobody --name other", "account create"),
        ("site rotate-keys other", "site list"),
        ("site revoke other", "site list"),
    ] {
        let message = program.failure(line, 1);
        assert!(message.contains(said), "{line}: {message}");
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn keys_work_at_once_and_no_private_key_is_logged_or_kept() {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    for (level, name) in [("info", "demo"), ("trace", "other")] {
        let server = Starting::spawn_with(&folder, &[("TALLYHOUSE_LOG_LEVEL", level)]).listening().unwrap();
        let client = server.client();
        let create = ["site", "create", "--account", "harbour", "--name", name, "--json", "--data"];
        let made = run_json(program().args(create).arg(folder.data()));
        let [public, private] =
            ["public_key", "private_key"].map(|key| made[key].as_str().unwrap().to_owned());
        let (good, wrong) = (basic(&public, &private), basic(&public, "unmistakable"));
        assert_eq!(client.get(&good, SNAPSHOTS).status, 200);
        assert_eq!(client.get(&wrong, SNAPSHOTS).status, 401);
        // Where they do not belong, they are not repeated either.
        assert_eq!(client.get(&format!("Bearer {private}"), SNAPSHOTS).status, 401);
        assert_eq!(client.get("", &format!("{SNAPSHOTS}?private_key={private}")).status, 401);
        run(program().args(["site", "revoke", name, "--data"]).arg(folder.data()));
        assert_eq!(client.get(&good, SNAPSHOTS).status, 401);
        assert!(server.stop().success());
        let log = std::fs::read(folder.path("server.log")).unwrap();
        let catalog = std::fs::read(folder.data().join("catalog.db")).unwrap();
        assert!(contains(&log, SNAPSHOTS) && contains(&catalog, &public));
        let encoded = STANDARD.encode(format!("{public}:{private}"));
        for secret in [private.as_str(), encoded.as_str(), "unmistakable"] {
            for bytes in [&log, &catalog] {
                assert!(!contains(bytes, secret), "a private key is kept or logged at {level}");
            }
        }
    }
    assert_eq!(folder.check()["findings"], json!([]));
}
