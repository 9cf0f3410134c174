//! What queries answer: the documented example, pages, forms, and the account of the token.

use serde_json::json;
use tallyhouse_server::catalog::Scope;

use super::rig::{ALL, PIPE, Rig, documented_session, session};

const EXAMPLE: &str = include_str!("../../../src/pipes/format/documented_example.json");

/// The same text with other statistics.
fn with_statistics_of(example: &str, answer: &str) -> String {
    let (before, _) = example.split_once("\t\"statistics\":").unwrap();
    let (_, statistics) = answer.split_once("\t\"statistics\":").unwrap();
    format!("{before}\t\"statistics\":{statistics}")
}

#[tokio::test]
async fn the_documented_example_is_answered_byte_for_byte_but_for_the_statistics() {
    let rig = Rig::new();
    rig.store("demo_sessions", &[documented_session()]).await;
    let uri = format!(
        "{PIPE}.json?token={}&start_timestamp=2020-01-01%2001:01:01&end_timestamp=2024-12-31%2023:59:59",
        rig.token
    );
    let reply = rig.request("GET", &uri, &[], "").await;
    assert_eq!(reply.text(), with_statistics_of(EXAMPLE, reply.text()));
    let statistics = &reply.json()["statistics"];
    assert_eq!(statistics["rows_read"], 1);
    assert!(statistics["elapsed"].as_f64().unwrap() > 0.0 && statistics["bytes_read"].as_u64().unwrap() > 0);
    let members: Vec<_> = statistics.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["bytes_read", "elapsed", "rows_read"]);
}

#[tokio::test]
async fn a_page_has_limit_rows_behind_offset_and_tells_how_many_there_are() {
    let rig = Rig::new();
    rig.store("demo_sessions", &(0..7).map(|number| session(number, number)).collect::<Vec<_>>()).await;
    let asked = async |page: &str| {
        let reply = rig.get(&format!("{PIPE}.json?{ALL}&{page}")).await;
        let titles: Vec<_> =
            reply.column("demo_title").iter().map(|title| title.as_str().unwrap().to_owned()).collect();
        let body = reply.json();
        assert_eq!(body["rows"], titles.len());
        (titles.join(""), body["rows_before_limit_at_least"].as_u64())
    };
    for (page, titles, total) in [
        ("", "0123456", None),
        ("limit=&offset=", "0123456", None),
        ("limit=3", "012", Some(7)),
        ("limit=3&offset=3", "345", Some(7)),
        ("limit=3&offset=6", "6", Some(7)),
        ("limit=3&offset=9", "", Some(7)),
        ("limit=0", "", Some(7)),
        ("offset=5", "56", None),
    ] {
        assert_eq!(asked(page).await, (titles.to_owned(), total), "{page}");
    }
}

#[tokio::test]
async fn a_form_says_the_same_as_a_query_string_and_both_together() {
    let rig = Rig::new();
    rig.store("demo_sessions", &(0..7).map(|number| session(number, number)).collect::<Vec<_>>()).await;
    for (query, form) in [
        ("", "start_timestamp=2020-01-01&limit=2&offset=1"),
        ("start_timestamp=2020-01-01", "limit=2&offset=1"),
        ("start_timestamp=2020-01-01&limit=2&offset=1", ""),
    ] {
        let reply = rig.post(&format!("{PIPE}.json?{query}"), form).await;
        assert_eq!(reply.column("demo_title"), [json!("1"), json!("2")], "{query} {form}");
    }
    let long = format!("start_timestamp=2020-01-01&unknown={}", "x".repeat(60_000));
    assert_eq!(rig.post(&format!("{PIPE}.json"), &long).await.column("demo_title").len(), 7);
    let compressed = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"start_timestamp=2020-01-01&limit=1").unwrap();
        encoder.finish().unwrap()
    };
    let headers = [("authorization", rig.token.as_str()), ("content-encoding", "gzip")];
    let reply = rig.request("POST", &format!("{PIPE}.json"), &headers, compressed).await;
    assert_eq!(reply.column("demo_title").len(), 1);
}

