//! Who is asking.

use axum::http::HeaderMap;
use tallyhouse_model::AccountId;

use super::error::VideoError;
use crate::auth::authenticate;
use crate::catalog::{AuthError, Scope};
use crate::http::{AppState, secret};

/// The account whose data may be read with the credential of these headers: the raw token, or behind `Bearer `.
/// Reads the catalog, so it blocks.
pub fn account(state: &AppState, headers: &HeaderMap) -> Result<AccountId, VideoError> {
    let secret = secret::from_header(headers).ok_or(AuthError::Missing)?;
    let credential = authenticate(state, secret)?;
    // The documentation has no 403; a token that may not read is as good as none.
    if !credential.may(Scope::Read) {
        return Err(VideoError::Unauthorized("the token does not have the scope `read`"));
    }
    Ok(credential.account)
}
