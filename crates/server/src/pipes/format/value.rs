//! One value of an answer, whatever holds it, and how it is written as JSON.

use std::io::Write as _;

use tallyhouse_model::{ABSENT_TIME, Micros};

use super::time::{push_second, push_time};
use crate::pipes::answer::{AnswerKind, ChunkValues};

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// There is none.
    Null,
    /// A text.
    Text(&'a str),
    /// A time, shown with milliseconds.
    Time(Micros),
    /// A time, shown in whole seconds.
    Second(Micros),
    /// A number from 0 on.
    Integer(u64),
    /// A number with decimals.
    Decimal(f64),
    /// True or false.
    Flag(bool),
}

impl<'a> Value<'a> {
    /// That of a row. Where a column is never absent, nothing is the empty text, 1970 or 0, as for its type.
    pub fn of(values: &'a ChunkValues, kind: AnswerKind, row: usize) -> Self {
        let found = match values {
            ChunkValues::Texts(texts) => texts.get(row).map(Value::Text),
            ChunkValues::Times(times) => {
                let value = if kind == AnswerKind::Second { Value::Second } else { Value::Time };
                Some(times[row]).filter(|at| *at != ABSENT_TIME).map(value)
            }
            ChunkValues::Integers(integers) => integers[row].map(Value::Integer),
            ChunkValues::Decimals(decimals) => Some(Value::Decimal(decimals[row])),
            ChunkValues::Flags(flags) => Some(Value::Flag(flags[row])),
            ChunkValues::Constant(text) => Some(Value::Text(text)),
        };
        found.unwrap_or(match kind {
            AnswerKind::Text => Value::Text(""),
            AnswerKind::Time => Value::Time(0),
            AnswerKind::Second => Value::Second(0),
            AnswerKind::Integer => Value::Integer(0),
            _ => Value::Null,
        })
    }

    /// Appends it as JSON; 64-bit integers as numbers, as clients of the documented API expect.
    pub fn push_json(self, out: &mut Vec<u8>) {
        match self {
            Value::Null => out.extend_from_slice(b"null"),
            Value::Text(text) => push_json_text(text, out),
            Value::Time(at) => push_quoted(out, |out| push_time(at, out)),
            Value::Second(at) => push_quoted(out, |out| push_second(at, out)),
            number => number.push_bare(out),
        }
    }

    /// Appends what needs no quotes in any format.
    pub fn push_bare(self, out: &mut Vec<u8>) {
        let written = match self {
            Value::Integer(integer) => write!(out, "{integer}"),
            Value::Decimal(decimal) if decimal.is_finite() => write!(out, "{decimal}"),
            Value::Decimal(_) => write!(out, "0"),
            Value::Flag(flag) => write!(out, "{flag}"),
            Value::Null | Value::Text(_) | Value::Time(_) | Value::Second(_) => {
                unreachable!("each format writes {self:?} itself")
            }
        };
        written.expect("writing into memory never fails");
    }
}

/// Appends what needs no escapes in quotes.
pub fn push_quoted(out: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    push(out);
    out.push(b'"');
}

/// Characters that are no control characters of JSON, but ends of lines to some clients that read NDJSON.
const LINE_ENDS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Appends a text with the quotes of JSON. Whatever ends no line and is no control character stays as it is.
pub fn push_json_text(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    serde_json::to_writer(&mut *out, text).expect("writing into memory never fails");
    // The first bytes of these are rare: mostly there is nothing to do.
    let may_end_lines = out[start..].iter().any(|byte| matches!(byte, 0xc2 | 0xe2));
    if may_end_lines && text.contains(LINE_ENDS) {
        let json = String::from_utf8(out.split_off(start)).expect("JSON is UTF-8");
        for character in json.chars() {
            match character {
                end if LINE_ENDS.contains(&end) => write!(out, "\\u{:04x}", u32::from(end)),
                other => write!(out, "{other}"),
            }
            .expect("writing into memory never fails");
        }
    }
}
