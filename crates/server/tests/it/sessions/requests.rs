//! Requests about sessions that are not understood.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::Request;
use hyper::body::Frame;
use serde_json::json;

use tallyhouse_server::reports::ReportsError;

use super::rig::{PATH, Rig, after};

#[tokio::test]
async fn what_is_missing_is_named_one_at_a_time() {
    let rig = Rig::bare();
    for (body, missing) in [
        ("", "session"),
        ("{}", "session"),
        (r#"{"email":"a@b","password":"quiet harbour"}"#, "session"),
        (r#"{"session":{}}"#, "email"),
        (r#"{"session":{"password":"quiet harbour"}}"#, "email"),
        (r#"{"session":{"email":"a@b"}}"#, "password"),
        (r#"{"session":{"email":"a@b","password":""}}"#, "password"),
        ("session[email]=a@b", "password"),
    ] {
        let reply = rig.ask(after::<0>, "POST", "", body).await;
        assert_eq!(reply.status, 422, "{body}");
        assert_eq!(reply.body, json!({"message": "client error", "param": missing}), "{body}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_member() {
    let rig = Rig::bare();
    for (body, name) in [
        (r#"{"session":{"email":7,"password":"quiet harbour"}}"#, "email"),
        (r#"{"session":{"email":"a@b","password":["x"]}}"#, "password"),
        (r#"{"session":"x"}"#, "session"),
        (r#"{"session":{"#, "session"),
    ] {
        let reply = rig.ask(after::<0>, "POST", "", body).await;
        assert_eq!(reply.status, 422, "{body}");
        assert_eq!(reply.body["errors"][name], reply.body["failures"][name]);
        assert!(reply.body["errors"][name][0].is_string(), "{body}: {reply:?}");
        assert!(reply.headers.contains_key("x-status-reason"));
    }
    let reply = rig.ask(after::<0>, "POST", "", &"a".repeat(65_537)).await;
    assert_eq!(reply.status, 413);
    let reply = rig.ask(after::<0>, "POST", "", &format!("{{\"session\":{}", "[".repeat(60_000))).await;
    assert_eq!(reply.status, 422, "depth is bounded");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_too_large() {
    /// A body that breaks off, as one does that pauses for longer than the server waits.
    struct Broken;

    impl axum::body::HttpBody for Broken {
        type Data = axum::body::Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
            Poll::Ready(Some(Err(std::io::ErrorKind::TimedOut.into())))
        }
    }

    let request = Request::post(PATH).body(Body::new(Broken)).unwrap();
    let reply = Rig::bare().send(after::<0>, request).await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.body["errors"]["session"], json!(["did not arrive in time"]));
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_there_are() {
    let rig = Rig::bare();
    let request = Request::builder().method("PROPFIND").uri(PATH).body(Body::empty()).unwrap();
    let reply = rig.send(after::<0>, request).await;
    assert_eq!(reply.status, 405);
    let allowed = reply.headers["allow"].to_str().unwrap();
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        assert!(allowed.contains(method), "{allowed}");
    }
}

#[tokio::test]
async fn headers_of_apps_teams_and_installations_change_nothing() {
    let rig = Rig::new();
    let made = rig.sign_in().await;
    let request = Request::get(PATH)
        .header("authorization", format!("Token token=\"{}\", nonce=x", made.access()))
        .header("x-appid", "com.example.other")
        .header("x-teamid", "1234")
        .header("x-installationid", "abcd");
    let shown = rig.send(after::<0>, request.body(Body::empty()).unwrap()).await;
    assert_eq!(shown.body["session"]["app_bundle_id"], "com.example.app");
}

#[tokio::test]
async fn an_app_has_to_be_named_only_where_the_settings_say_so() {
    let mut rig = Rig::new();
    let token = rig.sign_in().await.access();
    assert!(rig.reads(after::<0>, &token));
    let mut config = tallyhouse_server::config::Config::default();
    config.reports.require_app_id = true;
    rig.state.config = config.into();
    assert_eq!(rig.credential(after::<0>, &token), Err(ReportsError::Missing("X-AppId")));
    let expected = json!({"message": "client error", "param": "X-AppId"});
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        let reply = rig.ask(after::<0>, method, &token, "").await;
        assert_eq!((reply.status.as_u16(), &reply.body), (422, &expected), "{method}");
    }
    for name in ["X-AppId", "X-AppID", "x-appid"] {
        let request =
            Request::get(PATH).header("authorization", format!("Token token={token}")).header(name, "a");
        assert_eq!(rig.send(after::<0>, request.body(Body::empty()).unwrap()).await.status, 200, "{name}");
    }
}
