//! An answer in one of the formats, a piece at a time and as often as needed.

use std::time::Instant;

use bytes::Bytes;
use tallyhouse_store::{QueryError, Scanned};

use super::answer::{Answer, AnswerColumn, Chunk, RowSource};
use super::error::PipesError;
use super::format::{Closing, Format, PIECE_BYTES, Writer};
use crate::http::pieces::Piece;

/// A body of up to so many bytes is kept when it is measured, so that it is made once and not twice.
const KEPT_BYTES_MAX: u64 = 1 << 20;

/// An answer that is being written.
pub struct Rendering {
    format: Format,
    columns: Vec<AnswerColumn>,
    source: Box<dyn RowSource>,
    writer: Writer,
    /// What was read and is not written yet, and the next row of it.
    chunk: Option<(Chunk, usize)>,
    begun: bool,
    ended: bool,
    told: Told,
    /// What stands at the end. Made when the end is first reached, so that the second time says the same.
    closing: Option<Closing>,
}

/// What is known for the end before the rows are read.
#[derive(Clone, Copy)]
struct Told {
    rows: u64,
    total: Option<u64>,
    scanned: Scanned,
    started: Instant,
}

/// A body whose size is known.
pub enum Measured {
    /// The body itself.
    Whole(Bytes),
    /// So many bytes, which have to be made again.
    Sized(u64, Box<Rendering>),
}

impl Rendering {
    /// Writes an answer whose query began at this moment. How many rows there are on all pages is told where a page
    /// was asked for.
    pub fn new(answer: Answer, format: Format, is_page: bool, started: Instant) -> Self {
        let Answer { columns, rows, total, scanned, source } = answer;
        let told = Told { rows, total: is_page.then_some(total), scanned, started };
        let writer = Writer::new(format, &columns);
        Self { format, columns, source, writer, chunk: None, begun: false, ended: false, told, closing: None }
    }

    /// The next piece. Blocks, and is not called behind the last one.
    pub fn next_piece(&mut self) -> Result<Piece, QueryError> {
        let mut piece = Vec::new();
        if !self.begun {
            self.begun = true;
            self.writer.start(&mut piece);
        }
        while !self.ended && piece.len() < PIECE_BYTES {
            self.write_more(&mut piece)?;
        }
        Ok(Piece { bytes: piece.into(), is_last: self.ended })
    }

    /// Writes rows of one chunk, or the end.
    fn write_more(&mut self, piece: &mut Vec<u8>) -> Result<(), QueryError> {
        let read = match self.chunk.take() {
            None => self.source.next_chunk()?.map(|chunk| (chunk, 0)),
            left => left,
        };
        match read {
            Some((chunk, first)) => {
                let next = self.writer.rows(&chunk, first, piece);
                self.chunk = (next < chunk.rows).then_some((chunk, next));
            }
            None => {
                let Told { rows, total, scanned, started } = self.told;
                let closing = self.closing.get_or_insert_with(|| Closing {
                    rows,
                    total,
                    elapsed: started.elapsed(),
                    scanned,
                });
                self.writer.end(closing, piece);
                self.ended = true;
            }
        }
        Ok(())
    }

    /// Goes back to the beginning. The same bytes come again.
    pub fn rewind(&mut self) {
        self.source.rewind();
        self.writer = Writer::new(self.format, &self.columns);
        (self.chunk, self.begun, self.ended) = (None, false, false);
    }

    /// Writes everything once to see how large it is, and keeps it where that is little. Refuses what is larger than
    /// allowed as soon as that is known. Blocks.
    pub fn measure(mut self, bytes_max: u64) -> Result<Measured, PipesError> {
        let (mut bytes, mut kept) = (0, Vec::new());
        loop {
            let piece = self.next_piece()?;
            bytes += piece.bytes.len() as u64;
            if bytes > bytes_max {
                return Err(PipesError::ResultTooLarge { bytes_max });
            }
            if bytes > KEPT_BYTES_MAX {
                kept = Vec::new();
            } else {
                kept.extend_from_slice(&piece.bytes);
            }
            if piece.is_last {
                break;
            }
        }
        if bytes <= KEPT_BYTES_MAX {
            return Ok(Measured::Whole(kept.into()));
        }
        self.rewind();
        Ok(Measured::Sized(bytes, Box::new(self)))
    }
}

#[cfg(test)]
mod tests;
