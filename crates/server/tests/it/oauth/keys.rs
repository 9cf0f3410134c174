//! The server's own JWTs: what is in them, which keys sign them, and how keys are replaced.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use tallyhouse_server::auth;
use tallyhouse_server::catalog::{CatalogError, Scope};
use tallyhouse_server::config::{Config, JwtAlgorithm};

use super::rig::{NOW_S, Rig, VIEWS, a_day_later, almost_a_day_later, now, part, two_days_later};

fn config(algorithm: JwtAlgorithm) -> Config {
    let mut config = Config::default();
    config.jwt.algorithm = algorithm;
    config
}

#[tokio::test]
async fn a_jwt_says_who_may_what_until_when() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read, Scope::Append]);
    let (first, second) = (rig.jwt(&client).await, rig.jwt(&client).await);
    let (header, claims) = (part(&first, 0), part(&first, 1));
    assert_eq!((&header["typ"], &header["alg"]), (&json!("JWT"), &json!("EdDSA")));
    assert_eq!(header["kid"], json!(rig.catalog().signing_keys().unwrap()[0].id));
    let expected = json!({
        "iss": "tallyhouse", "sub": client.id, "iat": NOW_S, "exp": NOW_S + 86_400, "account": "harbour",
        "scope": "read append", "jti": claims["jti"], "sid": claims["sid"],
    });
    assert_eq!(claims, expected);
    assert_ne!(claims["jti"], part(&second, 1)["jti"]);
    assert_eq!(rig.get(VIEWS, &first).await.status, 200);
    assert_eq!(rig.get(VIEWS, &format!("Bearer {first}")).await.status, 200);
    let credential = rig.credential(&first, now).unwrap();
    assert_eq!((credential.account, credential.scopes), (rig.account, vec![Scope::Read, Scope::Append]));
}

#[tokio::test]
async fn a_jwt_expires_also_when_it_was_accepted_before() {
    let mut rig = Rig::new();
    let jwt = rig.jwt(&rig.client(&[Scope::Read])).await;
    assert!(rig.is_valid(&jwt, almost_a_day_later));
    assert!(rig.is_valid(&jwt, a_day_later), "within the leeway");
    assert!(!rig.is_valid(&jwt, two_days_later));
    let mut strict = Config::default();
    strict.jwt.leeway_s = 0;
    rig.restart(strict);
    assert!(rig.is_valid(&jwt, almost_a_day_later) && !rig.is_valid(&jwt, a_day_later));
}

#[tokio::test]
async fn every_algorithm_signs_and_only_public_halves_are_published() {
    let mut rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    assert_eq!(rig.get("/.well-known/jwks.json", "").await.body, json!({ "keys": [] }));
    for (algorithm, published) in
        [(JwtAlgorithm::EdDsa, 1), (JwtAlgorithm::Es256, 2), (JwtAlgorithm::Hs256, 2)]
    {
        rig.restart(config(algorithm));
        let jwt = rig.jwt(&client).await;
        assert_eq!(part(&jwt, 0)["alg"], json!(algorithm.name()));
        assert!(rig.is_valid(&jwt, now));
        let reply = rig.get("/.well-known/jwks.json", "").await;
        let keys = reply.body["keys"].as_array().unwrap();
        assert_eq!(keys.len(), published, "{reply:?}");
        for key in keys {
            let members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
            assert!(!members.iter().any(|name| ["k", "d"].contains(name)), "{members:?}");
            assert_eq!(key["use"], "sig");
        }
        assert!(reply.headers["cache-control"].to_str().unwrap().contains("max-age"));
    }
}

#[tokio::test]
async fn others_can_check_a_jwt_with_the_published_keys() {
    for algorithm in [JwtAlgorithm::EdDsa, JwtAlgorithm::Es256] {
        let rig = Rig::with_config(config(algorithm));
        let jwt = rig.jwt(&rig.client(&[Scope::Read])).await;
        let keys: JwkSet = serde_json::from_value(rig.get("/.well-known/jwks.json", "").await.body).unwrap();
        let jwk = keys.find(part(&jwt, 0)["kid"].as_str().unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::try_from(jwk.common.key_algorithm.unwrap()).unwrap());
        validation.set_issuer(&["tallyhouse"]);
        validation.validate_exp = false;
        decode::<Value>(&jwt, &DecodingKey::from_jwk(jwk).unwrap(), &validation).unwrap();
    }
}

