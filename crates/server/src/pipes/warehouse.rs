//! `POST /api/warehouse/token`: a warehouse exchanges its key for a token that reads the demo pipes.

use axum::Json;
use axum::extract::State;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use tallyhouse_model::SECOND;

use super::error::PipesError;
use crate::auth::sign_workspace_jwt;
use crate::catalog::{WAREHOUSE_PIPES, WorkspaceKey, WorkspaceKeyKind};
use crate::http::{AppState, blocking, secret};

/// The documented answer.
#[derive(Serialize)]
struct TokenBody {
    token: String,
    token_type: &'static str,
    /// Seconds since 1970.
    expires_at: i64,
    api_url: String,
}

/// Answers a token. The key is only looked for in the header; a body is not read.
pub async fn post(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, PipesError> {
    let Ok(Some(secret)) = secret::from_header(&headers) else { return Err(PipesError::WarehouseKey) };
    let secret = secret.to_owned();
    let api_url = state.config.pipes.pipes_url().map_or_else(|| url_of_request(&uri, &headers), Ok)?;
    let now = (state.clock)();
    let expires_at = now.div_euclid(SECOND).saturating_add(i64::from(state.config.pipes.warehouse_token_s));
    let work = move || {
        let key = state.catalog.workspace_key_of(WorkspaceKeyKind::WarehouseKey, &secret, now)?;
        let key = key.ok_or(PipesError::WarehouseKey)?;
        Ok::<_, PipesError>(sign_workspace_jwt(&key, &claims(&key, expires_at))?)
    };
    let body = TokenBody { token: blocking(work).await?, token_type: "jwt", expires_at, api_url };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// What the token states. It is there to be read: what such a token may do is decided by the key that signed it.
fn claims(key: &WorkspaceKey, expires_at: i64) -> Value {
    let fixed = json!({ "client_id": key.account_name });
    let scopes =
        WAREHOUSE_PIPES.map(|pipe| json!({ "type": "PIPES:READ", "resource": pipe, "fixed_params": fixed }));
    json!({ "workspace_id": key.account_name, "name": key.id, "exp": expires_at, "scopes": scopes })
}

/// Where the client reached us, as it says. Whatever it says, only itself is told.
pub fn url_of_request(uri: &Uri, headers: &HeaderMap) -> Result<String, PipesError> {
    let sent = headers.get(header::HOST).map(|host| Authority::try_from(host.as_bytes()).ok());
    let host = sent.unwrap_or_else(|| uri.authority().cloned());
    let host = host.filter(|host| !host.host().is_empty() && !host.as_str().contains('@'));
    let host =
        host.ok_or_else(|| PipesError::TokenRequest("the Host header is missing or names no host".into()))?;
    let is_https = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    Ok(format!("{}://{host}/v0/pipes/", if is_https { "https" } else { "http" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(host: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        url_of_request(&Uri::from_static("/api/warehouse/token"), &headers).ok()
    }

    #[test]
    fn the_url_is_that_of_the_host_header_if_it_is_a_host() {
        for host in ["demo.example.com", "127.0.0.1:8686", "[::1]:8686"] {
            assert_eq!(url(host), Some(format!("http://{host}/v0/pipes/")));
        }
        for host in ["", "a b", "a/b", "user@host", "user:word@host", "a\tb", "ho\u{e9}st", "a?b", ":80"] {
            assert_eq!(url(host), None, "{host:?}");
        }
        let absolute = Uri::from_static("http://demo.example.com/api/warehouse/token");
        let url = url_of_request(&absolute, &HeaderMap::new()).unwrap();
        assert_eq!(url, "http://demo.example.com/v0/pipes/");
    }

    #[test]
    fn behind_a_proxy_with_tls_the_url_is_https() {
        let mut headers = HeaderMap::from_iter([(header::HOST, "demo.example.com".parse().unwrap())]);
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        let url = url_of_request(&Uri::from_static("/"), &headers).unwrap();
        assert_eq!(url, "https://demo.example.com/v0/pipes/");
    }
}
