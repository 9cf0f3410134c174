//! What all URLs of the family have in common: envelopes, URLs that there are not, methods, and bodies.

use serde_json::json;

use super::messages::for_user;
use super::rig::{MESSAGES, NOW, Rig, SHORTURLS, SNAPSHOTS, basic, documented, keys_of, token};

/// Every URL, with the methods that it takes.
const URLS: [(&str, &[&str]); 6] = [
    (SNAPSHOTS, &["GET", "HEAD", "PUT"]),
    ("/sharing/analytics/snapshots/x.json", &["DELETE", "GET", "HEAD"]),
    (MESSAGES, &["GET", "HEAD", "POST"]),
    ("/sharing/messages/x.json", &["DELETE", "GET", "HEAD", "POST"]),
    (SHORTURLS, &["GET", "HEAD", "POST"]),
    ("/shorturls/x.json", &["DELETE", "GET", "HEAD"]),
];

#[tokio::test]
async fn urls_that_there_are_not_are_told_in_an_envelope() {
    let rig = Rig::new();
    rig.pass(86_400);
    for path in [
        "/sharing",
        "/sharing/",
        "/sharing/analytics",
        "/sharing/analytics/snapshots",
        "/sharing/analytics/snapshots.xml",
        "/sharing/analytics/snapshots/x.xml",
        "/sharing/analytics/snapshots/x",
        "/sharing/analytics/snapshots.json/",
        "/sharing/messages.xml",
        "/sharing/messages/x.xml",
        "/sharing/messages/x/y.json",
        "/shorturls",
        "/shorturls/",
        "/shorturls.xml",
        "/shorturls/x.xml",
    ] {
        for reply in [rig.get(path).await, rig.request("GET", path, &[], "").await] {
            assert_eq!(reply.error(404), "there is nothing at this URL", "{path}");
            let request = &reply.json()["response"]["request"];
            assert_eq!(request["resource"], path);
            assert_eq!(request["date"], "Sat, 28 Jan 2012 16:08:37 +0100");
            assert_eq!(reply.header("content-type"), Some("application/json"));
            assert_eq!(reply.header("cache-control"), Some("private, no-store"));
        }
    }
}

