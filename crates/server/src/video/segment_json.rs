//! Segments as JSON, straight from the columns of a page.

use std::io::Write;

use tallyhouse_model::tables::view_segments::{
    CITY, CLIENT_ID, CONTENT_ID, CONTENT_TYPE, COUNTRY, DEVICE_INFO, ENDED_AT, FINISHED, FROM,
    IS_MOBILE_VIEW, STARTED_AT, TO, VIEW_ID, VIEW_SESSION_ID, VIEW_TYPE, VIEWER_IDENTIFIER,
};
use tallyhouse_model::{Batch, ColumnIndex, ColumnKind, Key, Micros, Values, Zone};

use super::time_text::TimeWriter;

/// Why writing into a `Vec` is not checked.
const TO_MEMORY: &str = "writing to memory does not fail";

/// Writes segments, as Views of their own or inside of a Viewer.
pub struct SegmentWriter {
    times: TimeWriter,
    content_id_as_string: bool,
}

impl SegmentWriter {
    /// With times in this zone.
    pub fn new(zone: Zone, content_id_as_string: bool) -> Self {
        Self { times: TimeWriter::new(zone), content_id_as_string }
    }

    /// Appends the View of a row: the attributes in the order of the documented example.
    pub fn write_view(&mut self, page: &Batch, row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"attributes":{"#);
        self.write_watched(page, row, out);
        out.extend_from_slice(br#","view_id":"#);
        write_uuid(id(page, VIEW_ID, row), out);
        write_session_and_type(page, row, out);
        out.extend_from_slice(br#","viewer_identifier":"#);
        write_text(text(page, VIEWER_IDENTIFIER, row), out);
        write_device_info(page, row, out);
        out.extend_from_slice(br#"},"type":"View"}"#);
    }

    /// Appends the Segment of a row: a View without its viewer, and with its id under another name.
    pub fn write_segment(&mut self, page: &Batch, row: usize, out: &mut Vec<u8>) {
        out.push(b'{');
        self.write_watched(page, row, out);
        out.extend_from_slice(br#","id":"#);
        write_uuid(id(page, VIEW_ID, row), out);
        write_session_and_type(page, row, out);
        write_device_info(page, row, out);
        out.push(b'}');
    }

    /// What was watched, where and when.
    fn write_watched(&mut self, page: &Batch, row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(br#""city":"#);
        write_text(text(page, CITY, row), out);
        out.extend_from_slice(br#","client_id":"#);
        write_text(text(page, CLIENT_ID, row), out);
        out.extend_from_slice(br#","content_id":"#);
        write_content_id(integer(page, CONTENT_ID, row), self.content_id_as_string, out);
        out.extend_from_slice(br#","content_type":"#);
        write_word(choice(page, CONTENT_TYPE, row), out);
        out.extend_from_slice(br#","country":"#);
        write_text(text(page, COUNTRY, row), out);
        out.extend_from_slice(br#","finished_at":"#);
        match finished_at(page, row) {
            Some(finished_at) => self.write_time(finished_at, out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(br#","from":"#);
        write_number(integer(page, FROM, row), out);
        out.extend_from_slice(br#","is_mobile_view":"#);
        out.extend_from_slice(if flag(page, IS_MOBILE_VIEW, row) { b"true" } else { b"false" });
        out.extend_from_slice(br#","started_at":"#);
        self.write_time(time(page, STARTED_AT, row), out);
        out.extend_from_slice(br#","to":"#);
        write_number(integer(page, TO, row), out);
    }

    /// Appends a time in quotes.
    pub fn write_time(&mut self, at: Micros, out: &mut Vec<u8>) {
        out.push(b'"');
        self.times.write(at, out);
        out.push(b'"');
    }
}

fn write_session_and_type(page: &Batch, row: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(br#","view_session_id":"#);
    write_text(text(page, VIEW_SESSION_ID, row), out);
    out.extend_from_slice(br#","view_type":"#);
    write_word(choice(page, VIEW_TYPE, row), out);
}

fn write_device_info(page: &Batch, row: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(br#","device_info":"#);
    // It is kept as the JSON that is answered.
    out.extend_from_slice(text(page, DEVICE_INFO, row).unwrap_or("null").as_bytes());
}

/// Appends a text as JSON, or null.
pub fn write_text(text: Option<&str>, out: &mut Vec<u8>) {
    match text {
        Some(text) => serde_json::to_writer(out, text).expect(TO_MEMORY),
        None => out.extend_from_slice(b"null"),
    }
}

fn write_word(word: Option<&'static str>, out: &mut Vec<u8>) {
    match word {
        Some(word) => write!(out, "\"{word}\"").expect(TO_MEMORY),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends the id of a content, as a number or as the settings want it.
pub fn write_content_id(content_id: u64, as_string: bool, out: &mut Vec<u8>) {
    if as_string {
        write!(out, "\"{content_id}\"").expect(TO_MEMORY);
    } else {
        write_number(content_id, out);
    }
}

fn finished_at(page: &Batch, row: usize) -> Option<Micros> {
    flag(page, FINISHED, row).then(|| time(page, ENDED_AT, row))
}

/// When the segment of this row ended, as far as is known.
pub fn ended_at(page: &Batch, row: usize) -> Micros {
    time(page, ENDED_AT, row)
}

/// The content of this row: the code of its type, and its id.
pub fn content_of(page: &Batch, row: usize) -> (u8, u64) {
    (choice_code(page, CONTENT_TYPE, row), integer(page, CONTENT_ID, row))
}

fn write_number(number: u64, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &number).expect(TO_MEMORY);
}

/// A UUID in lower case, in quotes.
fn write_uuid(key: Key, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for (index, byte) in key.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
    out.push(b'"');
}

// The columns of a page are of the kinds that their table says; another kind is a defect of the store.

fn text(page: &Batch, column: ColumnIndex, row: usize) -> Option<&str> {
    let Values::Texts(texts) = &page.columns[column] else { unreachable!("column {column} holds texts") };
    texts.get(row)
}

fn integer(page: &Batch, column: ColumnIndex, row: usize) -> u64 {
    let Values::Integers(integers) = &page.columns[column] else {
        unreachable!("column {column} holds integers")
    };
    integers[row]
}

fn flag(page: &Batch, column: ColumnIndex, row: usize) -> bool {
    let Values::Flags(flags) = &page.columns[column] else { unreachable!("column {column} holds flags") };
    flags[row]
}

fn time(page: &Batch, column: ColumnIndex, row: usize) -> Micros {
    let Values::Times(times) = &page.columns[column] else { unreachable!("column {column} holds times") };
    times[row]
}

fn id(page: &Batch, column: ColumnIndex, row: usize) -> Key {
    let Values::Ids(ids) = &page.columns[column] else { unreachable!("column {column} holds ids") };
    ids[row]
}

fn choice_code(page: &Batch, column: ColumnIndex, row: usize) -> u8 {
    let Values::Choices(choices) = &page.columns[column] else {
        unreachable!("column {column} holds choices")
    };
    choices[row]
}

fn choice(page: &Batch, column: ColumnIndex, row: usize) -> Option<&'static str> {
    let ColumnKind::Choice(words) = page.table.columns[column].kind else {
        unreachable!("column {column} has words")
    };
    usize::from(choice_code(page, column, row)).checked_sub(1).map(|index| words[index])
}

#[cfg(test)]
mod tests;
