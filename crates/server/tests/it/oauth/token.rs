//! `POST /oauth2/token`: every way to send the secret, what comes back, and every error.

use axum::body::Body;
use axum::http::{Request, request};
use serde_json::json;
use tallyhouse_server::catalog::{Narrowing, Scope};

use super::rig::{Client, Rig, VIEWS, a_day_later, almost_a_day_later, now};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn the_secret_is_understood_in_every_documented_form() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let id = [GRANT, ("client_id", &client.id)];
    let both = [&id[..], &[("client_secret", &client.secret)]].concat();
    let raw = format!("Basic {}", client.secret);
    for (header, fields) in [
        (raw.as_str(), &id[..]),
        (&raw, &both),
        (&client.pair(), &[GRANT]),
        (&client.pair(), &id),
        (&client.pair(), &both),
        ("", &both),
        ("Bearer of something else", &both),
    ] {
        let reply = rig.post_at(now, "/oauth2/token", header, fields).await;
        let token = reply.text("access_token");
        assert_eq!(rig.get(VIEWS, &token).await.status, 200, "{header} {fields:?}");
    }
}

#[tokio::test]
async fn an_answer_has_the_documented_members_and_is_never_stored() {
    let rig = Rig::new();
    let reply = rig.ask(&rig.client(&[Scope::Read]), &[GRANT, ("device_name", "x"), ("other", "y")]).await;
    for name in ["access_token", "refresh_token"] {
        let token = reply.text(name);
        assert!(token.len() == 40 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    }
    assert_ne!(reply.body["access_token"], reply.body["refresh_token"]);
    assert_eq!((&reply.body["token_type"], &reply.body["expires_in"]), (&json!("bearer"), &json!(86_400)));
    assert_eq!((&reply.body["scope"], reply.body.as_object().unwrap().len()), (&json!("read"), 5));
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(reply.headers["pragma"], "no-cache");
    assert_eq!(reply.headers["content-type"], "application/json");
}

#[tokio::test]
async fn an_opaque_token_is_accepted_raw_and_as_bearer_until_it_expires() {
    let rig = Rig::new();
    let granted = rig.grant(&rig.client(&[Scope::Read])).await;
    let token = granted.text("access_token");
    assert_eq!(rig.get(VIEWS, &token).await.status, 200);
    assert_eq!(rig.get(VIEWS, &format!("Bearer {token}")).await.status, 200);
    assert!(rig.is_valid(&token, almost_a_day_later));
    assert!(!rig.is_valid(&token, a_day_later));
    assert!(!rig.is_valid(&granted.text("refresh_token"), now), "a refresh token reads nothing");
}

#[tokio::test]
async fn a_wrong_unknown_revoked_or_missing_client_is_invalid_client() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let other = rig.client(&[Scope::Read]);
    let revoked = rig.client(&[Scope::Read]);
    rig.other().revoke_client(&revoked.id, now()).unwrap();
    let mixed = Client { id: client.id.clone(), secret: other.secret };
    let unknown = Client { id: "0".repeat(40), secret: client.secret.clone() };
    let empty = Client { id: client.id.clone(), secret: String::new() };
    for wrong in [mixed, unknown, revoked, empty] {
        rig.ask(&wrong, &[GRANT]).await.assert_error(400, "invalid_client");
        rig.revoke(&wrong, "x").await.assert_error(400, "invalid_client");
        if !wrong.secret.is_empty() {
            let reply = rig.post_at(now, "/oauth2/token", &wrong.pair(), &[GRANT]).await;
            reply.assert_error(400, "invalid_client");
        }
    }
}

#[tokio::test]
async fn header_and_body_must_not_contradict_each_other() {
    let rig = Rig::new();
    let (client, other) = (rig.client(&[Scope::Read]), rig.client(&[Scope::Read]));
    let raw = format!("Basic {}", client.secret);
    for (header, fields) in [
        (client.pair(), vec![GRANT, ("client_id", &other.id)]),
        (client.pair(), vec![GRANT, ("client_secret", &other.secret)]),
        (raw, vec![GRANT, ("client_id", &client.id), ("client_secret", &other.secret)]),
    ] {
        let reply = rig.post_at(now, "/oauth2/token", &header, &fields).await;
        reply.assert_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn requests_that_are_not_understood_are_invalid_request() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let raw = format!("Basic {}", client.secret);
    for (header, fields) in [
        ("", vec![]),
        ("", client.in_body().to_vec()),
        (raw.as_str(), vec![GRANT]),
        ("", [&client.in_body()[..], &[GRANT, ("token_type", "saml")]].concat()),
        ("", [&client.in_body()[..], &[GRANT, GRANT]].concat()),
        ("", [&client.in_body()[..], &[("grant_type", "refresh_token")]].concat()),
    ] {
        let reply = rig.post_at(now, "/oauth2/token", header, &fields).await;
        reply.assert_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn the_secret_is_missed_before_the_id() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    for fields in [vec![GRANT], vec![GRANT, ("client_id", &client.id)]] {
        for header in ["", "Bearer x"] {
            rig.post_at(now, "/oauth2/token", header, &fields).await.assert_error(400, "invalid_client");
        }
    }
    let fields = [GRANT, ("client_secret", &client.secret)];
    rig.post_at(now, "/oauth2/token", "", &fields).await.assert_error(400, "invalid_request");
}

#[tokio::test]
async fn two_authorization_headers_are_refused_everywhere() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let token = rig.static_token(&[Scope::Read, Scope::Append, Scope::Admin], Narrowing::default());
    let twice = |request: request::Builder, value: &str| {
        request.header("authorization", value).header("authorization", value)
    };
    for (path, status) in [
        (VIEWS.to_owned(), 401),
        ("/v0/quarantine".to_owned(), 403),
        (format!("/v0/quarantine?token={token}"), 403),
    ] {
        assert_eq!(rig.get(&path, &token).await.status, 200, "{path}");
        let request = twice(Request::get(&path), &token).body(Body::empty()).unwrap();
        assert_eq!(rig.request(now, request).await.status, status, "{path}");
    }
    let request = twice(Request::post("/oauth2/token"), &client.pair())
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials".into());
    rig.request(now, request.unwrap()).await.assert_error(400, "invalid_request");
}

#[tokio::test]
async fn other_grants_are_501() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    for grant in ["authorization_code", "password", "implicit", "Client_Credentials"] {
        rig.ask(&client, &[("grant_type", grant)]).await.assert_error(501, "unsupported_grant_type");
    }
}

