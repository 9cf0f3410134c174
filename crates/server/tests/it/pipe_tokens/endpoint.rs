//! `POST /v0/tokens/`.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tallyhouse_server::catalog::{PipeResource, Resources, Scope};

use super::rig::{EVENTS, NOW, NOW_S, Reply, Rig, claims, now, part, record};

fn path(expiration_time: impl std::fmt::Display) -> String {
    format!("/v0/tokens/?expiration_time={expiration_time}")
}

fn body() -> Value {
    json!({ "name": "page", "scopes": claims()["scopes"], "limits": { "rps": 10 } })
}

async fn ask(rig: &Rig, body: &Value) -> Reply {
    rig.post(&path(NOW_S + 60), &rig.admin.secret, body.to_string()).await
}

#[tokio::test]
async fn an_admin_token_makes_a_jwt_that_is_good_until_the_expiration_time() {
    let rig = Rig::new();
    for path in [path(NOW_S + 60), format!("/v0/tokens?from=ts-sdk&expiration_time={}", NOW_S + 60)] {
        let reply = rig.post(&path, &rig.admin.secret, body().to_string()).await;
        assert_eq!(reply.body.as_object().unwrap().len(), 1);
        assert_eq!(reply.headers["cache-control"], "no-store");
        let jwt = reply.text("token");
        assert_eq!(part(&jwt, 0), json!({ "typ": "JWT", "alg": "HS256", "kid": rig.admin.token.id }));
        let mut expected = claims();
        expected["limits"] = json!({ "rps": 10 });
        assert_eq!(part(&jwt, 1), expected);
        let reply = rig.post(EVENTS, &jwt, record(1)).await;
        assert_eq!(reply.status, 202, "{reply:?}");
    }
    let mut free = body();
    free["limits"] = Value::Null;
    let jwt = ask(&rig, &free).await.text("token");
    assert!(part(&jwt, 1).get("limits").is_none());
    assert!(rig.credential(&jwt, now).unwrap().limit.is_none());
}

#[tokio::test]
async fn the_token_may_be_in_the_query_string_as_everywhere() {
    let rig = Rig::new();
    let uri = format!("{}&token={}", path(NOW_S + 60), rig.admin.secret);
    let reply = rig.request(now, Request::post(uri).body(Body::from(body().to_string())).unwrap()).await;
    assert!(rig.is_valid(&reply.text("token"), now));
}

#[tokio::test]
async fn only_a_static_token_of_the_scope_admin_makes_tokens() {
    let rig = Rig::new();
    let others = [rig.token(&[Scope::Read, Scope::Append], None).secret, rig.jwt(&claims()), String::new()];
    for token in others {
        rig.post(&path(NOW_S + 60), &token, body().to_string()).await.assert_error(403);
    }
    let scoped = Resources { pipes: vec![PipeResource::free("mine")], ..Resources::default() };
    let request = tallyhouse_server::catalog::TokenRequest {
        account: rig.account,
        scopes: Vec::new(),
        narrowing: Default::default(),
        expires_at: None,
        label: None,
    };
    let scoped = rig.catalog().create_scoped_token(&request, scoped, NOW).unwrap().secret;
    rig.post(&path(NOW_S + 60), &scoped, body().to_string()).await.assert_error(403);
}

#[tokio::test]
async fn an_oauth_client_with_the_scope_admin_has_no_secret_to_sign_with() {
    let rig = Rig::new();
    let request = tallyhouse_server::catalog::ClientRequest {
        account: rig.account,
        scopes: Scope::ALL.to_vec(),
        narrowing: Default::default(),
        label: None,
    };
    let client = rig.catalog().create_client(&request, NOW).unwrap();
    for form in ["bearer", "jwt"] {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", &client.client.id),
            ("client_secret", &client.secret),
            ("token_type", form),
        ];
        let fields = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request =
            Request::post("/oauth2/token").header("content-type", "application/x-www-form-urlencoded");
        let token = rig.request(now, request.body(fields.into()).unwrap()).await.text("access_token");
        // It still does what it did: JWTs of this server's own are no workspace JWTs.
        assert_eq!(rig.post(EVENTS, &token, record(1)).await.status, 202);
        assert_eq!(rig.get("/v0/quarantine", &token).await.status, 200);
        let refused = rig.post(&path(NOW_S + 60), &token, body().to_string()).await;
        refused.assert_error(403);
        assert!(refused.body["error"].as_str().unwrap().contains("static token"), "{refused:?}");
    }
}

#[tokio::test]
async fn the_expiration_time_is_required_and_in_the_future() {
    let rig = Rig::new();
    let wrong = ["", "x", "-1", "1e10", "1796083260.5", "1796083260000"];
    let past = [NOW_S.to_string(), (NOW_S - 1).to_string(), "0".to_owned()];
    for time in wrong.iter().map(|time| (*time).to_owned()).chain(past) {
        let reply = rig.post(&path(&time), &rig.admin.secret, body().to_string()).await;
        reply.assert_error(400);
        assert!(reply.body["error"].as_str().unwrap().contains("expiration_time"), "{time}: {reply:?}");
    }
    let reply = rig.post("/v0/tokens/", &rig.admin.secret, body().to_string()).await;
    reply.assert_error(400);
    assert!(rig.is_valid(
        &rig.post(&path(NOW_S + 1), &rig.admin.secret, body().to_string()).await.text("token"),
        now
    ));
}

