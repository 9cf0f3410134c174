//! Tokens that somebody made up, changed or kept too long read nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tallyhouse_model::{DAY, SECOND};
use tallyhouse_server::catalog::Scope;
use tallyhouse_server::config::Config;

use super::rig::{NOW, NOW_S, Rig, VIEWS, now, part};

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The JWT with another header or other claims, and its old signature.
fn with_parts(jwt: &str, header: &Value, claims: &Value) -> String {
    format!("{}.{}.{}", encoded(header), encoded(claims), jwt.split('.').nth(2).unwrap())
}

/// A JWT of these claims, signed with a key of the server.
fn signed_by_server(rig: &Rig, claims: &Value) -> String {
    let key = rig.catalog().current_signing_key().unwrap().unwrap();
    let header = Header { kid: Some(key.id), ..Header::new(Algorithm::EdDSA) };
    encode(&header, claims, &EncodingKey::from_ed_der(&key.private.unwrap())).unwrap()
}

/// 401 in the documented shape of the video family, and no data.
async fn assert_reads_nothing(rig: &Rig, token: &str) {
    for authorization in [token.to_owned(), format!("Bearer {token}")] {
        for path in
            [VIEWS, "/views", "/v1/total-views/summary?date_time_from=2026-01-01&date_time_to=2026-12-01"]
        {
            let reply = rig.get(path, &authorization).await;
            assert_eq!(reply.status, 401, "{token}: {reply:?}");
            let error = &reply.body["errors"][0];
            assert_eq!(
                (&error["status"], &error["source"]["pointer"]),
                (&json!(401), &json!("Authorization"))
            );
            assert!(error["title"].is_string() && error["detail"].is_string());
            assert!(reply.body.get("data").is_none() && reply.body.as_object().unwrap().len() == 1);
        }
        assert_eq!(rig.get("/v0/export?name=view_segments", &authorization).await.status, 403);
    }
}

#[tokio::test]
async fn malformed_tokens_read_nothing() {
    let rig = Rig::new();
    let jwt = rig.jwt(&rig.client(&[Scope::Read])).await;
    let long = format!("{}.{}.{}", "a".repeat(9_000), "b", "c");
    for token in
        ["x", "..", "a.b.c", "a.b", "a.b.c.d", &jwt[..jwt.len() - 1], &format!("{jwt}A"), &long, "tally_"]
    {
        assert_reads_nothing(&rig, token).await;
    }
}

#[tokio::test]
async fn a_changed_claim_or_header_breaks_the_signature() {
    let rig = Rig::new();
    let jwt = rig.jwt(&rig.client(&[Scope::Read])).await;
    let (header, claims) = (part(&jwt, 0), part(&jwt, 1));
    assert!(rig.is_valid(&jwt, now));
    for (name, value) in
        [("scope", json!("read append admin")), ("exp", json!(NOW_S + 999_999)), ("account", json!("birch"))]
    {
        let mut changed = claims.clone();
        changed[name] = value;
        assert_reads_nothing(&rig, &with_parts(&jwt, &header, &changed)).await;
    }
    let mut other = header.clone();
    other["typ"] = json!("at+jwt");
    assert_reads_nothing(&rig, &with_parts(&jwt, &other, &claims)).await;
}

#[tokio::test]
async fn no_algorithm_but_that_of_the_key_is_accepted() {
    let rig = Rig::new();
    let jwt = rig.jwt(&rig.client(&[Scope::Read])).await;
    let (header, claims) = (part(&jwt, 0), part(&jwt, 1));
    for algorithm in ["none", "None", "HS256", "ES256", "RS256", "", "XX"] {
        let mut changed = header.clone();
        changed["alg"] = json!(algorithm);
        assert_reads_nothing(&rig, &with_parts(&jwt, &changed, &claims)).await;
        let unsigned = format!("{}.{}.", encoded(&changed), encoded(&claims));
        assert_reads_nothing(&rig, &unsigned).await;
    }
}

