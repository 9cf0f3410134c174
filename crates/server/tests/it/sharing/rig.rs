//! A server in a folder of its own, without a network, with three sites of two accounts, at a time and with ids of the
//! test's choice.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tallyhouse_model::{Micros, SECOND, render_uuid};
use tallyhouse_server::catalog::{Catalog, Narrowing, NewSite, Scope, TokenRequest};
use tallyhouse_server::config::Config;
use tallyhouse_server::http::{AppState, router};
use tallyhouse_server::ingest::Enricher;
use tallyhouse_server::pipes::Pipes;
use tallyhouse_store::{Store, StoreOptions};
use tempfile::TempDir;
use tower::ServiceExt;

use super::clock::{self, Clock};

/// 2012-01-27T15:08:37Z, which is the time of the documented examples.
pub const NOW: Micros = 1_327_676_917_000_000;

pub const SNAPSHOTS: &str = "/sharing/analytics/snapshots.json";
pub const MESSAGES: &str = "/sharing/messages.json";
pub const SHORTURLS: &str = "/shorturls.json";

pub struct Rig {
    pub state: AppState,
    pub clock: Clock,
    /// Of the first account.
    pub demo: NewSite,
    /// Of the first account as well.
    pub other: NewSite,
    /// Of the second account.
    pub foreign: NewSite,
    pub folder: TempDir,
}

/// What came back, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// `result.data`, of an answer with this status, which its envelope has as well.
    pub fn data(&self, status: u16) -> Value {
        self.assert_status(status);
        self.json()["response"]["result"]["data"].take()
    }

    /// Asserts this status of the response and of its envelope.
    pub fn assert_status(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.json()["response"]["request"]["status"]["code"], status, "{}", self.text);
    }

    /// Asserts that it is an error with this status; what it says.
    pub fn error(&self, status: u16) -> String {
        self.assert_status(status);
        let json = self.json();
        assert_eq!(json["response"]["request"]["status"]["flag"], "error", "{}", self.text);
        assert_eq!(json["response"].as_object().unwrap().len(), 1, "an error has no result: {}", self.text);
        json["response"]["request"]["status"]["info"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The settings of the documented examples: their dates are an hour ahead of UTC.
pub fn documented() -> Config {
    let mut config = Config::default();
    config.sharing.zone = "+0100".to_owned();
    config.sharing.shorturl_base = "https://go.example.com".to_owned();
    config
}

/// The token with this number, as the server gives them out: from 1 on.
pub fn token(number: u32) -> String {
    render_uuid(&clock::id(number))
}

/// The value of `Authorization` with these keys.
pub fn basic(public_key: &str, private_key: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{public_key}:{private_key}")))
}

/// The value of `Authorization` that a site sends.
pub fn keys_of(site: &NewSite) -> String {
    basic(&site.site.public_key, &site.private_key)
}

impl Rig {
    pub fn new() -> Self {
        Self::with_config(documented())
    }

    pub fn with_config(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
        let [first, second] = ["first", "second"].map(|name| catalog.create_account(name, NOW).unwrap().id);
        let site = |account, name| catalog.create_site(account, name, NOW).unwrap();
        let (demo, other, foreign) = (site(first, "demo"), site(first, "other"), site(second, "foreign"));
        let clock = Clock::at(NOW);
        let enricher = Enricher::start(None).unwrap();
        let state = AppState::new(store, catalog, enricher, Pipes::default(), config, clock.now);
        let state = AppState { ids: clock.ids, ..state };
        Self { state, clock, demo, other, foreign, folder }
    }

    /// Lets so many seconds pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.pass(seconds * SECOND);
    }

    pub async fn request(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = router(self.state.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// Asks as a site, at its own host.
    pub async fn ask_as(&self, site: &NewSite, method: &str, uri: &str, body: &str) -> Reply {
        let (keys, host) = (keys_of(site), format!("{}.api.example.com", site.site.name));
        let headers = [("authorization", keys.as_str()), (header::HOST.as_str(), host.as_str())];
        self.request(method, uri, &headers, body).await
    }

    /// Asks as the site `demo`.
    pub async fn ask(&self, method: &str, uri: &str, body: &str) -> Reply {
        self.ask_as(&self.demo, method, uri, body).await
    }

    pub async fn get(&self, uri: &str) -> Reply {
        self.ask("GET", uri, "").await
    }

    /// Takes in records of the first account by the name of their type; all of them are accepted.
    pub async fn send(&self, name: &str, lines: &str) {
        let account = self.demo.site.account;
        let (scopes, narrowing) = (vec![Scope::Append], Narrowing::default());
        let request = TokenRequest { account, scopes, narrowing, expires_at: None, label: None };
        let token = self.state.catalog.create_token(&request, (self.state.clock)()).unwrap().secret;
        let uri = format!("/v0/events?name={name}&wait=true");
        let authorization = format!("Bearer {token}");
        let reply = self.request("POST", &uri, &[("authorization", &authorization)], lines).await;
        assert_eq!(reply.json()["quarantined_rows"], 0, "{}", reply.text);
        assert_eq!(reply.json()["successful_rows"], lines.lines().count() as u64, "{}", reply.text);
    }
}