#[tokio::test]
async fn only_a_bounded_form_is_read() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let body = json!({ "grant_type": "client_credentials", "client_id": client.id }).to_string();
    for content_type in ["application/json", "text/plain", "multipart/form-data; boundary=x", ""] {
        let request = Request::post("/oauth2/token").header("content-type", content_type);
        let reply = rig.request(now, request.body(body.clone().into()).unwrap()).await;
        reply.assert_error(400, "invalid_request");
    }
    let large = "x".repeat(65 * 1024);
    let fields = [&client.in_body()[..], &[GRANT, ("device_name", &large)]].concat();
    rig.post_at(now, "/oauth2/token", "", &fields).await.assert_error(413, "invalid_request");
    let form = "application/x-www-form-urlencoded;charset=UTF-8";
    let body =
        format!("grant_type=client_credentials&client_id={}&client_secret={}", client.id, client.secret);
    let request = Request::post("/oauth2/token").header("content-type", form).body(body.into()).unwrap();
    assert_eq!(rig.request(now, request).await.status, 200);
}

#[tokio::test]
async fn other_methods_are_405_in_the_shape_of_these_urls() {
    let rig = Rig::new();
    for (method, path, allow) in [
        ("GET", "/oauth2/token", "POST"),
        ("PUT", "/oauth2/token", "POST"),
        ("GET", "/oauth2/token/revoke", "POST"),
        ("POST", "/.well-known/jwks.json", "GET,HEAD"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let reply = rig.request(now, request).await;
        reply.assert_error(405, "invalid_request");
        assert_eq!(reply.headers["allow"], allow);
    }
}

#[tokio::test]
async fn a_client_gets_what_it_may_and_less_if_it_asks_for_less() {
    let rig = Rig::new();
    let both = rig.client(&[Scope::Read, Scope::Append]);
    let reader = rig.client(&[Scope::Read]);
    let sender = rig.client(&[Scope::Append]);
    for (client, asked, granted) in [
        (&both, "", "read append"),
        (&both, "append", "append"),
        (&both, "read,append", "read append"),
        (&both, "broadcaster", "read"),
        (&reader, "broadcaster openid email offline_access", "read"),
        (&sender, "", "append"),
    ] {
        let reply = rig.ask(client, &[GRANT, ("scope", asked)]).await;
        assert_eq!(reply.text("scope"), granted, "{asked}");
        let token = reply.text("access_token");
        let credential = rig.credential(&token, now).unwrap();
        assert_eq!(credential.may(Scope::Append), granted.contains("append"));
        assert_eq!(credential.may(Scope::Read), granted.contains("read"));
    }
    for (client, asked) in [(&reader, "append"), (&both, "admin"), (&sender, "broadcaster")] {
        rig.ask(client, &[GRANT, ("scope", asked)]).await.assert_error(400, "invalid_scope");
    }
}

#[tokio::test]
async fn many_clients_fetch_tokens_at_the_same_time() {
    let rig = std::sync::Arc::new(Rig::new());
    let client = rig.client(&[Scope::Read]);
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..24 {
        let (rig, client) = (rig.clone(), client.clone());
        asking.spawn(async move {
            if number % 2 == 0 {
                rig.jwt(&client).await
            } else {
                rig.grant(&client).await.text("access_token")
            }
        });
    }
    let tokens = asking.join_all().await;
    assert!(tokens.iter().all(|token| rig.is_valid(token, now)));
    assert_eq!(tokens.iter().collect::<std::collections::HashSet<_>>().len(), 24);
    assert_eq!(rig.catalog().signing_keys().unwrap().len(), 1, "one key is made, whoever asks first");
}

#[tokio::test]
async fn a_catalog_that_cannot_be_used_is_503_server_error() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let file = rusqlite::Connection::open(rig.folder.path().join("catalog.db")).unwrap();
    file.execute_batch("DROP TABLE refresh_tokens").unwrap();
    let reply = rig.grant(&client).await;
    reply.assert_error(503, "server_error");
    assert!(reply.headers.contains_key("retry-after"));
}
