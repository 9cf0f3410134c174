//! A store with rows of two accounts, and pipes that ask it.

use std::cell::Cell as Counter;

use tallyhouse_model::{ABSENT_TIME, AccountId, Batch, Cell, ColumnKind, Micros, TableId, key_of_text};
use tallyhouse_store::{Stop, Store, StoreOptions, Submission};
use tempfile::TempDir;

use crate::pipes::answer::{Answer, Chunk, ChunkValues, Page};
use crate::pipes::error::PipesError;
use crate::pipes::pipe::check::check;
use crate::pipes::pipe::moment::Moment;
use crate::pipes::pipe::problem::Problems;
use crate::pipes::pipe::{Pipe, Pipes, Reader};

/// 2026-12-01T00:00:00Z.
const NOW: Micros = 1_796_083_200_000_000;

pub const ACCOUNT: AccountId = AccountId(7);
pub const OTHER: AccountId = AccountId(8);

pub struct Rig {
    store: Store,
    keys: Counter<u32>,
    pipes: Pipes,
    _folder: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answered {
    /// Names and types.
    pub columns: Vec<(String, &'static str)>,
    /// Values as text, with `null` for what is absent.
    pub rows: Vec<Vec<String>>,
    pub total: u64,
    pub scanned_rows: u64,
}

impl Answered {
    /// The names of the columns.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The values of a column.
    pub fn column(&self, name: &str) -> Vec<&str> {
        let place = self.columns.iter().position(|(known, _)| known == name).unwrap();
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    /// All values, with spaces between columns.
    pub fn lines(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.join(" ")).collect()
    }
}

pub fn at(text: &str) -> Micros {
    Moment::parse(text).unwrap().as_start()
}

/// A time as a value.
pub fn time(text: &str) -> Cell<'static> {
    Cell::Time(at(text))
}

/// The pipe of a file that has no problems.
pub fn pipe(text: &str) -> Pipe {
    let mut problems = Problems::new(text);
    let checked = check("own", text, &mut problems);
    checked.unwrap_or_else(|| panic!("{:#?}", problems.into_lines("own.toml")))
}

impl Rig {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
        Self { store, keys: Counter::new(0), pipes: Pipes::default(), _folder: folder }
    }

    /// Adds a row of the account, whose other columns are empty.
    pub fn add(&self, table: TableId, values: &[(&str, Cell<'_>)]) {
        self.keys.set(self.keys.get() + 1);
        self.add_of(ACCOUNT, table, &self.keys.get().to_string(), values);
    }

    pub fn add_of(&self, account: AccountId, table: TableId, key: &str, values: &[(&str, Cell<'_>)]) {
        let mut batch = Batch::new(table.table());
        push(&mut batch, key, values);
        self.ingest(account, batch);
    }

    /// Adds many rows at once.
    pub fn add_many<'a>(&self, table: TableId, rows: impl Iterator<Item = Vec<(&'static str, Cell<'a>)>>) {
        let mut batch = Batch::new(table.table());
        for values in rows {
            self.keys.set(self.keys.get() + 1);
            push(&mut batch, &self.keys.get().to_string(), &values);
        }
        self.ingest(ACCOUNT, batch);
    }

    fn ingest(&self, account: AccountId, batch: Batch) {
        let quarantined = Vec::new();
        self.store.ingest(Submission { account, batch, quarantined, received_at: NOW }).unwrap();
    }

    /// What was added so far becomes a part of its own.
    pub fn flush(&self) {
        self.store.flush().unwrap();
    }

    /// Asks a built-in pipe with a query string.
    pub fn ask(&self, pipe: &str, query: &str) -> Answered {
        self.try_ask(pipe, query).unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn try_ask(&self, pipe: &str, query: &str) -> Result<Answered, PipesError> {
        self.try_ask_of(self.pipes.get(pipe).unwrap(), query)
    }

    pub fn ask_of(&self, pipe: &Pipe, query: &str) -> Answered {
        self.try_ask_of(pipe, query).unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn try_ask_of(&self, pipe: &Pipe, query: &str) -> Result<Answered, PipesError> {
        self.answer(pipe, query).map(read)
    }

    /// The answer, of which nothing was read yet.
    pub fn answer(&self, pipe: &Pipe, query: &str) -> Result<Answer, PipesError> {
        let mut page = Page { offset: 0, limit: None };
        let mut arguments = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "offset" => page.offset = value.parse().unwrap(),
                "limit" => page.limit = Some(value.parse().unwrap()),
                _ => arguments.push((name.into_owned(), value.into_owned())),
            }
        }
        let reader = Reader {
            snapshot: self.store.snapshot(),
            account: ACCOUNT,
            account_name: "acme".to_owned(),
            stop: Stop::default(),
            now: NOW,
            settled: NOW + 1,
        };
        pipe.answer(&arguments, &reader, page)
    }
}

/// Adds a row whose other columns are empty.
fn push(batch: &mut Batch, key: &str, values: &[(&str, Cell<'_>)]) {
    for (name, _) in values {
        assert!(batch.table.column(name).is_some(), "{name}");
    }
    let cells = batch.table.columns.iter().enumerate().map(|(index, column)| {
        let given = values.iter().find(|(name, _)| *name == column.name).map(|(_, cell)| *cell);
        given.unwrap_or(match column.kind {
            _ if index == 0 => Cell::Id(key_of_text(key)),
            ColumnKind::Time if index == 2 => Cell::Time(NOW),
            ColumnKind::Text => Cell::Text(""),
            ColumnKind::Integer => Cell::Integer(0),
            ColumnKind::Flag => Cell::Flag(false),
            ColumnKind::Id => Cell::Id([0; 16]),
            _ => Cell::Absent,
        })
    });
    batch.push_row(&cells.collect::<Vec<_>>());
}

/// Reads it twice, as the server does.
fn read(mut answer: Answer) -> Answered {
    let rows = rows_of(&mut answer);
    answer.source.rewind();
    assert_eq!(rows_of(&mut answer), rows, "the second pass sends what the first one counted");
    assert_eq!(rows.len() as u64, answer.rows);
    let columns = answer.columns.into_iter().map(|column| (column.name, column.kind.name()));
    Answered { columns: columns.collect(), rows, total: answer.total, scanned_rows: answer.scanned.rows }
}

fn rows_of(answer: &mut Answer) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    while let Some(chunk) = answer.source.next_chunk().unwrap() {
        assert!(chunk.rows > 0);
        assert_eq!(chunk.columns.len(), answer.columns.len());
        rows.extend((0..chunk.rows).map(|row| row_of(&chunk, row)));
    }
    rows
}

fn row_of(chunk: &Chunk, row: usize) -> Vec<String> {
    chunk.columns.iter().map(|values| text_of(values, row)).collect()
}

fn text_of(values: &ChunkValues, row: usize) -> String {
    let null = || "null".to_owned();
    match values {
        ChunkValues::Texts(texts) => texts.get(row).map_or_else(null, str::to_owned),
        ChunkValues::Times(times) if times[row] == ABSENT_TIME => null(),
        ChunkValues::Times(times) => tallyhouse_model::render_record_time(times[row]),
        ChunkValues::Integers(numbers) => numbers[row].map_or_else(null, |number| number.to_string()),
        ChunkValues::Decimals(numbers) => numbers[row].to_string(),
        ChunkValues::Flags(flags) => flags[row].to_string(),
        ChunkValues::Constant(text) => text.clone(),
    }
}
