//! What the token of a request lets it do with pipes and data sources.

use axum::http::{HeaderMap, Uri};

use super::error::PipesError;
use crate::catalog::Credential;
use crate::http::AppState;

/// A request whose token was checked.
pub struct Access {
    /// Whose request it is.
    pub credential: Credential,
    /// The account's name.
    pub account_name: String,
    /// Arguments that the token fixes; they win over those of the request.
    pub fixed: Vec<(String, String)>,
    /// Headers to put on the answer: `X-RateLimit-…`, where the token has a limit.
    pub headers: HeaderMap,
}

/// A request that reads a pipe. The pipe has to exist, which is looked at after the token and before its scope. Blocks.
pub fn to_pipe(state: &AppState, headers: &HeaderMap, uri: &Uri, pipe: &str) -> Result<Access, PipesError> {
    todo!("{} {headers:?} {uri} {pipe}", (state.clock)())
}
