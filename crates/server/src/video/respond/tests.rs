//! What an answer tells about itself, and that a query ends with its request.

use std::sync::{Arc, mpsc};

use axum::http::StatusCode;
use tokio::sync::oneshot;

use super::*;
use crate::config::Config;
use crate::video::sample_store::{SampleStore, all_rows};

#[test]
fn server_timing_tells_what_the_store_touched() {
    let timing = server_timing(Duration::from_micros(1_234), Scanned { rows: 12_345, parts: 3 });
    assert_eq!(timing, r#"store;dur=1.234, rows;desc="12345", parts;desc="3""#);
}

#[tokio::test]
async fn a_client_that_goes_away_stops_its_query() {
    let store = SampleStore::new();
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let (ended, has_ended) = oneshot::channel();
    let ask = move |reader: &Reader, _: &VideoConfig| {
        started.send(()).unwrap();
        may_go_on.recv().unwrap();
        let error = reader.rows(all_rows(reader.account())).unwrap_err();
        let stopped = matches!(error, QueryError::Cancelled);
        ended.send(stopped).unwrap();
        Err(error.into())
    };
    let request = tokio::spawn(respond(store.state.clone(), store.headers.clone(), ask));
    has_started.await.unwrap();
    // The server drops the future of a request whose connection ended.
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();
    assert!(has_ended.await.unwrap());
}

#[tokio::test]
async fn a_query_beyond_the_time_limit_is_503_and_says_which_setting_it_was() {
    let mut store = SampleStore::new();
    let video = VideoConfig { query_seconds_max: 1, ..VideoConfig::default() };
    store.state.config = Arc::new(Config { video, ..Config::default() });
    let ask = |reader: &Reader, _: &VideoConfig| loop {
        reader.rows(all_rows(reader.account()))?;
    };
    let response = respond(store.state.clone(), store.headers.clone(), ask).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["errors"][0]["status"], 503);
    assert!(body["errors"][0]["detail"].as_str().unwrap().contains("video.query_seconds_max"), "{body}");
}
