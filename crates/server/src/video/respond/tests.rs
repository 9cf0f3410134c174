//! What an answer tells about itself, that a query ends with its request, and that its place comes back.

use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Waker};

use axum::http::StatusCode;
use tallyhouse_model::AccountId;
use tokio::sync::oneshot;

use super::*;
use crate::config::Config;
use crate::http::{PLACE_WAIT_MAX, Places};
use crate::video::sample_store::{SampleStore, all_rows};

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

/// A store whose accounts have one place each, and nobody waits for it.
fn store_with_a_place_each() -> SampleStore {
    let mut store = SampleStore::new();
    store.state.reads = Places::new(10, 1, Duration::ZERO);
    store
}

fn answer_of(body: AnswerBody) -> Result<Answer, VideoError> {
    Ok(Answer { body, scanned: Scanned::default(), store_time: Duration::ZERO })
}

fn whole(_: &Reader, _: &VideoConfig) -> Result<Answer, VideoError> {
    answer_of(AnswerBody::Whole(Bytes::from_static(b"{}")))
}

/// More rows than fit into one chunk.
fn streamed(_: &Reader, _: &VideoConfig) -> Result<Answer, VideoError> {
    let write_row = |_: usize, out: &mut Vec<u8>| out.extend_from_slice(&[b'1'; 1_000]);
    answer_of(RowsBody::without_pages(1_000, write_row).into_body())
}

impl SampleStore {
    async fn status_of(
        &self,
        ask: impl FnOnce(&Reader, &VideoConfig) -> Result<Answer, VideoError> + Send + 'static,
    ) -> u16 {
        respond(self.state.clone(), self.headers.clone(), ask).await.status().as_u16()
    }
}

#[tokio::test]
async fn an_account_that_reads_slowly_is_503_with_retry_after_while_another_is_served() {
    let store = store_with_a_place_each();
    let slow = respond(store.state.clone(), store.headers.clone(), streamed).await;
    assert_eq!(slow.status(), StatusCode::OK);
    let response = respond(store.state.clone(), store.headers.clone(), whole).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["errors"][0]["status"], 503);
    assert!(body["errors"][0]["detail"].as_str().unwrap().contains("server.reads_max_per_account"), "{body}");
    let other = respond(store.state.clone(), store.other_account(), whole).await;
    assert_eq!(other.status(), StatusCode::OK);
    drop(slow);
    assert_eq!(store.status_of(whole).await, 200);
}

#[tokio::test]
async fn an_answer_that_is_whole_has_no_place_while_it_is_sent() {
    let store = store_with_a_place_each();
    let _unread = respond(store.state.clone(), store.headers.clone(), whole).await;
    assert_eq!(store.status_of(whole).await, 200);
}

#[tokio::test]
async fn a_read_that_failed_or_panicked_gives_its_place_back() {
    let store = store_with_a_place_each();
    assert_eq!(store.status_of(|_, _| Err(VideoError::NoContent)).await, 404);
    assert_eq!(store.status_of(|_, _| panic!("a defect")).await, 500);
    assert_eq!(store.status_of(whole).await, 200);
}

#[tokio::test]
async fn without_a_token_no_place_is_needed() {
    let store = store_with_a_place_each();
    let _taken = store.state.reads.take(store.account).await.unwrap();
    let response = respond(store.state.clone(), HeaderMap::new(), whole).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_query_whose_client_went_away_has_its_place_until_it_ends() {
    let mut store = SampleStore::new();
    store.state.reads = Places::new(1, 1, PLACE_WAIT_MAX);
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let ask = move |reader: &Reader, config: &VideoConfig| {
        started.send(()).unwrap();
        may_go_on.recv().unwrap();
        whole(reader, config)
    };
    let request = tokio::spawn(respond(store.state.clone(), store.headers.clone(), ask));
    has_started.await.unwrap();
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    let mut next = pin!(store.state.reads.take(AccountId(7)));
    assert!(next.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    go_on.send(()).unwrap();
    assert!(next.await.is_ok());
}
