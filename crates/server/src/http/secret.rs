//! Where requests carry the secret of their credential. Secrets are compared and never logged.

use axum::http::{HeaderMap, Uri, header};

/// The secret of an `Authorization` header: the raw token, or behind `Bearer `.
pub fn from_header(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let secret = match value.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        Some(_) => return None,
        None => value,
    };
    (!secret.is_empty()).then_some(secret)
}

/// The secret of a `token` query parameter.
pub fn from_query(uri: &Uri) -> Option<&str> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, value)| *name == "token" && !value.is_empty()).map(|(_, value)| value).next()
}
