//! Whose session it is: what it sees, where it is good for anything, and what happens to it when its login changes.

use axum::body::Body;
use axum::http::Request;
use tallyhouse_server::catalog::{Narrowing, PasswordHash, Scope};
use tallyhouse_server::reports::ReportsError;

use super::rig::{EMAIL, NOW, PASSWORD, Rig, after};

#[tokio::test]
async fn a_session_sees_the_account_and_the_channels_of_its_login() {
    let rig = Rig::new();
    let other = rig.catalog().create_account("birch", NOW).unwrap().id;
    let mut request = rig.request("heron@example.com");
    (request.account, request.channel_ids) = (other, Some(vec![3, 9]));
    rig.login(&request);
    let free = rig.credential(after::<0>, &rig.sign_in().await.access()).unwrap();
    assert_eq!((free.account, free.narrowing.is_everything()), (rig.account, true));
    let token = rig.sign_in_at(after::<0>, "heron@example.com", PASSWORD).await.access();
    let narrow = rig.credential(after::<0>, &token).unwrap();
    assert_eq!((narrow.account, &*narrow.account_name), (other, "birch"));
    assert_eq!(narrow.narrowing, Narrowing { content_ids: None, channel_ids: Some(vec![3, 9]) });
    assert_eq!(narrow.scopes, [Scope::Read]);
    assert!(narrow.resources.is_empty());
}

#[tokio::test]
async fn the_token_of_a_session_is_refused_by_every_other_family() {
    let rig = Rig::new();
    let token = rig.sign_in().await.access();
    assert!(rig.reads(after::<0>, &token), "it is remembered from here on");
    for (method, path, status) in [
        ("GET", "/v1/views?date_time_from=2026-11-01&date_time_to=2026-12-01", 401),
        ("GET", "/v0/pipes", 403),
        ("GET", "/v0/export?name=view_segments", 403),
        ("POST", "/v0/events?name=view_segments", 403),
        ("GET", "/v0/quarantine", 403),
    ] {
        for authorization in [token.clone(), format!("Bearer {token}"), format!("Token token={token}")] {
            let request = Request::builder().method(method).uri(path).header("authorization", &authorization);
            let reply = rig.send(after::<0>, request.body(Body::from("{}")).unwrap()).await;
            assert_eq!(reply.status, status, "{path} {authorization}");
        }
    }
    assert!(rig.reads(after::<0>, &token), "and it is still a good one");
}

#[tokio::test]
async fn other_tokens_read_reports_if_they_may_read() {
    let rig = Rig::bare();
    let token = |scopes: &[Scope], narrowing| rig.static_token(scopes, narrowing);
    let channels = Narrowing { content_ids: None, channel_ids: Some(vec![3]) };
    assert!(rig.reads(after::<0>, &token(&[Scope::Read], Narrowing::default())));
    assert_eq!(
        rig.credential(after::<0>, &token(&[Scope::Read], channels.clone())).unwrap().narrowing,
        channels
    );
    let contents = Narrowing { content_ids: Some(vec![3]), channel_ids: None };
    for refused in [token(&[Scope::Append], Narrowing::default()), token(&[Scope::Read], contents)] {
        let error = rig.credential(after::<0>, &refused).unwrap_err();
        assert!(matches!(error, ReportsError::Forbidden("base", _)), "{error:?}");
    }
    assert_eq!(
        rig.status(after::<0>, "GET", &token(&[Scope::Read], Narrowing::default())).await,
        401,
        "no session"
    );
}

#[tokio::test]
async fn what_happens_to_a_login_ends_its_sessions_at_once() {
    for change in ["password", "disable", "delete"] {
        let rig = Rig::new();
        rig.login(&rig.request("heron@example.com"));
        let token = rig.sign_in().await.access();
        let others = rig.sign_in_at(after::<0>, "heron@example.com", PASSWORD).await.access();
        assert!(rig.reads(after::<0>, &token));
        let other = rig.other();
        match change {
            "password" => other.set_password(EMAIL, &PasswordHash::new("another harbour").unwrap()),
            "disable" => other.disable_login(EMAIL, NOW),
            _ => other.delete_login(EMAIL),
        }
        .unwrap();
        assert!(!rig.reads(after::<0>, &token) && rig.reads(after::<0>, &others), "{change}");
        assert_eq!(rig.status(after::<0>, "GET", &token).await, 401, "{change}");
    }
}

#[tokio::test]
async fn a_login_that_is_disabled_is_told_so_only_with_its_password() {
    let rig = Rig::new();
    rig.other().disable_login(EMAIL, NOW).unwrap();
    rig.sign_in().await.assert_credentials_error(401, "account_locked");
    let wrong = rig.sign_in_at(after::<0>, EMAIL, "wrong harbour").await;
    wrong.assert_credentials_error(401, "bad_credentials");
    rig.other().enable_login(EMAIL).unwrap();
    assert!(rig.reads(after::<0>, &rig.sign_in().await.access()));
}

#[tokio::test]
async fn only_the_new_password_signs_in_after_a_change() {
    let rig = Rig::new();
    rig.other().set_password(EMAIL, &PasswordHash::new("another harbour").unwrap()).unwrap();
    rig.sign_in().await.assert_credentials_error(401, "bad_credentials");
    assert_eq!(rig.sign_in_at(after::<0>, EMAIL, "another harbour").await.status, 200);
    rig.other().delete_login(EMAIL).unwrap();
    let gone = rig.sign_in_at(after::<0>, EMAIL, "another harbour").await;
    gone.assert_credentials_error(401, "bad_credentials");
    rig.login(&rig.request(EMAIL));
    assert_eq!(rig.sign_in().await.status, 200, "the address is free again");
}
