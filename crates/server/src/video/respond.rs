//! The frame of every read: checks the credential, asks the store off the async threads, and sends the answer.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tallyhouse_store::{QueryError, Scanned};

use super::access;
use super::departure::{StopOnDrop, stop_of};
use super::error::VideoError;
use super::reader::Reader;
use crate::config::VideoConfig;
use crate::http::AppState;

/// Rows to send, and what it took to find them.
pub struct Answer {
    /// The rows as JSON.
    pub body: Body,
    /// What the store touched.
    pub scanned: Scanned,
    /// How long the store took.
    pub store_time: Duration,
}

/// Runs `ask` with what the request's credential may read. Its queries end when the client goes away.
pub async fn respond<F>(state: AppState, headers: HeaderMap, ask: F) -> Response
where
    F: FnOnce(&Reader, &VideoConfig) -> Result<Answer, VideoError> + Send + 'static,
{
    let stop = stop_of(&state.config.video);
    let watch = StopOnDrop::new(stop.clone());
    let work = move || ask(&access::reader(&state, &headers, stop)?, &state.config.video);
    let asked = tokio::task::spawn_blocking(work).await;
    // From here on the body watches, where it still has to ask.
    watch.release();
    match asked {
        Ok(Ok(answer)) => answer.into_response(),
        Ok(Err(error)) => error.into_response(),
        Err(error) if error.is_panic() => {
            tracing::error!("a read failed: {error}");
            VideoError::Defect.into_response()
        }
        Err(_) => VideoError::Busy.into_response(),
    }
}

/// Asks the store and measures how long that takes.
pub fn timed<T>(ask: impl FnOnce() -> Result<T, QueryError>) -> Result<(T, Duration), VideoError> {
    let started = Instant::now();
    let answer = ask()?;
    Ok((answer, started.elapsed()))
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let timing = server_timing(self.store_time, self.scanned);
        let mut response = self.body.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // The rows are about people; a question asked again may have a new answer.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert("server-timing", timing);
        response
    }
}

fn server_timing(store_time: Duration, scanned: Scanned) -> HeaderValue {
    let milliseconds = store_time.as_secs_f64() * 1_000.0;
    let Scanned { rows, parts } = scanned;
    let text = format!(r#"store;dur={milliseconds:.3}, rows;desc="{rows}", parts;desc="{parts}""#);
    HeaderValue::try_from(text).expect("numbers make a valid header")
}

#[cfg(test)]
mod tests;
