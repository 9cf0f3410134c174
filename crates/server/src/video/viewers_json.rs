//! Viewers as JSON, a bounded piece at a time, out of bounded batches of their segments.

use std::collections::HashSet;

use bytes::Bytes;
use tallyhouse_model::{Batch, Micros};
use tallyhouse_store::{GroupRows, QueryError};

use super::body::CHUNK_BYTES;
use super::segment_json::{SegmentWriter, content_of, ended_at, write_text};
use crate::http::pieces::Piece;

/// Writes a page of viewers.
pub struct ViewersWriter {
    pending: Vec<u8>,
    segments: SegmentWriter,
    /// What was read and is not written yet, and the next row of it.
    batch: Option<(GroupRows, usize)>,
    /// What is known of the viewer whose segments are being written.
    viewer: Option<Viewer>,
    viewers_begun: u64,
}

/// What follows from the segments that were shown so far. Grows with the contents somebody watched, which are as many
/// as an account has at most, and not with the segments.
struct Viewer {
    last_activity: Micros,
    contents: HashSet<(u8, u64)>,
}

impl ViewersWriter {
    /// Writes behind the start of a page.
    pub fn new(start: Vec<u8>, segments: SegmentWriter) -> Self {
        Self { pending: start, segments, batch: None, viewer: None, viewers_begun: 0 }
    }

    /// The next piece, for which it reads as many batches as it takes. Blocks.
    pub fn next_piece(
        &mut self,
        mut next_rows: impl FnMut() -> Result<Option<GroupRows>, QueryError>,
    ) -> Result<Piece, QueryError> {
        let mut is_last = false;
        while !is_last && self.pending.len() < CHUNK_BYTES {
            if self.batch.is_none() {
                self.batch = next_rows()?.map(|rows| {
                    let first = rows.rows.start;
                    (rows, first)
                });
            }
            match self.batch.take() {
                Some((rows, first)) => self.write_rows(rows, first),
                None => {
                    assert!(self.viewer.is_none(), "the last rows of a viewer say so");
                    self.pending.extend_from_slice(b"]}");
                    is_last = true;
                }
            }
        }
        Ok(Piece { bytes: Bytes::from(std::mem::take(&mut self.pending)), is_last })
    }

    /// Writes the rows of a batch from the first one on, until the piece is full; keeps what is left of it.
    fn write_rows(&mut self, batch: GroupRows, first: usize) {
        for row in first..batch.rows.end {
            if self.pending.len() >= CHUNK_BYTES {
                self.batch = Some((batch, row));
                return;
            }
            self.write_segment(&batch.batch, row);
        }
        if batch.is_last {
            self.end_viewer(&batch.text);
        }
    }

    fn write_segment(&mut self, rows: &Batch, row: usize) {
        let (ended_at, content) = (ended_at(rows, row), content_of(rows, row));
        match &mut self.viewer {
            Some(viewer) => {
                viewer.last_activity = viewer.last_activity.max(ended_at);
                viewer.contents.insert(content);
                self.pending.push(b',');
            }
            None => {
                self.viewer = Some(Viewer { last_activity: ended_at, contents: HashSet::from([content]) });
                self.begin_viewer();
            }
        }
        self.segments.write_segment(rows, row, &mut self.pending);
    }

    fn begin_viewer(&mut self) {
        if self.viewers_begun > 0 {
            self.pending.push(b',');
        }
        self.viewers_begun += 1;
        self.pending.extend_from_slice(br#"{"attributes":{"segments":["#);
    }

    /// What follows from the segments stands behind them, since they are not kept.
    fn end_viewer(&mut self, identifier: &str) {
        let viewer = self.viewer.take().expect("a group has at least one row");
        self.pending.extend_from_slice(br#"],"last_activity":"#);
        self.segments.write_time(viewer.last_activity, &mut self.pending);
        let videos_watched = viewer.contents.len();
        self.pending.extend_from_slice(format!(r#","videos_watched":{videos_watched}"#).as_bytes());
        self.pending.extend_from_slice(br#","viewer_identifier":"#);
        write_text(Some(identifier), &mut self.pending);
        self.pending.extend_from_slice(br#"},"type":"Viewer"}"#);
    }
}

#[cfg(test)]
mod tests;
