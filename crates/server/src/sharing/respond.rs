//! The frame of every request: finds the site, receives the body within its bounds, waits for a place, and writes the
//! answer.
//!
//! What blocks runs on threads that may. The place goes with the work from thread to thread, so that it is taken for as
//! long as anything is done or kept for the request, also after its client went away.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tallyhouse_model::Micros;
use tallyhouse_store::Stop;

use super::SharingError;
use super::asked::{Asked, SUFFIX};
use super::auth::authenticate;
use super::envelope::Answer;
use super::reader::{Cost, Reader};
use super::texts_body::TextsBody;
use crate::catalog::Site;
use crate::http::query_string::QueryString;
use crate::http::received::{NotReceived, receive};
use crate::http::{AppState, Place, StopOnDrop, blocking, server_timing};

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Answers what `ask` finds. `resource` of the envelope is the path of the URL, which has to end in `.json`. A body is
/// only read where it may have any bytes. Queries of `ask` end when the client goes away; what it writes does not.
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
    let (asker, path) = (state.clone(), uri.path().to_owned());
    match answer(asker, headers, uri, body, body_bytes_max, ask).await {
        Ok(Answered { answer, now, cost, place }) => {
            let mut response = send(answer, &path, now, &state.config.sharing.zone, Some(place));
            if !cost.store_time.is_zero() {
                let timing = server_timing(cost.store_time, cost.scanned);
                response.headers_mut().insert("server-timing", timing);
            }
            response
        }
        Err(error) => error.respond(&path, (state.clock)(), &state.config.sharing.zone),
    }
}

/// An answer, what it took, and the place that it has to be sent in.
struct Answered {
    answer: Answer,
    now: Micros,
    cost: Cost,
    place: Place,
}

async fn answer<F>(
    state: AppState,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
    body_bytes_max: usize,
    ask: F,
) -> Result<Answered, SharingError>
where
    F: FnOnce(&Asked<'_>) -> Result<Answer, SharingError> + Send + 'static,
{
    if !uri.path().ends_with(SUFFIX) {
        return Err(SharingError::NoSuchUrl);
    }
    let (asker, sent, asked_uri) = (state.clone(), headers.clone(), uri.clone());
    let site = blocking(move || authenticate(&asker, &sent, &asked_uri)).await?;
    let body = match body_bytes_max {
        0 => Vec::new(),
        _ => receive(&headers, body, body_bytes_max, BODY_TIMEOUT)
            .await
            .map_err(|problem| not_received(problem, body_bytes_max))?,
    };
    let place = state.reads.take(site.account).await?;
    let stop = Stop::default();
    let watch = StopOnDrop::new(stop.clone());
    let answered = blocking(move || work(&state, &site, &uri, &body, stop, place, ask)).await;
    watch.release();
    answered
}

fn work<F>(
    state: &AppState,
    site: &Site,
    uri: &Uri,
    body: &[u8],
    stop: Stop,
    place: Place,
    ask: F,
) -> Result<Answered, SharingError>
where
    F: FnOnce(&Asked<'_>) -> Result<Answer, SharingError>,
{
    let reader = Reader::new(site.account, state.store.snapshot(), stop);
    let (query, now) = (QueryString::of(uri), (state.clock)());
    let asked = Asked { state, site, reader: &reader, path: uri.path(), query: &query, body, now };
    let answer = ask(&asked)?;
    Ok(Answered { answer, now, cost: reader.cost(), place })
}

fn not_received(problem: NotReceived, bytes_max: usize) -> SharingError {
    match problem {
        NotReceived::TooLarge => SharingError::TooLarge(bytes_max),
        // The server's own limit for a pause breaks a body off. So does a client that goes away, but then nobody is
        // there to read the answer.
        NotReceived::TooSlow | NotReceived::BrokeOff => {
            SharingError::Invalid("the body did not arrive in time".to_owned())
        }
    }
}

/// The response with this answer, which keeps its place until it was sent.
pub(super) fn send(
    answer: Answer,
    resource: &str,
    now: Micros,
    zone: &str,
    place: Option<Place>,
) -> Response {
    let status = StatusCode::from_u16(answer.code).expect("every number of three digits is a status");
    let texts = TextsBody::new(answer.wrap(resource, now, zone));
    let body = match place {
        Some(place) => place.until_sent(texts),
        None => Body::new(texts),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // What is answered is about people; a question asked again may have a new answer.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
