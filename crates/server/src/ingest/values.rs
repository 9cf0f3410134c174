//! Reads single fields as the type that a rule asks for: text, integer, time, word, truth value.
//!
//! Each answers `None` for an absent field and a [`Reason`] that names the field for one that does not fit.

use std::borrow::Cow;
use std::net::IpAddr;

use tallyhouse_model::limits::{RECORD_TIME_AHEAD_MAX, RECORD_TIME_MIN};
use tallyhouse_model::{Key, Micros, parse_record_time};

use super::{Field, Raw, Reason, SegmentFields, parse_uuid};

type Read<T> = Result<Option<T>, Reason>;

/// A reason that names this field.
pub fn wrong(field: Field, problem: impl Into<Cow<'static, str>>) -> Reason {
    Reason::field(field.name(), problem)
}

/// A field that has to be there.
pub fn required<T>(field: Field, value: Option<T>) -> Result<T, Reason> {
    value.ok_or_else(|| wrong(field, "is required"))
}

/// A string of at most so many bytes.
pub fn text<'f>(fields: &'f SegmentFields<'_>, field: Field, bytes_max: usize) -> Read<&'f str> {
    let text: &str = match fields.get(field) {
        Raw::Absent => return Ok(None),
        Raw::Text(text) => text,
        Raw::Cell(text) => text,
        Raw::Unusable(problem) => return Err(wrong(field, *problem)),
        _ => return Err(wrong(field, "is not a string")),
    };
    if text.len() > bytes_max {
        return Err(wrong(field, format!("is longer than {bytes_max} bytes")));
    }
    Ok(Some(text))
}

/// A string or an integer of any size, as text of 1 to so many bytes.
pub fn name_or_number<'f>(
    fields: &'f SegmentFields<'_>,
    field: Field,
    bytes_max: usize,
) -> Read<Cow<'f, str>> {
    let name = match fields.get(field) {
        Raw::Integer(number) => Some(number.to_string().into()),
        Raw::Number(digits) if is_integer(digits) => Some((*digits).into()),
        Raw::Number(_) => return Err(wrong(field, "is neither a string nor an integer")),
        Raw::Boolean(_) | Raw::Json(_) => return Err(wrong(field, "is neither a string nor an integer")),
        _ => text(fields, field, bytes_max)?.map(Cow::Borrowed),
    };
    match name {
        Some(name) if name.is_empty() => Err(wrong(field, "is empty")),
        Some(name) if name.len() > bytes_max => {
            Err(wrong(field, format!("is longer than {bytes_max} bytes")))
        }
        name => Ok(name),
    }
}

fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// An integer from 0 to `max`.
pub fn integer(fields: &SegmentFields<'_>, field: Field, max: u64) -> Read<u64> {
    match fields.get(field) {
        Raw::Absent => Ok(None),
        Raw::Integer(number) => in_bounds(field, u64::try_from(*number).ok(), max).map(Some),
        Raw::Number(digits) | Raw::Cell(digits) if is_integer(digits) => {
            in_bounds(field, digits.parse().ok(), max).map(Some)
        }
        Raw::Unusable(problem) => Err(wrong(field, *problem)),
        _ => Err(wrong(field, "is not an integer")),
    }
}

/// An integer from 0 to `max`, or a string of digits that means one.
pub fn integer_or_digits(fields: &SegmentFields<'_>, field: Field, max: u64) -> Read<u64> {
    match fields.get(field) {
        Raw::Text(digits) if is_integer(digits) => in_bounds(field, digits.parse().ok(), max).map(Some),
        Raw::Text(_) => Err(wrong(field, "is neither an integer nor a string of digits")),
        _ => integer(fields, field, max),
    }
}

fn in_bounds(field: Field, number: Option<u64>, max: u64) -> Result<u64, Reason> {
    number.filter(|number| *number <= max).ok_or_else(|| wrong(field, format!("is not between 0 and {max}")))
}

/// A time from 1990 to a day past now.
pub fn time(fields: &SegmentFields<'_>, field: Field, now: Micros) -> Read<Micros> {
    let at = match fields.get(field) {
        Raw::Absent => return Ok(None),
        Raw::Time(at) => *at,
        Raw::Text(text) => parse_record_time(text).map_err(|error| wrong(field, error.to_string()))?,
        Raw::Cell(text) => parse_record_time(text).map_err(|error| wrong(field, error.to_string()))?,
        Raw::Unusable(problem) => return Err(wrong(field, *problem)),
        _ => return Err(wrong(field, "is not a time; write it as an ISO 8601 string")),
    };
    if at < RECORD_TIME_MIN {
        return Err(wrong(field, "is before 1990"));
    }
    if at > now.saturating_add(RECORD_TIME_AHEAD_MAX) {
        return Err(wrong(field, "is more than a day in the future"));
    }
    Ok(Some(at))
}

/// One of a list of words, as its position plus one.
pub fn choice(fields: &SegmentFields<'_>, field: Field, words: &[&str]) -> Read<u8> {
    let Some(word) = text(fields, field, usize::MAX)? else { return Ok(None) };
    match words.iter().position(|known| *known == word) {
        Some(index) => Ok(Some(u8::try_from(index + 1).expect("lists of words are short"))),
        None => Err(wrong(field, format!("is not one of: {}", words.join(", ")))),
    }
}

/// True or false.
pub fn flag(fields: &SegmentFields<'_>, field: Field) -> Read<bool> {
    match fields.get(field) {
        Raw::Absent => Ok(None),
        Raw::Boolean(flag) => Ok(Some(*flag)),
        // Spreadsheets write TRUE, some languages True.
        Raw::Cell(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Raw::Cell(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Raw::Unusable(problem) => Err(wrong(field, *problem)),
        _ => Err(wrong(field, "is neither true nor false")),
    }
}

/// A UUID.
pub fn uuid(fields: &SegmentFields<'_>, field: Field) -> Read<Key> {
    if let Raw::Id(key) = fields.get(field) {
        return Ok(Some(*key));
    }
    let Some(text) = text(fields, field, usize::MAX)? else { return Ok(None) };
    parse_uuid(text).map(Some).ok_or_else(|| wrong(field, "is not a UUID of five groups with hyphens"))
}

/// A two-letter country code, in upper case.
pub fn country(fields: &SegmentFields<'_>, field: Field) -> Read<[u8; 2]> {
    match text(fields, field, usize::MAX)?.map(str::as_bytes) {
        None => Ok(None),
        Some(&[first, second]) if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => {
            Ok(Some([first.to_ascii_uppercase(), second.to_ascii_uppercase()]))
        }
        Some(_) => Err(wrong(field, "is not a country code of two letters")),
    }
}

/// A JSON object as text.
pub fn object<'f>(fields: &'f SegmentFields<'_>, field: Field) -> Read<&'f str> {
    match fields.get(field) {
        Raw::Absent => Ok(None),
        Raw::Json(json) => Ok(Some(json)),
        Raw::Cell(json) => Ok(Some(json)),
        Raw::Unusable(problem) => Err(wrong(field, *problem)),
        _ => Err(wrong(field, "is not an object")),
    }
}

/// An address, of IP version 4 or 6.
pub fn address(fields: &SegmentFields<'_>, field: Field) -> Read<IpAddr> {
    let Some(text) = text(fields, field, usize::MAX)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| wrong(field, "is not an IP address"))
}
