//! Views as JSON, straight from the columns of a page.

use std::io::Write;

use tallyhouse_model::tables::view_segments::{
    CITY, CLIENT_ID, CONTENT_ID, CONTENT_TYPE, COUNTRY, DEVICE_INFO, ENDED_AT, FINISHED, FROM,
    IS_MOBILE_VIEW, STARTED_AT, TO, VIEW_ID, VIEW_SESSION_ID, VIEW_TYPE, VIEWER_IDENTIFIER,
};
use tallyhouse_model::{Batch, ColumnIndex, ColumnKind, Key, Micros, Values, Zone};

use super::time_text::TimeWriter;

/// Why writing into a `Vec` is not checked.
const TO_MEMORY: &str = "writing to memory does not fail";

/// Writes the rows of a page of segments.
pub struct ViewWriter {
    page: Batch,
    times: TimeWriter,
    content_id_as_string: bool,
}

impl ViewWriter {
    /// For this page, with times in this zone.
    pub fn new(page: Batch, zone: Zone, content_id_as_string: bool) -> Self {
        Self { page, times: TimeWriter::new(zone), content_id_as_string }
    }

    /// Appends the View of a row: the attributes in the order of the documented example.
    pub fn write(&mut self, row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"attributes":{"city":"#);
        self.text(CITY, row, out);
        out.extend_from_slice(br#","client_id":"#);
        self.text(CLIENT_ID, row, out);
        out.extend_from_slice(br#","content_id":"#);
        self.content_id(row, out);
        out.extend_from_slice(br#","content_type":"#);
        self.choice(CONTENT_TYPE, row, out);
        out.extend_from_slice(br#","country":"#);
        self.text(COUNTRY, row, out);
        out.extend_from_slice(br#","finished_at":"#);
        self.finished_at(row, out);
        out.extend_from_slice(br#","from":"#);
        write_number(integer(&self.page, FROM, row), out);
        out.extend_from_slice(br#","is_mobile_view":"#);
        out.extend_from_slice(if flag(&self.page, IS_MOBILE_VIEW, row) { b"true" } else { b"false" });
        out.extend_from_slice(br#","started_at":"#);
        self.time(STARTED_AT, row, out);
        out.extend_from_slice(br#","to":"#);
        write_number(integer(&self.page, TO, row), out);
        out.extend_from_slice(br#","view_id":"#);
        write_uuid(id(&self.page, VIEW_ID, row), out);
        out.extend_from_slice(br#","view_session_id":"#);
        self.text(VIEW_SESSION_ID, row, out);
        out.extend_from_slice(br#","view_type":"#);
        self.choice(VIEW_TYPE, row, out);
        out.extend_from_slice(br#","viewer_identifier":"#);
        self.text(VIEWER_IDENTIFIER, row, out);
        out.extend_from_slice(br#","device_info":"#);
        // It is kept as the JSON that is answered.
        out.extend_from_slice(text(&self.page, DEVICE_INFO, row).unwrap_or("null").as_bytes());
        out.extend_from_slice(br#"},"type":"View"}"#);
    }

    fn text(&self, column: ColumnIndex, row: usize, out: &mut Vec<u8>) {
        match text(&self.page, column, row) {
            Some(text) => serde_json::to_writer(out, text).expect(TO_MEMORY),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn content_id(&self, row: usize, out: &mut Vec<u8>) {
        let content_id = integer(&self.page, CONTENT_ID, row);
        if self.content_id_as_string {
            write!(out, "\"{content_id}\"").expect(TO_MEMORY);
        } else {
            write_number(content_id, out);
        }
    }

    fn choice(&self, column: ColumnIndex, row: usize, out: &mut Vec<u8>) {
        match choice(&self.page, column, row) {
            Some(word) => {
                out.push(b'"');
                out.extend_from_slice(word.as_bytes());
                out.push(b'"');
            }
            None => out.extend_from_slice(b"null"),
        }
    }

    fn finished_at(&mut self, row: usize, out: &mut Vec<u8>) {
        if flag(&self.page, FINISHED, row) {
            self.time(ENDED_AT, row, out);
        } else {
            out.extend_from_slice(b"null");
        }
    }

    fn time(&mut self, column: ColumnIndex, row: usize, out: &mut Vec<u8>) {
        out.push(b'"');
        self.times.write(time(&self.page, column, row), out);
        out.push(b'"');
    }
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

fn choice(page: &Batch, column: ColumnIndex, row: usize) -> Option<&'static str> {
    let Values::Choices(choices) = &page.columns[column] else {
        unreachable!("column {column} holds choices")
    };
    let ColumnKind::Choice(words) = page.table.columns[column].kind else {
        unreachable!("column {column} has words")
    };
    usize::from(choices[row]).checked_sub(1).map(|index| words[index])
}

#[cfg(test)]
mod tests;
