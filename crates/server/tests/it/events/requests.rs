//! What `/v0/events` answers to whom.

use std::io::Write;

use axum::body::Body;
use axum::http::{StatusCode, header};
use tallyhouse_server::catalog::Scope;
use tallyhouse_server::config::{Config, IngestConfig};
use tallyhouse_server::ingest::record_types;

use super::rig::{EVENTS, Reply, Rig, record};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The documented shape, and a hint where to read on.
fn error_of(reply: &Reply, status: StatusCode) -> String {
    assert_eq!(reply.status, status, "{}", reply.text);
    let body = reply.json();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    assert!(body["documentation"].as_str().unwrap().starts_with("docs/API.md#"), "{body}");
    body["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn lines_an_object_and_an_array_are_taken() {
    let rig = Rig::new();
    let lines = format!("{}\n\n{}\nrubbish\n", record(1), record(2));
    assert_eq!(rig.send(EVENTS, lines).await.counts(), (2, 1));
    let json = format!("{EVENTS}&format=json");
    assert_eq!(rig.send(&json, record(3)).await.counts(), (1, 0));
    assert_eq!(rig.send(&json, format!("[{},\n{}]", record(4), record(5))).await.counts(), (2, 0));
    assert_eq!(rig.manage("GET", "/v0/export?name=view_segments", "").await.lines().len(), 5);
}

#[tokio::test]
async fn waiting_is_answered_with_200_and_not_waiting_with_202() {
    let rig = Rig::new();
    for (wait, status) in [
        ("", StatusCode::ACCEPTED),
        ("&wait=false", StatusCode::ACCEPTED),
        ("&wait=0", StatusCode::ACCEPTED),
        ("&wait=true", StatusCode::OK),
        ("&wait=1", StatusCode::OK),
        ("&wait=True", StatusCode::OK),
        ("&wait=maybe", StatusCode::BAD_REQUEST),
    ] {
        let reply = rig.send(&format!("/v0/events?name=view_segments&from=ts-sdk{wait}"), record(1)).await;
        assert_eq!(reply.status, status, "{wait}");
    }
}

#[tokio::test]
async fn rubbish_alone_is_understood_as_a_request() {
    let rig = Rig::new();
    assert_eq!(rig.send(EVENTS, "rubbish\n").await.counts(), (0, 1));
    assert_eq!(rig.send(&format!("{EVENTS}&format=json"), "rubbish").await.counts(), (0, 1));
}

#[tokio::test]
async fn a_row_that_comes_too_late_still_succeeds() {
    let rig = Rig::new();
    let old = record(1).replace('{', r#"{"updated_at":"2020-01-01T00:00:00Z","#);
    assert_eq!(rig.send(EVENTS, record(1)).await.counts(), (1, 0));
    assert_eq!(rig.send(EVENTS, old).await.counts(), (1, 0));
}

#[tokio::test]
async fn a_request_that_is_wrong_is_answered_with_400() {
    let rig = Rig::new();
    let names: Vec<_> = record_types().iter().map(|record_type| record_type.name()).collect();
    let no_name = format!("name: is required; it names the record type: {}", names.join(", "));
    let wrong = [
        ("/v0/events", record(1), no_name.as_str()),
        ("/v0/events?name=", record(1), &no_name),
        ("/v0/events?name=view_segments&format=csv", record(1), "format: is neither ndjson nor json"),
        (EVENTS, String::new(), "the body is empty"),
        (EVENTS, " \r\n\n".into(), "the body is empty"),
    ];
    for (uri, body, problem) in wrong {
        assert_eq!(error_of(&rig.send(uri, body).await, StatusCode::BAD_REQUEST), problem);
    }
}

#[tokio::test]
async fn the_token_is_a_header_or_a_parameter() {
    let rig = Rig::new();
    let by_query = format!("{EVENTS}&token={}", rig.append);
    assert_eq!(rig.request("POST", &by_query, &[], record(1)).await.counts(), (1, 0));
    let raw = [("authorization", rig.append.as_str())];
    assert_eq!(rig.request("POST", EVENTS, &raw, record(1)).await.counts(), (1, 0));
}

#[tokio::test]
async fn whoever_may_not_append_is_answered_with_403() {
    let rig = Rig::new();
    let missing = rig.request("POST", EVENTS, &[], record(1)).await;
    assert!(error_of(&missing, StatusCode::FORBIDDEN).contains("authentication token"));
    let wrong = rig.request("POST", EVENTS, &[("authorization", "Bearer nonsense")], record(1)).await;
    assert!(error_of(&wrong, StatusCode::FORBIDDEN).contains("authentication token"));
    for scope in [Scope::Read, Scope::Admin] {
        let headers = [("authorization", format!("Bearer {}", rig.token(scope)))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let refused = rig.request("POST", EVENTS, &headers, record(1)).await;
        assert_eq!(error_of(&refused, StatusCode::FORBIDDEN), "the token lacks the scope `append`");
    }
    let unknown = rig.send("/v0/events?name=nobody_knows", record(1)).await;
    assert!(error_of(&unknown, StatusCode::FORBIDDEN).contains("nobody_knows"));
}

#[tokio::test]
async fn other_methods_and_urls_are_answered_as_http_says() {
    let rig = Rig::new();
    let get = rig.manage("GET", EVENTS, "").await;
    error_of(&get, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(get.headers[header::ALLOW], "POST");
    let put = rig.manage("PUT", "/v0/quarantine", "").await;
    error_of(&put, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(put.headers[header::ALLOW], "GET,HEAD,DELETE");
    for uri in ["/v0", "/v0/", "/v0/events/x", "/v0/nothing"] {
        error_of(&rig.manage("GET", uri, "").await, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn compressed_bodies_are_taken_and_broken_ones_refused() {
    let rig = Rig::new();
    let authorization = format!("Bearer {}", rig.append);
    let send = |encoding: &'static str, body: Vec<u8>| {
        let headers = [("authorization", authorization.as_str()), ("content-encoding", encoding)];
        let (rig, headers) = (&rig, headers);
        async move { rig.request("POST", EVENTS, &headers, body).await }
    };
    let zstd = zstd::encode_all(record(2).as_bytes(), 3).unwrap();
    assert_eq!(send("gzip", gzip(&record(1))).await.counts(), (1, 0));
    assert_eq!(send("ZSTD", zstd.clone()).await.counts(), (1, 0));
    assert_eq!(send("identity", record(3).into()).await.counts(), (1, 0));
    for (encoding, body) in [
        ("gzip", zstd.clone()),
        ("zstd", zstd[..zstd.len() - 1].to_vec()),
        ("br", record(1).into()),
        ("gzip, zstd", gzip("")),
    ] {
        error_of(&send(encoding, body).await, StatusCode::BAD_REQUEST);
    }
    assert_eq!(error_of(&send("gzip", gzip("\n")).await, StatusCode::BAD_REQUEST), "the body is empty");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_as_sent_and_as_decompressed() {
    let ingest = IngestConfig { body_bytes_max: 1_000, ..IngestConfig::default() };
    let rig = Rig::with_config(Config { ingest, ..Config::default() });
    let padded = format!("{}{}", record(1), " ".repeat(1_000 - record(1).len()));
    assert_eq!(rig.send(EVENTS, padded.clone()).await.counts(), (1, 0));
    let sent = rig.send(EVENTS, padded.clone() + " ").await;
    assert!(error_of(&sent, StatusCode::PAYLOAD_TOO_LARGE).contains("1000 bytes as sent"));

    let authorization = format!("Bearer {}", rig.append);
    let headers = [("authorization", authorization.as_str()), ("content-encoding", "gzip")];
    let bomb = rig.request("POST", EVENTS, &headers, gzip(&(padded + " "))).await;
    assert!(error_of(&bomb, StatusCode::PAYLOAD_TOO_LARGE).contains("1000 bytes when decompressed"));
    let announced = [("authorization", authorization.as_str()), ("content-length", "1001")];
    let announced = rig.request("POST", EVENTS, &announced, Body::empty()).await;
    error_of(&announced, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_back() {
    let ingest = IngestConfig { requests_max: 0, ..IngestConfig::default() };
    let rig = Rig::with_config(Config { ingest, ..Config::default() });
    let refused = rig.send(EVENTS, record(1)).await;
    error_of(&refused, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers[header::RETRY_AFTER], "1");
}
