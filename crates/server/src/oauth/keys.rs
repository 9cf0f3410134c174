//! `GET /.well-known/jwks.json`: the public keys that this server's JWTs can be checked with. Secrets are never shown.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::OauthError;
use crate::http::{AppState, blocking};

/// How long others may remember the keys; a new one is looked for when its id is unknown.
const CACHE_CONTROL: &str = "public, max-age=300";

/// Answers the set; it is empty before the first JWT is made.
pub(super) async fn get(State(state): State<AppState>) -> Result<Response, OauthError> {
    let keys = blocking(move || state.authority.public_keys().map_err(OauthError::from)).await?;
    Ok(([(header::CACHE_CONTROL, CACHE_CONTROL)], Json(keys)).into_response())
}
