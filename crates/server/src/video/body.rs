//! Answers: the `pagination` object and the rows of a page.
//!
//! Rows become JSON a chunk at a time, when the connection asks for the next one. So a page of 10,000 rows is never
//! in memory as text, and a slow reader holds no thread.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::links::Links;
use super::page::Page;
use super::respond::AnswerBody;

/// A chunk is sent once it has grown past this.
pub const CHUNK_BYTES: usize = 64 << 10;

/// Appends the JSON of the row with this index.
type WriteRow = Box<dyn FnMut(usize, &mut Vec<u8>) + Send>;

/// The body of an answer.
pub struct RowsBody {
    pending: Vec<u8>,
    write_row: WriteRow,
    rows: usize,
    next_row: usize,
    ended: bool,
}

impl RowsBody {
    /// A page of `rows` rows out of `count`.
    pub fn new(
        links: &Links,
        page: Page,
        count: u64,
        rows: usize,
        write_row: impl FnMut(usize, &mut Vec<u8>) + Send + 'static,
    ) -> Self {
        Self::behind(start_of_page(links, page, count), rows, write_row)
    }

    /// All rows of an answer that has no pages.
    pub fn without_pages(rows: usize, write_row: impl FnMut(usize, &mut Vec<u8>) + Send + 'static) -> Self {
        Self::behind(br#"{"pagination":{},"data":["#.to_vec(), rows, write_row)
    }

    fn behind(
        pending: Vec<u8>,
        rows: usize,
        write_row: impl FnMut(usize, &mut Vec<u8>) + Send + 'static,
    ) -> Self {
        Self { pending, write_row: Box::new(write_row), rows, next_row: 0, ended: false }
    }

    /// Fills the pending chunk.
    fn fill(&mut self) {
        while self.next_row < self.rows && self.pending.len() < CHUNK_BYTES {
            if self.next_row > 0 {
                self.pending.push(b',');
            }
            (self.write_row)(self.next_row, &mut self.pending);
            self.next_row += 1;
        }
        if self.next_row == self.rows && !self.ended {
            self.pending.extend_from_slice(b"]}");
            self.ended = true;
        }
    }

    /// What to send: the whole text where it is short, else chunk by chunk.
    pub fn into_body(mut self) -> AnswerBody {
        self.fill();
        if self.ended { AnswerBody::Whole(self.pending.into()) } else { AnswerBody::Rows(self) }
    }
}

/// What stands before the rows of a page out of `count`.
pub fn start_of_page(links: &Links, page: Page, count: u64) -> Vec<u8> {
    let mut start = br#"{"pagination":"#.to_vec();
    links.write(page, count, &mut start);
    start.extend_from_slice(br#","data":["#);
    start
}

impl http_body::Body for RowsBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.fill();
        if self.pending.is_empty() {
            return Poll::Ready(None);
        }
        let chunk = std::mem::take(&mut self.pending);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(chunk)))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.pending.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        hint.set_lower(self.pending.len() as u64);
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use axum::body::Body;
    use http_body::Body as _;

    use super::*;
    use crate::http::query_string::QueryString;
    use crate::video::sample_store::place;

    async fn body_of(rows: usize, row_bytes: usize) -> Body {
        let links = Links::of(&"/views".parse().unwrap(), &QueryString::default());
        let write = move |row: usize, out: &mut Vec<u8>| {
            out.extend_from_slice(format!("[{row},\"{}\"]", "x".repeat(row_bytes)).as_bytes());
        };
        let body = RowsBody::new(&links, Page { number: 1, limit: 10_000 }, rows as u64, rows, write);
        body.into_body().into_body(place().await)
    }

    async fn chunks(mut body: Body) -> Vec<Bytes> {
        let mut chunks = Vec::new();
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            chunks.push(frame.unwrap().into_data().unwrap());
        }
        chunks
    }

    #[tokio::test]
    async fn a_large_page_is_sent_in_bounded_chunks_and_is_whole() {
        let chunks = chunks(body_of(1_000, 1_000).await).await;
        assert!(chunks.len() > 10);
        assert!(chunks.iter().all(|chunk| chunk.len() < CHUNK_BYTES + 1_100));
        let body: serde_json::Value = serde_json::from_slice(&chunks.concat()).unwrap();
        let rows = body["data"].as_array().unwrap();
        assert_eq!(rows.len(), 1_000);
        assert!(rows.iter().enumerate().all(|(index, row)| row[0] == index));
        assert_eq!(body["pagination"]["count"], 1_000);
    }

    #[tokio::test]
    async fn a_small_page_is_one_chunk_of_known_size() {
        let body = body_of(2, 1).await;
        let size = body.size_hint().exact();
        let chunks = chunks(body).await;
        assert_eq!(chunks.len(), 1);
        assert_eq!(size, Some(chunks[0].len() as u64));
        assert!(chunks[0].ends_with(br#","data":[[0,"x"],[1,"x"]]}"#));
    }

    #[tokio::test]
    async fn without_pages_there_are_no_links() {
        let body = RowsBody::without_pages(1, |row, out| out.extend_from_slice(format!("{row}").as_bytes()));
        let body = body.into_body().into_body(place().await);
        assert_eq!(chunks(body).await.concat(), br#"{"pagination":{},"data":[0]}"#);
    }

    #[tokio::test]
    async fn an_empty_page_has_an_empty_list() {
        assert!(chunks(body_of(0, 0).await).await.concat().ends_with(br#""data":[]}"#));
    }
}