#[tokio::test]
async fn methods_that_a_url_does_not_take_are_405_and_those_it_does_are_named() {
    let rig = Rig::new();
    for (path, methods) in URLS {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
            let reply = rig.ask(method, path, "").await;
            if methods.contains(&method) {
                assert_ne!(reply.status, 405, "{method} {path}");
                continue;
            }
            assert_eq!(reply.error(405), "this URL does not answer that method", "{method} {path}");
            let mut allowed: Vec<&str> = reply.header("allow").unwrap().split(',').map(str::trim).collect();
            allowed.sort_unstable();
            assert_eq!(allowed, methods, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let rig = Rig::new();
    for path in [SNAPSHOTS, MESSAGES, SHORTURLS, "/sharing/messages/x.json", "/sharing/nothing.json"] {
        let (get, head) = (rig.get(path).await, rig.ask("HEAD", path, "").await);
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
        assert_eq!(head.header("content-length"), Some(get.text.len().to_string().as_str()), "{path}");
    }
}

#[tokio::test]
async fn the_resource_is_the_path_without_the_query() {
    let rig = Rig::new();
    let reply = rig.get("/sharing/messages.json?page=1&user_token=a%2Fb").await;
    assert_eq!(reply.json()["response"]["request"]["resource"], "/sharing/messages.json");
    assert!(
        reply.text.starts_with(
            r#"{"response":{"request":{"date":"Fri, 27 Jan 2012 16:08:37 +0100","resource":"/sharing/messages.json","status":{"flag":"success","code":200,"info":"Your request has been processed successfully"}},"result":{"data":{"sharing_messages":{"pagination":{"current_page":1,"#
        ),
        "{}",
        reply.text
    );
    assert_eq!(reply.header("cache-control"), Some("private, no-store"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn the_status_of_the_response_is_the_code_of_the_envelope() {
    let mut config = documented();
    config.sharing.pending_max_per_account = 1;
    let rig = Rig::with_config(config);
    for _ in 0..2 {
        rig.post_message(&for_user(&["facebook"], &json!({ "text": { "body": "x" } }))).await;
    }
    let snapshot_of = |number: u32| {
        let sharing = json!({ "sharing_message_token": token(number) });
        json!({ "request": { "analytics": { "sharing": sharing } } }).to_string()
    };
    let large = "x".repeat((64 << 10) + 1);
    let wrong_keys = basic("a", "b");
    let keys = keys_of(&rig.demo);
    for (status, method, path, headers, body) in [
        (200, "GET", MESSAGES, ("authorization", keys.as_str()), String::new()),
        (201, "PUT", SNAPSHOTS, ("authorization", &keys), snapshot_of(1)),
        (207, "PUT", SNAPSHOTS, ("authorization", &keys), snapshot_of(1)),
        (400, "PUT", SNAPSHOTS, ("authorization", &keys), "{".to_owned()),
        (401, "GET", MESSAGES, ("authorization", &wrong_keys), String::new()),
        (404, "PUT", SNAPSHOTS, ("authorization", &keys), snapshot_of(99)),
        (405, "PATCH", MESSAGES, ("authorization", &keys), String::new()),
        (413, "PUT", SNAPSHOTS, ("authorization", &keys), large),
        (429, "PUT", SNAPSHOTS, ("authorization", &keys), snapshot_of(2)),
    ] {
        rig.request(method, path, &[headers], &body).await.assert_status(status);
    }
    let elsewhere = [("authorization", keys.as_str()), ("host", "other.example.com")];
    rig.request("GET", MESSAGES, &elsewhere, "").await.assert_status(403);
}

#[tokio::test]
async fn who_accepts_no_encoding_at_all_is_answered_without_one() {
    let rig = Rig::new();
    let (keys, body) = (keys_of(&rig.demo), for_user(&["facebook"], &json!({ "text": { "body": "x" } })));
    for accepted in ["identity;q=0", "*;q=0", "br, identity;q=0", "identity"] {
        let headers = [("authorization", keys.as_str()), ("accept-encoding", accepted)];
        let reply = rig.request("POST", MESSAGES, &headers, &body).await;
        reply.assert_status(201);
        assert_eq!(reply.header("content-encoding"), None, "{accepted}");
    }
    let headers = [("authorization", keys.as_str()), ("accept-encoding", "gzip, identity;q=0")];
    let reply = rig.request("HEAD", MESSAGES, &headers, "").await;
    assert_eq!((reply.status, reply.header("content-encoding")), (200, Some("gzip")));
}

#[tokio::test]
async fn bodies_are_bounded_and_have_to_be_the_documented_json() {
    let rig = Rig::new();
    for (method, path) in [("PUT", SNAPSHOTS), ("POST", MESSAGES), ("POST", SHORTURLS)] {
        for body in ["", "{", "[]", "null", "{}", r#"{"request":{}}"#, "a=b"] {
            let reply = rig.ask(method, path, body).await;
            assert!(!reply.error(400).is_empty(), "{method} {path} {body}");
        }
    }
    let large = format!("{{\"x\":\"{}\"}}", "a".repeat(64 << 10));
    assert!(rig.ask("PUT", SNAPSHOTS, &large).await.error(413).contains("65536 bytes"));
}

#[tokio::test]
async fn every_rig_has_a_clock_and_ids_of_its_own() {
    let (one, two) = (Rig::new(), Rig::new());
    one.pass(1);
    assert_eq!(((one.state.clock)(), (two.state.clock)()), (NOW + 1_000_000, NOW));
    two.clock.set(7);
    assert_eq!((two.state.clock)(), 7);
    for rig in [&one, &two] {
        let ids = [(); 2].map(|()| tallyhouse_model::render_uuid(&(rig.state.ids)().unwrap()));
        assert_eq!(ids, [token(1), token(2)]);
    }
    assert_eq!(token(258), "00000102-0000-4000-8000-000000000102");
}
