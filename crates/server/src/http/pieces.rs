//! The body of an answer whose rows are read while they are sent.
//!
//! A piece is made when the connection asks for it, on a thread for blocking work. So an answer of any size is one
//! piece in memory, and a slow client holds no thread; it holds a place. A failure on the way ends the connection: what was sent never
//! looks like a whole answer.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tallyhouse_store::{QueryError, Stop};
use tokio::task::{JoinError, JoinHandle};

use super::{Place, StopOnDrop};

/// A stretch of the text of an answer.
pub struct Piece {
    /// The text; empty only where it is the last one.
    pub bytes: Bytes,
    /// Whether the answer ends with it.
    pub is_last: bool,
}

/// Makes the next piece. Blocks, and is not called again behind the last piece or an error.
type NextPiece = Box<dyn FnMut() -> Result<Piece, QueryError> + Send>;

/// An answer of which one piece was made.
pub enum Begun {
    /// There are no more.
    Whole(Bytes),
    /// The others are made while they are sent.
    Pieces(Pieces),
}

/// An answer that is made while it is sent.
pub struct Pieces {
    first: Option<Bytes>,
    bytes: Option<u64>,
    next_piece: NextPiece,
    watch: StopOnDrop,
}

/// What makes pieces. Has the place with it: when the client goes away, a thread may still be at work.
struct Maker {
    next_piece: NextPiece,
    _place: Place,
}

/// A body that still has to be read.
struct PiecesBody {
    state: State,
    /// Bytes that are still to be sent, where that is known.
    bytes_left: Option<u64>,
    _watch: StopOnDrop,
}

enum State {
    Made(Bytes, Maker),
    Waiting(Maker),
    Making(JoinHandle<(Result<Piece, QueryError>, Maker)>),
    Ended,
}

/// What comes back from the thread.
type Made = Result<(Result<Piece, QueryError>, Maker), JoinError>;

/// The body that these pieces make up. The first one is made at once, so that a short answer has a known size and an
/// early failure is still an error with a status. Stops the query when the client goes away.
pub fn begin(
    mut next_piece: impl FnMut() -> Result<Piece, QueryError> + Send + 'static,
    stop: &Stop,
) -> Result<Begun, QueryError> {
    let Piece { bytes, is_last } = next_piece()?;
    if is_last {
        return Ok(Begun::Whole(bytes));
    }
    let (next_piece, watch) = (Box::new(next_piece), StopOnDrop::new(stop.clone()));
    Ok(Begun::Pieces(Pieces { first: Some(bytes), bytes: None, next_piece, watch }))
}

impl Pieces {
    /// A body that is known to have so many bytes, of which nothing was made yet. Stops the query when the client goes
    /// away.
    pub fn of_size(
        bytes: u64,
        next_piece: impl FnMut() -> Result<Piece, QueryError> + Send + 'static,
        stop: &Stop,
    ) -> Self {
        let (next_piece, watch) = (Box::new(next_piece), StopOnDrop::new(stop.clone()));
        Self { first: None, bytes: Some(bytes), next_piece, watch }
    }

    /// Sends them, from this place.
    pub fn into_body(self, place: Place) -> Body {
        let maker = Maker { next_piece: self.next_piece, _place: place };
        let state = match self.first {
            Some(first) => State::Made(first, maker),
            None => State::Waiting(maker),
        };
        Body::new(PiecesBody { state, bytes_left: self.bytes, _watch: self.watch })
    }
}

impl PiecesBody {
    /// Takes what was made; without more to come, the body has ended.
    fn take(&mut self, made: Made) -> Result<Option<Frame<Bytes>>, QueryError> {
        // The join fails where making the piece panicked, which is in the log, or the server is stopping.
        let (piece, maker) = made.map_err(|_| QueryError::Cancelled)?;
        let Piece { bytes, is_last } = piece.inspect_err(report)?;
        if !is_last {
            self.state = State::Waiting(maker);
        }
        if let Some(left) = &mut self.bytes_left {
            *left = left.saturating_sub(bytes.len() as u64);
        }
        Ok((!bytes.is_empty()).then(|| Frame::data(bytes)))
    }
}

/// The client only sees that the connection ends; why is for the operator.
fn report(error: &QueryError) {
    if !matches!(error, QueryError::Cancelled) {
        tracing::error!(%error, "an answer broke off");
    }
}

impl http_body::Body for PiecesBody {
    type Data = Bytes;
    type Error = QueryError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, QueryError>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Made(bytes, maker) => {
                    self.state = State::Waiting(maker);
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                State::Waiting(mut maker) => {
                    let make = move || ((maker.next_piece)(), maker);
                    self.state = State::Making(tokio::task::spawn_blocking(make));
                }
                State::Making(mut making) => match Pin::new(&mut making).poll(context) {
                    Poll::Ready(made) => return Poll::Ready(self.take(made).transpose()),
                    Poll::Pending => {
                        self.state = State::Making(making);
                        return Poll::Pending;
                    }
                },
                State::Ended => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes_left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests;
