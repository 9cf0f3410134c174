//! `/v0/pipes/NAME.FORMAT`: what a pipe answers, in one of the formats.

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
use super::respond::respond;
use super::{access, arguments, auth, listing};
use crate::catalog::Scope;
use crate::http::{AppState, secret};

/// Bytes of a form at most, as sent and again as decompressed.
const FORM_BYTES_MAX: usize = 64 << 10;

/// The last part of the path.
type File = Result<Path<String>, PathRejection>;

/// Queries a pipe, or tells about it where no format is named.
pub async fn get(state: State<AppState>, uri: Uri, headers: HeaderMap, file: File) -> Response {
    let Ok(Path(file)) = file else { return PipesError::NoSuchUrl.into_response() };
    match file.rsplit_once('.') {
        Some((pipe, format)) => answer(state.0, &uri, &headers, pipe, format, None).await,
        None => listing::pipe(state, uri, headers, file).await.into_response(),
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
    let checked = blocking(move || auth::require(&state, &headers, &uri, Scope::Read)).await;
    let refused = checked.map_or_else(
        |error| error,
        |_| PipesError::NotServed("SQL is not served; publish a pipe, and ask for it at /v0/pipes/NAME.json"),
    );
    refused.into_query_response()
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

/// Checks the token before anything else is told. A token in the form needs the form first.
async fn try_answer(
    state: AppState,
    uri: &Uri,
    headers: &HeaderMap,
    pipe: &str,
    format: &str,
    mut body: Option<Body>,
) -> Result<Response, PipesError> {
    let mut form = Vec::new();
    let mut signed = uri.clone();
    if secret::from_header(headers)?.is_none() && secret::from_query(uri).is_none() {
        form = form_of(headers, body.take()).await?;
        signed = with_token_of(&form, signed);
    }
    let access = access_to(&state, headers, signed, pipe).await?;
    if form.is_empty() {
        form = form_of(headers, body).await?;
    }
    let on_answer = access.headers.clone();
    let answered = query(state, access, uri, &form, pipe, format).await;
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

/// The URI with the token of the form in its query, where requests without a form have it.
fn with_token_of(form: &[u8], uri: Uri) -> Uri {
    let token = form_urlencoded::parse(form).find(|(name, value)| name == "token" && !value.is_empty());
    let Some((_, token)) = token else { return uri };
    let query = form_urlencoded::Serializer::new(String::from("/?")).append_pair("token", &token).finish();
    query.parse().unwrap_or(uri)
}

async fn access_to(
    state: &AppState,
    headers: &HeaderMap,
    uri: Uri,
    pipe: &str,
) -> Result<Access, PipesError> {
    let (state, headers, pipe) = (state.clone(), headers.clone(), pipe.to_owned());
    blocking(move || access::to_pipe(&state, &headers, &uri, &pipe)).await
}

async fn query(
    state: AppState,
    mut access: Access,
    uri: &Uri,
    form: &[u8],
    pipe: &str,
    format: &str,
) -> Result<Response, PipesError> {
    if format == "prometheus" {
        return Err(PipesError::NotServed(
            "the format prometheus is not served; known are: json, csv, ndjson, parquet",
        ));
    }
    let format = Format::of_extension(format).ok_or_else(|| PipesError::UnknownFormat(format.to_owned()))?;
    let pipe = state.pipes.get(pipe).ok_or_else(|| PipesError::UnknownPipe(pipe.to_owned()))?;
    let pipe = std::sync::Arc::clone(pipe);
    let mut arguments = arguments::sent(uri, form);
    if arguments::has_sql(&arguments) {
        return Err(PipesError::NotServed(
            "SQL over the result (q) is not served; publish a pipe that answers what is needed",
        ));
    }
    arguments::fix(&mut arguments, std::mem::take(&mut access.fixed));
    let page = arguments::page(&arguments)?;
    let ask = move |reader: &super::pipe::Reader| pipe.answer(&arguments, reader, page);
    respond(state, access, format, page.limit.is_some(), ask).await
}

#[cfg(test)]
mod tests;
