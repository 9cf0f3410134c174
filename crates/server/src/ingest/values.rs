//! Reads single fields as the type that a rule asks for: text, integer, time, word, truth value.
//!
//! Each answers `None` for an absent field and a [`Reason`] that names the field for one that does not fit.

use std::borrow::Cow;
use std::net::IpAddr;

use tallyhouse_model::limits::{RECORD_TIME_AHEAD_MAX, RECORD_TIME_MIN, VERSION_AHEAD_MAX};
use tallyhouse_model::{
    Cell, Key, Micros, RecordTimeError, parse_record_time, parse_utc_record_time, parse_uuid, render_uuid,
};

use super::{Absence, Empty, Raw, Reason, Sent, TextFrom, TextRule, Zoneless};

// `updated_at` is read by the rule of all times.
const _: () = assert!(VERSION_AHEAD_MAX == RECORD_TIME_AHEAD_MAX);

type Read<T> = Result<Option<T>, Reason>;

/// A reason that names this field.
pub fn wrong(sent: Sent<'_>, problem: impl Into<Cow<'static, str>>) -> Reason {
    Reason::field(sent.field.name, problem)
}

/// Why a record is refused that lacks this field.
pub fn required(sent: Sent<'_>) -> Reason {
    wrong(sent, "is required")
}

/// A text of what the rule takes as one.
pub fn text<'f>(sent: Sent<'f>, rule: TextRule) -> Read<Cow<'f, str>> {
    let is_text = rule.from != TextFrom::Strings;
    let text: Cow<'f, str> = match sent.raw {
        Raw::Integer(number) if is_text => number.to_string().into(),
        Raw::Number(digits) if is_text && is_integer(digits) => (*digits).into(),
        Raw::Id(key) if is_text => render_uuid(key).into(),
        Raw::Boolean(flag) if rule.from == TextFrom::Scalars => if *flag { "true" } else { "false" }.into(),
        _ => return Ok(string(sent, rule)?.map(Cow::Borrowed)),
    };
    in_length(sent, rule, text)
}

/// A text out of a string.
pub fn string<'f>(sent: Sent<'f>, rule: TextRule) -> Read<&'f str> {
    match sent.raw {
        Raw::Absent => Ok(None),
        Raw::Text(text) => in_length(sent, rule, text),
        Raw::Cell(text) => in_length(sent, rule, text),
        Raw::Unusable(problem) => Err(wrong(sent, *problem)),
        _ => Err(wrong(sent, is_no_text(rule.from))),
    }
}

fn in_length<T: AsRef<str>>(sent: Sent<'_>, rule: TextRule, text: T) -> Read<T> {
    let bytes = text.as_ref().len();
    match rule.empty {
        _ if bytes > rule.bytes_max => Err(wrong(sent, format!("is longer than {} bytes", rule.bytes_max))),
        Empty::Absent if bytes == 0 => Ok(None),
        Empty::Refused if bytes == 0 => Err(wrong(sent, "is empty")),
        _ => Ok(Some(text)),
    }
}

/// What stands for a word, a UUID, a code or an address: of any length, as it is compared anyway.
const ANY_STRING: TextRule = TextRule { from: TextFrom::Strings, bytes_max: usize::MAX, empty: Empty::Kept };

fn is_no_text(from: TextFrom) -> &'static str {
    match from {
        TextFrom::Strings => "is not a string",
        TextFrom::Integers => "is neither a string nor an integer",
        TextFrom::Scalars => "is neither a string nor an integer nor a truth value",
    }
}

fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// An integer from 0 to `max`.
pub fn integer(sent: Sent<'_>, max: u64) -> Read<u64> {
    match sent.raw {
        Raw::Absent => Ok(None),
        Raw::Integer(number) => in_bounds(sent, u64::try_from(*number).ok(), max).map(Some),
        Raw::Number(digits) | Raw::Cell(digits) if is_integer(digits) => {
            in_bounds(sent, digits.parse().ok(), max).map(Some)
        }
        Raw::Unusable(problem) => Err(wrong(sent, *problem)),
        _ => Err(wrong(sent, "is not an integer")),
    }
}