#[tokio::test]
async fn what_would_give_nothing_is_refused_when_it_is_made() {
    let rig = Rig::new();
    let scope = |kind: &str, resource: &str| json!([{ "type": kind, "resource": resource }]);
    let fixed = |pipe: &str, params: Value| json!([{ "type": "PIPES:READ", "resource": pipe, "fixed_params": params }]);
    for (member, value) in [
        ("name", Value::Null),
        ("name", json!("")),
        ("name", json!(5)),
        ("scopes", Value::Null),
        ("scopes", json!([])),
        ("scopes", json!({})),
        ("scopes", json!(["PIPES:READ"])),
        ("scopes", json!([{ "type": "PIPES:READ" }])),
        ("scopes", scope("PIPES:READ", "no such name")),
        ("scopes", scope("PIPES:DROP", "mine")),
        ("scopes", scope("ADMIN", "mine")),
        ("scopes", scope("DATASOURCES:APPEND", "unknown")),
        ("scopes", scope("DATASOURCES:READ", "plays")),
        ("scopes", json!([{ "type": "DATASOURCES:READ", "resource": "view_segments", "filter": "a = 1" }])),
        ("scopes", json!([{ "type": "PIPES:READ", "resource": "a", "fixed_params": { "x": { "y": 1 } } }])),
        (
            "scopes",
            json!([
                { "type": "PIPES:READ", "resource": "a", "fixed_params": { "x": 1 } },
                { "type": "PIPES:READ", "resource": "a", "fixed_params": { "x": 2 } },
            ]),
        ),
        ("scopes", fixed("a", json!({ "x": [] }))),
        ("scopes", fixed("a", json!({ "x": "" }))),
        ("scopes", fixed("a", json!({ "x": "," }))),
        ("scopes", fixed("a", json!({ "x": " " }))),
        ("scopes", fixed("a", json!({ "x": null }))),
        ("scopes", fixed("a", json!({ "x": ["Acme, Inc"] }))),
        ("scopes", fixed("replay_metrics", json!({ "link_id": "l1" }))),
        ("scopes", fixed("replay_metrics", json!({ "Start_timestamp": "2026-01-01" }))),
        ("scopes", fixed("replay_metrics", json!({ "limit": [1, 2] }))),
        ("scopes", vec![scope("PIPES:READ", "a")[0].clone(); 101].into()),
        ("limits", json!({ "rps": 0 })),
        ("limits", json!({ "rps": 2.5 })),
        ("limits", json!(3)),
    ] {
        let mut body = body();
        body[member] = value;
        ask(&rig, &body).await.assert_error(400);
    }
    for text in ["", "x", "[]", "null", "{\"name\":\"a\""] {
        rig.post(&path(NOW_S + 60), &rig.admin.secret, text).await.assert_error(400);
    }
}

#[tokio::test]
async fn what_a_pipe_keeps_can_be_fixed_and_what_it_does_not_know_is_named() {
    let rig = Rig::new();
    let body = |fixed: Value| json!({ "name": "page", "scopes": [{ "type": "PIPES:READ", "resource": "replay_metrics", "fixed_params": fixed }] });
    let kept = json!({ "start_timestamp": "2026-01-01", "limit": 5, "offset": 0, "client_id": "harbour" });
    let jwt = ask(&rig, &body(kept)).await.text("token");
    assert_eq!(rig.credential(&jwt, now).unwrap().resources.pipes[0].fixed.len(), 4);
    let refused = ask(&rig, &body(json!({ "link_id": "l1" }))).await;
    refused.assert_error(400);
    let error = refused.body["error"].as_str().unwrap();
    assert_eq!(
        error,
        "fixed_params has 'link_id' for the pipe 'replay_metrics', which has no such parameter"
    );
}

#[tokio::test]
async fn a_pipe_need_not_be_there_yet_and_a_hundred_fit() {
    let rig = Rig::new();
    let scopes: Vec<_> =
        (0..100).map(|number| json!({ "type": "PIPES:READ", "resource": format!("p{number}") })).collect();
    let jwt = ask(&rig, &json!({ "name": "page", "scopes": scopes })).await.text("token");
    assert_eq!(rig.credential(&jwt, now).unwrap().resources.pipes.len(), 100);
}

#[tokio::test]
async fn bodies_and_tokens_are_bounded() {
    let rig = Rig::new();
    let mut long = body();
    long["name"] = json!("n".repeat(8_000));
    ask(&rig, &long).await.assert_error(400);
    long["name"] = json!("n".repeat(70_000));
    ask(&rig, &long).await.assert_error(413);
}

#[tokio::test]
async fn other_methods_are_405() {
    let rig = Rig::new();
    for path in ["/v0/tokens", "/v0/tokens/", "/api/warehouse/token"] {
        let reply = rig.get(path, &rig.admin.secret).await;
        reply.assert_error(405);
        assert_eq!(reply.headers["allow"], "POST");
    }
}
