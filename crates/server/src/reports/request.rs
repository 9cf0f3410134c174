//! What every handler of the family gets: the request, without its body; and what answers are made from.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use tallyhouse_model::Zone;

use super::item_range::ItemRange;
use super::params::Params;
use super::reader::Reader;
use super::respond::{Answer, respond};
use super::{ReportsError, UserNames};
use crate::catalog::Catalog;
use crate::config::ReportsConfig;
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
    /// The documents.
    pub catalog: &'a Arc<Catalog>,
    /// What users are called.
    pub names: &'a Arc<UserNames>,
    /// Settings of the family.
    pub config: &'a ReportsConfig,
    /// The zone of the account.
    pub zone: &'a Zone,
    /// Its parameters.
    pub params: Params<'a>,
    /// Which items of a list are asked for.
    pub range: Option<ItemRange>,
}

impl FromRequestParts<AppState> for Request {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self { state: state.clone(), headers: parts.headers.clone(), uri: parts.uri.clone() })
    }
}

impl Request {
    /// Answers what `ask` finds, if the credential may read.
    pub async fn answer<F>(self, channel: Option<String>, ask: F) -> Response
    where
        F: FnOnce(&Asked<'_>) -> Result<Answer, ReportsError> + Send + 'static,
    {
        let Request { state, headers, uri } = self;
        let (query, range) = (QueryString::of(&uri), ItemRange::of(&headers));
        respond(state, headers, move |reader, state, zone| {
            let params = Params { query: &query, channel: channel.as_deref(), zone };
            let (catalog, names, config) = (&state.catalog, &state.names, &state.config.reports);
            ask(&Asked { reader, catalog, names, config, zone, params, range })
        })
        .await
    }
}
