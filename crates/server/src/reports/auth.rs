//! Who is asking: `Authorization: Token token=…`, with the access token of a session or a token of another kind.

use axum::http::HeaderMap;

use super::ReportsError;
use super::authorization::secret_of;
use crate::auth;
use crate::catalog::{Credential, SESSION_PREFIX, Scope};
use crate::http::AppState;

/// The credential of a request, which may read. Access tokens of sessions are accepted here and by no other family. May
/// read the catalog, so it blocks.
pub fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Credential, ReportsError> {
    let secret = secret_of(headers)?;
    let credential = if secret.starts_with(SESSION_PREFIX) {
        auth::authenticate_session(state, secret)?
    } else {
        auth::authenticate(state, secret)?
    };
    if !credential.may(Scope::Read) {
        return Err(ReportsError::Forbidden("base", "the token does not have the scope read".to_owned()));
    }
    // Reports are on channels and have no contents; what is confined to contents sees none of them.
    if credential.narrowing.content_ids.is_some() {
        return Err(ReportsError::Forbidden("base", "the token is confined to contents".to_owned()));
    }
    Ok(credential)
}
