//! Following short URLs: `GET /s/<token>` leads to where it was made for, and counts. Nobody needs keys for it.
//!
//! The answer waits until the count is on disk, so that nobody arrives uncounted; but it never fails because of the
//! count.

mod clicks;

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tallyhouse_model::limits::TEXT_BYTES_MAX;

use self::clicks::Click;
pub use self::clicks::Clicks;
use super::SharingError;
use super::web_url::{check_web_url, location_of};
use crate::catalog::{FollowedShorturl, SHORTURL_TOKEN_LENGTH};
use crate::http::AppState;
use crate::http::client_address::client_address;

/// How long the count may keep somebody from getting where they want to be. A disk takes milliseconds.
const COUNT_WAIT_MAX: Duration = Duration::from_secs(5);

/// The URLs.
pub fn routes() -> Router<AppState> {
    Router::new().route("/s/{token}", get(follow))
}

async fn follow(State(state): State<AppState>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    match followed(&state, &request).await {
        Ok(found) => redirect(&found.shorturl.original_url),
        Err(error) => error.respond(request.uri.path(), (state.clock)(), &state.config.sharing.zone),
    }
}

/// What is followed; counted unless only its head was asked for.
async fn followed(state: &AppState, request: &Parts) -> Result<FollowedShorturl, SharingError> {
    let token = request.uri.path().rsplit('/').next().unwrap_or_default();
    let is_token =
        token.len() == SHORTURL_TOKEN_LENGTH && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let found = if is_token { Clicks::look_up(state, token).await? } else { None };
    let found = found.ok_or(SharingError::NotFound("short URL"))?;
    if request.method != Method::HEAD {
        let click = click_of(state, request, &found);
        match tokio::time::timeout(COUNT_WAIT_MAX, Clicks::count(state, click)).await {
            Ok(true) => {}
            Ok(false) => tracing::error!(token, "somebody followed a short URL and could not be counted"),
            Err(_) => tracing::warn!(token, "somebody followed a short URL and did not wait to be counted"),
        }
    }
    Ok(found)
}

fn click_of(state: &AppState, request: &Parts, found: &FollowedShorturl) -> Click {
    let headers = &request.headers;
    let address =
        state.config.sharing.keep_addresses.then(|| {
            client_address(headers, &request.extensions, &state.config.server.client_address_header)
        });
    let address = address.flatten().map(|address| address.to_string());
    Click { found: found.clone(), page: page_of(headers).to_owned(), address: address.unwrap_or_default() }
}

/// The page that a short URL was on; empty where the client does not say so, or says anything else.
fn page_of(headers: &HeaderMap) -> &str {
    let page = headers.get(header::REFERER).and_then(|page| str::from_utf8(page.as_bytes()).ok());
    page.filter(|page| page.len() <= TEXT_BYTES_MAX && check_web_url(page).is_ok()).unwrap_or_default()
}

fn redirect(original_url: &str) -> Response {
    let headers = [
        (header::LOCATION, location_of(original_url)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::FOUND, headers).into_response()
}
