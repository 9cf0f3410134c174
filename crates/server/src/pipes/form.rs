//! The form of a query: received within bounds, and decompressed on a thread that may block.
//!
//! Its token may be in it, so that it has to be read before anybody was checked. Such forms share a few places and have
//! little time.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use tokio::sync::Semaphore;

use super::body::{BODY_SECONDS_MAX, Encoding, decompress, receive_within};
use super::error::PipesError;
use crate::http::blocking;

/// Bytes of a form at most, as sent and again as decompressed.
const BYTES_MAX: usize = 64 << 10;

/// Forms that are received at the same time before a token was seen, in all: 4 MiB of them.
const UNCHECKED_MAX: usize = 32;

/// Seconds that such a form may take to arrive. It has one packet or a few.
const UNCHECKED_SECONDS_MAX: u64 = 10;

/// The places of forms that are received before a token was seen.
#[derive(Debug)]
pub struct FormPlaces {
    places: Semaphore,
    /// How long each may be taken.
    seconds_max: u64,
}

impl Default for FormPlaces {
    fn default() -> Self {
        Self { places: Semaphore::new(UNCHECKED_MAX), seconds_max: UNCHECKED_SECONDS_MAX }
    }
}

/// The form of a request whose token was checked.
pub async fn receive_form(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, PipesError> {
    form_of(headers, body, BODY_SECONDS_MAX).await
}

/// The form of a request without a token elsewhere.
pub async fn receive_unchecked_form(
    places: &FormPlaces,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<u8>, PipesError> {
    let _place = places.places.try_acquire().map_err(|_| PipesError::TooMany {
        problem: format!(
            "{UNCHECKED_MAX} forms are being received from clients that sent their token neither in the header nor in \
             the URL; try again in a second"
        ),
        retry_after: Duration::from_secs(1),
    })?;
    form_of(headers, body, places.seconds_max).await
}

/// The token of a form, for requests whose parameters are all in there.
pub fn token_in(form: &[u8]) -> Option<String> {
    let mut tokens =
        form_urlencoded::parse(form).filter(|(name, value)| name == "token" && !value.is_empty());
    tokens.next().map(|(_, token)| token.into_owned())
}

async fn form_of(headers: &HeaderMap, body: Body, seconds_max: u64) -> Result<Vec<u8>, PipesError> {
    let encoding = Encoding::of(headers)?;
    let received = receive_within(headers, body, BYTES_MAX, seconds_max).await?;
    let form = match encoding {
        Encoding::Identity => received,
        encoding => blocking(move || decompress(received, encoding, BYTES_MAX)).await?,
    };
    if form.is_empty() || is_form(headers.get(header::CONTENT_TYPE)) {
        Ok(form)
    } else {
        Err(PipesError::Body("the body is not of the type application/x-www-form-urlencoded".into()))
    }
}

/// Whether this type is that of a form. Who names none means one.
fn is_form(content_type: Option<&HeaderValue>) -> bool {
    let Some(content_type) = content_type else { return true };
    let name = content_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use axum::body::{Bytes, HttpBody};
    use hyper::body::Frame;

    use super::*;

    /// A body that never comes.
    struct Never;

    impl HttpBody for Never {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn forms_without_a_checked_token_have_a_bounded_number_of_places() {
        let (places, headers) = (FormPlaces::default(), HeaderMap::new());
        let mut waiting = Vec::new();
        for _ in 0..UNCHECKED_MAX {
            let mut form = Box::pin(receive_unchecked_form(&places, &headers, Body::new(Never)));
            assert!(form.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            waiting.push(form);
        }
        let form = || receive_unchecked_form(&places, &headers, Body::from("token=x"));
        assert!(matches!(form().await, Err(PipesError::TooMany { .. })));
        assert_eq!(receive_form(&headers, Body::from("a=b")).await.unwrap(), b"a=b", "others go on");
        waiting.pop();
        assert_eq!(form().await.unwrap(), b"token=x");
    }

    #[tokio::test]
    async fn a_form_without_a_checked_token_has_little_time() {
        assert_eq!(FormPlaces::default().seconds_max, 10);
        let places = FormPlaces { seconds_max: 0, ..FormPlaces::default() };
        let late = receive_unchecked_form(&places, &HeaderMap::new(), Body::new(Never)).await;
        assert!(matches!(late, Err(PipesError::BodyTimeout(0))), "{late:?}");
        let form = receive_unchecked_form(&places, &HeaderMap::new(), Body::from("token=x")).await;
        assert_eq!(form.unwrap(), b"token=x", "its place is free again");
    }
}
