//! `POST /oauth2/token/revoke` (RFC 7009): takes a token away from the client that was given it.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::client::authenticated;
use super::error::{NOT_STORED, OauthError};
use super::form::Form;
use crate::http::{AppState, blocking};

/// Answers 200 also for a token that is unknown, expired or another client's: then there is nothing to take away.
pub(super) async fn post(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, OauthError> {
    let form = Form::read(&headers, body).await?;
    blocking(move || revoke(&state, &headers, &form)).await?;
    Ok((NOT_STORED, Json(json!({}))).into_response())
}

/// Blocks.
fn revoke(state: &AppState, headers: &HeaderMap, form: &Form) -> Result<(), OauthError> {
    let client = authenticated(&state.catalog, headers, form)?;
    let token = form.get("token").ok_or(OauthError::InvalidRequest("token is required"))?;
    match state.authority.own_jwt(token)? {
        Some(jwt) if jwt.client_id == client.id => {
            state.catalog.revoke_jwt(&client, &jwt.id, &jwt.grant_id, jwt.expires_at)?;
        }
        Some(_) => {}
        None => state.catalog.revoke_granted(&client, token)?,
    }
    Ok(())
}
