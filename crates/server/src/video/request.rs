//! What every handler of the family gets: the request, without its body.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::error::VideoError;
use super::links::Links;
use super::reader::Reader;
use super::respond::{Answer, respond};
use crate::config::VideoConfig;
use crate::http::AppState;
use crate::http::query_string::QueryString;

/// A request whose credential was not looked at yet.
pub struct Request {
    state: AppState,
    headers: HeaderMap,
    uri: Uri,
}

/// A request whose credential may read.
pub struct Asked<'a> {
    /// What it may read.
    pub reader: &'a Reader,
    /// Settings of the family.
    pub config: &'a VideoConfig,
    /// Its parameters.
    pub query: &'a QueryString,
    /// Its URL.
    pub links: &'a Links,
}

impl FromRequestParts<AppState> for Request {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self { state: state.clone(), headers: parts.headers.clone(), uri: parts.uri.clone() })
    }
}

impl Request {
    /// Answers what `ask` finds, if the credential may read.
    pub async fn answer<F>(self, ask: F) -> Response
    where
        F: FnOnce(Asked<'_>) -> Result<Answer, VideoError> + Send + 'static,
    {
        let Request { state, headers, uri } = self;
        let query = QueryString::of(&uri);
        let links = Links::of(&uri, &query);
        respond(state, headers, move |reader, config| {
            ask(Asked { reader, config, query: &query, links: &links })
        })
        .await
    }
}
