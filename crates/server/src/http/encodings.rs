//! Requests that accept no encoding at all, not even none. The layer that compresses would answer them with 406, after
//! whatever they asked for was done; they are answered as they are, which RFC 9110 (12.5.3) allows.

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

/// What answers are compressed with, and not compressed with.
const ENCODINGS: [&str; 3] = ["gzip", "zstd", "identity"];

/// Takes `Accept-Encoding` from a request that accepts none of ours.
pub async fn accept_some(mut request: Request, next: Next) -> Response {
    if !ENCODINGS.into_iter().any(|encoding| accepts(request.headers(), encoding)) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

/// Whether an encoding is accepted: by its name, else by `*`, else if it is none at all.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let sent = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let items: Vec<(&str, bool)> = sent.flat_map(|list| list.split(',')).map(item).collect();
    let told =
        |name: &str| items.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|item| item.1);
    told(encoding).or_else(|| told("*")).unwrap_or(encoding == "identity")
}

/// The name of an item and whether its weight is more than 0.
fn item(text: &str) -> (&str, bool) {
    let (name, weight) = text.split_once(';').unwrap_or((text, ""));
    let weight = weight.split_once('=').and_then(|(_, weight)| weight.trim().parse::<f32>().ok());
    (name.trim(), weight != Some(0.0))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accepted(value: &'static str) -> Vec<&'static str> {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        ENCODINGS.into_iter().filter(|encoding| accepts(&headers, encoding)).collect()
    }

    #[test]
    fn an_encoding_is_accepted_by_its_name_or_by_the_star() {
        assert_eq!(accepted("gzip;q=1.0,deflate;q=0.6,identity;q=0.3"), ["gzip", "identity"]);
        assert_eq!(accepted("zstd, *;q=0"), ["zstd"]);
        assert_eq!(accepted("*"), ENCODINGS);
        assert_eq!(accepted("br"), ["identity"]);
        assert_eq!(accepted(""), ["identity"]);
        for nothing in ["identity;q=0", "*;q=0", "*; q=0.000", "IDENTITY ; Q=0, gzip;q=0"] {
            assert!(accepted(nothing).is_empty(), "{nothing}");
        }
    }
}
