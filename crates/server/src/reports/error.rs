//! What can be wrong with a request, and how this family says so.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use thiserror::Error;

/// What can be wrong with a request.
#[derive(Debug, Error)]
pub enum ReportsError {
    /// 401: no token, or not a good one.
    #[error("the access token is missing or not valid")]
    BadCredentials,
    /// 401: too many attempts to sign in failed.
    #[error("the account is locked for a while")]
    AccountLocked,
    /// 420: this attempt to sign in came too soon after others that failed; try again after so many seconds.
    #[error("too many attempts to sign in")]
    TooManyAttempts(u64),
    /// 422: a required parameter is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// 422: a parameter is wrong, and why.
    #[error("{0} {1}")]
    Invalid(&'static str, String),
    /// 403: the token is confined to others, or may not do this.
    #[error("{0} {1}")]
    Forbidden(&'static str, String),
    /// 404: there is no such thing, named by a parameter.
    #[error("{0} {1}")]
    NotFound(&'static str, String),
    /// 405: the URL does not answer that method.
    #[error("this URL does not answer that method; the Allow header lists those that it does")]
    MethodNotAllowed,
    /// 413: the body is larger than so many bytes.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// 503: the catalog cannot be used, or too many are waiting; try again.
    #[error("the server cannot answer this just now; try again")]
    Unavailable,
    /// 500: a defect or damage; the log tells more.
    #[error("something is wrong with the server")]
    Defect,
}

impl IntoResponse for ReportsError {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
