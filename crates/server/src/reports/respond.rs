//! The frame of every read: checks the credential, waits for a place, asks the store, and sends the answer.
//!
//! What blocks runs on threads that may. The place goes with the work from thread to thread, so that it is taken for as
//! long as anything is done or kept for the request, also after its client went away.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use tallyhouse_model::Zone;

use super::item_range::Items;
use super::reader::Reader;
use super::{ReportsError, authenticate};
use crate::http::pieces::Begun;
use crate::http::{AppState, Cost, Place, StopOnDrop, blocking, stop_after_seconds};

/// What to send.
pub struct Answer {
    /// JSON.
    pub body: Begun,
    /// The header that says which items of a list these are.
    pub content_range: Option<String>,
    /// Whether some of the items were asked for, and not all.
    pub is_partial: bool,
}

impl Answer {
    /// A list, or as much of it as these items are.
    pub fn list(body: Begun, items: Items) -> Self {
        let Items { content_range, is_partial, .. } = items;
        Self { body, content_range, is_partial }
    }

    /// One object.
    pub fn object(object: &impl Serialize) -> Self {
        let text = serde_json::to_vec(object).expect("writing to memory does not fail");
        Self { body: Begun::Whole(Bytes::from(text)), content_range: None, is_partial: false }
    }
}

/// Runs `ask` with what the request's credential may read, and the zone of its account. Its queries end when the client
/// goes away.
pub async fn respond<F>(state: AppState, headers: HeaderMap, ask: F) -> Response
where
    F: FnOnce(&Reader, &AppState, &Zone) -> Result<Answer, ReportsError> + Send + 'static,
{
    match answer(state, headers, ask).await {
        Ok((answer, cost, place)) => into_response(answer, cost, place),
        Err(error) => error.into_response(),
    }
}

/// Finds the answer, and the place that it has to be sent in.
async fn answer<F>(state: AppState, headers: HeaderMap, ask: F) -> Result<(Answer, Cost, Place), ReportsError>
where
    F: FnOnce(&Reader, &AppState, &Zone) -> Result<Answer, ReportsError> + Send + 'static,
{
    let asker = state.clone();
    let credential = blocking(move || authenticate(&asker, &headers)).await?;
    let place = state.reads.take(credential.account).await?;
    // Here and not before, since a query may take as long as the settings say without the wait.
    let stop = stop_after_seconds(state.config.reports.query_seconds_max);
    let watch = StopOnDrop::new(stop.clone());
    let work = move || {
        let zone = state.config.reports.zone_of(&credential.account_name);
        let reader = Reader::new(credential, state.store.snapshot(), stop);
        let answer = ask(&reader, &state, &zone)?;
        Ok((answer, reader.cost(), place))
    };
    let answered = blocking(work).await;
    // From here on the body watches, where it still has to ask.
    watch.release();
    answered
}

fn into_response(answer: Answer, cost: Cost, place: Place) -> Response {
    let body = match answer.body {
        Begun::Whole(text) => Body::from(text),
        Begun::Pieces(pieces) => pieces.into_body(place),
    };
    let status = if answer.is_partial { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // The rows are about people; a question asked again may have a new answer.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert("server-timing", cost.server_timing());
    if let Some(text) = answer.content_range {
        let value = HeaderValue::try_from(text).expect("a name and numbers make a valid header");
        headers.insert(header::CONTENT_RANGE, value);
    }
    response
}

#[cfg(test)]
mod tests;
