//! Everything that can go wrong under `/v0`, with its status: one closed list.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tallyhouse_store::{IngestError, QueryError};

use super::documentation::{Refusal, Section};
use super::rate;
use crate::auth::Rate;
use crate::catalog::{AuthError, CatalogError, Scope};
use crate::home::TakeError;
use crate::http::{Crowded, Lost, NoPlace};

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
    /// The token is valid for other pipes. Get another one.
    #[error("the token may not read the pipe '{0}'")]
    PipeScope(String),
    /// The token fixes something that the pipe cannot keep, so that it would see too much. Get another one.
    #[error("the token fixes '{name}' for the pipe '{pipe}', {problem}")]
    FixedParameter {
        /// The name that is fixed.
        name: String,
        /// Which pipe.
        pipe: String,
        /// Why it cannot be kept.
        problem: &'static str,
    },
    /// The token is valid for other data sources. Get another one.
    #[error("the token may not append to '{0}'")]
    AppendScope(&'static str),
    /// The token is an admin's, but one that cannot sign. Get another one.
    #[error("tokens are made with a static token of the scope `admin`, from `tallyhouse token create`")]
    NoSigner,
    /// The warehouse key is missing or not valid. Get another one.
    #[error(
        "invalid warehouse key; send the one that `tallyhouse warehouse-key create` printed as `Authorization: Bearer`"
    )]
    WarehouseKey,
    /// The token that is asked for cannot be made. Correct the request.
    #[error("{0}")]
    TokenRequest(String),
    /// There is no such pipe. Correct the request.
    #[error("The pipe '{0}' does not exist")]
    NoSuchPipe(String),
    /// The token only sees a part of the account. Get another one.
    #[error("the token is confined to contents or channels; this URL is about the whole account")]
    Narrowed,
    /// There is no such record type, or none that the token may append to. Correct the request.
    #[error("there is no record type '{0}' to append to; known are: {known}", known = crate::catalog::known_data_sources())]
    UnknownName(String),
    /// There is no such pipe to tell about. Correct the request.
    #[error("Pipe '{0}' not found")]
    PipeNotFound(String),
    /// There is no such data source. Correct the request.
    #[error("Data Source \"{0}\" does not exist")]
    NoSuchSource(String),
    /// The pipe is there, but not in this format. Correct the request.
    #[error("there is no format '{0}'; known are: json, csv, csvwithnames, ndjson, parquet")]
    UnknownFormat(String),
    /// Something that others serve and this program does not. Ask in another way.
    #[error("{0}")]
    NotServed(&'static str),
    /// The answer would be larger than the operator allows. Ask for less.
    #[error(
        "the result is larger than {bytes_max} bytes, which is the limit; ask for a shorter time window, or for pages \
         with limit and offset"
    )]
    ResultTooLarge {
        /// The limit, of the body before it is compressed.
        bytes_max: u64,
    },
    /// The answer has more groups than are counted at once. Ask for less.
    #[error("the result has more than {0} groups, which is the limit; ask for a shorter time window")]
    TooManyGroups(usize),
    /// The query reached the time limit. Ask for less.
    #[error("the query took longer than is allowed; ask for a shorter time window")]
    TookTooLong,
    /// What is stored has to be repaired by the operator first.
    #[error("stored data is damaged and is not answered from; the operator has to run `tallyhouse check`")]
    Damaged,
    /// A defect of this program.
    #[error("the server failed to answer; its log says why")]
    Defect,
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
    /// No place for another read. Try again later.
    #[error("{0}; try again in a second")]
    NoPlace(NoPlace),
    /// Too many requests in this second. Try again in the next one.
    #[error("more than {} requests in one second; try again in a second", .0.limit)]
    RateExceeded(Rate),
    /// Another refusal, of a token with a limit: the answer tells what is left of it.
    #[error("{error}")]
    Counted {
        /// What is wrong.
        error: Box<PipesError>,
        /// What is left.
        rate: Rate,
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

    /// The same, with what is left of the token's limit, where it has one.
    pub fn counted(self, rate: Option<Rate>) -> Self {
        match rate {
            Some(rate) => PipesError::Counted { error: Box::new(self), rate },
            None => self,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            PipesError::Parameter { .. }
            | PipesError::Body(_)
            | PipesError::TokenRequest(_)
            | PipesError::NotServed(_) => StatusCode::BAD_REQUEST,
            PipesError::Token(_)
            | PipesError::Scope(_)
            | PipesError::PipeScope(_)
            | PipesError::FixedParameter { .. }
            | PipesError::AppendScope(_)
            | PipesError::NoSigner
            | PipesError::WarehouseKey
            | PipesError::Narrowed
            | PipesError::UnknownName(_) => StatusCode::FORBIDDEN,
            PipesError::NoSuchUrl
            | PipesError::NoSuchPipe(_)
            | PipesError::PipeNotFound(_)
            | PipesError::NoSuchSource(_)
            | PipesError::UnknownFormat(_) => StatusCode::NOT_FOUND,
            PipesError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            PipesError::BodyTimeout(_) | PipesError::TookTooLong => StatusCode::REQUEST_TIMEOUT,
            PipesError::BodyTooLarge { .. }
            | PipesError::ResultTooLarge { .. }
            | PipesError::TooManyGroups(_) => StatusCode::PAYLOAD_TOO_LARGE,
            PipesError::TooMany { .. } | PipesError::NoPlace(_) | PipesError::RateExceeded(_) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            PipesError::Counted { error, .. } => error.status(),
            PipesError::Damaged | PipesError::Defect => StatusCode::INTERNAL_SERVER_ERROR,
            PipesError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What ClickHouse calls this failure of a query, for `X-DB-Exception-Code`.
    fn exception_code(&self) -> Option<u16> {
        match self {
            // BAD_ARGUMENTS
            PipesError::Parameter { .. } => Some(36),
            // NOT_IMPLEMENTED
            PipesError::NotServed(_) => Some(48),
            // TIMEOUT_EXCEEDED
            PipesError::TookTooLong => Some(159),
            // TOO_MANY_ROWS_OR_BYTES
            PipesError::ResultTooLarge { .. } | PipesError::TooManyGroups(_) => Some(396),
            PipesError::Counted { error, .. } => error.exception_code(),
            _ => None,
        }
    }

    /// The answer of a query that failed.
    pub fn into_query_response(self) -> Response {
        let code = self.exception_code();
        let mut response = self.into_response();
        if let Some(code) = code {
            response.headers_mut().insert("x-db-exception-code", HeaderValue::from(code));
        }
        response
    }

    /// Where this problem is explained, whatever URL it is met at; `None` where the URL is explained.
    fn section(&self) -> Option<Section> {
        match self {
            PipesError::Token(_) | PipesError::Scope(_) | PipesError::Narrowed => {
                Some(Section::Authentication)
            }
            PipesError::PipeScope(_) | PipesError::AppendScope(_) | PipesError::FixedParameter { .. } => {
                Some(Section::PipeTokens)
            }
            PipesError::RateExceeded(_) => Some(Section::Limits),
            PipesError::NoPlace(_) => Some(Section::AllFamilies),
            PipesError::NoSuchUrl | PipesError::MethodNotAllowed => Some(Section::Pipes),
            PipesError::Counted { error, .. } => error.section(),
            PipesError::Parameter { .. }
            | PipesError::Body(_)
            | PipesError::NoSigner
            | PipesError::WarehouseKey
            | PipesError::TokenRequest(_)
            | PipesError::NoSuchPipe(_)
            | PipesError::UnknownName(_)
            | PipesError::PipeNotFound(_)
            | PipesError::NoSuchSource(_)
            | PipesError::UnknownFormat(_)
            | PipesError::NotServed(_)
            | PipesError::ResultTooLarge { .. }
            | PipesError::TooManyGroups(_)
            | PipesError::TookTooLong
            | PipesError::Damaged
            | PipesError::Defect
            | PipesError::BodyTimeout(_)
            | PipesError::BodyTooLarge { .. }
            | PipesError::TooMany { .. }
            | PipesError::Unavailable(_) => None,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            PipesError::TooMany { retry_after, .. } => Some(retry_after.as_secs().max(1)),
            PipesError::NoPlace(_) => Some(1),
            PipesError::RateExceeded(_) => Some(u64::from(Rate::RESET_S)),
            PipesError::Unavailable(_) => Some(RETRY_SECONDS),
            PipesError::Counted { error, .. } => error.retry_after(),
            _ => None,
        }
    }
}

impl From<Lost> for PipesError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Defect => PipesError::Defect,
            Lost::Stopping => PipesError::Unavailable("the server is stopping; try again shortly".into()),
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

impl From<NoPlace> for PipesError {
    fn from(error: NoPlace) -> Self {
        PipesError::NoPlace(error)
    }
}

impl From<QueryError> for PipesError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Damaged(_) => {
                tracing::error!(%error, "a query was not answered");
                PipesError::Damaged
            }
            QueryError::Cancelled => PipesError::Unavailable("the query was not finished; try again".into()),
            QueryError::TookTooLong => PipesError::TookTooLong,
            QueryError::TooManyGroups(groups) => PipesError::TooManyGroups(groups),
        }
    }
}

impl From<CatalogError> for PipesError {
    fn from(error: CatalogError) -> Self {
        AuthError::from(error).into()
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

impl From<Crowded> for PipesError {
    fn from(crowded: Crowded) -> Self {
        PipesError::TooMany { problem: crowded.to_string(), retry_after: Duration::from_secs(1) }
    }
}

impl From<TakeError> for PipesError {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Store(error) => error.into(),
            TakeError::Catalog(_) => PipesError::Unavailable(error.to_string()),
        }
    }
}

impl IntoResponse for PipesError {
    /// Status and headers; [`explain`](super::documentation::explain) adds the body.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let PipesError::RateExceeded(rate) | PipesError::Counted { rate, .. } = &self {
            response.headers_mut().extend(rate::headers(*rate));
        }
        response.extensions_mut().insert(Refusal { error: self.to_string(), section: self.section() });
        response
    }
}
