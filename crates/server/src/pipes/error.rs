//! Everything that can go wrong under `/v0`, with its status: one closed list.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tallyhouse_store::{IngestError, QueryError};

use crate::catalog::{AuthError, Scope};

/// Seconds after which a request that met a busy or full server is worth another try.
const RETRY_SECONDS: u64 = 5;

/// Why a request under `/v0` was refused.
#[derive(Debug, thiserror::Error)]
pub enum PipesError {
    /// A query parameter is missing or wrong. Correct the request.
    #[error("{name}: {problem}")]
    Parameter {
        /// Which.
        name: Cow<'static, str>,
        /// And what is wrong with it.
        problem: String,
    },
    /// The body cannot be read as what it claims to be. Correct the request.
    #[error("{0}")]
    Body(String),
    /// The token is missing or not valid. Get another one.
    #[error("invalid authentication token: {0}; send it as `Authorization: Bearer` or as `?token=`")]
    Token(String),
    /// The token is valid for something else. Get another one.
    #[error("the token lacks the scope `{0}`")]
    Scope(&'static str),
    /// The token only sees a part of the account. Get another one.
    #[error("the token is confined to contents or channels; this URL is about the whole account")]
    Narrowed,
    /// There is no such record type, or none that the token may append to. Correct the request.
    #[error("there is no record type '{0}' to append to; known are: {known}", known = crate::pipes::params::known_names())]
    UnknownName(String),
    /// There is nothing here. Correct the request.
    #[error("there is nothing at this URL")]
    NoSuchUrl,
    /// The URL knows other methods. Correct the request.
    #[error("this URL does not answer that method; the Allow header lists those that it does")]
    MethodNotAllowed,
    /// The body did not arrive in time. Try again.
    #[error("the body did not arrive within {0} seconds")]
    BodyTimeout(u64),
    /// The body is larger than is accepted. Send smaller ones.
    #[error("the body is larger than {bytes_max} bytes {measured}; send smaller ones")]
    BodyTooLarge {
        /// The limit.
        bytes_max: usize,
        /// "as sent" or "when decompressed".
        measured: &'static str,
    },
    /// Too many requests or rows at once. Try again later.
    #[error("{problem}")]
    TooMany {
        /// Of what.
        problem: String,
        /// When.
        retry_after: Duration,
    },
    /// The server cannot take rows now. Try again later.
    #[error("{0}")]
    Unavailable(String),
}

impl PipesError {
    /// The error of a parameter.
    pub fn parameter(name: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        PipesError::Parameter { name: name.into(), problem: problem.into() }
    }

    /// The error of a scope that is missing.
    pub fn scope(scope: Scope) -> Self {
        PipesError::Scope(match scope {
            Scope::Read => "read",
            Scope::Append => "append",
            Scope::Admin => "admin",
        })
    }

    fn status(&self) -> StatusCode {
        match self {
            PipesError::Parameter { .. } | PipesError::Body(_) => StatusCode::BAD_REQUEST,
            PipesError::Token(_)
            | PipesError::Scope(_)
            | PipesError::Narrowed
            | PipesError::UnknownName(_) => StatusCode::FORBIDDEN,
            PipesError::NoSuchUrl => StatusCode::NOT_FOUND,
            PipesError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            PipesError::BodyTimeout(_) => StatusCode::REQUEST_TIMEOUT,
            PipesError::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            PipesError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            PipesError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn documentation(&self) -> &'static str {
        match self {
            PipesError::Token(_) | PipesError::Scope(_) | PipesError::Narrowed => {
                "docs/API.md#authentication"
            }
            PipesError::NoSuchUrl | PipesError::MethodNotAllowed => "docs/API.md#pipes",
            _ => "docs/API.md#events",
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            PipesError::TooMany { retry_after, .. } => Some(retry_after.as_secs().max(1)),
            PipesError::Unavailable(_) => Some(RETRY_SECONDS),
            _ => None,
        }
    }
}

impl From<AuthError> for PipesError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Missing | AuthError::Invalid => PipesError::Token(error.to_string()),
            AuthError::Unavailable(_) => PipesError::Unavailable(error.to_string()),
        }
    }
}

impl From<QueryError> for PipesError {
    fn from(error: QueryError) -> Self {
        PipesError::Unavailable(error.to_string())
    }
}

impl From<IngestError> for PipesError {
    fn from(error: IngestError) -> Self {
        let problem = error.to_string();
        match error {
            IngestError::QueueFull { retry_after } => PipesError::TooMany { problem, retry_after },
            IngestError::Disk(_) | IngestError::Damaged(_) | IngestError::Closing => {
                PipesError::Unavailable(problem)
            }
        }
    }
}

/// The documented shape, in the documented order.
#[derive(Serialize)]
struct ErrorBody {
    error: String,
    documentation: &'static str,
}

impl IntoResponse for PipesError {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: self.to_string(), documentation: self.documentation() };
        let mut response = (self.status(), Json(body)).into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
