//! The frame of every request: receives the body within its bounds, finds the site, and writes the answer.

use axum::body::Body;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use tallyhouse_model::Micros;

use super::SharingError;
use super::envelope::Answer;
use crate::catalog::Site;
use crate::http::AppState;
use crate::http::query_string::QueryString;

/// A request whose site is known. Handlers get it on a thread that may block.
pub struct Asked<'a> {
    /// What every handler can reach.
    pub state: &'a AppState,
    /// Who is asking.
    pub site: &'a Site,
    /// Its parameters.
    pub query: &'a QueryString,
    /// Its body, empty where there is none.
    pub body: &'a [u8],
    /// The time of the answer.
    pub now: Micros,
}

/// Answers what `ask` finds. `resource` of the envelope is the path of the URL.
pub async fn respond<F>(
    state: AppState,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
    body_bytes_max: usize,
    ask: F,
) -> Response
where
    F: FnOnce(&Asked<'_>) -> Result<Answer, SharingError> + Send + 'static,
{
    let _ = (state, headers, uri, body, body_bytes_max, ask);
    Response::default()
}
