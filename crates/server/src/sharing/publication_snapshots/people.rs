//! `likes`, `comments` and `retweets`: who reacted, by (time, reaction). What is not known about them is null.

use serde::Serialize;
use tallyhouse_model::tables::reactions::{
    CONTENT, DATE_MEMBER_SINCE, NUM_FOLLOWERS, OCCURRED_AT, PROFILE_URL, USERNAME,
};
use tallyhouse_model::{Batch, Cell, ColumnIndex, TableId};
use tallyhouse_store::QueryError;

use super::shares::Share;
use super::writer::BodyWriter;
use crate::sharing::envelope::date_text;
use crate::sharing::reader::Reader;

/// Rows that are read at once: comments may have 16 KiB each.
const CHUNK_ROWS: u64 = 500;

/// A list of people.
pub struct PeopleKind {
    /// What the list is called in a body.
    pub member: &'static str,
    /// What its reactions are called in records.
    kind: &'static str,
    columns: &'static [ColumnIndex],
    /// Adds a row of these columns to a body; whether there was room.
    add: fn(&Batch, usize, &str, &mut BodyWriter) -> bool,
}

/// The lists, in the order of a body.
pub const KINDS: [PeopleKind; 3] = [
    PeopleKind { member: "likes", kind: "like", columns: &[USERNAME, PROFILE_URL], add: add_like },
    PeopleKind {
        member: "comments",
        kind: "comment",
        columns: &[OCCURRED_AT, CONTENT, USERNAME, PROFILE_URL],
        add: add_comment,
    },
    PeopleKind {
        member: "retweets",
        kind: "retweet",
        columns: &[USERNAME, PROFILE_URL, NUM_FOLLOWERS, DATE_MEMBER_SINCE],
        add: add_retweet,
    },
];

#[derive(Serialize)]
struct Like<'a> {
    username: Option<&'a str>,
    #[serde(rename = "profileUrl")]
    profile_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Comment<'a> {
    date: Option<String>,
    content: Option<&'a str>,
    #[serde(flatten)]
    by: Like<'a>,
}

#[derive(Serialize)]
struct Retweet<'a> {
    #[serde(flatten)]
    by: Like<'a>,
    num_followers: Option<u64>,
    date_member_since: Option<String>,
}

impl PeopleKind {
    /// Writes the list of a publication, the earliest first.
    pub fn write(
        &self,
        reader: &Reader,
        share: &Share,
        zone: &str,
        body: &mut BodyWriter,
    ) -> Result<(), QueryError> {
        if share.is_empty() {
            body.begin_list(0);
            body.end_list();
            return Ok(());
        }
        let mut found = reader.scan(TableId::Reactions, share.filters(self.kind))?;
        body.begin_list(found.total());
        let shown = found.total().min(body.entries_max() as u64);
        let mut place = 0;
        while place < shown && body.has_room() {
            let end = shown.min(place + CHUNK_ROWS);
            let rows = found.rows(place..end, self.columns)?;
            (0..rows.rows()).all(|row| (self.add)(&rows, row, zone, body));
            place = end;
        }
        body.end_list();
        Ok(())
    }
}

fn add_like(rows: &Batch, row: usize, _zone: &str, body: &mut BodyWriter) -> bool {
    body.entry(&by(rows, row))
}

fn add_comment(rows: &Batch, row: usize, zone: &str, body: &mut BodyWriter) -> bool {
    let (date, content) = (date(rows, row, OCCURRED_AT, zone), text(rows, row, CONTENT));
    body.entry(&Comment { date, content, by: by(rows, row) })
}

fn add_retweet(rows: &Batch, row: usize, zone: &str, body: &mut BodyWriter) -> bool {
    let num_followers = match rows.columns[NUM_FOLLOWERS].cell(row) {
        Cell::Integer(number) => Some(number),
        _ => None,
    };
    let date_member_since = date(rows, row, DATE_MEMBER_SINCE, zone);
    body.entry(&Retweet { by: by(rows, row), num_followers, date_member_since })
}

fn by(rows: &Batch, row: usize) -> Like<'_> {
    Like { username: text(rows, row, USERNAME), profile_url: text(rows, row, PROFILE_URL) }
}

/// An empty text is none.
fn text(rows: &Batch, row: usize, column: ColumnIndex) -> Option<&str> {
    match rows.columns[column].cell(row) {
        Cell::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn date(rows: &Batch, row: usize, column: ColumnIndex, zone: &str) -> Option<String> {
    match rows.columns[column].cell(row) {
        Cell::Time(time) => Some(date_text(time, zone)),
        _ => None,
    }
}