/// An integer from 0 to `max`, or a string of digits that means one.
pub fn integer_or_digits(sent: Sent<'_>, max: u64) -> Read<u64> {
    match sent.raw {
        Raw::Text(digits) if is_integer(digits) => in_bounds(sent, digits.parse().ok(), max).map(Some),
        Raw::Text(_) => Err(wrong(sent, "is neither an integer nor a string of digits")),
        _ => integer(sent, max),
    }
}

fn in_bounds(sent: Sent<'_>, number: Option<u64>, max: u64) -> Result<u64, Reason> {
    number.filter(|number| *number <= max).ok_or_else(|| wrong(sent, format!("is not between 0 and {max}")))
}

/// A time from 1990 to a day past now, or the one that the field has by default.
pub fn time(sent: Sent<'_>, zoneless: Zoneless, now: Micros) -> Read<Micros> {
    let at = match sent.raw {
        Raw::Absent => return Ok(None),
        Raw::Time(at) => *at,
        Raw::Text(text) => time_of(text, zoneless).map_err(|error| wrong(sent, error.to_string()))?,
        Raw::Cell(text) => time_of(text, zoneless).map_err(|error| wrong(sent, error.to_string()))?,
        Raw::Unusable(problem) => return Err(wrong(sent, *problem)),
        _ => return Err(wrong(sent, "is not a time; write it as an ISO 8601 string")),
    };
    if sent.field.absence == Absence::Default(Cell::Time(at)) {
        return Ok(Some(at));
    }
    if at < RECORD_TIME_MIN {
        return Err(wrong(sent, "is before 1990"));
    }
    if at > now.saturating_add(RECORD_TIME_AHEAD_MAX) {
        return Err(wrong(sent, "is more than a day in the future"));
    }
    Ok(Some(at))
}

fn time_of(text: &str, zoneless: Zoneless) -> Result<Micros, RecordTimeError> {
    match zoneless {
        Zoneless::Refused => parse_record_time(text),
        Zoneless::Utc => parse_utc_record_time(text),
    }
}

/// One of a list of words, as its position plus one.
pub fn choice(sent: Sent<'_>, words: &[&str]) -> Read<u8> {
    let Some(word) = string(sent, ANY_STRING)? else { return Ok(None) };
    match words.iter().position(|known| *known == word) {
        Some(index) => Ok(Some(u8::try_from(index + 1).expect("lists of words are short"))),
        None => Err(wrong(sent, format!("is not one of: {}", words.join(", ")))),
    }
}

/// True or false.
pub fn flag(sent: Sent<'_>) -> Read<bool> {
    match sent.raw {
        Raw::Absent => Ok(None),
        Raw::Boolean(flag) => Ok(Some(*flag)),
        // Spreadsheets write TRUE, some languages True.
        Raw::Cell(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Raw::Cell(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Raw::Unusable(problem) => Err(wrong(sent, *problem)),
        _ => Err(wrong(sent, "is neither true nor false")),
    }
}

/// A UUID.
pub fn uuid(sent: Sent<'_>) -> Read<Key> {
    if let Raw::Id(key) = sent.raw {
        return Ok(Some(*key));
    }
    let Some(text) = string(sent, ANY_STRING)? else { return Ok(None) };
    parse_uuid(text).map(Some).ok_or_else(|| wrong(sent, "is not a UUID of five groups with hyphens"))
}

/// A two-letter country code, in upper case.
pub fn country(sent: Sent<'_>) -> Read<[u8; 2]> {
    match string(sent, ANY_STRING)?.map(str::as_bytes) {
        None => Ok(None),
        Some(&[first, second]) if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => {
            Ok(Some([first.to_ascii_uppercase(), second.to_ascii_uppercase()]))
        }
        Some(_) => Err(wrong(sent, "is not a country code of two letters")),
    }
}

/// A JSON object as text; whether it is a whole one is for the caller to find out.
pub fn object<'f>(sent: Sent<'f>) -> Read<&'f str> {
    match sent.raw {
        Raw::Absent => Ok(None),
        Raw::Json(json) => Ok(Some(json)),
        Raw::Cell(json) => Ok(Some(json)),
        Raw::Unusable(problem) => Err(wrong(sent, *problem)),
        _ => Err(wrong(sent, "is not an object")),
    }
}

/// An address, of IP version 4 or 6.
pub fn address(sent: Sent<'_>) -> Read<IpAddr> {
    let Some(text) = string(sent, ANY_STRING)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| wrong(sent, "is not an IP address"))
}
