//! Who is asking.

use axum::http::HeaderMap;

use super::error::VideoError;
use crate::auth::authenticate;
use crate::catalog::{AuthError, Credential, Scope};
use crate::http::{AppState, secret};

/// The credential of these headers, which may read: the raw token, or behind `Bearer `. Reads the catalog, so it blocks.
pub fn credential(state: &AppState, headers: &HeaderMap) -> Result<Credential, VideoError> {
    let secret = secret::from_header(headers)?.ok_or(AuthError::Missing)?;
    let credential = authenticate(state, secret)?;
    // The documentation has no 403; a token that may not read is as good as none.
    if !credential.may(Scope::Read) {
        return Err(VideoError::Unauthorized("the token does not have the scope `read`"));
    }
    Ok(credential)
}
