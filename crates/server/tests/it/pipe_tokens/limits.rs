//! Limits of requests per second, by the clock of the server.

use serde_json::{Value, json};
use tallyhouse_server::catalog::Scope;
use tallyhouse_server::config::Config;

use super::rig::{EVENTS, Rig, a_second_later, changed, claims, now, record, sign};

#[tokio::test]
async fn a_token_with_a_limit_is_429_beyond_it_until_the_next_second() {
    let rig = Rig::new();
    let jwt = rig.jwt(&changed("limits", json!({ "rps": 2 })));
    for remaining in ["1", "0"] {
        let reply = rig.post(EVENTS, &jwt, record(1)).await;
        assert_eq!((reply.status.as_u16(), reply.rate()), (202, ["2", remaining, "1"]));
        assert!(reply.headers.get("retry-after").is_none());
    }
    let refused = rig.post(EVENTS, &jwt, record(1)).await;
    refused.assert_error(429);
    assert_eq!(refused.rate(), ["2", "0", "1"]);
    assert_eq!(refused.headers["retry-after"], "1");
    let reply = rig.post_at(a_second_later, EVENTS, &jwt, record(1)).await;
    assert_eq!((reply.status.as_u16(), reply.rate()), (202, ["2", "1", "1"]));
}

#[tokio::test]
async fn refusals_count_and_tell_what_is_left_as_well() {
    let rig = Rig::new();
    let jwt = rig.jwt(&changed("limits", json!({ "rps": 5 })));
    for (path, body, status, remaining) in [
        ("/v0/events", "{}", 400, "4"),
        ("/v0/events?name=unknown", "{}", 403, "3"),
        (EVENTS, "", 400, "2"),
        ("/v0/quarantine/resend", "", 403, "1"),
        ("/v0/tokens/", "", 403, "0"),
        (EVENTS, "{}", 429, "0"),
    ] {
        let reply = rig.post(path, &jwt, body).await;
        reply.assert_error(status);
        assert_eq!(reply.rate(), ["5", remaining, "1"], "{path}");
    }
}

#[tokio::test]
async fn tokens_of_one_name_are_counted_together_and_others_apart() {
    let rig = Rig::new();
    let token = |name: Value, exp: i64| {
        let mut claims = changed("limits", json!({ "rps": 1 }));
        (claims["name"], claims["exp"]) = (name, json!(exp));
        claims
    };
    let exp = super::rig::NOW_S + 60;
    let status = async |claims: &Value| rig.post(EVENTS, &rig.jwt(claims), record(1)).await.status.as_u16();
    assert_eq!(status(&token(json!("page"), exp)).await, 202);
    assert_eq!(status(&token(json!("page"), exp + 1)).await, 429);
    assert_eq!(status(&token(json!("other"), exp)).await, 202);
    // Without a name each token counts for itself.
    assert_eq!(status(&token(Value::Null, exp)).await, 202);
    assert_eq!(status(&token(Value::Null, exp)).await, 429);
    assert_eq!(status(&token(Value::Null, exp + 1)).await, 202);
    // The same name in another account is another name.
    let stranger = rig.stranger("birch");
    let mut of_birch = token(json!("page"), exp);
    of_birch["workspace_id"] = json!("birch");
    let jwt = sign(&stranger.secret, None, &of_birch);
    assert_eq!(rig.post(EVENTS, &jwt, record(1)).await.status, 202);
}

#[tokio::test]
async fn events_are_limited_per_data_source_and_account() {
    let mut config = Config::default();
    config.pipes.events_per_second_max = 2;
    let rig = Rig::with_config(config);
    let (token, stranger) = (rig.token(&[Scope::Append], None).secret, rig.stranger("birch"));
    for (remaining, status) in [("1", 202), ("0", 202), ("0", 429)] {
        let reply = rig.post(EVENTS, &token, record(1)).await;
        assert_eq!((reply.status.as_u16(), reply.rate()), (status, ["2", remaining, "1"]));
        assert_eq!(reply.headers.contains_key("retry-after"), status == 429);
    }
    assert_eq!(rig.post_at(a_second_later, EVENTS, &token, record(1)).await.status, 202);
    let mut of_birch = claims();
    of_birch["workspace_id"] = json!("birch");
    let other = sign(&stranger.secret, None, &of_birch);
    assert_eq!(rig.post(EVENTS, &other, record(1)).await.status, 202);
}

#[tokio::test]
async fn events_have_a_thousand_requests_a_second_unless_set_otherwise() {
    let rig = Rig::new();
    let token = rig.token(&[Scope::Append], None).secret;
    assert_eq!(rig.post(EVENTS, &token, record(1)).await.rate(), ["1000", "999", "1"]);
    let mut config = Config::default();
    config.pipes.events_per_second_max = 0;
    let rig = Rig::with_config(config);
    let token = rig.token(&[Scope::Append], None).secret;
    assert_eq!(rig.post(EVENTS, &token, record(1)).await.rate(), ["", "", ""]);
    assert!(rig.is_valid(&token, now));
}