#[tokio::test]
async fn the_token_is_accepted_in_the_header_the_query_string_and_the_form() {
    let rig = Rig::new();
    rig.store("demo_sessions", &[documented_session()]).await;
    let (uri, token) = (format!("{PIPE}.json?{ALL}"), &rig.token);
    let bearer = format!("Bearer {token}");
    let replies = [
        rig.request("GET", &uri, &[("authorization", &bearer)], "").await,
        rig.request("GET", &uri, &[("authorization", token)], "").await,
        rig.request("GET", &format!("{uri}&token={token}"), &[], "").await,
        rig.request("POST", &format!("{uri}&token={token}"), &[], "").await,
        rig.request("POST", &uri, &[], format!("token={token}")).await,
        rig.request("POST", &uri, &[("authorization", &bearer)], "token=other").await,
    ];
    for reply in replies {
        assert_eq!(reply.column("shard_name"), [json!("app")]);
    }
}

#[tokio::test]
async fn client_id_is_that_of_the_token_and_another_one_finds_nothing() {
    let rig = Rig::new();
    rig.store("demo_sessions", &[documented_session()]).await;
    let other = rig.token_of("other", &[Scope::Read]);
    let of_other = rig.request("GET", &format!("{PIPE}.json?{ALL}&token={other}"), &[], "").await;
    assert_eq!(of_other.json()["rows"], 0);
    assert_eq!(
        rig.get(&format!("{PIPE}.json?{ALL}&client_id=abc123")).await.column("client_id"),
        [json!("abc123")]
    );
    for query in ["client_id=other", "client_id=abc123&client_id=other"] {
        let reply = rig.get(&format!("{PIPE}.json?{ALL}&{query}")).await;
        assert!(reply.status == 400 || reply.json()["rows"] == 0, "{query}: {}", reply.text());
    }
}

#[tokio::test]
async fn parameters_that_no_pipe_knows_are_ignored() {
    let rig = Rig::new();
    rig.store("demo_sessions", &[documented_session()]).await;
    let sent = "from=ts-sdk&since_created_at=x&__tb__client=y&q=&page=9&flag&=&%00=1";
    assert_eq!(rig.get(&format!("{PIPE}.json?{ALL}&{sent}")).await.column("shard_name").len(), 1);
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let rig = Rig::new();
    rig.store("demo_sessions", &[documented_session()]).await;
    let bearer = format!("Bearer {}", rig.token);
    for uri in [format!("{PIPE}.csv?{ALL}"), PIPE.to_owned(), "/v0/datasources".to_owned()] {
        let headers = [("authorization", &*bearer)];
        let get = rig.request("GET", &uri, &headers, "").await;
        let head = rig.request("HEAD", &uri, &headers, "").await;
        assert_eq!((get.status, head.status.as_u16()), (head.status, 200));
        for name in ["content-type", "cache-control"] {
            assert_eq!(get.header(name), head.header(name), "{uri}");
        }
        // Lists tell how long they took, which takes more digits at times.
        if uri != "/v0/datasources" {
            assert_eq!(get.header("content-length"), head.header("content-length"), "{uri}");
        }
        assert!(head.bytes.is_empty() && !get.bytes.is_empty());
    }
}

#[tokio::test]
async fn the_change_feed_waits_for_what_is_still_on_its_way() {
    let rig = Rig::new();
    let change = |id: &str| json!({ "entity_type": "link", "entity_id": id, "changed_at": "2026-01-01", "change_type": "made" });
    let fed = async || rig.get("/v0/pipes/replay_change_feed.json").await.column("entity_id");
    rig.store("demo_changes", &[change("first")]).await;
    assert_eq!(fed().await, ["first"], "what is stored is answered at once");
    // A large body that came before the next one and is not stored yet.
    let arrival = rig.state.arrivals.stamp(rig.state.clock);
    rig.store("demo_changes", &[change("second")]).await;
    assert_eq!(fed().await, ["first"]);
    drop(arrival);
    assert_eq!(fed().await, ["first", "second"]);
}
