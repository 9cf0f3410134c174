//! Where requests carry the secret of their credential. Secrets are compared and never logged.

use axum::http::{HeaderMap, HeaderValue, Uri, header};

use crate::catalog::AuthError;

/// The secret of the `Authorization` header: the raw token, or behind `Bearer `. Of two such headers none is believed:
/// whoever is between the client and us may have looked at the other one.
pub fn from_header(headers: &HeaderMap) -> Result<Option<&str>, AuthError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(AuthError::Invalid),
        (value, None) => Ok(value.and_then(from_value)),
    }
}

fn from_value(value: &HeaderValue) -> Option<&str> {
    let value = value.to_str().ok()?.trim();
    let secret = match value.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        Some(_) => return None,
        None if value.eq_ignore_ascii_case("bearer") => return None,
        None => value,
    };
    (!secret.is_empty()).then_some(secret)
}

/// The secret of a `token` query parameter.
pub fn from_query(uri: &Uri) -> Option<&str> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, value)| *name == "token" && !value.is_empty()).map(|(_, value)| value).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(value: &'static str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
        from_header(&headers).unwrap().map(str::to_owned)
    }

    #[test]
    fn a_secret_stands_alone_or_behind_bearer() {
        for value in ["th_secret", "Bearer th_secret", "bearer  th_secret ", " BEARER th_secret"] {
            assert_eq!(secret(value).as_deref(), Some("th_secret"), "{value:?}");
        }
    }

    #[test]
    fn the_scheme_alone_is_no_secret() {
        for value in ["", " ", "Bearer", "Bearer ", "bearer   ", " BEARER", "Basic dGg6dGg="] {
            assert_eq!(secret(value), None, "{value:?}");
        }
    }
}
