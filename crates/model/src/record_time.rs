//! Times of records: ISO 8601 with an offset, kept to the microsecond.

use jiff::{Timestamp, fmt::temporal};

use crate::Micros;

static PARSER: temporal::DateTimeParser = temporal::DateTimeParser::new();

/// Why a text is not the time of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordTimeError {
    /// A date and time, but it could be anywhere.
    #[error("has no UTC offset; write Z or an offset such as +01:00")]
    NoOffset,
    /// Not a date and time at all.
    #[error("is not an ISO 8601 date and time")]
    Malformed,
}

/// Reads an ISO 8601 date and time with `Z` or a numeric offset. Digits beyond microseconds are cut.
pub fn parse_record_time(text: &str) -> Result<Micros, RecordTimeError> {
    // RFC 9557 annotations ("[Europe/Paris]") are not ISO 8601, though the parser would take them.
    if text.ends_with(']') {
        return Err(RecordTimeError::Malformed);
    }
    match PARSER.parse_timestamp(text) {
        Ok(timestamp) => Ok(timestamp.as_nanosecond().div_euclid(1_000) as Micros),
        Err(_) if PARSER.parse_datetime(text).is_ok() => Err(RecordTimeError::NoOffset),
        Err(_) => Err(RecordTimeError::Malformed),
    }
}

/// Writes a time as exports do: UTC, with as many digits of the fraction as it needs.
pub fn render_record_time(at: Micros) -> String {
    Timestamp::from_microsecond(at).map_or_else(|_| at.to_string(), |timestamp| timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_kept_and_finer_digits_cut() {
        assert_eq!(parse_record_time("1970-01-01T00:00:01.1234567Z"), Ok(1_123_456));
        assert_eq!(parse_record_time("1969-12-31T23:59:59.9999999+00:00"), Ok(-1));
        assert_eq!(parse_record_time("2018-07-16T19:20:30+01:00"), Ok(1_531_765_230_000_000));
    }

    #[test]
    fn a_time_without_an_offset_could_be_anywhere() {
        assert_eq!(parse_record_time("2018-07-16T19:20:30"), Err(RecordTimeError::NoOffset));
        assert_eq!(parse_record_time("2018-07-16"), Err(RecordTimeError::NoOffset));
        assert_eq!(parse_record_time("yesterday"), Err(RecordTimeError::Malformed));
        assert_eq!(
            parse_record_time("2018-07-16T19:20:30+01:00[Europe/London]"),
            Err(RecordTimeError::Malformed)
        );
    }
}
