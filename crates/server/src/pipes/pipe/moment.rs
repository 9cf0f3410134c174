//! The moments that requests and pipe files name: a date, or a date and a time, in UTC unless an offset is given. What
//! the fields of demo records accept is one, and so are spaces that a query string makes of a `+`.

use std::borrow::Cow;

use tallyhouse_model::{Micros, SECOND, parse_utc_nanoseconds};

/// A moment, exact to the nanosecond as far as comparing it with microseconds goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The microsecond that it lies in.
    at: Micros,
    /// Whether it lies behind the beginning of that.
    is_beyond: bool,
}

impl Moment {
    /// The beginning of a microsecond.
    pub fn at(at: Micros) -> Self {
        Self { at, is_beyond: false }
    }

    /// Reads `YYYY-MM-DD`, or `YYYY-MM-DD HH:MM:SS` with up to nine digits of a fraction and `T` or a space between date and
    /// time; behind a time `Z` or an offset such as `+02:00`, with a space before it or not.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !is_written_out(text) {
            return None;
        }
        let nanoseconds = parse_utc_nanoseconds(&with_plus(text)).ok()?;
        let at = nanoseconds.div_euclid(1_000) as Micros;
        Some(Self { at, is_beyond: nanoseconds.rem_euclid(1_000) != 0 })
    }

    /// The first microsecond that is not before it.
    pub fn as_start(self) -> Micros {
        self.at + i64::from(self.is_beyond)
    }

    /// The first microsecond that is behind it.
    pub fn as_end(self) -> Micros {
        self.at + 1
    }

    /// The first microsecond of the second it lies in.
    pub fn as_start_of_second(self) -> Micros {
        self.at.div_euclid(SECOND) * SECOND
    }

    /// The first microsecond that is behind the second it lies in.
    pub fn as_end_of_second(self) -> Micros {
        (self.at.div_euclid(SECOND) + 1) * SECOND
    }
}

/// Whether a text has the documented form, of which ISO 8601 has shorter and stranger ones: digits without hyphens, hours
/// without minutes, second 60. In a request they are rather a mistake.
fn is_written_out(text: &str) -> bool {
    let is_date = text.bytes().take(10).enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let clock = text.get(10..).unwrap_or_default();
    let is_clock = clock.is_empty() || (clock.len() > 5 && clock.as_bytes()[3] == b':');
    let has_odd_second = clock.get(6..9) == Some(":60") || clock.contains(',');
    is_date && is_clock && !has_odd_second && !text.starts_with("0000")
}

/// A `+` that was sent without encoding has become a space: one before the digits of an offset is a `+` again, one before
/// anything else is left out.
fn with_plus(text: &str) -> Cow<'_, str> {
    let time = text.find([' ', 'T', 't']).map_or(text.len(), |separator| separator + 1);
    let Some(space) = text[time..].find(' ') else { return Cow::Borrowed(text) };
    let (clock, offset) = (&text[..time + space], text[time + space + 1..].trim_start());
    let plus = if offset.starts_with(|first: char| first.is_ascii_digit()) { "+" } else { "" };
    Cow::Owned(format!("{clock}{plus}{offset}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(text: &str) -> Option<Micros> {
        Moment::parse(text).map(Moment::as_start)
    }

    /// 2022-07-01T00:00:00Z.
    const JULY: Micros = 1_656_633_600_000_000;

    #[test]
    fn dates_are_midnight_utc_and_times_may_have_t_z_offset_and_fraction() {
        for text in [
            "2022-07-01",
            " 2022-07-01 ",
            "2022-07-01 00:00",
            "2022-07-01 00:00:00",
            "2022-07-01T00:00:00",
            "2022-07-01t00:00:00z",
            "2022-07-01T00:00:00Z",
            "2022-07-01 00:00:00 Z",
            "2022-07-01 00:00:00.000000000Z",
            "2022-07-01 02:00:00+02:00",
            "2022-07-01 02:00:00 +0200",
            "2022-07-01 02:00:00 02",
            "2022-07-01 02:00:00  02:00",
            "2022-06-30T19:30:00-04:30",
        ] {
            assert_eq!(start(text), Some(JULY), "{text}");
        }
        assert_eq!(start("2022-07-01 00:00:59.5"), Some(JULY + 59_500_000));
        assert_eq!(start("2022-07-01 23:59:59.123456"), Some(JULY + 86_399_123_456));
    }

    #[test]
    fn what_a_record_accepts_in_this_form_is_the_same_moment() {
        for text in [
            "2022-07-01",
            "2022-07-01T10:30",
            "2022-07-01T10:30:00.123456789+05:30",
            "2022-07-01 10:30:00-0230",
            "9999-12-31 23:59:59",
        ] {
            let of_record = tallyhouse_model::parse_utc_record_time(text).unwrap();
            assert_eq!(Moment::parse(text).unwrap().at, of_record, "{text}");
        }
    }

    #[test]
    fn what_is_finer_than_microseconds_is_compared_at_full_precision() {
        let moment = Moment::parse("2022-07-01 00:00:00.000001500").unwrap();
        assert_eq!((moment.as_start(), moment.as_end()), (JULY + 2, JULY + 2));
        let moment = Moment::parse("2022-07-01 00:00:00.000001000").unwrap();
        assert_eq!((moment.as_start(), moment.as_end()), (JULY + 1, JULY + 2));
        let before_1970 = Moment::parse("1969-12-31 23:59:59.9999999").unwrap();
        assert_eq!((before_1970.as_start(), before_1970.as_end()), (0, 0));
    }

    #[test]
    fn the_ends_of_the_calendar_are_moments() {
        assert_eq!(start("0001-01-01"), Some(-62_135_596_800_000_000));
        assert_eq!(start("0001-01-01 00:00:00+23:59"), Some(-62_135_596_800_000_000 - 86_340_000_000));
        // The last day of the calendar has no moments in it; there are no rows near it.
        assert_eq!(start("9999-12-31 23:59:59-23:59"), start("9999-12-31"));
        assert!(start("9999-12-31") > start("9999-12-30"));
    }

    #[test]
    fn anything_else_is_no_moment() {
        for text in [
            "",
            "now",
            "2022-7-1",
            "20220701",
            "20220701T103000Z",
            "2022/07/01",
            "0000-01-01",
            "+002022-07-01 10:30:00",
            "2022-07-01 10",
            "2022-07-01 1030",
            "2022-07-01 10:30:00,5",
            "2022-07-01 23:59:60",
            "2022-02-29",
            "2022-13-01",
            "+2022-07-01",
            "-022-07-01",
            "12022-07-01",
            "2022-07-01T",
            "2022-07-01Z",
            "2022-07-01+02:00",
            "2022-07-01 24:00:00",
            "2022-07-01 23:60:00",
            "2022-07-01 1:00:00",
            "2022-07-01 00:00:00.",
            "2022-07-01 00:00.5",
            "2022-07-01 00:00:00.1234567890",
            "2022-07-01 00:00:00+24:00",
            "2022-07-01 00:00:00+2:00",
            "2022-07-01 00:00:00+",
            "2022-07-01 00:00:00Z+01:00",
            "2022-07-01 00:00:00 [UTC]",
            "2022-07-01  00:00:00",
            "1656633600",
            "2022-07-0é",
            "２０２２-07-01",
        ] {
            assert_eq!(start(text), None, "{text}");
        }
    }
}
