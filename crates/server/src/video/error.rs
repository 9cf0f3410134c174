//! What the family answers instead of data: always the documented `errors[]`, whatever the status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tallyhouse_store::QueryError;

use crate::catalog::AuthError;
use crate::http::{Lost, NoPlace};

/// Seconds after which a request that found the server busy may be sent again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The parameter it is about; empty when it is about the request as a whole.
    pub pointer: &'static str,
    /// What is wrong and what would be right, for a person to read.
    pub detail: String,
}

/// Why a request has no answer. Turns into a response with the documented error body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VideoError {
    /// Parameters are bad or missing: one problem each. Correct the request.
    Parameters(Vec<Problem>),
    /// There is no such URL. Correct the request.
    NotFound,
    /// The account, as far as the credential sees it, has no such content. Correct the request.
    NoContent,
    /// The URL can only be read. Correct the request.
    MethodNotAllowed,
    /// The credential is missing, not valid, or may not read; the text says which. Get another one.
    Unauthorized(&'static str),
    /// Something has to be repaired by the operator first.
    Damaged,
    /// The query reached the operator's time limit. Ask for less.
    TookTooLong,
    /// The server is busy or stopping. Try again.
    Busy,
    /// Too many reads are running, of the account or in all. Try again.
    NoPlace,
    /// A defect of this program.
    Defect,
}

impl VideoError {
    fn status(&self) -> StatusCode {
        match self {
            VideoError::Parameters(_) => StatusCode::BAD_REQUEST,
            VideoError::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            VideoError::NotFound | VideoError::NoContent => StatusCode::NOT_FOUND,
            VideoError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            VideoError::Damaged | VideoError::TookTooLong | VideoError::Busy | VideoError::NoPlace => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            VideoError::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn into_problems(self) -> Vec<Problem> {
        let (pointer, detail) = match self {
            VideoError::Parameters(problems) => return problems,
            VideoError::Unauthorized(detail) => ("Authorization", detail),
            VideoError::NotFound => ("", "there is nothing at this URL"),
            VideoError::NoContent => ("content_id", "there is no such content"),
            VideoError::MethodNotAllowed => ("", "this URL can only be read, with GET or HEAD"),
            VideoError::Damaged => (
                "",
                "stored data is damaged and is not answered from; the operator has to run `tallyhouse check`",
            ),
            VideoError::TookTooLong => (
                "",
                "the query took longer than the operator allows (video.query_seconds_max); ask for a shorter \
                 period or for fewer contents",
            ),
            VideoError::Busy => ("", "the request was not finished; try again"),
            VideoError::NoPlace => (
                "",
                "too many requests are being answered at the same time, of the account or in all \
                 (server.reads_max_per_account, server.reads_max); try again",
            ),
            VideoError::Defect => ("", "the server failed to answer; its log says why"),
        };
        vec![Problem { pointer, detail: detail.to_owned() }]
    }
}

impl From<Lost> for VideoError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Defect => VideoError::Defect,
            Lost::Stopping => VideoError::Busy,
        }
    }
}

impl From<AuthError> for VideoError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Missing => VideoError::Unauthorized("a token is required"),
            AuthError::Invalid => VideoError::Unauthorized("the token is not valid"),
            AuthError::Unavailable(reason) => {
                tracing::error!(reason, "a token cannot be checked");
                VideoError::Busy
            }
        }
    }
}

impl From<NoPlace> for VideoError {
    fn from(_: NoPlace) -> Self {
        VideoError::NoPlace
    }
}

impl From<QueryError> for VideoError {
    fn from(error: QueryError) -> Self {
        match error {
            // The reason names files of the operator; it belongs into the log, not into the answer.
            QueryError::Damaged(reason) => {
                tracing::error!(reason, "stored data is damaged; run `tallyhouse check`");
                VideoError::Damaged
            }
            QueryError::TookTooLong => VideoError::TookTooLong,
            QueryError::Cancelled => VideoError::Busy,
            // Nothing in this family asks for aggregates.
            QueryError::TooManyGroups(_) => VideoError::Defect,
        }
    }
}

