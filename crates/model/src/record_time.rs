//! Times of records: ISO 8601 with an offset, kept to the microsecond.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::temporal::{self, Pieces};
use jiff::tz::Offset;

use crate::Micros;
use crate::limits::UTC_OFFSET_SECONDS_MAX;

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

/// Reads an ISO 8601 date and time with `Z` or a numeric offset up to 23:59. Digits beyond microseconds are cut.
pub fn parse_record_time(text: &str) -> Result<Micros, RecordTimeError> {
    let pieces = pieces_of(text)?;
    let offset = pieces.offset().ok_or(RecordTimeError::NoOffset)?.to_numeric_offset();
    let time = pieces.time().ok_or(RecordTimeError::Malformed)?;
    Ok(micros(nanoseconds(pieces.date().to_datetime(time), offset)?))
}

/// Reads an ISO 8601 date, or date and time, with a space or a `T` between the two. Without `Z` or an offset it is in
/// UTC; a date alone is its midnight. Digits beyond microseconds are cut.
pub fn parse_utc_record_time(text: &str) -> Result<Micros, RecordTimeError> {
    parse_utc_nanoseconds(text).map(micros)
}

/// The same, exact: nanoseconds since 1970.
pub fn parse_utc_nanoseconds(text: &str) -> Result<i128, RecordTimeError> {
    let pieces = pieces_of(text)?;
    let offset = pieces.offset().map_or(Offset::UTC, |offset| offset.to_numeric_offset());
    nanoseconds(pieces.date().to_datetime(pieces.time().unwrap_or_default()), offset)
}

fn pieces_of(text: &str) -> Result<Pieces<'_>, RecordTimeError> {
    // RFC 9557 annotations ("[Europe/Paris]") are not ISO 8601, though the parser would take them.
    if text.ends_with(']') {
        return Err(RecordTimeError::Malformed);
    }
    PARSER.parse_pieces(text).map_err(|_| RecordTimeError::Malformed)
}

fn nanoseconds(wall: DateTime, offset: Offset) -> Result<i128, RecordTimeError> {
    if offset.seconds().unsigned_abs() > UTC_OFFSET_SECONDS_MAX.unsigned_abs() {
        return Err(RecordTimeError::Malformed);
    }
    // The last day of the calendar has no instants in it, lest some offset led out of it. What is asked of a time
    // behind them is only whether it is in the future.
    let end = if wall.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Ok(offset.to_timestamp(wall).unwrap_or(end).as_nanosecond())
}

/// Cuts; the calendar is far shorter than what 64 bits hold.
fn micros(nanoseconds: i128) -> Micros {
    nanoseconds.div_euclid(1_000) as Micros
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

    #[test]
    fn a_time_that_may_lack_an_offset_is_in_utc() {
        let noon = parse_record_time("2026-03-08T12:00:00Z");
        for text in
            ["2026-03-08 12:00:00", "2026-03-08T12:00", "2026-03-08 12:00:00Z", "2026-03-08 13:00:00+01:00"]
        {
            assert_eq!(parse_utc_record_time(text), noon, "{text}");
        }
        assert_eq!(parse_utc_record_time("2026-03-08"), parse_record_time("2026-03-08T00:00:00Z"));
        assert_eq!(parse_utc_record_time("1970-01-01 00:00:00.0000019"), Ok(1));
        assert_eq!(parse_utc_nanoseconds("1970-01-01 00:00:00.0000019"), Ok(1_900));
        for text in [
            "",
            "yesterday",
            "12:00:00",
            "2026-02-30",
            "2026-03-08 12:00:00+24:00",
            "2026-03-08[UTC]",
            "1772971200",
        ] {
            assert_eq!(parse_utc_record_time(text), Err(RecordTimeError::Malformed), "{text}");
        }
    }

    #[test]
    fn an_offset_beyond_23_59_is_not_a_time() {
        for offset in ["+24:00", "-24:00", "+25:00", "-25:59", "+2400", "+24"] {
            let text = format!("2026-03-08T10:00:00{offset}");
            assert_eq!(parse_record_time(&text), Err(RecordTimeError::Malformed), "{text}");
        }
        let noon = parse_record_time("2026-03-08T12:00:00Z").unwrap();
        assert_eq!(parse_record_time("2026-03-09T11:59:00+23:59"), Ok(noon));
        assert_eq!(parse_record_time("2026-03-07T12:01:00-23:59"), Ok(noon));
    }

    #[test]
    fn times_at_the_ends_of_the_calendar_are_times() {
        assert_eq!(parse_record_time("9999-12-31T23:59:59-23:59"), Ok(Timestamp::MAX.as_microsecond()));
        assert_eq!(parse_record_time("-009999-01-01T00:00:00+23:59"), Ok(Timestamp::MIN.as_microsecond()));
        assert_eq!(parse_record_time("0001-01-01T00:00:00Z"), Ok(-62_135_596_800_000_000));
    }
}
