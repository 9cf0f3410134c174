//! `POST /api/warehouse/token`: a key for a token.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tallyhouse_model::DAY;
use tallyhouse_server::catalog::{PipeResource, WAREHOUSE_PIPES};
use tallyhouse_server::config::Config;

use super::rig::{EVENTS, NOW, NOW_S, Reply, Rig, claims, now, part, record, sign};

const PATH: &str = "/api/warehouse/token";

async fn exchange(rig: &Rig, authorization: &str) -> Reply {
    let request = Request::post(PATH).header("host", "demo.example.com:8686");
    let request = request.header("authorization", authorization).body(Body::empty()).unwrap();
    rig.request(now, request).await
}

fn almost_two_days_later() -> i64 {
    NOW + 2 * DAY - 1
}

fn two_days_later() -> i64 {
    NOW + 2 * DAY
}

#[tokio::test]
async fn a_key_is_exchanged_for_a_token_that_reads_the_demo_pipes_for_two_days() {
    let rig = Rig::new();
    let key = rig.catalog().create_warehouse_key(rig.account, None, NOW).unwrap();
    for authorization in [format!("Bearer {}", key.secret), key.secret.clone()] {
        let reply = exchange(&rig, &authorization).await;
        let token = reply.text("token");
        let expected = json!({
            "token": token,
            "token_type": "jwt",
            "expires_at": NOW_S + 172_800,
            "api_url": "http://demo.example.com:8686/v0/pipes/",
        });
        assert_eq!(reply.body, expected);
        assert_eq!(reply.headers["cache-control"], "no-store");
        let stated = part(&token, 1);
        assert_eq!((&stated["workspace_id"], &stated["exp"]), (&json!("harbour"), &json!(NOW_S + 172_800)));
        for (scope, pipe) in stated["scopes"].as_array().unwrap().iter().zip(WAREHOUSE_PIPES) {
            let fixed = json!({ "client_id": "harbour" });
            assert_eq!(*scope, json!({ "type": "PIPES:READ", "resource": pipe, "fixed_params": fixed }));
        }
        let credential = rig.credential(&token, almost_two_days_later).unwrap();
        assert_eq!((credential.account, credential.scopes.len()), (rig.account, 0));
        assert_eq!(credential.resources.pipes, WAREHOUSE_PIPES.map(PipeResource::free));
        assert!(credential.resources.append_to.is_empty());
        assert!(!rig.is_valid(&token, two_days_later));
        rig.post(EVENTS, &token, record(1)).await.assert_error(403);
    }
}

#[tokio::test]
async fn a_wrong_a_missing_and_a_revoked_key_are_403() {
    let rig = Rig::new();
    let key = rig.catalog().create_warehouse_key(rig.account, None, NOW).unwrap();
    let wrong = format!("rprswh_{}", "0".repeat(64));
    for authorization in
        ["", "Bearer", "Bearer ", &wrong, &rig.admin.secret, &key.key.id, "Basic eDp5", "Bearer ,"]
    {
        exchange(&rig, authorization).await.assert_error(403);
    }
    let none = Request::post(PATH).header("host", "x").body(Body::empty()).unwrap();
    rig.request(now, none).await.assert_error(403);
    // Neither in the query string nor by a token.
    let query = Request::post(format!("{PATH}?token={}", key.secret))
        .header("host", "x")
        .body(Body::empty())
        .unwrap();
    rig.request(now, query).await.assert_error(403);
    let token = exchange(&rig, &key.secret).await.text("token");
    exchange(&rig, &token).await.assert_error(403);
    rig.other().revoke_warehouse_key(&key.key.id, NOW).unwrap();
    exchange(&rig, &key.secret).await.assert_error(403);
}

#[tokio::test]
async fn revoking_a_key_ends_its_tokens_and_leaves_those_of_others() {
    let rig = Rig::new();
    let keys = [(), ()].map(|()| rig.catalog().create_warehouse_key(rig.account, None, NOW).unwrap());
    let mut tokens = Vec::new();
    for key in &keys {
        tokens.push(exchange(&rig, &key.secret).await.text("token"));
    }
    assert!(tokens.iter().all(|token| rig.is_valid(token, now)));
    rig.other().revoke_warehouse_key(&keys[0].key.id, NOW).unwrap();
    assert_eq!([&tokens[0], &tokens[1]].map(|token| rig.is_valid(token, now)), [false, true]);
}

#[tokio::test]
async fn a_key_signs_nothing_more_than_its_tokens_have() {
    let rig = Rig::new();
    rig.stranger("birch");
    let key = rig.catalog().create_warehouse_key(rig.account, None, NOW).unwrap();
    let own = sign(&key.secret, Some(&key.key.id), &claims());
    let credential = rig.credential(&own, now).unwrap();
    assert_eq!(credential.resources.pipes, WAREHOUSE_PIPES.map(PipeResource::free));
    rig.post(EVENTS, &own, record(1)).await.assert_error(403);
    let mut of_birch = claims();
    of_birch["workspace_id"] = json!("birch");
    assert!(!rig.is_valid(&sign(&key.secret, Some(&key.key.id), &of_birch), now));
    assert!(!rig.is_valid(&sign(&key.secret, None, &claims()), now), "a key is only found by its kid");
}

#[tokio::test]
async fn where_the_pipes_are_is_what_the_settings_say_or_else_the_request() {
    let mut config = Config::default();
    (config.pipes.public_url, config.pipes.warehouse_token_s) =
        ("https://tally.example.com/".to_owned(), 600);
    let rig = Rig::with_config(config);
    let key = rig.catalog().create_warehouse_key(rig.account, None, NOW).unwrap();
    let reply = exchange(&rig, &key.secret).await;
    assert_eq!(reply.text("api_url"), "https://tally.example.com/v0/pipes/");
    assert_eq!(reply.body["expires_at"], NOW_S + 600);
    let rig = Rig::new();
    let key = rig.catalog().create_warehouse_key(rig.account, None, NOW).unwrap();
    let request = Request::post(PATH).header("authorization", &key.secret).header("host", "a/b?c");
    rig.request(now, request.body(Body::empty()).unwrap()).await.assert_error(400);
}

#[tokio::test]
async fn a_body_is_ignored() {
    let rig = Rig::new();
    let key = rig.catalog().create_warehouse_key(rig.account, None, NOW).unwrap();
    for body in ["{}", "not JSON", &"x".repeat(1_000_000)] {
        let request = Request::post(PATH).header("authorization", &key.secret).header("host", "a");
        let reply = rig.request(now, request.body(Body::from(body.to_owned())).unwrap()).await;
        assert_eq!(reply.status, 200);
    }
}
