//! What happens to every request around its handler.

use std::any::Any;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::{access_log, encodings, request_id, router, unread};
use crate::config::ServerConfig;

/// The quality of gzip and zstd: about as small as their defaults for JSON, at less than half the work.
const COMPRESSION_LEVEL: i32 = 3;

/// Puts the layers around all routes. From the outside in: request id, access log, panics become 500, slow bodies
/// are given up, what a handler did not read of a body is thrown away, who accepts no encoding is
/// taken to accept any, answers are compressed as the client accepts.
pub fn layered(router: Router, config: &ServerConfig) -> Router {
    let compression = CompressionLayer::new().quality(CompressionLevel::Precise(COMPRESSION_LEVEL));
    router
        .layer(compression)
        .layer(from_fn(encodings::accept_some))
        .layer(from_fn(unread::discard))
        .layer(RequestBodyTimeoutLayer::new(config.body_pause_timeout()))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(from_fn(access_log::write))
        .layer(from_fn(request_id::assign))
}

/// The panic itself is in the log already; the client learns only that there was one.
fn answer_panic(_panic: Box<dyn Any + Send>) -> Response {
    router::error(StatusCode::INTERNAL_SERVER_ERROR, "Something failed in the server; its log tells what.")
}
