//! Workspace JWTs that somebody made up, changed or kept too long open nothing.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tallyhouse_model::SECOND;
use tallyhouse_server::catalog::{Scope, hash_of};

use super::rig::{
    EVENTS, NOW, NOW_S, Rig, a_second_later, changed, claims, encoded, now, part, record, sign,
};

/// 403 in the documented shape wherever it could be of use, and 401 in that of the video family.
async fn assert_opens_nothing(rig: &Rig, token: &str) {
    assert!(!rig.is_valid(token, now), "{token}");
    let body = "{\"name\":\"x\",\"scopes\":[]}";
    rig.post(EVENTS, token, record(1)).await.assert_error(403);
    rig.post(&format!("{EVENTS}&token={token}"), "", record(1)).await.assert_error(403);
    rig.post(&format!("/v0/tokens/?expiration_time={}", NOW_S + 60), token, body).await.assert_error(403);
    rig.get("/v0/export?name=view_segments", token).await.assert_error(403);
    assert_eq!(
        rig.get("/v1/views?date_time_from=2026-11-01&date_time_to=2026-12-01", token).await.status,
        401
    );
}

/// The token with another header or other claims, and its old signature.
fn with_parts(jwt: &str, header: &Value, claims: &Value) -> String {
    format!("{}.{}.{}", encoded(header), encoded(claims), jwt.split('.').nth(2).unwrap())
}

#[tokio::test]
async fn changed_claims_and_headers_break_the_signature() {
    let rig = Rig::new();
    let jwt = rig.jwt(&claims());
    assert!(rig.is_valid(&jwt, now));
    let header = part(&jwt, 0);
    let all = json!([{ "type": "PIPES:READ", "resource": "other" }]);
    for (name, value) in [("exp", json!(NOW_S + 999_999)), ("workspace_id", json!("birch")), ("scopes", all)]
    {
        assert_opens_nothing(&rig, &with_parts(&jwt, &header, &changed(name, value))).await;
    }
    for (name, value) in [("kid", json!(rig.admin.token.id)), ("typ", json!("at+jwt"))] {
        let mut other = header.clone();
        other[name] = value;
        assert_opens_nothing(&rig, &with_parts(&jwt, &other, &claims())).await;
    }
    for token in [
        "a.b.c",
        "..",
        &jwt[..jwt.len() - 2],
        &format!("{jwt}AA"),
        &format!("{}.", jwt.rsplit_once('.').unwrap().0),
    ] {
        assert_opens_nothing(&rig, token).await;
    }
}

