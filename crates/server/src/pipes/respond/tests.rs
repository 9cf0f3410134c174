//! What an answer tells about itself, when it is refused, and that its query and its place end with its request.

use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Waker};

use axum::http::StatusCode;
use tallyhouse_model::{AccountId, Micros};
use tallyhouse_store::{QueryError, Store, StoreOptions};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::*;
use crate::catalog::{Catalog, Credential, Narrowing, Scope};
use crate::config::{Config, PipesConfig};
use crate::http::{PLACE_WAIT_MAX, Places};
use crate::ingest::Enricher;
use crate::pipes::Pipes;
use crate::pipes::sample_answer::{NumberedRows, documented};

/// 2026-12-01T00:00:00Z.
const NOW: Micros = 1_796_083_200_000_000;

struct Rig {
    state: AppState,
    _folder: TempDir,
}

impl Rig {
    /// An empty store whose accounts have one place each, with these settings.
    fn new(pipes: PipesConfig, wait_max: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
        let config = Config { pipes, ..Config::default() };
        let enricher = Enricher::start(None).unwrap();
        let state = AppState::new(store, catalog, enricher, Pipes::default(), config, || NOW);
        let state = AppState { reads: Places::new(10, 1, wait_max), ..state };
        Self { state, _folder: folder }
    }

    fn impatient() -> Self {
        Self::new(PipesConfig::default(), Duration::ZERO)
    }

    async fn ask(
        &self,
        format: Format,
        ask: impl FnOnce(&Reader) -> Result<Answer, PipesError> + Send + 'static,
    ) -> Result<Response, PipesError> {
        respond(self.state.clone(), access(1), format, false, ask).await
    }
}

fn access(account: i64) -> Access {
    let headers =
        HeaderMap::from_iter([("x-ratelimit-limit".parse().unwrap(), HeaderValue::from_static("9"))]);
    let account = AccountId(account.try_into().unwrap());
    Access {
        credential: Credential {
            account,
            account_name: "acme".to_owned(),
            scopes: vec![Scope::Read],
            narrowing: Narrowing::default(),
            resources: Arc::default(),
            limit: None,
        },
        fixed: Vec::new(),
        headers,
    }
}

fn small(_: &Reader) -> Result<Answer, PipesError> {
    Ok(documented())
}

/// More than is kept.
fn large(_: &Reader) -> Result<Answer, PipesError> {
    Ok(NumberedRows::new(20_000, 100).into_answer())
}

async fn body_of(response: Response) -> Vec<u8> {
    axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
}

#[tokio::test]
async fn an_answer_has_its_type_its_size_and_the_headers_of_the_token() {
    let rig = Rig::impatient();
    for (format, content_type) in [
        (Format::Json, "application/json; charset=UTF-8"),
        (Format::Csv, "text/csv; charset=UTF-8; header=present"),
        (Format::Ndjson, "application/x-ndjson"),
        (Format::Parquet, "application/vnd.apache.parquet"),
    ] {
        for ask in [small, large] {
            let response = rig.ask(format, ask).await.unwrap();
            let headers = response.headers().clone();
            let size = axum::body::HttpBody::size_hint(response.body()).exact();
            assert_eq!(headers["content-type"], content_type);
            assert_eq!(headers["cache-control"], "private, no-store");
            assert_eq!(headers["x-ratelimit-limit"], "9");
            assert_eq!(Some(body_of(response).await.len() as u64), size, "{format:?}");
        }
    }
}

#[tokio::test]
async fn a_pipe_is_asked_about_the_account_of_the_token_at_the_time_of_the_request() {
    let (tell, told) = mpsc::channel();
    let ask = move |reader: &Reader| {
        tell.send((reader.account, reader.account_name.clone(), reader.now)).unwrap();
        Ok(documented())
    };
    Rig::impatient().ask(Format::Json, ask).await.unwrap();
    assert_eq!(told.recv().unwrap(), (AccountId(1), "acme".to_owned(), NOW));
}

