//! `POST /oauth2/token/revoke`: what a client gives back is of no use from the next request on, and after a restart.

use tallyhouse_server::catalog::Scope;
use tallyhouse_server::config::Config;

use super::rig::{Rig, VIEWS, now};

#[tokio::test]
async fn an_access_token_goes_alone_and_a_refresh_token_with_all_of_its_grant() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let (first, second) = (rig.grant(&client).await, rig.grant(&client).await);
    let access = first.text("access_token");
    assert!(rig.is_valid(&access, now));
    assert_eq!(rig.revoke(&client, &access).await.status, 200);
    assert!(!rig.is_valid(&access, now));
    let refresh_token = first.text("refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
    let third = rig.ask(&client, &fields).await;
    assert!(rig.is_valid(&third.text("access_token"), now));
    assert_eq!(rig.revoke(&client, &third.text("refresh_token")).await.status, 200);
    assert!(!rig.is_valid(&third.text("access_token"), now));
    rig.ask(&client, &fields).await.assert_error(400, "invalid_grant");
    assert!(rig.is_valid(&second.text("access_token"), now), "the other grant stands");
}

#[tokio::test]
async fn a_jwt_is_revoked_by_its_id_and_stays_so_after_a_restart() {
    let mut rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let (revoked, kept) = (rig.jwt(&client).await, rig.jwt(&client).await);
    assert!(rig.is_valid(&revoked, now) && rig.is_valid(&kept, now));
    assert_eq!(rig.revoke(&client, &revoked).await.status, 200);
    assert_eq!(rig.get(VIEWS, &revoked).await.status, 401);
    rig.restart(Config::default());
    assert!(!rig.is_valid(&revoked, now));
    assert!(rig.is_valid(&kept, now));
}

#[tokio::test]
async fn the_jwts_of_a_grant_go_with_its_refresh_token() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let fields = [("grant_type", "client_credentials"), ("token_type", "jwt")];
    let granted = rig.ask(&client, &fields).await;
    assert!(rig.is_valid(&granted.text("access_token"), now));
    rig.revoke(&client, &granted.text("refresh_token")).await;
    assert!(!rig.is_valid(&granted.text("access_token"), now));
}

#[tokio::test]
async fn what_is_unknown_or_anothers_is_200_and_left_alone() {
    let rig = Rig::new();
    let (client, other) = (rig.client(&[Scope::Read]), rig.client(&[Scope::Read]));
    let granted = rig.grant(&client).await;
    let jwt = rig.jwt(&client).await;
    let (access, refresh) = (granted.text("access_token"), granted.text("refresh_token"));
    for token in ["unknown", "a.b.c", &access, &refresh, &jwt] {
        assert_eq!(rig.revoke(&other, token).await.status, 200);
    }
    assert!(rig.is_valid(&access, now) && rig.is_valid(&jwt, now));
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    assert_eq!(rig.ask(&client, &fields).await.status, 200);
}

#[tokio::test]
async fn the_secret_may_be_in_the_header_and_the_token_is_required() {
    let rig = Rig::new();
    let client = rig.client(&[Scope::Read]);
    let token = rig.grant(&client).await.text("access_token");
    let raw = format!("Basic {}", client.secret);
    rig.post_at(now, "/oauth2/token/revoke", &raw, &[("client_id", &client.id)])
        .await
        .assert_error(400, "invalid_request");
    let fields = [("client_id", client.id.as_str()), ("token", &token), ("token_type_hint", "access_token")];
    assert_eq!(rig.post_at(now, "/oauth2/token/revoke", &raw, &fields).await.status, 200);
    assert!(!rig.is_valid(&token, now));
}

#[tokio::test]
async fn a_revoked_client_takes_all_of_its_tokens_with_it() {
    let rig = Rig::new();
    let (client, other) = (rig.client(&[Scope::Read]), rig.client(&[Scope::Read]));
    let (jwt, opaque, others) =
        (rig.jwt(&client).await, rig.grant(&client).await.text("access_token"), rig.jwt(&other).await);
    assert!(rig.is_valid(&jwt, now) && rig.is_valid(&opaque, now));
    rig.other().revoke_client(&client.id, now()).unwrap();
    assert!(!rig.is_valid(&jwt, now) && !rig.is_valid(&opaque, now));
    assert!(rig.is_valid(&others, now));
}