#[tokio::test]
async fn no_algorithm_but_hs256_is_accepted() {
    let rig = Rig::new();
    let jwt = rig.jwt(&claims());
    for algorithm in ["none", "None", "HS384", "HS512", "RS256", "ES256", "EdDSA", ""] {
        let header = json!({ "alg": algorithm, "typ": "JWT" });
        assert_opens_nothing(&rig, &with_parts(&jwt, &header, &claims())).await;
        assert_opens_nothing(&rig, &format!("{}.{}.", encoded(&header), encoded(&claims()))).await;
    }
    let crit = Header { crit: Some(vec!["b64".to_owned()]), ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(rig.admin.secret.as_bytes());
    assert_opens_nothing(&rig, &encode(&crit, &claims(), &key).unwrap()).await;
}

#[tokio::test]
async fn no_secret_but_that_of_an_admin_token_of_the_account_signs() {
    let rig = Rig::new();
    let stranger = rig.stranger("birch");
    let reader = rig.token(&[Scope::Read, Scope::Append], None);
    let key = rig.catalog().create_warehouse_key(rig.account, None, NOW).unwrap();
    let signing_key = String::from_utf8_lossy(&hash_of("x")).into_owned();
    for secret in
        [&stranger.secret, &reader.secret, &key.secret, &rig.admin.token.id, "", "harbour", &signing_key]
    {
        let kids = [None, Some(&rig.admin.token.id), Some(&reader.token.id), Some(&stranger.token.id)];
        for kid in kids.map(|kid| kid.map(String::as_str)) {
            assert_opens_nothing(&rig, &sign(secret, kid, &claims())).await;
        }
    }
    // The key of one account does not speak for another one, whichever is named.
    let of_birch = changed("workspace_id", json!("birch"));
    for kid in [None, Some(rig.admin.token.id.as_str()), Some(&stranger.token.id)] {
        assert_opens_nothing(&rig, &sign(&rig.admin.secret, kid, &of_birch)).await;
    }
    let own = rig.credential(&sign(&stranger.secret, None, &of_birch), now).unwrap();
    assert_eq!((own.account_name.as_str(), own.account == rig.account), ("birch", false));
    for kid in ["", "tok_0000000000000000", "whk_0000000000000000", "none"] {
        assert_opens_nothing(&rig, &sign(&rig.admin.secret, Some(kid), &claims())).await;
    }
}

#[tokio::test]
async fn even_with_a_good_signature_every_claim_has_to_be_right() {
    let rig = Rig::new();
    for (name, value) in [
        ("exp", Value::Null),
        ("exp", json!(NOW_S)),
        ("exp", json!(NOW_S - 1)),
        ("exp", json!(-1)),
        ("exp", json!((NOW_S + 60).to_string())),
        ("nbf", json!(NOW_S + 31)),
        ("nbf", json!("soon")),
        ("workspace_id", Value::Null),
        ("workspace_id", json!(1)),
        ("workspace_id", json!("")),
        ("workspace_id", json!("nobody")),
        ("workspace_id", json!("Harbour")),
        ("scopes", Value::Null),
        ("scopes", json!("PIPES:READ")),
        ("scopes", json!([1])),
        ("scopes", json!([{ "type": "PIPES:READ" }])),
        ("scopes", json!([{ "type": "PIPES:READ", "resource": "a", "fixed_params": "x" }])),
        ("limits", json!({ "rps": 0 })),
        ("limits", json!({ "rps": "many" })),
        ("limits", json!(5)),
        ("iss", json!("tallyhouse")),
    ] {
        assert_opens_nothing(&rig, &rig.jwt(&changed(name, value))).await;
    }
    let long = changed("name", json!("n".repeat(9_000)));
    assert_opens_nothing(&rig, &rig.jwt(&long)).await;
    assert!(rig.is_valid(&rig.jwt(&changed("nbf", json!(NOW_S + 29))), now), "within the leeway of nbf");
}

#[tokio::test]
async fn exp_counts_to_the_second_also_of_a_token_that_was_accepted_before() {
    let rig = Rig::new();
    let jwt = rig.jwt(&changed("exp", json!(NOW_S + 1)));
    assert!(rig.is_valid(&jwt, now));
    assert!(!rig.is_valid(&jwt, a_second_later));
    let half = rig.jwt(&changed("exp", json!(NOW_S as f64 + 1.5)));
    assert!(rig.is_valid(&half, a_second_later));
}

#[tokio::test]
async fn a_token_ends_with_the_admin_token_that_signed_it() {
    let rig = Rig::new();
    let expiring = rig.token(&[Scope::Admin], Some(NOW + SECOND));
    let revoked = rig.token(&Scope::ALL, None);
    for kid in [false, true] {
        let sign = |token: &tallyhouse_server::catalog::NewToken| {
            sign(&token.secret, kid.then_some(token.token.id.as_str()), &changed("name", json!(kid)))
        };
        let of_expiring = sign(&expiring);
        assert!(rig.is_valid(&of_expiring, now));
        assert!(!rig.is_valid(&of_expiring, a_second_later));
        assert!(!rig.is_valid(&of_expiring, a_second_later));
    }
    let of_revoked = [None, Some(revoked.token.id.as_str())].map(|kid| sign(&revoked.secret, kid, &claims()));
    assert!(of_revoked.iter().all(|jwt| rig.is_valid(jwt, now)));
    rig.other().revoke_token(&revoked.token.id, NOW).unwrap();
    for jwt in of_revoked {
        assert_opens_nothing(&rig, &jwt).await;
    }
    assert!(rig.is_valid(&rig.jwt(&claims()), now), "those of another token stay");
}

#[tokio::test]
async fn a_token_of_nobody_in_particular_is_tried_with_at_most_64_keys() {
    let rig = Rig::new();
    for _ in 0..63 {
        rig.token(&[Scope::Admin], None);
    }
    let last = rig.token(&[Scope::Admin], None);
    let with_kid = sign(&last.secret, Some(&last.token.id), &claims());
    assert!(rig.is_valid(&with_kid, now));
    assert!(!rig.is_valid(&sign(&last.secret, None, &claims()), now), "the account has 65");
    rig.catalog().revoke_token(&rig.admin.token.id, NOW).unwrap();
    assert!(rig.is_valid(&sign(&last.secret, None, &claims()), now));
}
