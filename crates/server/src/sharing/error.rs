//! What can be wrong with a request, and how this family says so: in an envelope without a result.

use axum::response::Response;
use tallyhouse_store::QueryError;
use thiserror::Error;

use crate::catalog::CatalogError;
use crate::http::Lost;

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
    /// 503: stored data is damaged.
    #[error("stored data is damaged and is not answered from; the operator has to run `tallyhouse check`")]
    Damaged,
    /// 500: a defect; the log tells more.
    #[error("something is wrong with the server")]
    Defect,
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
        tracing::error!(%error, "the catalog did not answer");
        SharingError::Busy
    }
}

impl From<QueryError> for SharingError {
    fn from(error: QueryError) -> Self {
        tracing::error!(%error, "the store did not answer");
        SharingError::Damaged
    }
}

/// Answers requests for URLs that there are not.
pub async fn not_found() -> Response {
    Response::default()
}
