//! Which client asks. The documentation, RFC 6749 and the clients that exist disagree about how its secret is sent, so all
//! three ways are understood: `Basic` and the secret as it is, `Basic` and base64 of id and secret, and in the body.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::OauthError;
use super::form::Form;
use crate::catalog::{Catalog, Client};

/// What a client says about itself.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    id: String,
    secret: String,
}

/// The client of a request. Reads the catalog, so it blocks.
pub(super) fn authenticated(
    catalog: &Catalog,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Client, OauthError> {
    let Claim { id, secret } = claimed(headers, form)?;
    catalog.authenticate_client(&id, &secret)?.ok_or(OauthError::InvalidClient)
}

fn claimed(headers: &HeaderMap, form: &Form) -> Result<Claim, OauthError> {
    let (header_id, header_secret) = match from_header(headers)? {
        Some((id, secret)) => (id, Some(secret)),
        None => (None, None),
    };
    let id = agreed(header_id, form.get("client_id"))?;
    let secret = agreed(header_secret, form.get("client_secret"))?.ok_or(OauthError::InvalidClient)?;
    Ok(Claim { id: id.ok_or(OauthError::InvalidRequest("client_id is required"))?, secret })
}

/// What was sent in one place, or in both and the same.
fn agreed(header: Option<String>, body: Option<&str>) -> Result<Option<String>, OauthError> {
    match (header, body) {
        (Some(header), Some(body)) if header != body => {
            Err(OauthError::InvalidRequest("header and body contradict each other about the client"))
        }
        (Some(header), _) => Ok(Some(header)),
        (None, body) => Ok(body.map(str::to_owned)),
    }
}

type Basic = (Option<String>, String);

/// The credentials of a `Basic` header: a secret, and an id where there is one. Other schemes say nothing about a client.
fn from_header(headers: &HeaderMap) -> Result<Option<Basic>, OauthError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(OauthError::InvalidRequest("there is more than one Authorization header"));
    }
    let unreadable = OauthError::InvalidRequest("the Authorization header cannot be read");
    let value = value.to_str().map_err(|_| unreadable)?;
    let (scheme, rest) = value.trim().split_once(' ').unwrap_or((value, ""));
    let rest = rest.trim();
    if !scheme.eq_ignore_ascii_case("basic") || rest.is_empty() {
        return Ok(None);
    }
    Ok(Some(pair_of(rest).unwrap_or_else(|| (None, rest.to_owned()))))
}

/// Id and secret out of base64, percent-encoded in there or not (RFC 6749, section 2.3.1). A raw secret may look like
/// base64, but is too short to be a pair.
fn pair_of(encoded: &str) -> Option<Basic> {
    let is_raw = encoded.len() == 40 && encoded.bytes().all(|byte| byte.is_ascii_hexdigit());
    let decoded = STANDARD.decode(encoded).ok().filter(|_| !is_raw)?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    let (id, secret) = (percent_decoded(id), percent_decoded(secret));
    Some(((!id.is_empty()).then_some(id), secret))
}

fn percent_decoded(text: &str) -> String {
    let pair = [b"=".as_slice(), text.as_bytes()].concat();
    let decoded = form_urlencoded::parse(&pair).next().map(|(_, value)| value.into_owned());
    decoded.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const ID: &str = "00112233445566778899aabbccddeeff00112233";
    const SECRET: &str = "ffeeddccbbaa99887766554433221100ffeeddcc";

    fn basic(rest: &str) -> Option<Basic> {
        let value = HeaderValue::try_from(rest).unwrap();
        from_header(&HeaderMap::from_iter([(header::AUTHORIZATION, value)])).unwrap()
    }

    #[test]
    fn a_raw_secret_is_one_and_base64_of_a_pair_is_two() {
        assert_eq!(basic(&format!("Basic {SECRET}")), Some((None, SECRET.to_owned())));
        let pair = STANDARD.encode(format!("{ID}:{SECRET}"));
        for scheme in ["Basic", "basic", " BASIC "] {
            let sent = basic(&format!("{scheme} {pair}"));
            assert_eq!(sent, Some((Some(ID.to_owned()), SECRET.to_owned())), "{scheme}");
        }
        let escaped = STANDARD.encode("a%3Ab:c+d%2Be");
        assert_eq!(basic(&format!("Basic {escaped}")), Some((Some("a:b".into()), "c d+e".into())));
    }

    #[test]
    fn a_secret_of_digits_that_happen_to_be_a_pair_in_base64_is_a_secret() {
        // "0ToA" is the base64 of a byte, a colon and a zero.
        let secret = "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a";
        assert!(STANDARD.decode(secret).is_ok());
        assert_eq!(basic(&format!("Basic {secret}")), Some((None, secret.to_owned())));
    }

    #[test]
    fn other_schemes_and_empty_ones_say_nothing() {
        for value in ["Bearer x", "Basic", "Basic ", "", "x"] {
            assert_eq!(basic(value), None, "{value:?}");
        }
    }
}
