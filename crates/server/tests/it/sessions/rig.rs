//! A server in a folder of its own, without a network, at a time of the test's choice.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use tallyhouse_model::{AccountId, Micros, SECOND};
use tallyhouse_server::catalog::{
    Catalog, Credential, LoginRequest, Narrowing, PasswordHash, Scope, TokenRequest,
};
use tallyhouse_server::config::Config;
use tallyhouse_server::http::{AppState, router};
use tallyhouse_server::ingest::Enricher;
use tallyhouse_server::pipes::Pipes;
use tallyhouse_server::reports::{ReportsError, authenticate};
use tallyhouse_store::{Store, StoreOptions};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-12-01T00:00:00Z.
pub const NOW: Micros = 1_796_083_200_000_000;

pub const PATH: &str = "/api/v4/session";
pub const EMAIL: &str = "owl@example.com";
pub const PASSWORD: &str = "quiet harbour";

pub type Clock = fn() -> Micros;

/// So many seconds after [`NOW`].
pub fn after<const SECONDS: i64>() -> Micros {
    NOW + SECONDS * SECOND
}

pub struct Rig {
    pub state: AppState,
    pub account: AccountId,
    pub folder: TempDir,
}

/// What came back, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Reply {
    /// A token of a session that has to be there.
    pub fn token(&self, name: &str) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.body["session"][name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}")).to_owned()
    }

    pub fn access(&self) -> String {
        self.token("access_token")
    }

    pub fn refresh(&self) -> String {
        self.token("refresh_token")
    }

    /// Asserts that it is the error about who is asking, with this code.
    pub fn assert_credentials_error(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        let text = &self.headers["x-status-reason"].to_str().unwrap();
        let expected = json!({
            "errors": [text], "failures": { "base": [text] }, "error_codes": { "base": [{ "error": code }] },
        });
        assert_eq!(self.body, expected);
        assert!(self.headers["cache-control"].to_str().unwrap().contains("no-store"));
    }
}

/// The body that signs in.
pub fn sign_in(email: &str, password: &str) -> String {
    json!({"session": {"app_bundle_id": "com.example.app", "email": email, "password": password}}).to_string()
}

impl Rig {
    /// A server with an account, and without any login.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
        let account = catalog.create_account("harbour", NOW).unwrap().id;
        let enricher = Enricher::start(None).unwrap();
        let state = AppState::new(store, catalog, enricher, Pipes::default(), Config::default(), after::<0>);
        Self { state, account, folder }
    }

    /// The same with a login.
    pub fn new() -> Self {
        let rig = Self::bare();
        rig.login(&rig.request(EMAIL));
        rig
    }

    pub fn catalog(&self) -> &Catalog {
        &self.state.catalog
    }

    /// What another process on the data folder has: the command line.
    pub fn other(&self) -> Catalog {
        Catalog::open_existing(self.folder.path()).unwrap()
    }

    pub fn request(&self, email: &str) -> LoginRequest {
        LoginRequest {
            account: self.account,
            email: email.to_owned(),
            password: PasswordHash::new(PASSWORD).unwrap(),
            user_id: None,
            first_name: None,
            last_name: None,
            channel_ids: None,
        }
    }

    pub fn login(&self, request: &LoginRequest) {
        self.catalog().create_login(request, NOW).unwrap();
    }

    pub fn static_token(&self, scopes: &[Scope], narrowing: Narrowing) -> String {
        let (account, scopes) = (self.account, scopes.to_vec());
        let request = TokenRequest { account, scopes, narrowing, expires_at: None, label: None };
        self.catalog().create_token(&request, NOW).unwrap().secret
    }

    pub async fn send(&self, clock: Clock, request: Request<Body>) -> Reply {
        let router = router(AppState { clock, ..self.state.clone() });
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply { status: parts.status, headers: parts.headers, text, body }
    }

    /// Asks about a session; without a token where that is empty.
    pub async fn ask(&self, clock: Clock, method: &str, token: &str, body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(PATH);
        if !token.is_empty() {
            request = request.header("authorization", format!("Token token={token}"));
        }
        self.send(clock, request.body(body.to_owned().into()).unwrap()).await
    }

    pub async fn sign_in_at(&self, clock: Clock, email: &str, password: &str) -> Reply {
        self.ask(clock, "POST", "", &sign_in(email, password)).await
    }

    pub async fn sign_in(&self) -> Reply {
        self.sign_in_at(after::<0>, EMAIL, PASSWORD).await
    }

    pub async fn status(&self, clock: Clock, method: &str, token: &str) -> u16 {
        self.ask(clock, method, token, "").await.status.as_u16()
    }

    /// What a request of the reports family with this token may see.
    pub fn credential(&self, clock: Clock, token: &str) -> Result<Credential, ReportsError> {
        let value = format!("Token token=\"{token}\"").try_into().unwrap();
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
        authenticate(&AppState { clock, ..self.state.clone() }, &headers)
    }

    /// Whether a token reads reports.
    pub fn reads(&self, clock: Clock, token: &str) -> bool {
        match self.credential(clock, token) {
            Ok(_) => true,
            Err(ReportsError::BadCredentials) => false,
            Err(error) => panic!("{error}"),
        }
    }
}
