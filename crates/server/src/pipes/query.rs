//! `/v0/pipes/NAME.FORMAT`: what a pipe answers, in one of the formats.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};

use super::access::Access;
use super::body::{Encoding, decompress, receive};
use super::error::PipesError;
use super::events::blocking;
use super::format::Format;
use super::pipe::Reader;
use super::respond::respond;
use super::{access, arguments, auth, listing};
use crate::http::AppState;

/// Bytes of a form at most, as sent and again as decompressed.
const FORM_BYTES_MAX: usize = 64 << 10;

const SQL_NOT_SERVED: &str = "SQL is not served; publish a pipe, and ask for it at /v0/pipes/NAME.json";

/// The last part of the path.
type File = Result<Path<String>, PathRejection>;

/// Queries a pipe, or tells about it where no format is named.
pub async fn get(state: State<AppState>, uri: Uri, headers: HeaderMap, file: File) -> Response {
    let Ok(Path(file)) = file else { return PipesError::NoSuchUrl.into_response() };
    match file.rsplit_once('.') {
        Some((pipe, format)) => answer(state.0, &uri, &headers, pipe, format, None).await,
        None => listing::pipe(state, uri, headers, file).await,
    }
}

/// Queries a pipe with further arguments in the body.
pub async fn post(state: State<AppState>, uri: Uri, headers: HeaderMap, file: File, body: Body) -> Response {
    let Ok(Path(file)) = file else { return PipesError::NoSuchUrl.into_response() };
    match file.rsplit_once('.') {
        Some((pipe, format)) => answer(state.0, &uri, &headers, pipe, format, Some(body)).await,
        None => ([(header::ALLOW, "GET,HEAD")], PipesError::MethodNotAllowed).into_response(),
    }
}

/// `/v0/sql`: told apart from a URL that there is not, since clients of the documented API ask for it.
pub async fn sql(State(state): State<AppState>, uri: Uri, headers: HeaderMap) -> Response {
    match blocking(move || access::to_list(&state, &headers, &uri)).await {
        Ok(access) => access.answer(PipesError::NotServed(SQL_NOT_SERVED).into_query_response()),
        Err(error) => error.into_query_response(),
    }
}

async fn answer(
    state: AppState,
    uri: &Uri,
    headers: &HeaderMap,
    pipe: &str,
    format: &str,
    body: Option<Body>,
) -> Response {
    let answered = try_answer(state, uri, headers, pipe, format, body).await;
    answered.unwrap_or_else(PipesError::into_query_response)
}

/// Checks the token before anything else is told. One that is in the form is found there, where no other was sent.
async fn try_answer(
    state: AppState,
    uri: &Uri,
    headers: &HeaderMap,
    pipe: &str,
    format: &str,
    mut body: Option<Body>,
) -> Result<Response, PipesError> {
    let mut form = Vec::new();
    let mut secret = None;
    if auth::secret_of(headers, uri)?.is_none() {
        form = form_of(headers, body.take()).await?;
        secret = token_in(&form);
    }
    let access = access_to(&state, headers, uri, secret, pipe).await?;
    if let Some(body) = body {
        form = match form_of(headers, Some(body)).await {
            Ok(form) => form,
            Err(error) => return Ok(access.answer(error.into_query_response())),
        };
    }
    let on_answer = access.headers.clone();
    let answered = query(state, access, arguments::sent(uri, &form), pipe, format).await;
    Ok(answered.unwrap_or_else(|error| {
        let mut refused = error.into_query_response();
        refused.headers_mut().extend(on_answer);
        refused
    }))
}

/// The form; empty where the request has none.
async fn form_of(headers: &HeaderMap, body: Option<Body>) -> Result<Vec<u8>, PipesError> {
    let Some(body) = body else { return Ok(Vec::new()) };
    let encoding = Encoding::of(headers)?;
    let received = receive(headers, body, FORM_BYTES_MAX).await?;
    let form = decompress(received, encoding, FORM_BYTES_MAX)?;
    if form.is_empty() || is_form(headers.get(header::CONTENT_TYPE)) {
        Ok(form)
    } else {
        Err(PipesError::Body("the body is not of the type application/x-www-form-urlencoded".into()))
    }
}

/// Whether this type is that of a form. Who names none means one.
fn is_form(content_type: Option<&HeaderValue>) -> bool {
    let Some(content_type) = content_type else { return true };
    let name = content_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// The token of a form, for requests whose parameters are all in there.
fn token_in(form: &[u8]) -> Option<String> {
    let mut tokens =
        form_urlencoded::parse(form).filter(|(name, value)| name == "token" && !value.is_empty());
    tokens.next().map(|(_, token)| token.into_owned())
}

/// What the token may: the one of the form if there is one, else that of the request.
async fn access_to(
    state: &AppState,
    headers: &HeaderMap,
    uri: &Uri,
    in_form: Option<String>,
    pipe: &str,
) -> Result<Access, PipesError> {
    let (state, headers, uri, pipe) = (state.clone(), headers.clone(), uri.clone(), pipe.to_owned());
    blocking(move || {
        let exists = state.pipes.get(&pipe).is_some();
        match in_form {
            Some(secret) => access::to_pipe_by(&state, Some(&secret), &pipe, exists),
            None => access::to_pipe(&state, &headers, &uri, &pipe, exists),
        }
    })
    .await
}

async fn query(
    state: AppState,
    access: Access,
    sent: Vec<(String, String)>,
    pipe: &str,
    format: &str,
) -> Result<Response, PipesError> {
    if format == "prometheus" {
        return Err(PipesError::NotServed(
            "the format prometheus is not served; known are: json, csv, ndjson, parquet",
        ));
    }
    let format = Format::of_extension(format).ok_or_else(|| PipesError::UnknownFormat(format.to_owned()))?;
    let pipe =
        state.pipes.get(pipe).map(Arc::clone).ok_or_else(|| PipesError::NoSuchPipe(pipe.to_owned()))?;
    if arguments::has_sql(&sent) {
        return Err(PipesError::NotServed(
            "SQL over the result (q) is not served; publish a pipe that answers what is needed",
        ));
    }
    let arguments = access.arguments(sent);
    let page = arguments::page(&arguments)?;
    let ask = move |reader: &Reader| pipe.answer(&arguments, reader, page);
    respond(state, access, format, page.limit.is_some(), ask).await
}
