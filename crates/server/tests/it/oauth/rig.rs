//! A server in a folder of its own, without a network, at a time of the test's choice.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tallyhouse_model::{AccountId, DAY, Micros, SECOND};
use tallyhouse_server::auth::{self, Authority};
use tallyhouse_server::catalog::{
    AuthError, Catalog, ClientRequest, Credential, Narrowing, Scope, TokenRequest,
};
use tallyhouse_server::config::Config;
use tallyhouse_server::http::{AppState, router};
use tallyhouse_server::ingest::Enricher;
use tallyhouse_server::pipes::Pipes;
use tallyhouse_store::{Store, StoreOptions};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-12-01T00:00:00Z.
pub const NOW: Micros = 1_796_083_200_000_000;

/// Seconds since 1970.
pub const NOW_S: i64 = NOW / SECOND;

pub const VIEWS: &str = "/v1/views?date_time_from=2026-11-01&date_time_to=2026-12-01";

pub type Clock = fn() -> Micros;

pub fn now() -> Micros {
    NOW
}

/// A second before a token of [`now`] expires, by the clock of a server that allows no leeway.
pub fn almost_a_day_later() -> Micros {
    NOW + DAY - SECOND
}

pub fn a_day_later() -> Micros {
    NOW + DAY
}

/// Beyond the lifetime of access tokens and any leeway.
pub fn two_days_later() -> Micros {
    NOW + 2 * DAY
}

pub fn thirty_days_later() -> Micros {
    NOW + 30 * DAY
}

/// An OAuth client as it was made.
#[derive(Clone)]
pub struct Client {
    pub id: String,
    pub secret: String,
}

impl Client {
    /// Id and secret as the fields of a body.
    pub fn in_body(&self) -> [(&str, &str); 2] {
        [("client_id", &self.id), ("client_secret", &self.secret)]
    }

    /// `Basic` and base64 of both, as RFC 6749 has it.
    pub fn pair(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }
}

pub struct Rig {
    state: AppState,
    pub account: AccountId,
    pub folder: TempDir,
}

/// What came back, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    /// Asserts that it is an error of this status and word, in the documented form.
    pub fn assert_error(&self, status: u16, word: &str) {
        assert_eq!((self.status.as_u16(), &self.body["error"]), (status, &json!(word)), "{self:?}");
        assert!(self.body["error_description"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!(self.body.as_object().unwrap().len(), 2, "{self:?}");
        assert_eq!(self.headers["cache-control"], "no-store");
    }

    /// A text of an answer that has to be a success.
    pub fn text(&self, name: &str) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}")).to_owned()
    }
}

impl Rig {
    pub fn new() -> Self {
        Self::with_config(Config::default())
    }

    pub fn with_config(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let catalog = Arc::new(Catalog::open(folder.path()).unwrap());
        let account = catalog.create_account("harbour", NOW).unwrap().id;
        let enricher = Enricher::start(None).unwrap();
        let state = AppState::new(store, catalog, enricher, Pipes::default(), config, now);
        Self { state, account, folder }
    }

    /// What another process on the data folder has: the command line, or this server after a restart.
    pub fn other(&self) -> Catalog {
        Catalog::open_existing(self.folder.path()).unwrap()
    }

    /// Opens everything anew but the store, with other settings.
    pub fn restart(&mut self, config: Config) {
        self.state.catalog = Arc::new(self.other());
        self.state.authority = Arc::new(Authority::new(Arc::clone(&self.state.catalog), &config));
        self.state.config = Arc::new(config);
    }

    pub fn catalog(&self) -> &Catalog {
        &self.state.catalog
    }

    pub fn client(&self, scopes: &[Scope]) -> Client {
        self.narrow_client(scopes, Narrowing::default())
    }

    pub fn narrow_client(&self, scopes: &[Scope], narrowing: Narrowing) -> Client {
        let request =
            ClientRequest { account: self.account, scopes: scopes.to_vec(), narrowing, label: None };
        let new = self.catalog().create_client(&request, NOW).unwrap();
        Client { id: new.client.id, secret: new.secret }
    }

    pub fn static_token(&self, scopes: &[Scope], narrowing: Narrowing) -> String {
        let (account, scopes) = (self.account, scopes.to_vec());
        let request = TokenRequest { account, scopes, narrowing, expires_at: None, label: None };
        self.catalog().create_token(&request, NOW).unwrap().secret
    }

    /// The credential that a token proves at a time.
    pub fn credential(&self, token: &str, clock: Clock) -> Result<Credential, AuthError> {
        auth::authenticate(&AppState { clock, ..self.state.clone() }, token)
    }

    pub fn is_valid(&self, token: &str, clock: Clock) -> bool {
        match self.credential(token, clock) {
            Ok(_) => true,
            Err(AuthError::Invalid) => false,
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn request(&self, clock: Clock, request: Request<Body>) -> Reply {
        let router = router(AppState { clock, ..self.state.clone() });
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Posts a form.
    pub async fn post_at(&self, clock: Clock, path: &str, header: &str, fields: &[(&str, &str)]) -> Reply {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        if !header.is_empty() {
            request = request.header("authorization", header);
        }
        self.request(clock, request.body(form.into()).unwrap()).await
    }

    /// Asks for a token with fields beside those of the client.
    pub async fn ask_at(&self, clock: Clock, client: &Client, fields: &[(&str, &str)]) -> Reply {
        let fields = [&client.in_body()[..], fields].concat();
        self.post_at(clock, "/oauth2/token", "", &fields).await
    }

    pub async fn ask(&self, client: &Client, fields: &[(&str, &str)]) -> Reply {
        self.ask_at(now, client, fields).await
    }

    /// Fetches tokens for the secret of a client.
    pub async fn grant(&self, client: &Client) -> Reply {
        self.ask(client, &[("grant_type", "client_credentials")]).await
    }

    /// Fetches a JWT for the secret of a client.
    pub async fn jwt(&self, client: &Client) -> String {
        let fields = [("grant_type", "client_credentials"), ("token_type", "jwt")];
        self.ask(client, &fields).await.text("access_token")
    }

    pub async fn revoke(&self, client: &Client, token: &str) -> Reply {
        let fields = [&client.in_body()[..], &[("token", token)]].concat();
        self.post_at(now, "/oauth2/token/revoke", "", &fields).await
    }

    pub async fn get(&self, path: &str, authorization: &str) -> Reply {
        let mut request = Request::get(path);
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        self.request(now, request.body(Body::empty()).unwrap()).await
    }
}

/// A part of a JWT as JSON: 0 is the header, 1 the claims.
pub fn part(jwt: &str, index: usize) -> Value {
    let part = jwt.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
