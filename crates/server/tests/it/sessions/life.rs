//! The life of a session: made, shown, renewed, ended, expired.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tallyhouse_model::{DAY, SECOND, parse_record_time, parse_uuid};

use super::rig::{EMAIL, NOW, PASSWORD, PATH, Rig, after};

const ACCESS_S: i64 = 30 * 86_400;
const REFRESH_S: i64 = 90 * 86_400;

#[tokio::test]
async fn signing_in_gives_two_tokens_and_a_profile() {
    let rig = Rig::bare();
    let mut request = rig.request(" Owl@Example.com");
    (request.user_id, request.first_name, request.last_name) =
        (Some(17), Some("Quiet".to_owned()), Some("Owl".to_owned()));
    rig.login(&request);
    let reply = rig.sign_in_at(after::<0>, "OWL@example.com ", PASSWORD).await;
    assert_eq!((reply.status.as_u16(), &reply.headers["cache-control"]), (200, &"no-store".parse().unwrap()));
    let session = &reply.body["session"];
    assert!(reply.access().starts_with("smt_") && reply.access().len() == 68, "{session}");
    assert!(reply.refresh().len() == 64 && !reply.access().contains(&reply.refresh()));
    assert_eq!(session["token_expire_at"], "2026-12-31T00:00:00.000Z");
    assert_eq!(session["app_bundle_id"], "com.example.app");
    assert!(session["branded_app_id"].is_null() && session["profile"]["preferred_team_id"].is_null());
    let uuids = [&session["client_uuid"], &session["profile"]["user_uuid"]];
    assert!(uuids.iter().all(|uuid| parse_uuid(uuid.as_str().unwrap()).is_some()) && uuids[0] != uuids[1]);
    let profile = &session["profile"];
    assert_eq!((&profile["user_id"], &profile["email"]), (&json!(17), &json!(EMAIL)));
    assert_eq!((&profile["first_name"], &profile["last_name"]), (&json!("Quiet"), &json!("Owl")));
    let members = |value: &serde_json::Value| value.as_object().unwrap().len();
    assert_eq!([members(&reply.body), members(session), members(profile)], [1, 7, 6]);
    assert!(rig.reads(after::<0>, &reply.access()));
}

