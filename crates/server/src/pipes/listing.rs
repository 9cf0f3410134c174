//! What there is: `/v0/pipes`, `/v0/pipes/NAME`, `/v0/datasources` and `/v0/datasources/NAME`, as far as the token sees it.
//!
//! Public clients read these answers; `listing/` has their shapes. What has no meaning here (engines, dates, commits) has the
//! value that makes sense to a client that insists on it.

mod pipe_body;
mod source_body;

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tallyhouse_model::{AccountId, Belongs, By, Home, Measure, Range, SeriesQuery, TableId};
use tallyhouse_store::{Snapshot, Stop};

use super::access::{self, Access, shown};
use super::arguments;
use super::error::PipesError;
use super::format::Format;
use super::pipe::Pipes;
use super::warehouse::url_of_request;
use crate::catalog::Catalog;
use crate::http::{AppState, StopOnDrop, blocking, stop_after_seconds};
use crate::ingest::{RecordType, record_type_named, record_types};

/// The pipes that the token sees. `attrs` and `node_attrs` choose what is told of them.
pub async fn pipes(State(state): State<AppState>, uri: Uri, headers: HeaderMap) -> Response {
    let sent = arguments::sent(&uri, b"");
    let list = move |asked: &Asked<'_>| {
        let seen = asked.state.pipes.iter().filter(|pipe| asked.access.sees_pipe(&pipe.name));
        let pipes: Vec<_> = seen
            .map(|pipe| {
                let mut node = pipe_body::node_of(pipe);
                keep_only(&mut node, arguments::last(&sent, "node_attrs"), &[]);
                let mut body = pipe_body::of(pipe, node, asked.url);
                // A public client expects the URL whatever it chose.
                keep_only(&mut body, arguments::last(&sent, "attrs"), &["url"]);
                body
            })
            .collect();
        Ok(json!({ "pipes": pipes }))
    };
    listed(state, uri, headers, list).await
}

/// One pipe. One that the token does not see is as good as none.
pub async fn pipe(State(state): State<AppState>, uri: Uri, headers: HeaderMap, name: String) -> Response {
    let list = move |asked: &Asked<'_>| {
        let pipe = asked.state.pipes.get(&name).filter(|_| asked.access.sees_pipe(&name));
        let pipe = pipe.ok_or_else(|| PipesError::PipeNotFound(shown(&name)))?;
        Ok(Value::Object(pipe_body::of(pipe, pipe_body::node_of(pipe), asked.url)))
    };
    listed(state, uri, headers, list).await
}

/// The record types that the token sees, with how much is stored of each.
pub async fn sources(State(state): State<AppState>, uri: Uri, headers: HeaderMap) -> Response {
    let list = |access: &Access, sizes: &Sizes| {
        let seen = record_types().iter().filter(|record_type| access.sees_data_source(record_type.name()));
        let sources = seen.map(|record_type| sizes.body_of(record_type, access));
        Ok(json!({ "datasources": sources.collect::<Result<Vec<_>, PipesError>>()? }))
    };
    sized(state, uri, headers, list).await
}

/// One record type. One that the token does not see is as good as none.
pub async fn source(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    name: Result<Path<String>, PathRejection>,
) -> Response {
    let Ok(Path(name)) = name else { return PipesError::NoSuchUrl.into_response() };
    let list = move |access: &Access, sizes: &Sizes| {
        let record_type = record_type_named(&name).filter(|_| access.sees_data_source(&name));
        sizes.body_of(record_type.ok_or_else(|| PipesError::NoSuchSource(shown(&name)))?, access)
    };
    sized(state, uri, headers, list).await
}

