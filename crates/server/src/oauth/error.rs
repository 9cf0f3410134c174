//! What the endpoints answer instead of tokens: the closed list of RFC 6749, section 5.2, with the vendor's statuses.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::catalog::CatalogError;
use crate::http::Lost;

/// Seconds after which a request that met a catalog that cannot be used is worth another try.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// It is not understood. Correct it.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The body is too large. Send less.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// The client is unknown, or its secret missing or wrong; which of these is not told. Correct the request.
    #[error("the client is unknown, or its secret is wrong or missing")]
    InvalidClient,
    /// The refresh token is of no use. Start anew.
    #[error("the refresh token is unknown, expired, revoked, used twice or another client's")]
    InvalidGrant,
    /// The client may not have what it asks for. Ask for less.
    #[error("the client may not have all of these scopes")]
    InvalidScope,
    /// There is no such grant. Use another.
    #[error("the grants are client_credentials and refresh_token")]
    UnsupportedGrantType,
    /// Only POST is answered, or only GET for the keys.
    #[error("this URL does not answer that method; the Allow header lists those that it does")]
    MethodNotAllowed,
    /// The catalog cannot be used. Try again.
    #[error("no token can be given or revoked just now; try again")]
    Unavailable,
}

impl OauthError {
    fn status(&self) -> StatusCode {
        match self {
            OauthError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            OauthError::UnsupportedGrantType => StatusCode::NOT_IMPLEMENTED,
            OauthError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            OauthError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            // RFC 6749 would have 401 for a wrong secret in the header; the vendor answers 400 in every case.
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            OauthError::InvalidClient => "invalid_client",
            OauthError::InvalidGrant => "invalid_grant",
            OauthError::InvalidScope => "invalid_scope",
            OauthError::UnsupportedGrantType => "unsupported_grant_type",
            OauthError::Unavailable => "server_error",
            _ => "invalid_request",
        }
    }
}

impl From<Lost> for OauthError {
    fn from(_: Lost) -> Self {
        OauthError::Unavailable
    }
}

impl From<CatalogError> for OauthError {
    fn from(error: CatalogError) -> Self {
        // The reason is the operator's; it may name files.
        tracing::error!(%error, "tokens cannot be given or revoked");
        OauthError::Unavailable
    }
}

/// The documented shape.
#[derive(Serialize)]
struct ErrorBody {
    error: &'static str,
    error_description: String,
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: self.word(), error_description: self.to_string() };
        let mut response = (self.status(), NOT_STORED, Json(body)).into_response();
        if matches!(self, OauthError::Unavailable) {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

/// Secrets are in no cache. `Pragma` is what the documentation and RFC 6749 have.
pub(super) const NOT_STORED: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
