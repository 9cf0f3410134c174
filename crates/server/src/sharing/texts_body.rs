//! A body out of texts, sent one behind the other. What is kept compressed is unpacked a piece at a time while it is sent, so
//! that a reader of a large snapshot, however slow, takes the memory of what is kept and not of what is sent.

use std::collections::VecDeque;

use axum::body::Body;
use bytes::Bytes;
use tallyhouse_store::{QueryError, Stop};

use super::envelope::{Text, Texts};
use crate::catalog::Unpacking;
use crate::http::Place;
use crate::http::pieces::{Piece, Pieces};

/// Bytes that are unpacked at a time.
const PIECE_BYTES: usize = 256 << 10;

/// The body of these texts, which has a known size. The place is kept until it was sent; answers without one have nothing
/// that is kept compressed.
pub(super) fn body_of(texts: Texts, place: Option<Place>) -> Body {
    let written: Option<String> = texts.iter().map(Text::written).collect();
    match (written, place) {
        (Some(written), Some(place)) => place.until_sent(Body::from(written)),
        (Some(written), None) => Body::from(written),
        (None, place) => {
            let place = place.expect("only what was asked for has anything that is kept");
            let bytes = texts.iter().map(bytes_of).sum();
            let mut left = Left { texts: texts.into(), unpacking: None };
            Pieces::of_size(bytes, move || left.next_piece(), &Stop::default()).into_body(place)
        }
    }
}

fn bytes_of(text: &Text) -> u64 {
    match text {
        Text::Written(text) => text.len() as u64,
        Text::Kept(kept) => kept.bytes(),
    }
}

/// What is still to be sent.
struct Left {
    texts: VecDeque<Text>,
    /// What is being unpacked, before the texts.
    unpacking: Option<Unpacking>,
}

impl Left {
    /// The next piece. A checksum that is wrong is told instead of the last bytes that it is about, so that what was sent is
    /// no whole answer.
    fn next_piece(&mut self) -> Result<Piece, QueryError> {
        let bytes = match self.unpacking.as_mut().filter(|unpacking| unpacking.bytes_left() > 0) {
            Some(unpacking) => Bytes::from(unpacking.next(PIECE_BYTES).map_err(damaged)?),
            None => match self.texts.pop_front() {
                Some(Text::Written(text)) => Bytes::from(text),
                Some(Text::Kept(kept)) => {
                    self.unpacking = Some(kept.unpack().map_err(damaged)?);
                    return self.next_piece();
                }
                None => Bytes::new(),
            },
        };
        let is_unpacked = self.unpacking.as_ref().is_none_or(|unpacking| unpacking.bytes_left() == 0);
        Ok(Piece { bytes, is_last: is_unpacked && self.texts.is_empty() })
    }
}

fn damaged(problem: String) -> QueryError {
    QueryError::Damaged(format!("what a snapshot found cannot be read: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::KeptJson;

    /// More than a few pieces.
    fn long_json() -> String {
        (0..200_000).map(|number| format!("{number},")).collect()
    }

    fn left(kept: KeptJson) -> Left {
        let texts = [Text::Written("[".to_owned()), Text::Kept(kept), Text::Written("0]".to_owned())];
        Left { texts: texts.into(), unpacking: None }
    }

    #[test]
    fn what_is_kept_is_unpacked_a_piece_at_a_time_between_its_neighbours() {
        let json = long_json();
        let (mut left, mut sent) = (left(KeptJson::holding(json.as_bytes())), Vec::new());
        loop {
            let Piece { bytes, is_last } = left.next_piece().unwrap();
            assert!((1..=PIECE_BYTES).contains(&bytes.len()));
            sent.extend_from_slice(&bytes);
            if is_last {
                break;
            }
        }
        assert!(sent == format!("[{json}0]").as_bytes());
    }

    #[test]
    fn a_wrong_checksum_breaks_the_answer_off_before_its_end() {
        let json = long_json();
        let mut left = left(KeptJson::with_a_wrong_checksum(json.as_bytes()));
        let mut sent = 0;
        let problem = loop {
            match left.next_piece() {
                Ok(Piece { bytes, is_last }) => {
                    assert!(!is_last);
                    sent += bytes.len();
                }
                Err(problem) => break problem,
            }
        };
        assert!(matches!(problem, QueryError::Damaged(_)) && sent < json.len(), "{problem} {sent}");
    }
}
