//! What a pipe answers: named and typed columns, and their rows a chunk at a time.
//!
//! The answer is made twice from one moment of the store: once to count the bytes of its body, so that one that is too
//! large is refused before anything is sent, and once to send it. Neither holds more than a chunk.

use tallyhouse_model::{Micros, Texts};
use tallyhouse_store::{QueryError, Scanned};

/// What a column of an answer holds, in the terms of `meta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// A text; absent is the empty one.
    Text,
    /// A text, or null.
    NullableText,
    /// A time with milliseconds, never absent.
    Time,
    /// A time with milliseconds, or null.
    NullableTime,
    /// A time in whole seconds, never absent.
    Second,
    /// A number from 0 on.
    Integer,
    /// A number from 0 on, or null.
    NullableInteger,
    /// A number with decimals.
    Decimal,
    /// True or false.
    Flag,
}

impl AnswerKind {
    /// Its name in `meta`.
    pub fn name(self) -> &'static str {
        match self {
            AnswerKind::Text => "String",
            AnswerKind::NullableText => "Nullable(String)",
            AnswerKind::Time => "DateTime64(3)",
            AnswerKind::NullableTime => "Nullable(DateTime64(3))",
            AnswerKind::Second => "DateTime",
            AnswerKind::Integer => "UInt64",
            AnswerKind::NullableInteger => "Nullable(UInt64)",
            AnswerKind::Decimal => "Float64",
            AnswerKind::Flag => "Bool",
        }
    }
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: AnswerKind,
}

/// The values of a column in one chunk.
#[derive(Debug, Clone, PartialEq)]
pub enum ChunkValues {
    /// Of [`AnswerKind::Text`] and [`AnswerKind::NullableText`].
    Texts(Texts),
    /// Of [`AnswerKind::Time`], [`AnswerKind::NullableTime`], with [`ABSENT_TIME`](tallyhouse_model::ABSENT_TIME), and
    /// [`AnswerKind::Second`], as exact as they are stored.
    Times(Vec<Micros>),
    /// Of [`AnswerKind::Integer`] and [`AnswerKind::NullableInteger`].
    Integers(Vec<Option<u64>>),
    /// Of [`AnswerKind::Decimal`]: hundredths or finer, never infinite.
    Decimals(Vec<f64>),
    /// Of [`AnswerKind::Flag`].
    Flags(Vec<bool>),
    /// The same text in every row.
    Constant(String),
}

/// Consecutive rows of an answer: values per column, in the order of [`Answer::columns`].
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    /// How many rows.
    pub rows: usize,
    /// Their values.
    pub columns: Vec<ChunkValues>,
}

/// Where the rows of an answer come from.
pub trait RowSource: Send {
    /// The next rows, a bounded number of them; `None` behind the last.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, QueryError>;

    /// Goes back to the first row. The same rows come again.
    fn rewind(&mut self);
}

/// What a pipe answers.
pub struct Answer {
    /// The columns, in their order; at least one, as the check of pipe files makes sure: Parquet cannot be without.
    pub columns: Vec<AnswerColumn>,
    /// Rows of this page.
    pub rows: u64,
    /// Rows on all pages together.
    pub total: u64,
    /// What finding them took.
    pub scanned: Scanned,
    /// The rows themselves.
    pub source: Box<dyn RowSource>,
}

/// Which rows of an answer are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Rows to pass over.
    pub offset: u64,
    /// Rows to answer at most; `None` for all.
    pub limit: Option<u64>,
}
