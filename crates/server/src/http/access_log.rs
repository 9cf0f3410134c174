//! A line in the log per request. It has the path but never the query, which may hold a token and the e-mail address
//! of a viewer, and no header.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// Bytes of the path that are logged at most.
const PATH_BYTES_MAX: usize = 512;

/// Handles the request and logs how that went. The time is that until the answer begins; its body may still stream.
pub(super) async fn write(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = shortened(request.uri().path()).to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let method = shortened(method.as_str());
    // Whatever watches over the server asks every few seconds.
    if matches!(path.as_str(), "/health" | "/ready") {
        tracing::debug!(method, path, status, duration_us, "answered");
    } else {
        tracing::info!(method, path, status, duration_us, "answered");
    }
    response
}

/// Paths and methods are ASCII, but a slice in the middle of a character would be a panic, so that is not relied on.
fn shortened(text: &str) -> &str {
    text.get(..PATH_BYTES_MAX).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_of_a_long_path_is_logged() {
        assert_eq!(shortened("/v1/views"), "/v1/views");
        assert_eq!(shortened(&"a".repeat(10_000)).len(), PATH_BYTES_MAX);
    }
}
