//! Who is asking: `Authorization: Token token=…`, with the access token of a session or a static token.

use axum::http::HeaderMap;

use super::ReportsError;
use crate::catalog::Credential;
use crate::http::AppState;

/// The credential of a request, which may read. Blocks.
pub fn authenticate(_state: &AppState, _headers: &HeaderMap) -> Result<Credential, ReportsError> {
    unimplemented!("being written")
}
