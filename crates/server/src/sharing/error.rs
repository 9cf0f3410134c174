//! What can be wrong with a request, and how this family says so: in an envelope without a result.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use tallyhouse_model::Micros;
use tallyhouse_store::QueryError;
use thiserror::Error;

use super::envelope::Answer;
use super::respond::send;
use crate::catalog::CatalogError;
use crate::http::{AppState, Crowded, Lost, NoPlace};

/// Seconds after which a request that found the server busy may be sent again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// What is asked for where there are no keys.
const BASIC: HeaderValue = HeaderValue::from_static("Basic realm=\"tallyhouse\", charset=\"UTF-8\"");

/// What can be wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SharingError {
    /// 400: something is missing or wrong, in words.
    #[error("{0}")]
    Invalid(String),
    /// 401: no keys, or not good ones.
    #[error("the keys are missing or wrong")]
    BadCredentials,
    /// 403: the keys of another site than the one that the host names.
    #[error("these are the keys of another site")]
    OtherSite,
    /// 404: the site has no such thing; named as `sharing message`.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// 404: there is no such URL.
    #[error("there is nothing at this URL")]
    NoSuchUrl,
    /// 405: the URL does not take this method.
    #[error("this URL does not answer that method")]
    MethodNotAllowed,
    /// 413: the body is larger than so many bytes.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// 429: as many snapshots wait as may.
    #[error("too many snapshots of this account are waiting to be made; try again later")]
    TooMany,
    /// 503: the server is busy or stopping.
    #[error("the request was not finished; try again")]
    Busy,
    /// 503: too many requests are being answered, of the account or in all. Try again.
    #[error(
        "too many requests are being answered at the same time, of the account or in all \
         (server.reads_max_per_account, server.reads_max); try again"
    )]
    NoPlace,
    /// 503: too many large bodies are being received and worked on, of the account or in all. Try again.
    #[error("{0}")]
    NoPlaceForBody(Crowded),
    /// 503: stored data is damaged.
    #[error("stored data is damaged and is not answered from; the operator has to run `tallyhouse check`")]
    Damaged,
    /// 500: a defect; the log tells more.
    #[error("something is wrong with the server")]
    Defect,
}

impl SharingError {
    /// The status of its response, and the code of its envelope.
    pub fn status(&self) -> StatusCode {
        match self {
            SharingError::Invalid(_) => StatusCode::BAD_REQUEST,
            SharingError::BadCredentials => StatusCode::UNAUTHORIZED,
            SharingError::OtherSite => StatusCode::FORBIDDEN,
            SharingError::NotFound(_) | SharingError::NoSuchUrl => StatusCode::NOT_FOUND,
            SharingError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            SharingError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            SharingError::TooMany => StatusCode::TOO_MANY_REQUESTS,
            SharingError::Busy
            | SharingError::NoPlace
            | SharingError::NoPlaceForBody(_)
            | SharingError::Damaged => StatusCode::SERVICE_UNAVAILABLE,
            SharingError::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The response to a request for this resource at this time.
    pub fn respond(&self, resource: &str, now: Micros, zone: &str) -> Response {
        let answer =
            Answer { code: self.status().as_u16(), flag: "error", info: self.to_string(), data: None };
        let mut response = send(answer, resource, now, zone, None);
        let headers = response.headers_mut();
        match self {
            SharingError::BadCredentials => {
                headers.insert(header::WWW_AUTHENTICATE, BASIC);
            }
            SharingError::Busy
            | SharingError::NoPlace
            | SharingError::NoPlaceForBody(_)
            | SharingError::TooMany => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER);
            }
            _ => {}
        }
        response
    }
}

impl From<Lost> for SharingError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Defect => SharingError::Defect,
            Lost::Stopping => SharingError::Busy,
        }
    }
}

impl From<CatalogError> for SharingError {
    fn from(error: CatalogError) -> Self {
        // The reason is about files of the operator; it belongs into the log, not into the answer.
        if error.is_busy() {
            tracing::warn!(%error, "the catalog is busy");
            return SharingError::Busy;
        }
        tracing::error!(%error, "the catalog cannot be used");
        if error.is_damage() { SharingError::Damaged } else { SharingError::Defect }
    }
}

impl From<NoPlace> for SharingError {
    fn from(_: NoPlace) -> Self {
        SharingError::NoPlace
    }
}

impl From<Crowded> for SharingError {
    fn from(crowded: Crowded) -> Self {
        SharingError::NoPlaceForBody(crowded)
    }
}

impl From<QueryError> for SharingError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Damaged(reason) => {
                tracing::error!(reason, "stored data is damaged; run `tallyhouse check`");
                SharingError::Damaged
            }
            QueryError::Cancelled | QueryError::TookTooLong => SharingError::Busy,
            QueryError::TooManyGroups(_) => SharingError::Defect,
        }
    }
}

/// Answers requests for URLs that there are not.
pub async fn not_found(State(state): State<AppState>, uri: Uri) -> Response {
    refuse(&SharingError::NoSuchUrl, &state, &uri)
}

/// Answers a method that a URL does not take; the router adds `Allow`.
pub async fn method_not_allowed(State(state): State<AppState>, uri: Uri) -> Response {
    refuse(&SharingError::MethodNotAllowed, &state, &uri)
}

fn refuse(error: &SharingError, state: &AppState, uri: &Uri) -> Response {
    error.respond(uri.path(), (state.clock)(), &state.config.sharing.zone)
}
