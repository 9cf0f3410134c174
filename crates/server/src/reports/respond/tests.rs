//! That a query ends in time, that an answer which breaks off is no valid list, and what costs no query at all.

use std::sync::Arc;

use tallyhouse_model::{Micros, TableId};
use tallyhouse_store::{QueryError, Stop, Store, StoreOptions, Submission};
use tempfile::TempDir;

use super::*;
use crate::catalog::{Catalog, Credential, Document, Narrowing, Scope, TokenRequest};
use crate::config::{Config, ReportsConfig};
use crate::http::query_string::QueryString;
use crate::ingest::Enricher;
use crate::pipes::Pipes;
use crate::reports::analytics::ENDPOINTS;
use crate::reports::item_range::ItemRange;
use crate::reports::list;
use crate::reports::params::Params;
use crate::reports::request::Asked;
use crate::sample::ReportSample;

/// 2026-12-01T00:00:00Z.
const NOW: Micros = 1_796_083_200_000_000;

/// A server with some alerts, and the headers of whoever may read.
struct Sample {
    state: AppState,
    credential: Credential,
    headers: HeaderMap,
    _folder: TempDir,
}

impl Sample {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
        let account = catalog.create_account("first", NOW).unwrap().id;
        for batch in ReportSample::of_reports(1, NOW, 30, 100).alerts(400) {
            let submission = Submission { account, batch, quarantined: Vec::new(), received_at: NOW };
            store.ingest(submission).unwrap();
        }
        let (scopes, narrowing) = (vec![Scope::Read], Narrowing::default());
        let request = TokenRequest { account, scopes, narrowing, expires_at: None, label: None };
        let token = catalog.create_token(&request, NOW).unwrap().secret;
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, token.parse().unwrap())]);
        let reports = ReportsConfig { query_seconds_max: 1, ..ReportsConfig::default() };
        let config = Config { reports, ..Config::default() };
        let enricher = Enricher::start(None).unwrap();
        let state = AppState::new(store, catalog, enricher, Pipes::default(), config, || NOW);
        let credential = authenticate(&state, &headers).unwrap();
        Self { state, credential, headers, _folder: folder }
    }

    async fn respond(
        &self,
        ask: impl FnOnce(&Reader, &AppState, &Zone) -> Result<Answer, ReportsError> + Send + 'static,
    ) -> Response {
        respond(self.state.clone(), self.headers.clone(), ask).await
    }

    /// The error of an endpoint whose queries may ask so often whether to go on.
    fn error_of(&self, name: &str, query: &str, asks: u64) -> ReportsError {
        let reader = Reader::new(self.credential.clone(), self.state.store.snapshot(), Stop::at_ask(asks));
        let query = QueryString::of(&format!("/x?{query}").parse().unwrap());
        let asked = Asked {
            reader: &reader,
            catalog: &self.state.catalog,
            names: &self.state.names,
            config: &self.state.config.reports,
            zone: &Zone::UTC,
            params: Params { query: &query, channel: None, zone: &Zone::UTC },
            range: ItemRange::of(&HeaderMap::new()),
        };
        let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.name == name).unwrap();
        (endpoint.answer)(&asked).err().unwrap()
    }
}

#[tokio::test]
async fn a_query_beyond_the_time_limit_is_503_and_says_which_setting_it_was() {
    // Channels without alerts, each of which has to be looked for.
    let ask = |reader: &Reader, _: &AppState, _: &Zone| {
        for channel_id in 1_000.. {
            reader.has_rows(channel_id)?;
        }
        unreachable!("there are always more channels")
    };
    let response = Sample::new().respond(ask).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!response.headers().contains_key(header::RETRY_AFTER), "it would take as long again");
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(text.contains("reports.query_seconds_max"), "{text}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_valid_list() {
    let ask = |reader: &Reader, _: &AppState, _: &Zone| {
        let items_of = |rows: &[u32]| match rows[0] {
            ..100_000 => Ok(rows.to_vec()),
            _ => Err(QueryError::Damaged("of a test".to_owned())),
        };
        let items = Items::of_all(None, "numbers", 200_000);
        list::answer(items, (0..200_000).collect(), 1_000, items_of, reader.stop())
    };
    let response = Sample::new().respond(ask).await;
    assert_eq!(response.status(), StatusCode::OK, "it has begun");
    let mut body = response.into_body();
    let (mut text, mut ends) = (Vec::new(), Vec::new());
    while let Some(frame) = next(&mut body).await {
        match frame {
            Ok(bytes) => text.extend_from_slice(&bytes),
            Err(error) => ends.push(error.to_string()),
        }
    }
    assert_eq!(ends.len(), 1, "the connection ends with an error");
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("[0,1,2,") && !text.ends_with(']'));
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_err());
}

/// The next data of a body.
async fn next(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    use http_body::Body as _;
    let frame = std::future::poll_fn(|context| std::pin::Pin::new(&mut *body).poll_frame(context)).await?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}

#[test]
fn a_field_without_selections_is_told_before_anything_is_counted() {
    let sample = Sample::new();
    let (catalog, account) = (&sample.state.catalog, sample.credential.account);
    let document = |body: &str| [Document { id: 1, version: 1, body: Some(body.to_owned()) }];
    catalog.put_documents(account, TableId::Channels, &document(r#"{"channel_id":1}"#)).unwrap();
    let form =
        r#"{"id":1,"fields":[{"id":6,"field_type":"ShortTextBox"},{"id":2,"field_type":"Radio","data":{}}]}"#;
    catalog.put_documents(account, TableId::Forms, &document(form)).unwrap();
    let error = |field_id: u64| {
        let query = format!("channel_id=1&start_date=2026-11-01&end_date=2026-12-01&field_id={field_id}");
        sample.error_of("reports_per_field_selection", &query, 0)
    };
    assert!(matches!(error(77), ReportsError::NotFound("field_id", _)), "{:?}", error(77));
    assert!(matches!(error(6), ReportsError::Invalid("field_id", _)), "{:?}", error(6));
}
