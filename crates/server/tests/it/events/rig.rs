//! A server in a folder of its own, without a network: requests go straight to the router.

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
use tallyhouse_server::pipes::{self, Pipes};
use tallyhouse_store::{Store, StoreOptions};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-12-01T00:00:00Z.
const NOW: Micros = 1_796_083_200_000_000;

pub const EVENTS: &str = "/v0/events?name=view_segments&wait=true";

pub struct Rig {
    router: Router,
    catalog: Arc<Catalog>,
    account: AccountId,
    pub append: String,
    pub admin: String,
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

    /// The JSON objects of an NDJSON body.
    pub fn lines(&self) -> Vec<Value> {
        self.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Both counts of an answer that is one.
    pub fn counts(&self) -> (u64, u64) {
        assert!(self.status.is_success(), "{self:?}");
        let body = self.json();
        (body["successful_rows"].as_u64().unwrap(), body["quarantined_rows"].as_u64().unwrap())
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
        let enricher = Enricher::start(config.geo.database()).unwrap();
        let state = AppState::new(store, Arc::clone(&catalog), enricher, Pipes::default(), config, || NOW);
        let router = pipes::routes().with_state(state);
        let append = token(&catalog, account, Scope::Append);
        let admin = token(&catalog, account, Scope::Admin);
        Self { router, catalog, account, append, admin, _folder: folder }
    }

    pub fn token(&self, scope: Scope) -> String {
        token(&self.catalog, self.account, scope)
    }

    /// A token of another account.
    pub fn stranger(&self, scope: Scope) -> String {
        let account = self.catalog.account_by_name("second").map(|account| account.id);
        let account = account.unwrap_or_else(|_| self.catalog.create_account("second", NOW).unwrap().id);
        token(&self.catalog, account, scope)
    }

    /// Sends events with the token that may.
    pub async fn send(&self, uri: &str, body: impl Into<Body>) -> Reply {
        self.request("POST", uri, &[("authorization", &format!("Bearer {}", self.append))], body).await
    }

    /// Asks with the token that may look after the account.
    pub async fn manage(&self, method: &str, uri: &str, body: impl Into<Body>) -> Reply {
        self.request(method, uri, &[("authorization", &format!("Bearer {}", self.admin))], body).await
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
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        Reply {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}

fn token(catalog: &Catalog, account: AccountId, scope: Scope) -> String {
    let request = TokenRequest {
        account,
        scopes: vec![scope],
        narrowing: Narrowing::default(),
        expires_at: None,
        label: None,
    };
    catalog.create_token(&request, NOW).unwrap().secret
}

/// A valid record; the number makes its key.
pub fn record(number: u32) -> String {
    format!(
        concat!(
            r#"{{"view_id":"00000000-0000-4000-8000-{:012x}","content_type":"live","content_id":5,"#,
            r#""started_at":"2026-11-30T10:00:00Z","client_id":"c","view_session_id":"s{}"}}"#
        ),
        number, number
    )
}