#[tokio::test]
async fn a_public_key_is_no_secret_to_sign_with() {
    let rig = Rig::new();
    let jwt = rig.jwt(&rig.client(&[Scope::Read])).await;
    let claims = part(&jwt, 1);
    let key = rig.catalog().current_signing_key().unwrap().unwrap();
    let jwk = rig.get("/.well-known/jwks.json", "").await.body["keys"][0].to_string();
    let header = Header { kid: Some(key.id), ..Header::new(Algorithm::HS256) };
    for secret in [key.public.unwrap(), jwk.into_bytes(), Vec::new()] {
        let forged = encode(&header, &claims, &EncodingKey::from_secret(&secret)).unwrap();
        assert_reads_nothing(&rig, &forged).await;
    }
}

#[tokio::test]
async fn a_key_that_is_not_ours_is_refused() {
    let (rig, other) = (Rig::new(), Rig::new());
    rig.jwt(&rig.client(&[Scope::Read])).await;
    let foreign = other.jwt(&other.client(&[Scope::Read])).await;
    assert!(other.is_valid(&foreign, now));
    assert_reads_nothing(&rig, &foreign).await;
    let mut header = part(&foreign, 0);
    header["kid"] = json!(rig.catalog().current_signing_key().unwrap().unwrap().id);
    assert_reads_nothing(&rig, &with_parts(&foreign, &header, &part(&foreign, 1))).await;
    header.as_object_mut().unwrap().remove("kid");
    assert_reads_nothing(&rig, &with_parts(&foreign, &header, &part(&foreign, 1))).await;
}

#[tokio::test]
async fn even_with_a_good_signature_every_claim_has_to_be_right() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    rig.catalog().create_account("birch", NOW).unwrap();
    let claims = part(&rig.jwt(&client).await, 1);
    let other_client = rig.client(&[Scope::Read]).id;
    assert!(rig.is_valid(&signed_by_server(&rig, &claims), now));
    for (name, value) in [
        ("exp", Value::Null),
        ("exp", json!("1796169600")),
        ("exp", json!(-1)),
        ("exp", json!(NOW_S - 31)),
        ("nbf", json!(NOW_S + 31)),
        ("nbf", json!("soon")),
        ("iss", json!("somebody")),
        ("iss", Value::Null),
        ("account", json!("nobody")),
        ("account", json!("birch")),
        ("sub", json!(other_client)),
        ("sid", json!("none")),
        ("sid", Value::Null),
        ("jti", Value::Null),
        ("scope", json!("everything")),
        ("scope", Value::Null),
        ("content_ids", json!("5")),
        ("content_ids", json!([-5])),
        ("channel_ids", json!([null])),
    ] {
        let mut changed = claims.clone();
        match value {
            Value::Null => drop(changed.as_object_mut().unwrap().remove(name)),
            value => changed[name] = value,
        }
        let token = signed_by_server(&rig, &changed);
        assert!(!rig.is_valid(&token, now), "{name}: {}", changed[name]);
        assert_reads_nothing(&rig, &token).await;
    }
    let mut mature = claims.clone();
    mature["nbf"] = json!(NOW_S as f64 + 0.5);
    assert!(rig.is_valid(&signed_by_server(&rig, &mature), now), "within the leeway");
}

#[tokio::test]
async fn extensions_that_have_to_be_understood_are_refused() {
    let rig = Rig::new();
    let claims = part(&rig.jwt(&rig.client(&[Scope::Read])).await, 1);
    let key = rig.catalog().current_signing_key().unwrap().unwrap();
    let header =
        Header { kid: Some(key.id), crit: Some(vec!["b64".to_owned()]), ..Header::new(Algorithm::EdDSA) };
    let token = encode(&header, &claims, &EncodingKey::from_ed_der(&key.private.unwrap())).unwrap();
    assert_reads_nothing(&rig, &token).await;
}

#[tokio::test]
async fn expired_and_revoked_tokens_read_nothing() {
    let mut rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let mut short = Config::default();
    short.oauth.access_token_s = 60;
    rig.restart(short);
    fn earlier() -> i64 {
        NOW - DAY + SECOND
    }
    for form in ["bearer", "jwt"] {
        let fields = [("grant_type", "client_credentials"), ("token_type", form)];
        let expired = rig.ask_at(earlier, &client, &fields).await.text("access_token");
        assert!(rig.is_valid(&expired, earlier));
        assert_reads_nothing(&rig, &expired).await;
        let revoked = rig.ask(&client, &fields).await.text("access_token");
        rig.revoke(&client, &revoked).await;
        assert_reads_nothing(&rig, &revoked).await;
    }
}
