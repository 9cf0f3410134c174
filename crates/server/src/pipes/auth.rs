//! Who may do what under `/v0`.

use axum::http::HeaderMap;
use axum::http::Uri;

use crate::auth::authenticate;
use crate::catalog::{AuthError, Credential, Scope};
use crate::http::{AppState, secret};
use crate::pipes::error::PipesError;

/// The credential of a request, which has to have this scope.
pub fn require(
    state: &AppState,
    headers: &HeaderMap,
    uri: &Uri,
    scope: Scope,
) -> Result<Credential, PipesError> {
    let secret =
        secret::from_header(headers)?.or_else(|| secret::from_query(uri)).ok_or(AuthError::Missing)?;
    let credential = authenticate(state, secret)?;
    // Nothing here can be confined to contents or channels.
    if !credential.narrowing.is_everything() {
        return Err(PipesError::Narrowed);
    }
    if credential.may(scope) { Ok(credential) } else { Err(PipesError::scope(scope)) }
}