#[tokio::test]
async fn a_result_beyond_the_limit_is_413_before_anything_is_sent_and_says_what_to_do() {
    let pipes = PipesConfig { result_bytes_max: 2_000_000, ..PipesConfig::default() };
    let rig = Rig::new(pipes, Duration::ZERO);
    let refused = rig.ask(Format::Csv, large).await.unwrap_err();
    let error = refused.to_string();
    let refused = refused.into_query_response();
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(refused.headers()["x-db-exception-code"], "396");
    assert!(!refused.headers().contains_key("retry-after"));
    for told in ["2000000 bytes", "shorter time window", "limit"] {
        assert!(error.contains(told), "{error}");
    }
    let fits = |_: &Reader| Ok(NumberedRows::new(19_000, 100).into_answer());
    assert_eq!(rig.ask(Format::Csv, fits).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_query_beyond_the_time_limit_is_408_and_is_stopped() {
    let pipes = PipesConfig { query_seconds_max: 1, ..PipesConfig::default() };
    let rig = Rig::new(pipes, Duration::ZERO);
    let (ended, has_ended) = oneshot::channel();
    let ask = move |reader: &Reader| {
        let stop = reader.stop.clone();
        while !format!("{stop:?}").contains("stopped: true") {
            std::thread::yield_now();
        }
        ended.send(()).unwrap();
        Err(QueryError::Cancelled.into())
    };
    let refused = rig.ask(Format::Json, ask).await.unwrap_err().into_query_response();
    assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(refused.headers()["x-db-exception-code"], "159");
    has_ended.await.unwrap();
}

#[tokio::test]
async fn the_time_limit_does_not_hold_while_an_answer_is_sent() {
    let rig = Rig::impatient();
    let (tell, told) = mpsc::channel();
    let ask = move |reader: &Reader| {
        tell.send(reader.stop.clone()).unwrap();
        large(reader)
    };
    let response = rig.ask(Format::Json, ask).await.unwrap();
    let stop = format!("{:?}", told.recv().unwrap());
    assert!(stop.contains("deadline: None") && stop.contains("stopped: false"), "{stop}");
    drop(response);
}

#[tokio::test]
async fn groups_without_bound_are_413_damage_and_defects_500() {
    let rig = Rig::impatient();
    for (error, status) in [
        (QueryError::TooManyGroups(5), 413),
        (QueryError::TookTooLong, 408),
        (QueryError::Damaged("/srv/parts/7".to_owned()), 500),
        (QueryError::Cancelled, 503),
    ] {
        let refused =
            rig.ask(Format::Json, move |_| Err(error.into())).await.unwrap_err().into_query_response();
        assert_eq!(refused.status().as_u16(), status);
        let body = String::from_utf8(body_of(refused).await).unwrap();
        assert!(!body.contains("/srv"), "{body}");
    }
    let refused = rig.ask(Format::Json, |_| panic!("a defect")).await.unwrap_err();
    assert!(matches!(refused, PipesError::Defect));
    // All of them gave their place back.
    assert!(rig.ask(Format::Json, small).await.is_ok());
}

#[tokio::test]
async fn a_large_answer_has_its_place_until_it_was_sent_and_a_small_one_has_none() {
    let rig = Rig::impatient();
    let unread = rig.ask(Format::Json, small).await.unwrap();
    let slow = rig.ask(Format::Json, large).await.unwrap();
    let refused = rig.ask(Format::Json, small).await.unwrap_err().into_query_response();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    let other = respond(rig.state.clone(), access(2), Format::Json, false, small).await;
    assert_eq!(other.unwrap().status(), StatusCode::OK);
    assert!(body_of(slow).await.len() > 2_000_000);
    assert!(rig.ask(Format::Json, small).await.is_ok());
    drop(unread);
}

#[tokio::test]
async fn a_client_that_goes_away_stops_its_query_which_has_its_place_until_it_ends() {
    let rig = Rig::new(PipesConfig::default(), PLACE_WAIT_MAX);
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let (ended, has_ended) = oneshot::channel();
    let ask = move |reader: &Reader| {
        started.send(()).unwrap();
        may_go_on.recv().unwrap();
        ended.send(format!("{:?}", reader.stop)).unwrap();
        small(reader)
    };
    let state = rig.state.clone();
    let request = tokio::spawn(respond(state, access(1), Format::Json, false, ask));
    has_started.await.unwrap();
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    let mut next = pin!(rig.state.reads.take(AccountId(1)));
    assert!(next.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    go_on.send(()).unwrap();
    assert!(has_ended.await.unwrap().contains("stopped: true"));
    assert!(next.await.is_ok());
}

#[tokio::test]
async fn a_body_that_is_given_up_stops_its_query() {
    let rig = Rig::impatient();
    let (tell, told) = mpsc::channel();
    let ask = move |reader: &Reader| {
        tell.send(reader.stop.clone()).unwrap();
        large(reader)
    };
    let response = rig.ask(Format::Json, ask).await.unwrap();
    let stop = told.recv().unwrap();
    assert!(!format!("{stop:?}").contains("stopped: true"));
    drop(response);
    assert!(format!("{stop:?}").contains("stopped: true"));
}
