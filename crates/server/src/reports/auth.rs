//! Who is asking: `Authorization: Token token=…`, with the access token of a session or a token of another kind.

use axum::http::HeaderMap;

use super::ReportsError;
use super::authorization::secret_of;
use crate::auth;
use crate::catalog::{Credential, SESSION_PREFIX, Scope};
use crate::http::AppState;

/// Bytes of the name of an app at most; it is kept with sessions.
pub(super) const APP_BYTES_MAX: usize = 256;

/// Where requests name their app, as errors spell it.
const APP_HEADER: &str = "X-AppId";

/// The credential of a request, which may read. Access tokens of sessions are accepted here and by no other family. May
/// read the catalog, so it blocks.
pub fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Credential, ReportsError> {
    check_app(state, headers)?;
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

/// Refuses a request that does not say which app it comes from, where the settings want that. Comes before anything
/// else everywhere, since signing in has no token that could be looked at first. Which app it is does not matter, nor
/// do the headers for teams and installations.
pub(super) fn check_app(state: &AppState, headers: &HeaderMap) -> Result<(), ReportsError> {
    if state.config.reports.require_app_id && app_of(headers).is_none() {
        return Err(ReportsError::Missing(APP_HEADER));
    }
    Ok(())
}

/// The app that a request comes from, as it names itself; nothing where that is longer than anybody needs.
pub(super) fn app_of(headers: &HeaderMap) -> Option<&str> {
    let app = headers.get(APP_HEADER)?.to_str().ok()?.trim();
    (1..=APP_BYTES_MAX).contains(&app.len()).then_some(app)
}
