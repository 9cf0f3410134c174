//! The frame of every read: checks the credential, asks the store off the async threads, and sends the answer.

use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tallyhouse_model::AccountId;
use tallyhouse_store::{QueryError, Scanned};

use super::access;
use super::body::RowsBody;
use super::error::VideoError;
use crate::http::AppState;

/// Rows to send, and what it took to find them.
pub struct Answer {
    /// The rows.
    pub body: RowsBody,
    /// What the store touched.
    pub scanned: Scanned,
    /// How long the store took.
    pub store_time: Duration,
}

/// Runs `ask` for the account of the request's credential.
pub async fn respond<F>(state: AppState, headers: HeaderMap, ask: F) -> Response
where
    F: FnOnce(&AppState, AccountId) -> Result<Answer, VideoError> + Send + 'static,
{
    let work = move || ask(&state, access::account(&state, &headers)?);
    match tokio::task::spawn_blocking(work).await {
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
        let mut response = self.body.into_body().into_response();
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
mod tests {
    use super::*;

    #[test]
    fn server_timing_tells_what_the_store_touched() {
        let timing = server_timing(Duration::from_micros(1_234), Scanned { rows: 12_345, parts: 3 });
        assert_eq!(timing, r#"store;dur=1.234, rows;desc="12345", parts;desc="3""#);
    }
}
