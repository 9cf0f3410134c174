//! What answers tell about a limit of requests per second.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::auth::Rate;

/// The documented headers. `Retry-After` comes with the refusal alone.
pub fn headers(rate: Rate) -> HeaderMap {
    let pairs = [
        ("x-ratelimit-limit", rate.limit),
        ("x-ratelimit-remaining", rate.remaining),
        ("x-ratelimit-reset", Rate::RESET_S),
    ];
    pairs
        .into_iter()
        .map(|(name, number)| (HeaderName::from_static(name), HeaderValue::from(number)))
        .collect()
}
