//! `POST /oauth2/token`: gives a client tokens, for its secret or for a refresh token.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tallyhouse_model::{Micros, SECOND};

use super::client::authenticated;
use super::error::{NOT_STORED, OauthError};
use super::form::Form;
use super::scope::requested;
use crate::catalog::{AccessForm, GrantError, GrantRequest, join_scopes};
use crate::http::{AppState, blocking};

/// What a client gets, in the documented order.
#[derive(Serialize)]
pub(super) struct TokenBody {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
    refresh_token: String,
    scope: String,
}

/// Answers tokens. `device_name` and other parameters of the vendor mean nothing here.
pub(super) async fn post(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, OauthError> {
    let form = Form::read(&headers, body).await?;
    let answer = blocking(move || answer(&state, &headers, &form)).await?;
    Ok((NOT_STORED, Json(answer)).into_response())
}

/// Blocks.
fn answer(state: &AppState, headers: &HeaderMap, form: &Form) -> Result<TokenBody, OauthError> {
    let grant_type = form.get("grant_type").ok_or(OauthError::InvalidRequest("grant_type is required"))?;
    let is_refresh = match grant_type {
        "client_credentials" => false,
        "refresh_token" => true,
        _ => return Err(OauthError::UnsupportedGrantType),
    };
    let request = request_of(state, form)?;
    let client = authenticated(&state.catalog, headers, form)?;
    let now = (state.clock)();
    let granted = if is_refresh {
        let token =
            form.get("refresh_token").ok_or(OauthError::InvalidRequest("refresh_token is required"))?;
        state.catalog.refresh(&client, token, &request, now)?
    } else {
        state.catalog.grant(&client, &request, now)?
    };
    let access_token = match &granted.access_token {
        Some(token) => token.clone(),
        None => state.authority.sign(&client, &granted, now)?,
    };
    Ok(TokenBody {
        access_token,
        token_type: "bearer",
        expires_in: state.authority.oauth.access_token_s,
        scope: join_scopes(&granted.scopes),
        refresh_token: granted.refresh_token,
    })
}

fn request_of(state: &AppState, form: &Form) -> Result<GrantRequest, OauthError> {
    let form_of_access = match form.get("token_type").map(str::to_ascii_lowercase).as_deref() {
        None | Some("bearer") => AccessForm::Opaque,
        Some("jwt") => AccessForm::Jwt,
        Some(_) => return Err(OauthError::InvalidRequest("token_type is neither jwt nor bearer")),
    };
    let lifetimes = &state.authority.oauth;
    Ok(GrantRequest {
        scopes: requested(form.get("scope"))?,
        form: form_of_access,
        access_lifetime: Micros::from(lifetimes.access_token_s) * SECOND,
        refresh_lifetime: Micros::from(lifetimes.refresh_token_s) * SECOND,
    })
}

impl From<GrantError> for OauthError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Invalid => OauthError::InvalidGrant,
            GrantError::Scope => OauthError::InvalidScope,
            GrantError::Catalog(error) => error.into(),
        }
    }
}
