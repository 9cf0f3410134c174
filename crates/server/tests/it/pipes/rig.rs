//! A server in a folder of its own, without a network, whose account is that of the documented example.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tallyhouse_model::Micros;
use tallyhouse_server::catalog::{Catalog, Narrowing, Scope, TokenRequest};
use tallyhouse_server::config::{Config, PipesConfig};
use tallyhouse_server::http::{AppState, Places, router};
use tallyhouse_server::ingest::Enricher;
use tallyhouse_server::pipes::Pipes;
use tallyhouse_store::{Store, StoreOptions};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-12-01T00:00:00Z.
pub const NOW: Micros = 1_796_083_200_000_000;

/// The name of the account.
pub const ACCOUNT: &str = "abc123";

/// The pipe of the documented example, with a range that has all sessions of the tests in it.
pub const PIPE: &str = "/v0/pipes/api_replicate_analytics";
pub const ALL: &str = "start_timestamp=2020-01-01";

pub struct Rig {
    pub state: AppState,
    /// May read and append.
    pub token: String,
    folder: Arc<TempDir>,
}

/// What came back, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts that it is an error of this status in the documented shape, and answers its text.
    pub fn error(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        let body = self.json();
        let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["documentation", "error"]);
        assert!(body["documentation"].as_str().unwrap().starts_with("docs/API.md#"));
        body["error"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The values of a column of a JSON answer.
    pub fn column(&self, name: &str) -> Vec<Value> {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.json()["data"].as_array().unwrap().iter().map(|row| row[name].clone()).collect()
    }
}

impl Rig {
    pub fn new() -> Self {
        Self::with_config(PipesConfig::default())
    }

    pub fn with_config(pipes: PipesConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
        let config = Config { pipes, ..Config::default() };
        let enricher = Enricher::start(None).unwrap();
        let state = AppState::new(store, catalog, enricher, Pipes::default(), config, || NOW);
        let mut rig = Self { state, token: String::new(), folder: Arc::new(folder) };
        rig.token = rig.token_of(ACCOUNT, &[Scope::Read, Scope::Append]);
        rig
    }

    /// The same server with another limit of results.
    pub fn limited_to(&self, result_bytes_max: u64) -> Self {
        let pipes = PipesConfig { result_bytes_max, ..PipesConfig::default() };
        let config = Arc::new(Config { pipes, ..Config::default() });
        let state = AppState { config, ..self.state.clone() };
        Self { state, token: self.token.clone(), folder: Arc::clone(&self.folder) }
    }

    /// A server all of whose places are taken.
    pub fn without_places() -> Self {
        let mut rig = Self::new();
        rig.state.reads = Places::new(0, 0, Duration::ZERO);
        rig
    }

    /// A new token of an account, which is made where there is none.
    pub fn token_of(&self, account: &str, scopes: &[Scope]) -> String {
        let catalog = &self.state.catalog;
        let known = catalog.account_by_name(account).map(|account| account.id);
        let account = known.unwrap_or_else(|_| catalog.create_account(account, NOW).unwrap().id);
        let request = TokenRequest {
            account,
            scopes: scopes.to_vec(),
            narrowing: Narrowing::default(),
            expires_at: None,
            label: None,
        };
        catalog.create_token(&request, NOW).unwrap().secret
    }

    /// Stores records, all of which have to be taken.
    pub async fn store(&self, record_type: &str, records: &[Value]) {
        let lines: Vec<_> = records.iter().map(Value::to_string).collect();
        let uri = format!("/v0/events?name={record_type}&wait=true&token={}", self.token);
        let reply = self.request("POST", &uri, &[], lines.join("\n")).await;
        assert_eq!(reply.json(), json!({ "successful_rows": records.len(), "quarantined_rows": 0 }));
    }

    /// Asks with the token of the rig in the header.
    pub async fn get(&self, uri: &str) -> Reply {
        self.request("GET", uri, &[("authorization", &format!("Bearer {}", self.token))], "").await
    }

    /// Posts a form with the token of the rig in the header.
    pub async fn post(&self, uri: &str, form: &str) -> Reply {
        let headers = [
            ("authorization", &*format!("Bearer {}", self.token)),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.request("POST", uri, &headers, form.to_owned()).await
    }

    pub async fn request(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let router = router(self.state.clone());
        let response = router.oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 256 << 20).await.unwrap().to_vec();
        Reply { status: parts.status, headers: parts.headers, bytes }
    }
}

/// The session of the documented example.
pub fn documented_session() -> Value {
    json!({
        "session_id": "1",
        "session_date": "2024-09-23T23:12:56.562Z",
        "shard_name": "app",
        "demo_title": "Your Demo's Title",
        "demo_published_date": "2024-09-23T22:24:33.837Z",
        "viewer": "user@yourprospect.com",
    })
}

/// A session of this number, in this second of 2024-01-01, whose title is the number.
pub fn session(number: u32, second: u32) -> Value {
    json!({
        "session_id": number.to_string(),
        "session_date": format!("2024-01-01T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60),
        "demo_title": number.to_string(),
    })
}
