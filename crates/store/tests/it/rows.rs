//! Rows as the tests write and read them: typed records on the way in, plain lists of values on the way out.
//!
//! The conversions from and to batches stand here and nowhere else.

use tallyhouse_model::tables::VIEW_SEGMENTS;
use tallyhouse_model::{
    ABSENT_INTEGER, ABSENT_TIME, Batch, Column, ColumnKind, Key, Micros, SECOND, Values, parse_record_time,
};

/// One value of a row. `None` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    Time(Option<Micros>),
    Integer(Option<u64>),
    Word(Option<&'static str>),
    Id(Key),
    Text(Option<String>),
    Flag(bool),
}

/// A row: a value per column of its table, in the table's order.
pub type Row = Vec<Value>;

/// What an operator sends.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::large_enum_variant,
    reason = "records are copied about freely; nearly all of them are segments"
)]
pub enum Record {
    Segment(Segment),
    Deletion { key: Key, updated_at: Micros },
}

impl Record {
    pub fn key(&self) -> Key {
        match self {
            Record::Segment(segment) => segment.key,
            Record::Deletion { key, .. } => *key,
        }
    }

    pub fn updated_at(&self) -> Micros {
        match self {
            Record::Segment(segment) => segment.updated_at,
            Record::Deletion { updated_at, .. } => *updated_at,
        }
    }
}

impl From<Segment> for Record {
    fn from(segment: Segment) -> Self {
        Record::Segment(segment)
    }
}

/// A view segment with every column of its table.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub key: Key,
    pub started_at: Micros,
    pub updated_at: Micros,
    pub ended_at: Micros,
    pub finished: bool,
    pub last_seen_at: Option<Micros>,
    pub content_type: &'static str,
    pub content_id: u64,
    pub channel_id: Option<u64>,
    pub from: u64,
    pub to: u64,
    pub client_id: &'static str,
    pub view_session_id: &'static str,
    pub viewer_identifier: Option<&'static str>,
    pub country: Option<&'static str>,
    pub region: Option<&'static str>,
    pub city: Option<&'static str>,
    pub view_type: &'static str,
    pub device: Option<&'static str>,
    pub is_mobile_view: bool,
    pub device_info: &'static str,
}

impl Segment {
    /// A finished segment of a minute with the key of this number, in session "s" on live content 5, version 1.
    pub fn new(key: u8, started_at: &str) -> Segment {
        let started_at = at(started_at);
        Segment {
            key: key_of(key),
            started_at,
            updated_at: version(1),
            ended_at: started_at + 60 * SECOND,
            finished: true,
            last_seen_at: None,
            content_type: "live",
            content_id: 5,
            channel_id: None,
            from: 0,
            to: 0,
            client_id: "c",
            view_session_id: "s",
            viewer_identifier: None,
            country: None,
            region: None,
            city: None,
            view_type: "onsite",
            device: None,
            is_mobile_view: false,
            device_info: "{}",
        }
    }

    /// The same segment in another version.
    pub fn version(self, number: i64) -> Segment {
        Segment { updated_at: version(number), ..self }
    }

    /// The same segment with another country.
    pub fn country(self, country: &'static str) -> Segment {
        Segment { country: Some(country), ..self }
    }

    /// The values in the order of the table's columns.
    pub fn row(&self) -> Row {
        let text = |text: Option<&str>| Value::Text(text.map(str::to_owned));
        vec![
            Value::Id(self.key),
            Value::Time(Some(self.started_at)),
            Value::Time(Some(self.updated_at)),
            Value::Time(Some(self.ended_at)),
            Value::Flag(self.finished),
            Value::Time(self.last_seen_at),
            Value::Word(Some(self.content_type)),
            Value::Integer(Some(self.content_id)),
            Value::Integer(self.channel_id),
            Value::Integer(Some(self.from)),
            Value::Integer(Some(self.to)),
            text(Some(self.client_id)),
            text(Some(self.view_session_id)),
            text(self.viewer_identifier),
            text(self.country),
            text(self.region),
            text(self.city),
            Value::Word(Some(self.view_type)),
            Value::Word(self.device),
            Value::Flag(self.is_mobile_view),
            text(Some(self.device_info)),
        ]
    }
}