/// The documented error body.
#[derive(Serialize)]
struct ErrorsBody {
    errors: Vec<ErrorBody>,
}

#[derive(Serialize)]
struct ErrorBody {
    status: u16,
    title: &'static str,
    detail: String,
    source: SourceBody,
}

#[derive(Serialize)]
struct SourceBody {
    pointer: &'static str,
}

impl IntoResponse for VideoError {
    fn into_response(self) -> Response {
        let (status, busy) = (self.status(), matches!(self, VideoError::Busy | VideoError::NoPlace));
        let error_body = |problem: Problem| ErrorBody {
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or_default(),
            detail: problem.detail,
            source: SourceBody { pointer: problem.pointer },
        };
        let errors = self.into_problems().into_iter().map(error_body).collect();
        let mut response = (status, Json(ErrorsBody { errors })).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if busy {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

/// Answers a URL that does not exist.
pub async fn not_found() -> VideoError {
    VideoError::NotFound
}

/// Answers a method that a URL does not take; the router adds `Allow`.
pub async fn method_not_allowed() -> VideoError {
    VideoError::MethodNotAllowed
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body_of(error: VideoError) -> (StatusCode, String) {
        let response = error.into_response();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn one_error_per_bad_parameter_with_its_name_as_pointer() {
        let problem = |pointer, detail: &str| Problem { pointer, detail: detail.to_owned() };
        let error = VideoError::Parameters(vec![problem("_page", "one"), problem("_limit", "\"two\"")]);
        assert_eq!(
            body_of(error).await,
            (
                StatusCode::BAD_REQUEST,
                concat!(
                    r#"{"errors":[{"status":400,"title":"Bad Request","detail":"one","source":{"pointer":"_page"}},"#,
                    r#"{"status":400,"title":"Bad Request","detail":"\"two\"","source":{"pointer":"_limit"}}]}"#
                )
                .to_owned()
            )
        );
    }

    #[tokio::test]
    async fn every_status_has_the_same_shape() {
        for (error, status) in [
            (VideoError::NotFound, 404),
            (VideoError::NoContent, 404),
            (VideoError::MethodNotAllowed, 405),
            (VideoError::Unauthorized("a token is required"), 401),
            (VideoError::Damaged, 503),
            (VideoError::TookTooLong, 503),
            (VideoError::Busy, 503),
            (VideoError::NoPlace, 503),
            (VideoError::Defect, 500),
        ] {
            let (answered, body) = body_of(error).await;
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(answered.as_u16(), status);
            assert_eq!(body["errors"][0]["status"], status);
            assert!(body["errors"][0]["title"].is_string() && body["errors"][0]["detail"].is_string());
            assert!(body["errors"][0]["source"]["pointer"].is_string());
            assert_eq!(body["errors"].as_array().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn damage_does_not_leak_paths() {
        let error = VideoError::from(QueryError::Damaged("/srv/data/parts/7/ended_at: checksum".to_owned()));
        let (status, body) = body_of(error).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!body.contains("/srv") && body.contains("tallyhouse check"), "{body}");
    }

    #[tokio::test]
    async fn only_a_busy_server_asks_to_retry_and_only_401_names_the_scheme() {
        for error in [VideoError::from(QueryError::Cancelled), VideoError::from(NoPlace)] {
            assert_eq!(error.into_response().headers()[header::RETRY_AFTER], "1");
        }
        for error in [VideoError::Damaged, VideoError::from(QueryError::TookTooLong)] {
            assert!(!error.into_response().headers().contains_key(header::RETRY_AFTER));
        }
        let unauthorized = VideoError::from(AuthError::Missing).into_response();
        assert_eq!(unauthorized.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
}
