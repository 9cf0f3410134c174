//! All URLs. Families bring their own; each shapes its answers and errors itself.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::json;

use super::{AppState, health, layered};
use crate::{oauth, pipes, reports, sharing, video};

/// Everything the server answers.
///
/// | URL | who |
/// |---|---|
/// | `/health`, `/ready` | `health` |
/// | `/oauth2/token`, `/oauth2/token/revoke`, `/.well-known/jwks.json` | `oauth` |
/// | `/api/v4/…` | the reports family |
/// | `/sharing/…`, `/shorturls…`, `/s/…` | the sharing family |
/// | `/v0/…` | the pipes family |
/// | `/v1/…`, and the same without `/v1` | the video family, whose links carry no version |
pub fn router(state: AppState) -> Router {
    let server = state.config.server.clone();
    let router = bare_router()
        .route("/ready", get(health::ready))
        .merge(oauth::routes().reset_fallback())
        .merge(pipes::routes().reset_fallback())
        .nest("/api/v4", reports::routes())
        // What is nested has no fallback for the prefix with a bare slash.
        .route("/api/v4/", any(reports::not_found))
        .merge(sharing::routes().reset_fallback())
        .nest("/v1", video::routes().reset_fallback())
        .merge(video::routes().reset_fallback())
        // For routes so far without an answer of their own to wrong methods.
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(state);
    layered(router, &server)
}

/// What is answered without any data: `/health`, and errors for URLs and methods that there are not.
pub fn bare_router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/health", get(health::health))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
}

async fn not_found() -> Response {
    error(StatusCode::NOT_FOUND, "there is nothing at this URL")
}

/// The router adds the `Allow` header.
async fn method_not_allowed() -> Response {
    error(
        StatusCode::METHOD_NOT_ALLOWED,
        "this URL does not answer that method; the Allow header lists those that it does",
    )
}

/// An error outside all families, in the shape of the video family.
pub(super) fn error(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let source = json!({ "pointer": "" });
    let error = json!({ "status": status.as_u16(), "title": title, "detail": detail, "source": source });
    let body = json!({ "errors": [error] });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
