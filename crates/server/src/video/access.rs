//! Who is asking.

use axum::http::HeaderMap;
use tallyhouse_store::Stop;

use super::error::VideoError;
use super::reader::Reader;
use crate::auth::authenticate;
use crate::catalog::{AuthError, Scope};
use crate::http::{AppState, secret};

/// What may be read with the credential of these headers: the raw token, or behind `Bearer `. Reads the catalog, so it
/// blocks.
pub fn reader(state: &AppState, headers: &HeaderMap, stop: Stop) -> Result<Reader, VideoError> {
    let secret = secret::from_header(headers).ok_or(AuthError::Missing)?;
    let credential = authenticate(state, secret)?;
    // The documentation has no 403; a token that may not read is as good as none.
    if !credential.may(Scope::Read) {
        return Err(VideoError::Unauthorized("the token does not have the scope `read`"));
    }
    Ok(Reader::new(credential, state.store.snapshot(), stop))
}
