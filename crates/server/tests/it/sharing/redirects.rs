//! Following short URLs: where to, who is counted, and what is kept of them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tallyhouse_model::tables::referrals;
use tallyhouse_model::{Belongs, Cell, Range, RowsQuery, TableId};
use tallyhouse_server::http::client_address::Peer;
use tallyhouse_server::http::router;
use tallyhouse_store::Stop;
use tower::ServiceExt as _;

use super::messages::{for_user, tracked};
use super::rig::{Rig, SHORTURLS, documented, token};
use super::shorturls::shorturl;
use crate::process::{Folder, Server};

impl Rig {
    /// How often a short URL was followed, and the single referrals.
    async fn referrals(&self, token: &str) -> (u64, Vec<Value>) {
        let data = self.get(&format!("/shorturls/{token}.json")).await.data(200)["shorturl"].take();
        assert_eq!(data["num_referrals"], data["referrals"]["count"]);
        (data["num_referrals"].as_u64().unwrap(), data["referrals"]["entries"].as_array().unwrap().clone())
    }

    /// Follows a short URL over a connection from this address.
    async fn follow_from(&self, token: &str, peer: &str, headers: &[(&str, &str)]) {
        let mut request = Request::builder().uri(format!("/s/{token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer = Peer(peer.parse().unwrap());
        let request = request.extension(peer).body(Body::empty()).unwrap();
        let response = router(self.state.clone()).oneshot(request).await.unwrap();
        assert_eq!(response.status(), 302);
    }
}

#[tokio::test]
async fn a_short_url_leads_where_it_was_made_for() {
    let rig = Rig::new();
    for (original, location) in [
        ("http://a.example/path?a=b&c=%20#d", "http://a.example/path?a=b&c=%20#d"),
        ("HTTPS://a.example", "HTTPS://a.example"),
        ("http://a.example/ä?ö=\u{1F600}", "http://a.example/%C3%A4?%C3%B6=%F0%9F%98%80"),
    ] {
        let token = rig.shorten(original).await;
        let reply = rig.request("GET", &format!("/s/{token}"), &[], "").await;
        assert_eq!((reply.status, &*reply.text), (302, ""));
        assert_eq!(reply.header("location"), Some(location));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn head_leads_there_as_well_and_does_not_count() {
    let rig = Rig::new();
    let token = rig.shorten("http://a.example").await;
    let reply = rig.request("HEAD", &format!("/s/{token}"), &[], "").await;
    assert_eq!((reply.status, reply.header("location")), (302, Some("http://a.example")));
    assert_eq!(rig.referrals(&token).await.0, 0);
    rig.follow(&token, "").await;
    assert_eq!(rig.referrals(&token).await.0, 1);
}

#[tokio::test]
async fn what_leads_nowhere_is_told_and_does_not_count() {
    let rig = Rig::new();
    let made = rig.shorten("http://a.example").await;
    let other_case: String =
        made.chars()
            .map(|char| {
                if char.is_ascii_lowercase() { char.to_ascii_uppercase() } else { char.to_ascii_lowercase() }
            })
            .collect();
    for token in
        ["00000000", "x", "", "not-a-token", "%00%00%00%00%00%00%00%00", &other_case, &format!("{made}x")]
    {
        if token == made {
            continue;
        }
        for method in ["GET", "HEAD"] {
            let reply = rig.request(method, &format!("/s/{token}"), &[], "").await;
            assert_eq!((reply.status, reply.header("location")), (404, None), "{token}");
        }
    }
    let reply = rig.request("POST", &format!("/s/{made}"), &[], "").await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET,HEAD")));
    assert_eq!(rig.referrals(&made).await.0, 0);
}

#[tokio::test]
async fn a_hundred_at_the_same_time_are_a_hundred() {
    let rig = Rig::new();
    let tokens = [rig.shorten("http://a.example").await, rig.shorten("http://b.example").await];
    let mut clicks = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (state, token) = (rig.state.clone(), tokens[number % 2].clone());
        clicks.spawn(async move {
            let request = Request::builder().uri(format!("/s/{token}")).body(Body::empty()).unwrap();
            router(state).oneshot(request).await.unwrap().status()
        });
    }
    assert!(clicks.join_all().await.iter().all(|status| *status == 302));
    for token in &tokens {
        let (count, entries) = rig.referrals(token).await;
        assert_eq!((count, entries.len()), (50, 50));
    }
}

#[tokio::test]
async fn a_click_is_on_disk_when_the_answer_comes() {
    let rig = Rig::new();
    let token = rig.shorten("http://a.example").await;
    rig.follow(&token, "").await;
    // What another store finds in the files as they are now: the log was synced.
    let copy = tempfile::tempdir().unwrap();
    copy_folder(rig.folder.path(), copy.path());
    let (store, _) =
        tallyhouse_store::Store::open(copy.path(), tallyhouse_store::StoreOptions::default()).unwrap();
    let rows = store.snapshot().rows(&all_referrals(&rig), &Stop::default()).unwrap();
    assert_eq!(rows.total, 1);
    assert_eq!(rows.page.columns[referrals::SHORTURL_TOKEN].cell(0), Cell::Text(&token));
}

/// The first referrals of the account.
fn all_referrals(rig: &Rig) -> RowsQuery {
    let (account, table) = (rig.demo.site.account, TableId::Referrals);
    let (range, belongs) = (Range::ALL, Belongs::StartsIn);
    RowsQuery { account, table, range, belongs, filters: Vec::new(), offset: 0, limit: 9 }
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn a_click_says_what_it_was_made_for() {
    let rig = Rig::new();
    let message = rig.post_message(&for_user(&["facebook"], &tracked("http://a.example/"))).await;
    let entry = &message["publications"]["entries"][0]["shorturls"]["entries"][0];
    let shorturl = entry["shorturl_token"].as_str().unwrap();
    rig.pass(60);
    rig.follow(shorturl, "http://page.example/").await;
    let page = rig.state.store.snapshot().rows(&all_referrals(&rig), &Stop::default()).unwrap().page;
    assert_eq!(page.rows(), 1);
    for (column, text) in [
        (referrals::SHORTURL_TOKEN, shorturl),
        (referrals::SHARING_MESSAGE_TOKEN, &token(1)),
        (referrals::PROVIDER, "facebook"),
        (referrals::TARGET, "http://a.example/"),
        (referrals::PAGE, "http://page.example/"),
        (referrals::IP_ADDRESS, ""),
    ] {
        assert_eq!(page.columns[column].cell(0), Cell::Text(text));
    }
    assert_eq!(page.columns[referrals::OCCURRED_AT].cell(0), Cell::Time((rig.state.clock)()));
    let again = rig.get(&super::messages::message_url(&token(1))).await.data(200)["sharing_message"].take();
    let entry = &again["publications"]["entries"][0]["shorturls"]["entries"][0];
    assert_eq!(entry["num_referrals"], 1);
    assert_eq!(entry["date_last_referral"], "Fri, 27 Jan 2012 16:09:37 +0100");
}

#[tokio::test]
async fn a_page_is_kept_only_where_it_is_a_url_of_the_web() {
    let rig = Rig::new();
    let token = rig.shorten("http://a.example").await;
    let long = format!("http://page.example/{}", "x".repeat(1_004));
    let too_long = format!("{long}x");
    for page in ["http://page.example/", &long, &too_long, "javascript:alert(1)", "about:blank", "a b"] {
        rig.follow(&token, page).await;
        rig.pass(1);
    }
    let (count, entries) = rig.referrals(&token).await;
    let pages: Vec<&Value> = entries.iter().map(|entry| &entry["page"]).collect();
    assert_eq!(count, 6);
    let null = Value::Null;
    assert_eq!(pages, [&json!("http://page.example/"), &json!(long), &null, &null, &null, &null]);
}

#[tokio::test]
async fn addresses_are_those_of_connections_or_of_the_named_header() {
    let address = async |header: &str, keep: bool, headers: &[(&str, &str)]| {
        let mut config = documented();
        config.server.client_address_header = header.to_owned();
        config.sharing.keep_addresses = keep;
        let rig = Rig::with_config(config);
        let token = rig.shorten("http://a.example").await;
        rig.follow_from(&token, "192.0.2.1:4711", headers).await;
        rig.referrals(&token).await.1[0]["ip_address"].clone()
    };
    let forwarded = [("x-forwarded-for", "203.0.113.5, 198.51.100.7")];
    assert_eq!(address("", true, &forwarded).await, "192.0.2.1");
    assert_eq!(address("X-Forwarded-For", true, &forwarded).await, "198.51.100.7");
    assert_eq!(address("X-Forwarded-For", true, &[]).await, Value::Null);
    assert_eq!(address("", false, &forwarded).await, Value::Null);
    assert_eq!(address("X-Forwarded-For", false, &forwarded).await, Value::Null);
}

#[tokio::test]
async fn short_urls_of_a_revoked_site_lead_on() {
    let rig = Rig::new();
    let token = rig.shorten("http://a.example").await;
    rig.state.catalog.revoke_site("demo", (rig.state.clock)()).unwrap();
    rig.get(SHORTURLS).await.error(401);
    rig.follow(&token, "").await;
}

#[tokio::test]
async fn whoever_follows_a_short_url_gets_there_also_where_the_store_takes_nothing() {
    let rig = Rig::new();
    let token = rig.shorten("http://a.example").await;
    rig.follow(&token, "").await;
    rig.state.store.close();
    let reply = rig.request("GET", &format!("/s/{token}"), &[], "").await;
    assert_eq!((reply.status, reply.header("location")), (302, Some("http://a.example")));
    assert_eq!(rig.referrals(&token).await.0, 1);
}

/// Over a connection: short URLs lead to the server itself where nothing else is set, and what was answered is counted
/// for good, with the address of whoever it was.
#[test]
fn what_was_followed_is_counted_after_a_crash() {
    let folder = Folder::new();
    folder.account("harbour", &["read"]);
    let server = Server::start(&folder);
    let keys = folder.site("harbour", "demo");
    let body = shorturl("http://a.example/");
    let head =
        format!("POST {SHORTURLS} HTTP/1.0\r\nAuthorization: {keys}\r\nContent-Length: {}", body.len());
    let made = exchange(&server.url(), &head, &body);
    let made: Value = serde_json::from_str(made.split_once("\r\n\r\n").unwrap().1).unwrap();
    let made = &made["response"]["result"]["data"]["shorturl"];
    let short_url = made["short_url"].as_str().unwrap();
    let path = short_url.strip_prefix(&server.url()).unwrap();
    for _ in 0..3 {
        let answer = exchange(&server.url(), &format!("GET {path} HTTP/1.0"), "");
        assert!(answer.starts_with("HTTP/1.0 302") && answer.contains("http://a.example/"), "{answer}");
    }
    server.kill();
    let server = Server::start(&folder);
    let details = format!("/shorturls/{}.json", made["shorturl_token"].as_str().unwrap());
    let details = server.client().get_json(&keys, &details);
    let details = &details["response"]["result"]["data"]["shorturl"];
    assert_eq!(details["num_referrals"], 3);
    assert_eq!(details["referrals"]["entries"][0]["ip_address"], "127.0.0.1");
}

/// Sends a request over a connection of its own, and reads all of the answer.
fn exchange(url: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
