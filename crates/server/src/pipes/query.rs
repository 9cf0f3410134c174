//! `/v0/pipes/NAME.FORMAT`: what a pipe answers, in one of the formats.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};

use super::access::Access;
use super::error::PipesError;
use super::form::{receive_form, receive_unchecked_form, token_in};
use super::format::Format;
use super::pipe::Reader;
use super::respond::respond;
use super::{Gates, access, arguments, auth, listing};
use crate::http::{AppState, blocking};

const SQL_NOT_SERVED: &str = "SQL is not served; publish a pipe, and ask for it at /v0/pipes/NAME.json";

/// The last part of the path.
type File = Result<Path<String>, PathRejection>;

/// Queries a pipe, or tells about it where no format is named.
pub async fn get(state: State<AppState>, uri: Uri, headers: HeaderMap, file: File) -> Response {
    let Ok(Path(file)) = file else { return PipesError::NoSuchUrl.into_response() };
    match file.rsplit_once('.') {
        Some((pipe, format)) => answer(state.0, &uri, &headers, pipe, format, Form::None).await,
        None => listing::pipe(state, uri, headers, file).await,
    }
}

/// Queries a pipe with further arguments in the body.
pub async fn post(
    state: State<AppState>,
    Extension(gates): Extension<Arc<Gates>>,
    uri: Uri,
    headers: HeaderMap,
    file: File,
    body: Body,
) -> Response {
    let Ok(Path(file)) = file else { return PipesError::NoSuchUrl.into_response() };
    match file.rsplit_once('.') {
        Some((pipe, format)) => answer(state.0, &uri, &headers, pipe, format, Form::Body(&gates, body)).await,
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

/// Where further arguments are.
enum Form<'a> {
    /// There are none.
    None,
    /// In a body that is still to be received, through these gates where no token was sent before it.
    Body(&'a Gates, Body),
}

async fn answer(
    state: AppState,
    uri: &Uri,
    headers: &HeaderMap,
    pipe: &str,
    format: &str,
    form: Form<'_>,
) -> Response {
    let answered = try_answer(state, uri, headers, pipe, format, form).await;
    answered.unwrap_or_else(PipesError::into_query_response)
}

/// Checks the token before anything else is told. One that is in the form is found there, where no other was sent.
async fn try_answer(
    state: AppState,
    uri: &Uri,
    headers: &HeaderMap,
    pipe: &str,
    format: &str,
    form: Form<'_>,
) -> Result<Response, PipesError> {
    let is_unchecked = auth::secret_of(headers, uri)?.is_none();
    let (access, form) = match form {
        Form::Body(gates, body) if is_unchecked => {
            let form = receive_unchecked_form(&gates.forms, headers, body).await?;
            (access_to(&state, headers, uri, token_in(&form), pipe).await?, form)
        }
        form => {
            let access = access_to(&state, headers, uri, None, pipe).await?;
            let form = match form {
                Form::None => Ok(Vec::new()),
                Form::Body(_, body) => receive_form(headers, body).await,
            };
            match form {
                Ok(form) => (access, form),
                Err(error) => return Ok(access.answer(error.into_query_response())),
            }
        }
    };
    let on_answer = access.headers.clone();
    let answered = query(state, access, arguments::sent(uri, &form), pipe, format).await;
    Ok(answered.unwrap_or_else(|error| {
        let mut refused = error.into_query_response();
        refused.headers_mut().extend(on_answer);
        refused
    }))
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
        let parameters = state.pipes.get(&pipe).map(|pipe| pipe.parameters.as_slice());
        match in_form {
            Some(secret) => access::to_pipe_by(&state, Some(&secret), &pipe, parameters),
            None => access::to_pipe(&state, &headers, &uri, &pipe, parameters),
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
            "the format prometheus is not served; known are: json, csv, csvwithnames, ndjson, parquet",
        ));
    }
    let format =
        Format::of_extension(format).ok_or_else(|| PipesError::UnknownFormat(access::shown(format)))?;
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