/// The deletion of the key of this number.
pub fn deletion(key: u8, version_number: i64) -> Record {
    Record::Deletion { key: key_of(key), updated_at: version(version_number) }
}

/// Keys that agree in their first half by fours, so that half a comparison is not enough; 0 is all zeros.
pub fn key_of(number: u8) -> Key {
    let mut key = [number; 16];
    key[..8].fill(number / 4);
    key
}

/// Versions a second apart.
pub fn version(number: i64) -> Micros {
    at("2026-06-01T00:00:00Z") + number * SECOND
}

/// The instant of a text like `2026-03-01T00:00:00Z`.
pub fn at(text: &str) -> Micros {
    parse_record_time(text).expect("the tests write whole times")
}

/// Records as the store takes them.
pub fn batch_of(records: &[Record]) -> Batch {
    let mut batch = Batch::new(&VIEW_SEGMENTS);
    for record in records {
        match record {
            Record::Segment(segment) => push_row(&mut batch, &segment.row()),
            Record::Deletion { key, updated_at } => batch.push_deletion(*key, *updated_at),
        }
    }
    assert!(batch.is_consistent(), "the tests build whole batches");
    batch
}

/// All rows of a batch, deletions included.
pub fn rows_of(batch: &Batch) -> Vec<Row> {
    assert!(batch.is_consistent(), "the store answers whole batches");
    let row =
        |index| batch.table.columns.iter().zip(&batch.columns).map(|pair| value_at(pair, index)).collect();
    (0..batch.rows()).map(row).collect()
}

fn push_row(batch: &mut Batch, row: &Row) {
    let columns = batch.table.columns;
    for ((values, column), value) in batch.columns.iter_mut().zip(columns).zip(row) {
        match (values, value) {
            (Values::Times(times), Value::Time(time)) => times.push(time.unwrap_or(ABSENT_TIME)),
            (Values::Integers(integers), Value::Integer(number)) => {
                integers.push(number.unwrap_or(ABSENT_INTEGER))
            }
            (Values::Choices(choices), Value::Word(word)) => choices.push(choice_of(column, *word)),
            (Values::Ids(ids), Value::Id(id)) => ids.push(*id),
            (Values::Texts(texts), Value::Text(text)) => texts.push(text.as_deref()),
            (Values::Flags(flags), Value::Flag(flag)) => flags.push(*flag),
            (values, value) => panic!("{value:?} does not belong to {}: {values:?}", column.name),
        }
    }
    batch.deleted.push(false);
}

fn value_at((column, values): (&Column, &Values), index: usize) -> Value {
    match values {
        Values::Times(times) => Value::Time(Some(times[index]).filter(|time| *time != ABSENT_TIME)),
        Values::Integers(integers) => {
            Value::Integer(Some(integers[index]).filter(|it| *it != ABSENT_INTEGER))
        }
        Values::Choices(choices) => Value::Word(match choices[index] {
            0 => None,
            choice => Some(words(column)[usize::from(choice) - 1]),
        }),
        Values::Ids(ids) => Value::Id(ids[index]),
        Values::Texts(texts) => Value::Text(texts.get(index).map(str::to_owned)),
        Values::Flags(flags) => Value::Flag(flags[index]),
    }
}

fn choice_of(column: &Column, word: Option<&str>) -> u8 {
    let position =
        |word| words(column).iter().position(|known| *known == word).expect("the tests use known words");
    word.map_or(0, |word| u8::try_from(position(word) + 1).expect("choices are few"))
}

fn words(column: &Column) -> &'static [&'static str] {
    match column.kind {
        ColumnKind::Choice(words) => words,
        other => panic!("{} is no choice but {other:?}", column.name),
    }
}