#[tokio::test]
async fn rotation_logs_nobody_out_and_retiring_does() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let old = rig.jwt(&client).await;
    assert!(rig.is_valid(&old, now));
    let new_key = auth::rotate(&rig.other(), None, &Config::default(), now()).unwrap();
    let new = rig.jwt(&client).await;
    assert_eq!(part(&new, 0)["kid"], json!(new_key.id));
    assert!(rig.is_valid(&old, almost_a_day_later) && rig.is_valid(&new, now));
    assert_eq!(rig.get("/.well-known/jwks.json", "").await.body["keys"].as_array().unwrap().len(), 2);
    let old_key = part(&old, 0)["kid"].as_str().unwrap().to_owned();
    rig.other().retire_signing_key(&old_key, now()).unwrap();
    assert!(!rig.is_valid(&old, now) && rig.is_valid(&new, now));
    assert_eq!(rig.get("/.well-known/jwks.json", "").await.body["keys"].as_array().unwrap().len(), 1);
    let refused = rig.other().retire_signing_key(&new_key.id, now());
    assert!(matches!(refused, Err(CatalogError::KeyInUse(_))));
    assert!(matches!(rig.other().retire_signing_key("none", now()), Err(CatalogError::NoSuchKey(_))));
}

#[tokio::test]
async fn a_replaced_key_pair_forgets_its_secret_half_and_a_shared_secret_is_kept_until_retired() {
    let mut rig = Rig::with_config(config(JwtAlgorithm::Hs256));
    let client = rig.client(&[Scope::Read]);
    let shared = rig.jwt(&client).await;
    rig.restart(config(JwtAlgorithm::Es256));
    let pair = rig.jwt(&client).await;
    rig.restart(config(JwtAlgorithm::EdDsa));
    rig.jwt(&client).await;
    assert!(rig.is_valid(&shared, now) && rig.is_valid(&pair, now));
    let secrets = |rig: &Rig| -> Vec<bool> {
        rig.catalog().signing_keys().unwrap().iter().map(|key| key.private.is_some()).collect()
    };
    assert_eq!(secrets(&rig), [true, false, true]);
    rig.catalog().retire_signing_key(part(&shared, 0)["kid"].as_str().unwrap(), now()).unwrap();
    assert_eq!(secrets(&rig), [false, false, true]);
    assert!(!rig.is_valid(&shared, now) && rig.is_valid(&pair, now));
}

#[tokio::test]
async fn keys_are_bounded() {
    let rig = Rig::new();
    let rotate = || auth::rotate(rig.catalog(), None, &Config::default(), now());
    for _ in 0..16 {
        rotate().unwrap();
    }
    let refused = rotate();
    assert!(matches!(refused, Err(CatalogError::TooManyKeys(16))));
    let oldest = rig.catalog().signing_keys().unwrap()[0].id.clone();
    rig.catalog().retire_signing_key(&oldest, now()).unwrap();
    assert!(rotate().is_ok());
}

#[tokio::test]
async fn the_oldest_key_makes_way_when_all_it_signed_has_expired() {
    let mut rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let first = rig.jwt(&client).await;
    while rig.catalog().signing_keys().unwrap().len() < 16 {
        auth::rotate(rig.catalog(), None, &Config::default(), now()).unwrap();
    }
    rig.restart(config(JwtAlgorithm::Es256));
    let fields = [("grant_type", "client_credentials"), ("token_type", "jwt")];
    rig.ask_at(almost_a_day_later, &client, &fields).await.assert_error(503, "server_error");
    assert!(rig.is_valid(&first, almost_a_day_later), "nobody was logged out");
    let jwt = rig.ask_at(two_days_later, &client, &fields).await.text("access_token");
    assert_eq!(part(&jwt, 0)["alg"], "ES256");
    let states: Vec<_> = rig.catalog().signing_keys().unwrap().iter().map(|key| key.state()).collect();
    assert_eq!((states.len(), states[0], states[1], states[16]), (17, "retired", "replaced", "signing"));
}

#[test]
fn a_rotation_keeps_the_algorithm_unless_another_is_named() {
    let rig = Rig::new();
    let rotate = |algorithm, settings| {
        auth::rotate(rig.catalog(), algorithm, &config(settings), now()).unwrap().algorithm
    };
    assert_eq!(rotate(None, JwtAlgorithm::Es256), "ES256", "the first one");
    assert_eq!(rotate(None, JwtAlgorithm::EdDsa), "ES256");
    assert_eq!(rotate(Some(JwtAlgorithm::Hs256), JwtAlgorithm::EdDsa), "HS256");
    assert_eq!(rotate(None, JwtAlgorithm::EdDsa), "HS256");
}

#[tokio::test]
async fn an_audience_that_is_set_is_stated_and_demanded() {
    let mut rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let without = rig.jwt(&client).await;
    let mut config = Config::default();
    config.jwt.audience = "analytics".to_owned();
    rig.restart(config);
    let with = rig.jwt(&client).await;
    assert_eq!(part(&with, 1)["aud"], "analytics");
    assert!(rig.is_valid(&with, now) && !rig.is_valid(&without, now));
}
