//! For tests: answers whose rows are made up, as many as wanted, in chunks of 100.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tallyhouse_model::{ABSENT_TIME, Texts};
use tallyhouse_store::{QueryError, Scanned};

use super::answer::{Answer, AnswerColumn, AnswerKind, Chunk, ChunkValues, RowSource};

const CHUNK_ROWS: u64 = 100;

/// Rows of one column, numbered texts of the same length, and how they end.
pub struct NumberedRows {
    pub rows: u64,
    /// Digits per text; `None` for 32 digits that cannot be compressed to less than half of them.
    row_bytes: Option<usize>,
    pub error: Option<QueryError>,
    /// How often a chunk was asked for.
    pub asked: Arc<AtomicUsize>,
    next: u64,
}

impl NumberedRows {
    pub fn new(rows: u64, row_bytes: usize) -> Self {
        Self { rows, row_bytes: Some(row_bytes), error: None, asked: Arc::default(), next: 0 }
    }

    pub fn scrambled(rows: u64) -> Self {
        Self { row_bytes: None, ..Self::new(rows, 0) }
    }

    fn text(&self, number: u64) -> String {
        match self.row_bytes {
            Some(row_bytes) => format!("{number:0row_bytes$}"),
            None => {
                let digest = tallyhouse_model::key_of_text(&number.to_string());
                digest.iter().map(|byte| format!("{byte:02x}")).collect()
            }
        }
    }

    pub fn into_answer(self) -> Answer {
        Answer {
            columns: vec![AnswerColumn { name: "text".to_owned(), kind: AnswerKind::Text }],
            rows: self.rows,
            total: self.rows + 1,
            scanned: Scanned { rows: 7, bytes: 8, parts: 1 },
            source: Box::new(self),
        }
    }
}

impl RowSource for NumberedRows {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, QueryError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let end = self.rows.min(self.next + CHUNK_ROWS);
        if self.next == end {
            return self.error.clone().map_or(Ok(None), Err);
        }
        let mut texts = Texts::default();
        for number in self.next..end {
            texts.push(Some(&self.text(number)));
        }
        let rows = texts.len();
        self.next = end;
        Ok(Some(Chunk { rows, columns: vec![ChunkValues::Texts(texts)] }))
    }

    fn rewind(&mut self) {
        self.next = 0;
    }
}

/// These chunks, again and again.
pub struct Chunks(Vec<Chunk>, usize);

impl RowSource for Chunks {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, QueryError> {
        self.1 += 1;
        Ok(self.0.get(self.1 - 1).cloned())
    }

    fn rewind(&mut self) {
        self.1 = 0;
    }
}

/// The answer of the documented example.
pub fn documented() -> Answer {
    let texts = |text: &str| {
        let mut texts = Texts::default();
        texts.push(Some(text));
        ChunkValues::Texts(texts)
    };
    let columns = vec![
        ("shard_name", AnswerKind::Text, texts("app")),
        ("client_id", AnswerKind::Text, ChunkValues::Constant("abc123".to_owned())),
        ("demo_title", AnswerKind::Text, texts("Your Demo's Title")),
        ("demo_published_date", AnswerKind::Time, ChunkValues::Times(vec![1_727_130_273_837_000])),
        ("session_date", AnswerKind::Time, ChunkValues::Times(vec![1_727_133_176_562_000])),
        ("viewer", AnswerKind::Text, texts("user@yourprospect.com")),
    ];
    let mut answer = answer_of(columns, 1);
    answer.scanned = Scanned { rows: 288_052, bytes: 33_756_466, parts: 1 };
    answer
}

/// Two rows with a column of each kind: what is hard to write, then what is absent.
pub fn of_every_kind() -> Answer {
    let texts = |first: Option<&str>, second: Option<&str>| {
        let mut texts = Texts::default();
        texts.push(first);
        texts.push(second);
        ChunkValues::Texts(texts)
    };
    let columns = vec![
        ("text", AnswerKind::Text, texts(Some("a \"b\"/\\ é,\n\t\u{1}"), None)),
        ("nullable \"text\"", AnswerKind::NullableText, texts(Some(""), None)),
        ("time", AnswerKind::Time, ChunkValues::Times(vec![-1, 0])),
        ("nullable_time", AnswerKind::NullableTime, ChunkValues::Times(vec![1_999, ABSENT_TIME])),
        ("integer", AnswerKind::Integer, ChunkValues::Integers(vec![Some(u64::MAX), Some(0)])),
        ("nullable_integer", AnswerKind::NullableInteger, ChunkValues::Integers(vec![Some(7), None])),
        ("decimal", AnswerKind::Decimal, ChunkValues::Decimals(vec![0.5, 2.0])),
        ("flag", AnswerKind::Flag, ChunkValues::Flags(vec![true, false])),
        ("constant", AnswerKind::Text, ChunkValues::Constant("own".to_owned())),
    ];
    answer_of(columns, 2)
}

/// The same columns without rows.
pub fn without_rows() -> Answer {
    Answer { rows: 0, total: 0, source: Box::new(Chunks(Vec::new(), 0)), ..of_every_kind() }
}

fn answer_of(columns: Vec<(&str, AnswerKind, ChunkValues)>, rows: usize) -> Answer {
    let named =
        |(name, kind, _): &(&str, AnswerKind, _)| AnswerColumn { name: (*name).to_owned(), kind: *kind };
    let names = columns.iter().map(named).collect();
    let chunk = Chunk { rows, columns: columns.into_iter().map(|(_, _, values)| values).collect() };
    Answer {
        columns: names,
        rows: rows as u64,
        total: rows as u64,
        scanned: Scanned::default(),
        source: Box::new(Chunks(vec![chunk], 0)),
    }
}
