//! A server in a folder of its own, without a network: records come in as events, requests go to the router.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use serde_json::Value;
use tallyhouse_model::{AccountId, Micros};
use tallyhouse_server::catalog::{Catalog, Narrowing, Scope, TokenRequest};
use tallyhouse_server::config::Config;
use tallyhouse_server::http::{AppState, router};
use tallyhouse_server::ingest::Enricher;
use tallyhouse_server::pipes::Pipes;
use tallyhouse_store::{Store, StoreOptions};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-12-01T00:00:00Z.
const NOW: Micros = 1_796_083_200_000_000;

/// The dates of the documented examples.
pub const DATES: &str = "start_date=2016-01-01T00:00:00Z&end_date=2016-11-11T00:00:00Z";

pub struct Rig {
    router: Router,
    catalog: Arc<Catalog>,
    append: String,
    read: String,
    _folder: TempDir,
}

/// What came back, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// An answer that is still to be read.
pub struct Begun(Body);

impl Begun {
    pub async fn text(self) -> String {
        let bytes = axum::body::to_bytes(self.0, 64 << 20).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
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
        let enricher = Enricher::start(None).unwrap();
        let state = AppState::new(store, Arc::clone(&catalog), enricher, Pipes::default(), config, || NOW);
        let append = token(&catalog, account, Scope::Append, Narrowing::default());
        let read = token(&catalog, account, Scope::Read, Narrowing::default());
        Self { router: router(state), catalog, append, read, _folder: folder }
    }

    /// A rig that holds these records, by the names of their types.
    pub async fn holding(records: &[(&str, &str)]) -> Self {
        let rig = Self::new();
        for (name, lines) in records {
            rig.send(name, lines).await;
        }
        rig
    }

    /// Sends records of the first account, all of which are accepted.
    pub async fn send(&self, name: &str, lines: &str) {
        self.send_as(&self.append, name, lines).await;
    }

    pub async fn send_as(&self, token: &str, name: &str, lines: &str) {
        let uri = format!("/v0/events?name={name}&wait=true");
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        let reply = self.request("POST", &uri, &headers, lines.to_owned()).await;
        assert_eq!(reply.json()["quarantined_rows"], 0, "{}", reply.text);
        assert_eq!(reply.json()["successful_rows"], lines.lines().count() as u64, "{}", reply.text);
    }

    /// A token of the first account that sees a part of it.
    pub fn narrowed(&self, narrowing: Narrowing) -> String {
        token(&self.catalog, self.account("first"), Scope::Read, narrowing)
    }

    /// Tokens of another account, to append and to read.
    pub fn second(&self) -> (String, String) {
        let account = self.catalog.create_account("second", NOW).unwrap().id;
        let of = |scope| token(&self.catalog, account, scope, Narrowing::default());
        (of(Scope::Append), of(Scope::Read))
    }

    fn account(&self, name: &str) -> AccountId {
        self.catalog.account_by_name(name).unwrap().id
    }

    pub fn append(&self) -> &str {
        &self.append
    }

    pub async fn request(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: String) -> Reply {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// An answer of which the first piece was made. The others are made when they are read.
    pub async fn begin(&self, path: &str) -> Begun {
        self.begin_as(&self.read, path, None).await
    }

    pub async fn begin_as(&self, token: &str, path: &str, range: Option<&str>) -> Begun {
        let mut request = Request::builder().uri(format!("/api/v4/{path}"));
        request = request.header("authorization", format!("Token token={token}"));
        if let Some(range) = range {
            request = request.header("range", range);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert!(response.status().is_success(), "{}", response.status());
        Begun(response.into_body())
    }

    pub async fn get_as(&self, token: &str, path: &str) -> Reply {
        let authorization = format!("Token token={token}");
        let headers = [("authorization", authorization.as_str())];
        self.request("GET", &format!("/api/v4/{path}"), &headers, String::new()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.get_as(&self.read, path).await
    }

    pub async fn get_range(&self, path: &str, range: &str) -> Reply {
        let authorization = format!("Token token={}", self.read);
        let headers = [("authorization", authorization.as_str()), ("range", range)];
        self.request("GET", &format!("/api/v4/{path}"), &headers, String::new()).await
    }

    /// The text of an answer about channel 1 and the dates of the examples, which has to be good.
    pub async fn analytics(&self, name: &str, more: &str) -> String {
        let reply = self.get(&format!("analytics/{name}?channel_id=1&{DATES}{more}")).await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.text);
        reply.text
    }
}

fn token(catalog: &Catalog, account: AccountId, scope: Scope, narrowing: Narrowing) -> String {
    let request = TokenRequest { account, scopes: vec![scope], narrowing, expires_at: None, label: None };
    catalog.create_token(&request, NOW).unwrap().secret
}
