//! Reads what a handler left unread of a request's body, for every route.
//!
//! A request is often refused before its body is there: a wrong token, a body that announces to be too large. A
//! connection that is closed with unread bytes in it is reset, and a client that is still sending then reports a
//! broken pipe instead of the answer that tells what is wrong. So the rest is read and thrown away, within bounds.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};

/// Bytes that are thrown away at most; whoever sends more has its connection reset.
const DISCARDED_BYTES_MAX: usize = 64 << 20;

/// How long that may take. A body that pauses is given up earlier, as any body is.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(30);

/// Handles the request, and reads the rest of its body before the answer is sent.
pub(super) async fn discard(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() || waits_for_leave(request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let shared = SharedBody::new(body);
    let response = next.run(Request::from_parts(parts, Body::new(shared.clone()))).await;
    // Whatever comes of it, the answer is sent; only whether the client gets to read it is at stake.
    let _ = tokio::time::timeout(DISCARD_TIMEOUT, shared.discard()).await;
    response
}

/// A client that asks before it sends its body reads the refusal instead; reading from it would give it leave.
fn waits_for_leave(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// A body that the handler reads, and what it leaves the server.
#[derive(Clone)]
struct SharedBody(Arc<Mutex<Inner>>);

struct Inner {
    body: Body,
    ended: bool,
}

impl SharedBody {
    fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(Inner { body, ended: false })))
    }

    /// Reads to the end, or as far as the bound.
    async fn discard(mut self) {
        let mut bytes = 0;
        while bytes <= DISCARDED_BYTES_MAX {
            match std::future::poll_fn(|context| Pin::new(&mut self).poll_frame(context)).await {
                Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, Bytes::len),
                Some(Err(_)) | None => return,
            }
        }
    }

    /// Held only while one frame is asked for, so a panic of a handler cannot leave it half changed.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for SharedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut inner = self.inner();
        if inner.ended {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut inner.body).poll_frame(context));
        inner.ended = !matches!(frame, Some(Ok(_)));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        let inner = self.inner();
        inner.ended || inner.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner().body.size_hint()
    }
}
