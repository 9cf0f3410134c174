//! What can be wrong with a request, and how this family says so: in one of the three shapes of errors that its clients
//! know, and on one line of the header `X-Status-Reason`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tallyhouse_store::QueryError;
use thiserror::Error;

use super::documents::unread;
use crate::catalog::{AuthError, CatalogError};
use crate::http::{Lost, NoPlace};

/// The header that says in words why a request was refused.
const STATUS_REASON: &str = "x-status-reason";

/// Bytes of that header at most.
const STATUS_REASON_BYTES_MAX: usize = 256;

/// Seconds after which a request that found the server busy may be sent again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// What an error is about when it is not about a parameter.
const BASE: &str = "base";

/// What can be wrong with a request. Turns into a response.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReportsError {
    /// 401: no token, or not a good one.
    #[error("the access token is missing or not valid")]
    BadCredentials,
    /// 401: an attempt to sign in with a wrong address or password; which of them is not told.
    #[error("the address or the password is wrong")]
    WrongPassword,
    /// 401: a refresh token that renews nothing.
    #[error("the refresh token is not valid, or is one of another session")]
    BadRefreshToken,
    /// 401: the operator has disabled whoever signs in.
    #[error("the account is locked")]
    AccountLocked,
    /// 420: this attempt to sign in came too soon after others that failed; try again after so many seconds.
    #[error("too many attempts to sign in; try again in {}", seconds(*.0))]
    TooManyAttempts(u64),
    /// 422: a required parameter is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// 422: a parameter is wrong, and why.
    #[error("{0} {1}")]
    Invalid(&'static str, String),
    /// 403: the token is confined to others, or may not do this.
    #[error("{}", told(.0, .1))]
    Forbidden(&'static str, String),
    /// 404: there is no such thing, named by a parameter.
    #[error("{0} {1}")]
    NotFound(&'static str, String),
    /// 404: there is no such URL.
    #[error("there is nothing at this URL")]
    NoSuchUrl,
    /// 405: the URL does not take this method.
    #[error("this URL does not answer that method")]
    MethodNotAllowed,
    /// 413: the body is larger than so many bytes.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// 503: something has to be repaired by the operator first.
    #[error("stored data is damaged and is not answered from; the operator has to run `tallyhouse check`")]
    Damaged,
    /// 503: the query reached the operator's time limit. Ask for less.
    #[error(
        "the query took longer than the operator allows (reports.query_seconds_max); ask for a shorter time"
    )]
    TookTooLong,
    /// 503: the server is busy or stopping. Try again.
    #[error("the request was not finished; try again")]
    Busy,
    /// 503: too many reads are running, of the account or in all. Try again.
    #[error(
        "too many requests are being answered at the same time, of the account or in all \
         (server.reads_max_per_account, server.reads_max); try again"
    )]
    NoPlace,
    /// 500: a defect or damage; the log tells more.
    #[error("something is wrong with the server")]
    Defect,
}

