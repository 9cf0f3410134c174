//! The `Authorization` header as this family has it: `Token token=…`, beside the forms that all families know.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::catalog::AuthError;

/// The secret of a request. Of two headers none is believed: whoever is between the client and us may have looked at the
/// other one.
pub(super) fn secret_of(headers: &HeaderMap) -> Result<&str, AuthError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(AuthError::Invalid),
        (value, None) => value.and_then(from_value).ok_or(AuthError::Missing),
    }
}

/// Behind `Token token=` or `Token `, with or without quotes; behind `Bearer `; or alone.
fn from_value(value: &HeaderValue) -> Option<&str> {
    let value = value.to_str().ok()?.trim();
    let secret = match value.split_once([' ', '\t']) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("token") => from_params(rest)?,
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        Some(_) => return None,
        None if ["token", "bearer"].iter().any(|scheme| value.eq_ignore_ascii_case(scheme)) => return None,
        None => value,
    };
    (!secret.is_empty()).then_some(secret)
}

/// The parameter `token` of a list like `token="…", key=value`; a list that begins without a name begins with it.
fn from_params(list: &str) -> Option<&str> {
    let mut params = list.split([',', ';', '\t']).map(str::trim);
    let first = params.next()?;
    let token = |param| named(param, "token");
    if let Some(token) = token(first) {
        return Some(token);
    }
    params.find_map(token).or_else(|| (!first.contains('=')).then(|| unquoted(first)))
}

/// The value of a parameter with this name.
fn named<'a>(param: &'a str, name: &str) -> Option<&'a str> {
    let (given, value) = param.split_once('=')?;
    given.trim().eq_ignore_ascii_case(name).then(|| unquoted(value.trim()))
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(value: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
        secret_of(&headers).ok().map(str::to_owned)
    }

    #[test]
    fn a_token_is_found_in_every_form_that_clients_send() {
        for value in [
            "Token token=smt_1",
            "Token token=\"smt_1\"",
            "token  token = \"smt_1\" ",
            "TOKEN Token=smt_1, nonce=\"x\"",
            "Token token=\"smt_1\",realm=\"a\";b=c",
            "Token nonce=\"x\", token=\"smt_1\"",
            "Token smt_1",
            "Token \"smt_1\"",
            "Token\tsmt_1",
            "Bearer smt_1",
            "bearer  smt_1 ",
            "smt_1",
        ] {
            assert_eq!(secret(value).as_deref(), Some("smt_1"), "{value:?}");
        }
    }

    #[test]
    fn what_has_no_token_is_none() {
        for value in [
            "",
            "Token",
            "Token ",
            "Token token=",
            "Token token=\"\"",
            "Token nonce=x",
            "Bearer",
            "Basic dGg6dGg=",
        ] {
            assert_eq!(secret(value), None, "{value:?}");
        }
    }

    #[test]
    fn of_two_headers_none_is_believed() {
        let value = HeaderValue::from_static("Token token=smt_1");
        let mut headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.clone())]);
        assert!(secret_of(&headers).is_ok());
        headers.append(header::AUTHORIZATION, value);
        assert!(matches!(secret_of(&headers), Err(AuthError::Invalid)));
    }
}
