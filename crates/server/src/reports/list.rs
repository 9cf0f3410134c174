//! Lists as JSON, a bounded piece at a time.

use bytes::Bytes;
use serde::Serialize;
use tallyhouse_store::{QueryError, Stop};

use super::ReportsError;
use super::item_range::Items;
use super::respond::Answer;
use crate::http::pieces::{self, Begun, Piece};

/// A piece is sent once it has grown past this. Each takes a turn on a thread for blocking work, which for answers of some
/// megabytes would take as long as making them if pieces were small.
const PIECE_BYTES: usize = 128 << 10;

/// Begins a list whose items are made while they are sent, some at a time; none at the end.
pub fn begin<T: Serialize>(
    mut next_items: impl FnMut() -> Result<Option<Vec<T>>, QueryError> + Send + 'static,
    stop: &Stop,
) -> Result<Begun, ReportsError> {
    let mut start = b"[".as_slice();
    let mut separator = b"".as_slice();
    let next_piece = move || {
        let mut bytes = std::mem::take(&mut start).to_vec();
        while bytes.len() < PIECE_BYTES {
            let Some(items) = next_items()? else {
                bytes.push(b']');
                return Ok(Piece { bytes: Bytes::from(bytes), is_last: true });
            };
            for item in items {
                bytes.extend_from_slice(separator);
                serde_json::to_writer(&mut bytes, &item).expect("writing to memory does not fail");
                separator = b",";
            }
        }
        Ok(Piece { bytes: Bytes::from(bytes), is_last: false })
    };
    Ok(pieces::begin(next_piece, stop)?)
}

/// Answers those of the rows of a list that are asked for.
pub fn answer<R: Send + 'static, T: Serialize>(
    asked: Items,
    rows: Vec<R>,
    chunk_rows: usize,
    items_of: impl FnMut(&[R]) -> Result<Vec<T>, QueryError> + Send + 'static,
    stop: &Stop,
) -> Result<Answer, ReportsError> {
    let body = begin_rows(asked.of_rows(rows), chunk_rows, items_of, stop)?;
    Ok(Answer::list(body, asked))
}

/// Begins a list of rows in memory, which become items a chunk at a time.
fn begin_rows<R: Send + 'static, T: Serialize>(
    rows: Vec<R>,
    chunk_rows: usize,
    mut items_of: impl FnMut(&[R]) -> Result<Vec<T>, QueryError> + Send + 'static,
    stop: &Stop,
) -> Result<Begun, ReportsError> {
    let mut first = 0;
    let next_items = move || {
        if first == rows.len() {
            return Ok(None);
        }
        let chunk = &rows[first..rows.len().min(first + chunk_rows)];
        first += chunk.len();
        items_of(chunk).map(Some)
    };
    begin(next_items, stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(rows: Vec<u32>) -> Option<String> {
        let items_of = |rows: &[u32]| Ok(rows.iter().map(|row| (*row, *row + 1)).collect());
        match begin_rows(rows, 2, items_of, &Stop::default()).unwrap() {
            Begun::Whole(bytes) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
            Begun::Pieces(_) => None,
        }
    }

    #[test]
    fn chunks_become_one_list() {
        assert_eq!(text_of(vec![]).unwrap(), "[]");
        assert_eq!(text_of(vec![1]).unwrap(), "[[1,2]]");
        assert_eq!(text_of(vec![1, 3, 5, 7, 9]).unwrap(), "[[1,2],[3,4],[5,6],[7,8],[9,10]]");
    }

    #[test]
    fn a_long_list_comes_in_pieces() {
        assert_eq!(text_of((0..100_000).collect()), None);
    }

    #[test]
    fn an_early_failure_is_an_error_and_no_list() {
        let fail = |_: &[u32]| -> Result<Vec<u32>, QueryError> { Err(QueryError::Cancelled) };
        assert!(matches!(begin_rows(vec![1], 1, fail, &Stop::default()), Err(ReportsError::Busy)));
    }
}