/// Answers what `list` finds for this token.
async fn listed<F>(state: AppState, uri: Uri, headers: HeaderMap, list: F) -> Response
where
    F: FnOnce(&Asked<'_>) -> Result<Value, PipesError> + Send + 'static,
{
    let work = move || {
        let access = access::to_list(&state, &headers, &uri)?;
        let url = url_of_pipes(&state, &headers, &uri);
        let answer = list(&Asked { state: &state, access: &access, url: &url });
        Ok::<_, PipesError>(access.answer(answer.map(json_response)))
    };
    blocking(work).await.unwrap_or_else(IntoResponse::into_response)
}

/// The same for what has to be counted, which takes a place, and ends when the client goes away.
async fn sized<F>(state: AppState, uri: Uri, headers: HeaderMap, list: F) -> Response
where
    F: FnOnce(&Access, &Sizes) -> Result<Value, PipesError> + Send + 'static,
{
    try_sized(state, uri, headers, list).await.unwrap_or_else(IntoResponse::into_response)
}

async fn try_sized<F>(state: AppState, uri: Uri, headers: HeaderMap, list: F) -> Result<Response, PipesError>
where
    F: FnOnce(&Access, &Sizes) -> Result<Value, PipesError> + Send + 'static,
{
    let asker = state.clone();
    let access = blocking(move || access::to_list(&asker, &headers, &uri)).await?;
    let account = access.credential.account;
    let place = match state.reads.take(account).await {
        Ok(place) => place,
        Err(error) => return Ok(access.answer(PipesError::from(error))),
    };
    let stop = stop_after_seconds(state.config.pipes.query_seconds_max);
    let watch = StopOnDrop::new(stop.clone());
    let sizes = Sizes {
        snapshot: state.store.snapshot(),
        catalog: Arc::clone(&state.catalog),
        pipes: Arc::clone(&state.pipes),
        account,
        stop,
    };
    let work = move || {
        let _place = place;
        Ok(access.answer(list(&access, &sizes).map(json_response)))
    };
    let answered = blocking(work).await;
    watch.release();
    answered
}

/// A request for what can be told without counting.
struct Asked<'a> {
    state: &'a AppState,
    access: &'a Access,
    /// What the names of pipes are put behind.
    url: &'a str,
}

/// How much is stored of an account at one moment.
struct Sizes {
    snapshot: Arc<Snapshot>,
    catalog: Arc<Catalog>,
    pipes: Arc<Pipes>,
    account: AccountId,
    stop: Stop,
}

impl Sizes {
    /// Counts the records of a type, and describes it with those pipes that this request may see.
    fn body_of(&self, record_type: &RecordType, access: &Access) -> Result<Value, PipesError> {
        let (rows, bytes) = match record_type.table.home {
            Home::Store => self.of_rows(record_type.table.id)?,
            Home::Catalog => {
                let size = self.catalog.documents_size(self.account, record_type.table.id)?;
                (size.documents, size.bytes)
            }
        };
        let used_by = self.pipes.iter().filter(|pipe| pipe.table() == record_type.table.id);
        let used_by = used_by.filter(|pipe| access.sees_pipe(&pipe.name));
        Ok(source_body::of(record_type, rows, bytes, used_by))
    }

    /// The rows of a table, and the bytes that were read to count them.
    fn of_rows(&self, table: TableId) -> Result<(u64, u64), PipesError> {
        let query = SeriesQuery {
            account: self.account,
            table,
            range: Range::ALL,
            belongs: Belongs::StartsIn,
            filters: Vec::new(),
            measure: Measure::Rows,
            by: By::Nothing,
        };
        let counted = self.snapshot.series(&query, &self.stop)?;
        let rows = counted.values.iter().map(|(_, rows)| rows).sum();
        Ok((rows, counted.scanned.bytes))
    }
}

/// What the names of pipes are put behind: the operator's word, else that of the request.
fn url_of_pipes(state: &AppState, headers: &HeaderMap, uri: &Uri) -> String {
    let own = state.config.pipes.pipes_url();
    own.or_else(|| url_of_request(uri, headers).ok()).unwrap_or_else(|| "/v0/pipes/".to_owned())
}

/// Keeps these members of an object and what clients of the documented API get besides; without a choice, all.
fn keep_only(object: &mut Map<String, Value>, chosen: Option<&str>, besides: &[&str]) {
    if let Some(chosen) = chosen {
        let is_chosen = |name: &str| chosen.split(',').any(|chosen| chosen.trim() == name);
        object.retain(|name, _| is_chosen(name) || besides.contains(&name.as_str()));
    }
}

fn json_response(body: Value) -> Response {
    let headers =
        [(header::CONTENT_TYPE, Format::Json.content_type()), (header::CACHE_CONTROL, "private, no-store")];
    (headers, body.to_string()).into_response()
}
