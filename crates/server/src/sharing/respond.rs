//! The frame of every request: finds the site, receives the body within its bounds, waits for a place, and writes the
//! answer.
//!
//! What blocks runs on threads that may. The place goes with the work from thread to thread, so that it is taken for as
//! long as anything is done or kept for the request, also after its client went away.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use tallyhouse_model::{AccountId, Micros};
use tallyhouse_store::Stop;

use super::SharingError;
use super::asked::{Asked, SUFFIX};
use super::auth::authenticate;
use super::envelope::Answer;
use super::reader::Reader;
use super::texts_body::body_of;
use crate::catalog::Site;
use crate::http::query_string::QueryString;
use crate::http::received::{NotReceived, announced_bytes, receive};
use crate::http::{AppState, Cost, Inside, Place, StopOnDrop, blocking};

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a body that as many as there are connections may send at the same time.
const SMALL_BYTES_MAX: usize = 64 * 1024;

/// Larger bodies that are received and worked on at the same time: with up to 8 MiB each, in memory of up to twice that.
const LARGE_BODIES_MAX: usize = 16;

/// Finds the answer to a request. Its queries end when the client goes away; what it writes does not.
pub type Ask = fn(&Asked<'_>) -> Result<Answer, SharingError>;

/// Answers a method with what `ask` finds. A body is not read.
pub fn answers(method: MethodFilter, ask: Ask) -> MethodRouter<AppState> {
    on(method, move |State(state): State<AppState>, request: Request| respond(state, request, None, ask))
}

/// Answers a method with what `ask` finds in a body of at most so many bytes.
pub fn takes(method: MethodFilter, body_bytes_max: usize, ask: Ask) -> MethodRouter<AppState> {
    on(method, move |State(state): State<AppState>, request: Request| {
        respond(state, request, Some(body_bytes_max), ask)
    })
}

/// `resource` of the envelope is the path of the URL, which has to end in `.json`.
async fn respond(state: AppState, request: Request, body_bytes_max: Option<usize>, ask: Ask) -> Response {
    let (asker, path) = (state.clone(), request.uri().path().to_owned());
    match answer(asker, request, body_bytes_max, ask).await {
        Ok(Answered { answer, now, cost, place }) => {
            let mut response = send(answer, &path, now, &state.config.sharing.zone, Some(place));
            if !cost.store_time.is_zero() {
                response.headers_mut().insert("server-timing", cost.server_timing());
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

async fn answer(
    state: AppState,
    request: Request,
    body_bytes_max: Option<usize>,
    ask: Ask,
) -> Result<Answered, SharingError> {
    let (head, body) = request.into_parts();
    if !head.uri.path().ends_with(SUFFIX) {
        return Err(SharingError::NoSuchUrl);
    }
    let (asker, sent, asked_uri) = (state.clone(), head.headers.clone(), head.uri.clone());
    let site = blocking(move || authenticate(&asker, &sent, &asked_uri)).await?;
    let body = match body_bytes_max {
        None => ReceivedBody::default(),
        Some(bytes_max) => received(&state, site.account, &head.headers, body, bytes_max).await?,
    };
    let place = state.reads.take(site.account).await?;
    let stop = Stop::default();
    let watch = StopOnDrop::new(stop.clone());
    let question = Question { site, uri: head.uri, body };
    let answered = blocking(move || question.answer(&state, stop, place, ask)).await;
    watch.release();
    answered
}

/// Who asks what.
struct Question {
    site: Site,
    uri: Uri,
    body: ReceivedBody,
}

/// A body, and the place that it has for as long as it is in memory, if it needs one.
#[derive(Default)]
struct ReceivedBody {
    bytes: Vec<u8>,
    _inside: Option<Inside>,
}

impl Question {
    fn answer(self, state: &AppState, stop: Stop, place: Place, ask: Ask) -> Result<Answered, SharingError> {
        let Question { site, uri, body } = self;
        let reader = Reader::new(site.account, state.store.snapshot(), stop);
        let (query, now) = (QueryString::of(&uri), (state.clock)());
        let asked = Asked {
            state,
            site: &site,
            reader: &reader,
            path: uri.path(),
            query: &query,
            body: &body.bytes,
            now,
        };
        let answer = ask(&asked)?;
        Ok(Answered { answer, now, cost: reader.cost(), place })
    }
}

/// Receives a body. One that may become large needs a place, without which nothing of it is read.
async fn received(
    state: &AppState,
    account: AccountId,
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
) -> Result<ReceivedBody, SharingError> {
    let may_have = announced_bytes(headers).map_or(bytes_max, |announced| announced.min(bytes_max));
    let inside = match may_have > SMALL_BYTES_MAX {
        true => Some(state.large_bodies.enter(account, LARGE_BODIES_MAX)?),
        false => None,
    };
    let bytes = receive(headers, body, may_have, BODY_TIMEOUT).await;
    let bytes = bytes.map_err(|problem| not_received(problem, bytes_max))?;
    Ok(ReceivedBody { bytes, _inside: inside })
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
    let body = body_of(answer.wrap(resource, now, zone), place);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // What is answered is about people; a question asked again may have a new answer.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
