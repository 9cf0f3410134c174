//! The frame of every query: waits for a place, asks the pipe, measures the answer, and sends it.
//!
//! 1. The request waits for one of the account's places, which goes with the work from thread to thread.
//! 2. On a thread that may block, the pipe is asked, and its answer is written once to see how large it is.
//! 3. What is small was kept and is sent as it is. What is larger is written again while it is sent, out of the same
//!    moment of the store, a piece whenever the connection asks for one.
//!
//! Steps 2 together have a time limit; step 3 has none. When the client goes away, the queries end.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tallyhouse_store::Stop;
use tokio::task::JoinError;

use super::access::Access;
use super::answer::Answer;
use super::error::PipesError;
use super::format::Format;
use super::pipe::Reader;
use super::rendering::{Measured, Rendering};
use crate::http::pieces::Pieces;
use crate::http::{AppState, Lost, Place, StopOnDrop};

/// Answers what `ask` finds for this access. `is_page` tells whether a limit was asked for.
pub async fn respond<F>(
    state: AppState,
    access: Access,
    format: Format,
    is_page: bool,
    ask: F,
) -> Result<Response, PipesError>
where
    F: FnOnce(&Reader) -> Result<Answer, PipesError> + Send + 'static,
{
    let place = state.reads.take(access.credential.account).await?;
    let seconds = state.config.pipes.query_seconds_max;
    let stop = Stop::default();
    let watch = StopOnDrop::new(stop.clone());
    let reader = reader_of(&state, &access, stop.clone());
    let bytes_max = state.config.pipes.result_bytes_max;
    let work = move || {
        let started = Instant::now();
        let rendering = Rendering::new(ask(&reader)?, format, is_page, started);
        Ok((rendering.measure(bytes_max)?, place))
    };
    let (measured, place) = within(seconds, tokio::task::spawn_blocking(work)).await?;
    let body = body_of(measured, place, &stop);
    // From here on the body watches, where something is still to be read.
    watch.release();
    Ok((headers(format, access.headers), body).into_response())
}

fn reader_of(state: &AppState, access: &Access, stop: Stop) -> Reader {
    // Before the snapshot: what is settled now is visible there.
    let settled = state.arrivals.settled(state.clock);
    Reader {
        snapshot: state.store.snapshot(),
        account: access.credential.account,
        account_name: access.credential.account_name.clone(),
        stop,
        now: (state.clock)(),
        settled,
    }
}

/// Waits for the work for this many seconds; 0 is for ever. The work goes on until it notices that its queries were
/// stopped.
async fn within<T>(
    seconds: u32,
    work: impl Future<Output = Result<Result<T, PipesError>, JoinError>>,
) -> Result<T, PipesError> {
    let done = match seconds {
        0 => work.await,
        seconds => tokio::time::timeout(Duration::from_secs(u64::from(seconds)), work)
            .await
            .map_err(|_| PipesError::TookTooLong)?,
    };
    match done {
        Ok(result) => result,
        Err(error) => Err(Lost::from(error).into()),
    }
}

fn body_of(measured: Measured, place: Place, stop: &Stop) -> Body {
    match measured {
        Measured::Whole(bytes) => Body::from(bytes),
        Measured::Sized(bytes, mut rendering) => {
            Pieces::of_size(bytes, move || rendering.next_piece(), stop).into_body(place)
        }
    }
}

fn headers(format: Format, mut headers: HeaderMap) -> HeaderMap {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    // The rows are about people; a question asked again may have a new answer.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers
}

#[cfg(test)]
mod tests;
