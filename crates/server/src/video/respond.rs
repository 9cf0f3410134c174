//! The frame of every read: checks the credential, waits for a place, asks the store, and sends the answer.
//!
//! What blocks runs on threads that may. The place goes with the work from thread to thread, so that it is taken for as
//! long as anything is done or kept for the request, also after its client went away.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tallyhouse_store::{QueryError, Scanned};

use super::access;
use super::body::RowsBody;
use super::error::VideoError;
use super::reader::Reader;
use crate::config::VideoConfig;
use crate::http::pieces::{Begun, Pieces};
use crate::http::{AppState, Place, StopOnDrop, blocking, server_timing, stop_after_seconds};

/// Rows to send, and what it took to find them.
pub struct Answer {
    /// The rows as JSON.
    pub body: AnswerBody,
    /// What the store touched.
    pub scanned: Scanned,
    /// How long the store took.
    pub store_time: Duration,
}

/// Rows to send, by what has to be kept for them.
pub enum AnswerBody {
    /// Nothing but their text.
    Whole(Bytes),
    /// The rows themselves.
    Rows(RowsBody),
    /// What the store still has to be asked.
    Pieces(Pieces),
}

/// Runs `ask` with what the request's credential may read. Its queries end when the client goes away.
pub async fn respond<F>(state: AppState, headers: HeaderMap, ask: F) -> Response
where
    F: FnOnce(&Reader, &VideoConfig) -> Result<Answer, VideoError> + Send + 'static,
{
    match answer(state, headers, ask).await {
        Ok((answer, place)) => answer.into_response(place),
        Err(error) => error.into_response(),
    }
}

/// Finds the answer, and the place that it has to be sent in.
async fn answer<F>(state: AppState, headers: HeaderMap, ask: F) -> Result<(Answer, Place), VideoError>
where
    F: FnOnce(&Reader, &VideoConfig) -> Result<Answer, VideoError> + Send + 'static,
{
    let asker = state.clone();
    let credential = blocking(move || access::credential(&asker, &headers)).await?;
    let place = state.reads.take(credential.account).await?;
    // Here and not before, since a query may take as long as the settings say without the wait.
    let stop = stop_after_seconds(state.config.video.query_seconds_max);
    let watch = StopOnDrop::new(stop.clone());
    let work = move || {
        let reader = Reader::new(credential, state.store.snapshot(), stop);
        Ok((ask(&reader, &state.config.video)?, place))
    };
    let answered = blocking(work).await;
    // From here on the body watches, where it still has to ask.
    watch.release();
    answered
}

/// Asks the store and measures how long that takes.
pub fn timed<T>(ask: impl FnOnce() -> Result<T, QueryError>) -> Result<(T, Duration), VideoError> {
    let started = Instant::now();
    let answer = ask()?;
    Ok((answer, started.elapsed()))
}

impl From<Begun> for AnswerBody {
    fn from(begun: Begun) -> Self {
        match begun {
            Begun::Whole(text) => AnswerBody::Whole(text),
            Begun::Pieces(pieces) => AnswerBody::Pieces(pieces),
        }
    }
}

impl AnswerBody {
    /// Sends the rows, from this place as long as more than their text is kept for it.
    pub fn into_body(self, place: Place) -> Body {
        match self {
            AnswerBody::Whole(text) => Body::from(text),
            AnswerBody::Rows(rows) => place.until_sent(rows),
            AnswerBody::Pieces(pieces) => pieces.into_body(place),
        }
    }
}

impl Answer {
    fn into_response(self, place: Place) -> Response {
        let timing = server_timing(self.store_time, self.scanned);
        let mut response = self.body.into_body(place).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // The rows are about people; a question asked again may have a new answer.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert("server-timing", timing);
        response
    }
}

#[cfg(test)]
mod tests;
