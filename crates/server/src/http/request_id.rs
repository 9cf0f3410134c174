//! A name for every request, in its answer and in the log, so that both can be matched.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

/// Where a proxy sends its own name for the request, and where the answer carries it.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Bytes of a proxy's name at most; it goes to the log.
const BYTES_MAX: usize = 64;

/// The name of a request: an extension of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// As text: letters, digits, `-`, `_` and `.`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A proxy's name, if it is fit for the log.
    fn accepted(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        ((1..=BYTES_MAX).contains(&text.len()) && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    /// The next number of this process. It tells requests apart in one log and is no secret.
    fn next() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        Self(format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)))
    }
}

/// Names the request; everything that is logged while it is handled carries the name.
pub(super) async fn assign(mut request: Request, next: Next) -> Response {
    let id = request.headers().get(HEADER).and_then(RequestId::accepted).unwrap_or_else(RequestId::next);
    request.extensions_mut().insert(id.clone());
    let span = tracing::error_span!("request", id = id.as_str());
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_spoil_the_log_are_replaced() {
        let accepted = |text: &str| RequestId::accepted(&HeaderValue::from_str(text).unwrap()).is_some();
        assert!(accepted("a-B_9.z"));
        assert!(!accepted(""));
        assert!(!accepted("a b"));
        assert!(!accepted("a\"b"));
        assert!(accepted(&"a".repeat(64)) && !accepted(&"a".repeat(65)));
        assert_ne!(RequestId::next(), RequestId::next());
    }
}