impl ReportsError {
    /// The status of its response.
    pub fn status(&self) -> StatusCode {
        match self {
            ReportsError::BadCredentials
            | ReportsError::WrongPassword
            | ReportsError::BadRefreshToken
            | ReportsError::AccountLocked => StatusCode::UNAUTHORIZED,
            ReportsError::TooManyAttempts(_) => {
                StatusCode::from_u16(420).expect("every number of three digits is a status")
            }
            ReportsError::Missing(_) | ReportsError::Invalid(..) => StatusCode::UNPROCESSABLE_ENTITY,
            ReportsError::Forbidden(..) => StatusCode::FORBIDDEN,
            ReportsError::NotFound(..) | ReportsError::NoSuchUrl => StatusCode::NOT_FOUND,
            ReportsError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ReportsError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            ReportsError::Damaged
            | ReportsError::TookTooLong
            | ReportsError::Busy
            | ReportsError::NoPlace => StatusCode::SERVICE_UNAVAILABLE,
            ReportsError::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(&self) -> Value {
        let text = self.to_string();
        match self {
            ReportsError::BadCredentials | ReportsError::WrongPassword | ReportsError::BadRefreshToken => {
                about_credentials(&text, "bad_credentials")
            }
            ReportsError::AccountLocked => about_credentials(&text, "account_locked"),
            ReportsError::TooManyAttempts(_) => about_credentials(&text, "too_many_attempts"),
            ReportsError::Missing(parameter) => json!({ "message": "client error", "param": parameter }),
            ReportsError::Invalid(about, text) | ReportsError::Forbidden(about, text) => {
                about_parameter(about, text)
            }
            ReportsError::NotFound(about, detail) => with_error(about_parameter(about, detail), text),
            ReportsError::NoSuchUrl => with_error(about_parameter(BASE, &text), text),
            _ => about_parameter(BASE, &text),
        }
    }

    fn retry_after(&self) -> Option<HeaderValue> {
        match self {
            ReportsError::TooManyAttempts(seconds) => Some(HeaderValue::from(*seconds)),
            ReportsError::Busy | ReportsError::NoPlace => Some(RETRY_AFTER),
            _ => None,
        }
    }
}

/// What an error says on one line: a parameter's name goes before it, but nothing before what is about none.
fn told(about: &str, text: &str) -> String {
    if about == BASE { text.to_owned() } else { format!("{about} {text}") }
}

fn seconds(seconds: u64) -> String {
    if seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") }
}

/// The shape for who is asking: a list of texts, and codes that programs know.
fn about_credentials(text: &str, code: &str) -> Value {
    json!({
        "errors": [text],
        "failures": { BASE: [text] },
        "error_codes": { BASE: [{ "error": code }] },
    })
}

/// The shape for what is asked: texts by parameters.
fn about_parameter(about: &str, text: &str) -> Value {
    json!({ "errors": { about: [text] }, "failures": { about: [text] } })
}

/// A public client of this API reads the text of a 404 from here, and from nowhere else.
fn with_error(mut body: Value, text: String) -> Value {
    body["error"] = Value::String(text);
    body
}

/// A text as the value of a header: printable ASCII on one line, whatever a client sent that is repeated in it.
fn status_reason(text: &str) -> HeaderValue {
    let is_printable = |character: char| character == ' ' || character.is_ascii_graphic();
    let printable = text.chars().map(|character| if is_printable(character) { character } else { '?' });
    let shortened: String = printable.take(STATUS_REASON_BYTES_MAX).collect();
    HeaderValue::try_from(shortened).expect("printable ASCII makes a valid header")
}

impl IntoResponse for ReportsError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        if status.is_client_error() {
            headers.insert(STATUS_REASON, status_reason(&self.to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

impl From<Lost> for ReportsError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Defect => ReportsError::Defect,
            Lost::Stopping => ReportsError::Busy,
        }
    }
}

impl From<AuthError> for ReportsError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Missing | AuthError::Invalid => ReportsError::BadCredentials,
            AuthError::Unavailable(reason) => {
                tracing::error!(reason, "a token cannot be checked");
                ReportsError::Busy
            }
        }
    }
}

impl From<CatalogError> for ReportsError {
    fn from(error: CatalogError) -> Self {
        // The reason is about files of the operator; it belongs into the log, not into the answer.
        if error.is_busy() || error.is_damage() {
            return unread(error).into();
        }
        tracing::error!(%error, "the catalog cannot be used");
        ReportsError::Defect
    }
}

impl From<NoPlace> for ReportsError {
    fn from(_: NoPlace) -> Self {
        ReportsError::NoPlace
    }
}

impl From<QueryError> for ReportsError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Damaged(reason) => {
                tracing::error!(reason, "stored data is damaged; run `tallyhouse check`");
                ReportsError::Damaged
            }
            QueryError::TookTooLong => ReportsError::TookTooLong,
            QueryError::Cancelled => ReportsError::Busy,
            // A time of years by the hour; the width of buckets follows from the length of the time.
            QueryError::TooManyGroups(_) => ReportsError::Defect,
        }
    }
}

/// Answers a URL that does not exist.
pub async fn not_found() -> ReportsError {
    ReportsError::NoSuchUrl
}

/// Answers a method that a URL does not take; the router adds `Allow`.
pub async fn method_not_allowed() -> ReportsError {
    ReportsError::MethodNotAllowed
}

#[cfg(test)]
mod tests;
