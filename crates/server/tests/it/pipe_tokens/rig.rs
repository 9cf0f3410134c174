//! A server in a folder of its own, without a network, at a time of the test's choice; and whoever signs tokens for it.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tallyhouse_model::{AccountId, Micros, SECOND};
use tallyhouse_server::auth;
use tallyhouse_server::catalog::{AuthError, Catalog, Credential, Narrowing, NewToken, Scope, TokenRequest};
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

pub const EVENTS: &str = "/v0/events?name=view_segments";

pub type Clock = fn() -> Micros;

pub fn now() -> Micros {
    NOW
}

pub fn a_second_later() -> Micros {
    NOW + SECOND
}

pub struct Rig {
    pub state: AppState,
    pub account: AccountId,
    /// A token of the account that looks after it.
    pub admin: NewToken,
    folder: TempDir,
}

/// What came back, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    /// Asserts that it is an error of this status in the documented shape.
    pub fn assert_error(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        let body = self.body.as_object().unwrap_or_else(|| panic!("{self:?}"));
        assert!(
            body.keys().eq(["error", "documentation"]) || body.keys().eq(["documentation", "error"]),
            "{self:?}"
        );
        assert!(body["error"].as_str().is_some_and(|error| !error.is_empty()), "{self:?}");
        assert!(
            body["documentation"].as_str().is_some_and(|page| page.starts_with("docs/API.md#")),
            "{self:?}"
        );
    }

    /// A text of an answer that has to be a success.
    pub fn text(&self, name: &str) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}")).to_owned()
    }

    /// Limit, remaining and reset, in this order; empty where there is no such header.
    pub fn rate(&self) -> [&str; 3] {
        ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
            .map(|name| self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default())
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
        let admin = catalog.create_token(&request(account, &[Scope::Admin], None), NOW).unwrap();
        let enricher = Enricher::start(None).unwrap();
        let state = AppState::new(store, catalog, enricher, Pipes::default(), config, now);
        Self { state, account, admin, folder }
    }

    pub fn catalog(&self) -> &Catalog {
        &self.state.catalog
    }

    /// What another process on the data folder has: the command line.
    pub fn other(&self) -> Catalog {
        Catalog::open_existing(self.folder.path()).unwrap()
    }

    pub fn token(&self, scopes: &[Scope], expires_at: Option<Micros>) -> NewToken {
        self.catalog().create_token(&request(self.account, scopes, expires_at), NOW).unwrap()
    }

    /// An admin token of another account.
    pub fn stranger(&self, name: &str) -> NewToken {
        let account = self.catalog().create_account(name, NOW).unwrap().id;
        self.catalog().create_token(&request(account, &[Scope::Admin], None), NOW).unwrap()
    }

    /// These claims, signed by the admin token as its owner does it: with the secret itself.
    pub fn jwt(&self, claims: &Value) -> String {
        sign(&self.admin.secret, None, claims)
    }

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

    /// Posts a body with a token as `Bearer`.
    pub async fn post_at(&self, clock: Clock, path: &str, token: &str, body: impl Into<Body>) -> Reply {
        let request = Request::post(path).header("authorization", format!("Bearer {token}"));
        self.request(clock, request.body(body.into()).unwrap()).await
    }

    pub async fn post(&self, path: &str, token: &str, body: impl Into<Body>) -> Reply {
        self.post_at(now, path, token, body).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Reply {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        self.request(now, request.body(Body::empty()).unwrap()).await
    }
}

fn request(account: AccountId, scopes: &[Scope], expires_at: Option<Micros>) -> TokenRequest {
    let (scopes, narrowing) = (scopes.to_vec(), Narrowing::default());
    TokenRequest { account, scopes, narrowing, expires_at, label: None }
}

/// What the owner of a secret does with any JWT library.
pub fn sign(secret: &str, kid: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::HS256) };
    encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

/// The claims of a token for a minute that appends segments and reads a pipe.
pub fn claims() -> Value {
    json!({
        "workspace_id": "harbour",
        "name": "page",
        "exp": NOW_S + 60,
        "scopes": [
            { "type": "DATASOURCES:APPEND", "resource": "view_segments" },
            { "type": "PIPES:READ", "resource": "mine", "fixed_params": { "org": 7 } },
        ],
    })
}

/// The claims with one of them changed; null takes it away.
pub fn changed(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// A part of a JWT as JSON: 0 is the header, 1 the claims.
pub fn part(jwt: &str, index: usize) -> Value {
    let part = jwt.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

pub fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
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
