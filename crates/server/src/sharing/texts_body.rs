//! A body out of texts that are there already, sent one behind the other.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::HttpBody;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::envelope::Texts;

/// A body of known size. None of the texts is copied.
pub(super) struct TextsBody(VecDeque<Bytes>);

impl TextsBody {
    pub(super) fn new(texts: Texts) -> Self {
        Self(texts.into())
    }
}

impl HttpBody for TextsBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|text| Ok(Frame::data(text))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|text| text.len() as u64).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn texts_are_sent_one_behind_the_other_and_their_size_is_known() {
        let body = TextsBody::new(vec![Bytes::from_static(b"ab"), Bytes::from_static(b"c")]);
        assert_eq!(body.size_hint().exact(), Some(3));
        assert_eq!(axum::body::to_bytes(axum::body::Body::new(body), 3).await.unwrap(), "abc");
        assert!(TextsBody::new(Vec::new()).is_end_stream());
    }
}