#[tokio::test]
async fn a_session_can_be_made_with_a_form_and_a_slash_at_the_end() {
    let rig = Rig::new();
    let form = "session[email]=owl%40example.com&session%5Bpassword%5D=quiet+harbour";
    let request = Request::post(format!("{PATH}/"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-appid", "com.example.header")
        .body(Body::from(form))
        .unwrap();
    let reply = rig.send(after::<0>, request).await;
    assert!(rig.reads(after::<0>, &reply.access()));
    assert_eq!(reply.body["session"]["app_bundle_id"], "com.example.header");
    assert!(reply.body["session"]["profile"]["user_id"].is_null(), "nobody said who it is");
}

#[tokio::test]
async fn showing_a_session_repeats_the_token_that_was_sent_and_no_other() {
    let rig = Rig::new();
    let made = rig.sign_in().await;
    let shown = rig.ask(after::<1>, "GET", &made.access(), "").await;
    let mut expected = made.body.clone();
    expected["session"]["refresh_token"] = json!(null);
    assert_eq!(shown.body, expected);
    assert_eq!(shown.headers["cache-control"], "no-store");
    for token in ["", "smt_unknown", &made.refresh()] {
        rig.ask(after::<1>, "GET", token, "").await.assert_credentials_error(401, "bad_credentials");
    }
}

#[tokio::test]
async fn the_old_pair_is_dead_after_a_renewal() {
    let rig = Rig::new();
    let old = rig.sign_in().await;
    assert!(rig.reads(after::<10>, &old.access()));
    let new = rig.ask(after::<10>, "PATCH", &old.access(), "").await;
    assert_eq!(new.body["session"]["client_uuid"], old.body["session"]["client_uuid"]);
    let expires = parse_record_time(&new.token("token_expire_at")).unwrap();
    assert_eq!(expires, NOW + 10 * SECOND + 30 * DAY);
    assert!(rig.reads(after::<10>, &new.access()) && !rig.reads(after::<10>, &old.access()));
    assert!(new.access() != old.access() && new.refresh() != old.refresh());
    for method in ["GET", "PATCH", "DELETE"] {
        assert_eq!(rig.status(after::<10>, method, &old.access()).await, 401, "{method}");
    }
    let with_old = json!({"refresh_token": old.refresh()}).to_string();
    let dead = rig.ask(after::<10>, "PATCH", "", &with_old).await;
    dead.assert_credentials_error(401, "bad_credentials");
    assert_eq!(
        dead.headers["x-status-reason"],
        "the refresh token is not valid, or is one of another session"
    );
    assert!(rig.reads(after::<10>, &new.access()), "whoever tries an old token ends nothing");
}

#[tokio::test]
async fn put_is_the_same_as_patch() {
    let rig = Rig::new();
    let old = rig.sign_in().await;
    let new = rig.ask(after::<1>, "PUT", &old.access(), "").await;
    assert!(rig.reads(after::<1>, &new.access()) && !rig.reads(after::<1>, &old.access()));
    let body = json!({"refresh_token": new.refresh()}).to_string();
    let third = rig.ask(after::<2>, "PUT", "", &body).await;
    assert!(rig.reads(after::<2>, &third.access()) && !rig.reads(after::<2>, &new.access()));
    assert_eq!(third.body["session"]["client_uuid"], old.body["session"]["client_uuid"]);
}

#[tokio::test]
async fn a_refresh_token_renews_a_session_whose_access_token_has_expired() {
    let rig = Rig::new();
    for body in ["json", "nested", "form"] {
        let old = rig.sign_in().await;
        let body = match body {
            "json" => json!({"refresh_token": old.refresh()}).to_string(),
            "nested" => json!({"session": {"refresh_token": old.refresh()}}).to_string(),
            _ => format!("session[refresh_token]={}", old.refresh()),
        };
        assert!(rig.reads(after::<{ ACCESS_S - 1 }>, &old.access()));
        assert!(!rig.reads(after::<ACCESS_S>, &old.access()));
        assert_eq!(rig.status(after::<ACCESS_S>, "PATCH", &old.access()).await, 401);
        assert_eq!(rig.status(after::<ACCESS_S>, "GET", &old.access()).await, 401);
        let new = rig.ask(after::<{ REFRESH_S - 1 }>, "PATCH", &old.access(), &body).await;
        assert!(rig.reads(after::<{ REFRESH_S - 1 }>, &new.access()));
    }
    let old = rig.sign_in().await;
    let body = json!({"refresh_token": old.refresh()}).to_string();
    assert_eq!(rig.ask(after::<REFRESH_S>, "PATCH", "", &body).await.status, 401, "it expires as well");
    let new = rig.ask(after::<{ REFRESH_S - 1 }>, "PATCH", "", &body).await;
    assert!(rig.reads(after::<{ REFRESH_S - 1 }>, &new.access()), "and needs no access token beside it");
}

#[tokio::test]
async fn two_tokens_of_different_sessions_renew_nothing() {
    let rig = Rig::new();
    let (one, other) = (rig.sign_in().await, rig.sign_in().await);
    let body = json!({"refresh_token": other.refresh()}).to_string();
    rig.ask(after::<1>, "PATCH", &one.access(), &body).await.assert_credentials_error(401, "bad_credentials");
    let unknown = rig.ask(after::<1>, "PATCH", "smt_unknown", &body).await;
    unknown.assert_credentials_error(401, "bad_credentials");
    for token in [one.access(), other.access()] {
        assert!(rig.reads(after::<1>, &token), "both stand");
    }
}

#[tokio::test]
async fn a_session_that_was_ended_is_dead_with_both_tokens() {
    let rig = Rig::new();
    let (one, other) = (rig.sign_in().await, rig.sign_in().await);
    assert!(rig.reads(after::<1>, &one.access()));
    let ended = rig.ask(after::<1>, "DELETE", &one.access(), "").await;
    assert_eq!((ended.status.as_u16(), &*ended.text), (200, "{}"));
    assert!(!rig.reads(after::<1>, &one.access()) && rig.reads(after::<1>, &other.access()));
    for method in ["GET", "PATCH", "DELETE"] {
        rig.ask(after::<1>, method, &one.access(), "").await.assert_credentials_error(401, "bad_credentials");
    }
    let refresh = json!({"refresh_token": one.refresh()}).to_string();
    assert_eq!(rig.ask(after::<1>, "PATCH", "", &refresh).await.status, 401);
    let ended = rig.ask(after::<{ ACCESS_S + 1 }>, "DELETE", &other.access(), "").await;
    assert_eq!(ended.status, 200, "an expired access token still ends its session");
}
