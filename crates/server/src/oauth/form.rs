//! The form of a request: a small body of names and values, each name once.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};

use super::error::OauthError;
use crate::http::received::{NotReceived, receive};

/// Bytes of a body at most.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Parameters at most; there are not ten of them.
const PARAMS_MAX: usize = 100;

/// The parameters of a request, those of the body alone: secrets do not belong into URLs.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a request.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, OauthError> {
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OauthError::InvalidRequest(
                "the body has to be a form, with Content-Type application/x-www-form-urlencoded",
            ));
        }
        let received = receive(headers, body, BODY_BYTES_MAX, BODY_TIMEOUT).await;
        let received = received.map_err(|problem| match problem {
            NotReceived::TooLarge => OauthError::TooLarge(BODY_BYTES_MAX),
            NotReceived::TooSlow => OauthError::InvalidRequest("the body did not arrive in time"),
            NotReceived::BrokeOff => OauthError::InvalidRequest("the body broke off"),
        });
        Self::parse(&received?)
    }

    fn parse(body: &[u8]) -> Result<Self, OauthError> {
        let mut params: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            if params.iter().any(|(known, _)| *known == name) {
                return Err(OauthError::InvalidRequest("a parameter is sent twice"));
            }
            if params.len() == PARAMS_MAX {
                return Err(OauthError::InvalidRequest("there are too many parameters"));
            }
            params.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(params))
    }

    /// A parameter; one without a value is the same as none (RFC 6749, section 3.2).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_empty_ones_are_absent() {
        let form = Form::parse(b"grant_type=client_credentials&scope=read+append&a%20b=%2B&empty=").unwrap();
        assert_eq!(form.get("grant_type"), Some("client_credentials"));
        assert_eq!(form.get("scope"), Some("read append"));
        assert_eq!(form.get("a b"), Some("+"));
        assert_eq!((form.get("empty"), form.get("none")), (None, None));
    }

    #[test]
    fn a_parameter_must_not_be_sent_twice_and_there_are_not_many() {
        assert!(Form::parse(b"token=a&token=b").is_err());
        let many = |count: usize| (0..count).map(|number| format!("p{number}=1&")).collect::<String>();
        assert!(Form::parse(many(PARAMS_MAX).as_bytes()).is_ok());
        assert!(Form::parse(many(PARAMS_MAX + 1).as_bytes()).is_err());
    }
}
