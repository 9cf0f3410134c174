//! A server in a folder of its own, without a network: rows go straight to the store, requests to the router.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tallyhouse_model::{AccountId, Micros};
use tallyhouse_server::catalog::{Catalog, Narrowing, Scope, TokenRequest};
use tallyhouse_server::config::Config;
use tallyhouse_server::http::AppState;
use tallyhouse_server::ingest::Enricher;
use tallyhouse_server::pipes::Pipes;
use tallyhouse_server::video;
use tallyhouse_store::{Accepted, Store, StoreOptions, Submission};
use tempfile::TempDir;
use tower::ServiceExt;

use super::segment::{Segment, batch_of};

/// 2026-12-01T00:00:00Z.
const NOW: Micros = 1_796_083_200_000_000;

pub struct Rig {
    router: Router,
    store: Store,
    catalog: Arc<Catalog>,
    account: AccountId,
    token: String,
    _folder: TempDir,
}

/// What came back, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The pointers of an `errors[]` body, whose form is checked on the way.
    pub fn pointers(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no errors in {body}"));
        let pointer = |error: &Value| {
            assert_eq!(error["status"], self.status.as_u16(), "{body}");
            assert!(error["title"].is_string() && error["detail"].is_string(), "{body}");
            error["source"]["pointer"].as_str().expect("a pointer is a string").to_owned()
        };
        errors.iter().map(pointer).collect()
    }
}

impl Rig {
    pub fn new() -> Self {
        Self::with_config(Config::default())
    }

    pub fn with_config(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions { quarantine_bytes_max: 1 << 20, ..StoreOptions::default() };
        let (store, _) = Store::open(folder.path(), options).unwrap();
        let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
        let account = catalog.create_account("first", NOW).unwrap().id;
        let token = token_for(&catalog, account, Scope::Read);
        let enricher = Enricher::start(None).unwrap();
        let pipes = Pipes::default();
        let state = AppState::new(store.clone(), Arc::clone(&catalog), enricher, pipes, config, || NOW);
        let router = Router::new()
            .nest("/v1", video::routes().fallback(video::not_found))
            .merge(video::routes())
            .with_state(state);
        Self { router, store, catalog, account, token, _folder: folder }
    }

    /// A rig that holds these segments.
    pub fn holding(segments: &[Segment]) -> Self {
        let rig = Self::new();
        rig.send(segments);
        rig
    }

    /// Stores segments of the account that the requests come from.
    pub fn send(&self, segments: &[Segment]) -> Accepted {
        self.send_for(self.account, segments)
    }

    pub fn send_for(&self, account: AccountId, segments: &[Segment]) -> Accepted {
        let batch = batch_of(segments);
        self.store.ingest(Submission { account, batch, quarantined: Vec::new(), received_at: NOW }).unwrap()
    }

    pub fn second_account(&self) -> AccountId {
        self.catalog.create_account("second", NOW).unwrap().id
    }

    /// A further token of the account.
    pub fn token(&self, scope: Scope) -> String {
        token_for(&self.catalog, self.account, scope)
    }

    /// Sends a request with this method and `Authorization` header.
    pub async fn request(&self, method: &str, uri: &str, authorization: Option<&str>) -> Reply {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: parts.status, headers: parts.headers, text }
    }

    pub async fn get(&self, uri: &str) -> Reply {
        self.request("GET", uri, Some(&self.token)).await
    }

    /// The body of a request that has to succeed.
    pub async fn json(&self, uri: &str) -> Value {
        let reply = self.get(uri).await;
        assert_eq!(reply.status, StatusCode::OK, "{uri}: {}", reply.text);
        reply.json()
    }

    /// The points and values of a series.
    pub async fn points(&self, uri: &str) -> Vec<(String, u64)> {
        let body = self.json(uri).await;
        let point = |row: &Value| {
            assert_eq!(row["type"], "Series");
            let attributes = &row["attributes"];
            (attributes["point"].as_str().unwrap().to_owned(), attributes["value"].as_u64().unwrap())
        };
        body["data"].as_array().unwrap().iter().map(point).collect()
    }

    /// The rows of peaks or seconds, as `live 5 2018-07-16T12:00:00+00:00 2`, whose type is checked on the way.
    pub async fn numbers(&self, uri: &str, row_type: &str) -> Vec<String> {
        let body = self.json(uri).await;
        let number = |row: &Value| {
            assert_eq!(row["type"], row_type);
            let attributes = row["attributes"].as_object().unwrap();
            assert_eq!(attributes.len(), 4, "{row}");
            let text = |name: &str| attributes[name].as_str().unwrap();
            let whole = |name: &str| attributes[name].as_u64().unwrap();
            format!("{} {} {} {}", text("content_type"), whole("content_id"), text("time"), whole("value"))
        };
        body["data"].as_array().unwrap().iter().map(number).collect()
    }

    /// The view ids of a page, as the numbers that the tests give out.
    pub async fn view_ids(&self, uri: &str) -> Vec<u128> {
        let body = self.json(uri).await;
        let view_id = |row: &Value| {
            let text = row["attributes"]["view_id"].as_str().unwrap().replace('-', "");
            u128::from_str_radix(&text, 16).unwrap()
        };
        body["data"].as_array().unwrap().iter().map(view_id).collect()
    }
}

fn token_for(catalog: &Catalog, account: AccountId, scope: Scope) -> String {
    let request = TokenRequest {
        account,
        scopes: vec![scope],
        narrowing: Narrowing::default(),
        expires_at: None,
        label: None,
    };
    catalog.create_token(&request, NOW).unwrap().secret
}

/// Borrowed pairs, to compare the points of a series with a literal.
pub fn pairs(points: &[(String, u64)]) -> Vec<(&str, u64)> {
    points.iter().map(|(point, value)| (point.as_str(), *value)).collect()
}
