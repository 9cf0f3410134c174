//! What workspace JWTs are good for.

use serde_json::{Value, json};
use tallyhouse_model::AccountId;
use tallyhouse_server::catalog::{Narrowing, PipeResource, Resources, Scope, TokenRequest, data_sources};

use super::rig::{EVENTS, NOW, Rig, changed, claims, now, record, sign};

#[tokio::test]
async fn a_jwt_that_its_owner_signed_with_the_secret_gives_what_it_says_and_no_scope() {
    let rig = Rig::new();
    for kid in [None, Some(rig.admin.token.id.as_str())] {
        let jwt = sign(&rig.admin.secret, kid, &claims());
        for _ in 0..2 {
            let credential = rig.credential(&jwt, now).unwrap();
            assert_eq!((credential.account, credential.account_name.as_str()), (rig.account, "harbour"));
            assert!(credential.scopes.is_empty() && credential.narrowing.is_everything());
            let fixed = vec![("org".to_owned(), "7".to_owned())];
            assert_eq!(credential.resources.pipes, [PipeResource { name: "mine".to_owned(), fixed }]);
            assert_eq!(credential.resources.append_to, ["view_segments"]);
        }
        let reply = rig.post(&format!("{EVENTS}&wait=true"), &jwt, record(1)).await;
        assert_eq!((reply.status.as_u16(), &reply.body["successful_rows"]), (200, &json!(1)));
        assert_eq!(
            rig.post(&format!("{EVENTS}&token={jwt}"), "", record(1)).await.status,
            202,
            "in the query string"
        );
        assert_eq!(
            rig.get("/v1/views?date_time_from=2026-11-01&date_time_to=2026-12-01", &jwt).await.status,
            401
        );
        for path in ["/v0/export?name=view_segments", "/v0/quarantine"] {
            rig.get(path, &jwt).await.assert_error(403);
        }
    }
}

#[tokio::test]
async fn a_jwt_without_the_append_scope_appends_nowhere() {
    let rig = Rig::new();
    for scopes in [
        json!([]),
        json!([{ "type": "PIPES:READ", "resource": "view_segments" }]),
        json!([{ "type": "DATASOURCES:READ", "resource": "view_segments" }]),
        json!([{ "type": "DATASOURCES:APPEND", "resource": "demo_sessions" }]),
        json!([{ "type": "DATASOURCES:CREATE" }, { "type": "ADMIN" }, { "type": "read" }, { "type": "append" }]),
    ] {
        let jwt = rig.jwt(&changed("scopes", scopes));
        assert!(rig.is_valid(&jwt, now));
        rig.post(EVENTS, &jwt, record(1)).await.assert_error(403);
    }
}

#[tokio::test]
async fn claims_of_other_kinds_of_jwts_mean_nothing_in_it() {
    let rig = Rig::new();
    let mut claims = claims();
    for (name, value) in [
        ("scope", json!("read append admin")),
        ("account", json!("birch")),
        ("iss", json!("https://somewhere.example.com/")),
        ("content_ids", json!([1])),
        ("sub", json!("x")),
        ("limits", json!({})),
    ] {
        claims[name] = value;
    }
    let credential = rig.credential(&rig.jwt(&claims), now).unwrap();
    assert!(
        credential.scopes.is_empty()
            && credential.account == rig.account
            && credential.narrowing.is_everything()
    );
}

#[tokio::test]
async fn a_name_is_not_required() {
    let rig = Rig::new();
    assert!(rig.is_valid(&rig.jwt(&changed("name", Value::Null)), now));
}

#[tokio::test]
async fn the_name_of_a_data_source_is_told_apart_from_a_token_that_may_not() {
    let rig = Rig::new();
    let jwt = rig.jwt(&claims());
    rig.post("/v0/events", &jwt, record(1)).await.assert_error(400);
    rig.post("/v0/events?name=unknown", &jwt, record(1)).await.assert_error(403);
    let reader = rig.token(&[Scope::Read], None).secret;
    rig.post("/v0/events", &reader, record(1)).await.assert_error(403);
}

fn scoped(rig: &Rig, account: AccountId, append_to: &str) -> String {
    let request = TokenRequest {
        account,
        scopes: Vec::new(),
        narrowing: Narrowing::default(),
        expires_at: None,
        label: None,
    };
    let resources = Resources { append_to: vec![append_to.to_owned()], ..Resources::default() };
    rig.catalog().create_scoped_token(&request, resources, NOW).unwrap().secret
}

#[tokio::test]
async fn every_data_source_can_be_opened_alone_by_static_tokens_and_by_jwts() {
    let rig = Rig::new();
    for opened in data_sources() {
        let scopes = json!([{ "type": "DATASOURCES:APPEND", "resource": opened }]);
        for token in [scoped(&rig, rig.account, opened), rig.jwt(&changed("scopes", scopes))] {
            for name in data_sources() {
                // A line that is no record goes to quarantine: it was let in.
                let reply = rig.post(&format!("/v0/events?name={name}"), &token, "{}").await;
                let expected = if name == opened { 202 } else { 403 };
                assert_eq!(reply.status, expected, "{opened}, {name}: {reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_a_token_appends_is_its_own_accounts() {
    let rig = Rig::new();
    let birch = rig.stranger("birch").token.account;
    let token = scoped(&rig, birch, "view_segments");
    let sent = format!("{EVENTS}&wait=true&workspace_id=harbour&account=harbour");
    assert_eq!(rig.post(&sent, &token, record(1)).await.body["successful_rows"], 1);
    let reader = rig.token(&[Scope::Read], None).secret;
    let views = "/v1/views?date_time_from=2026-11-01&date_time_to=2026-12-01";
    assert_eq!(rig.get(views, &reader).await.body["data"], json!([]));
}
