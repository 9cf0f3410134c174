//! The instants that requests and pipe files name: a date, or a date and a time, in UTC unless an offset is given.

use jiff::civil::Date;
use tallyhouse_model::limits::UTC_OFFSET_SECONDS_MAX;
use tallyhouse_model::{Micros, SECOND};

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;

/// An instant, exact to the nanosecond as far as comparing it with microseconds goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant {
    /// The microsecond that it lies in.
    at: Micros,
    /// Whether it lies behind the beginning of that.
    is_beyond: bool,
}

impl Instant {
    /// The beginning of a microsecond.
    pub fn at(at: Micros) -> Self {
        Self { at, is_beyond: false }
    }

    /// Reads `YYYY-MM-DD`, `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS` with up to nine digits of a fraction; `T` for the
    /// space; behind a time `Z` or an offset such as `+02:00`. The years are 0001 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, rest) = text.split_at_checked(10)?;
        let day = day_of(date)?;
        if rest.is_empty() {
            return Some(Self { at: day * DAY_SECONDS * SECOND, is_beyond: false });
        }
        let rest = rest.strip_prefix([' ', 'T', 't'])?;
        let (clock, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len()));
        let (seconds, nanoseconds) = clock_of(clock)?;
        let seconds = day * DAY_SECONDS + seconds - offset_of(offset)?;
        let at = seconds * SECOND + nanoseconds / 1_000;
        Some(Self { at, is_beyond: nanoseconds % 1_000 != 0 })
    }

    /// The first microsecond that is not before it.
    pub fn as_start(self) -> Micros {
        self.at + i64::from(self.is_beyond)
    }

    /// The first microsecond that is behind it.
    pub fn as_end(self) -> Micros {
        self.at + 1
    }

    /// The first microsecond that is behind the second it lies in.
    pub fn as_end_of_second(self) -> Micros {
        (self.at.div_euclid(SECOND) + 1) * SECOND
    }
}

/// Days since 1970.
fn day_of(text: &str) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
    let year = number(&[y1, y2, y3, y4])?;
    let (month, day) = (number(&[m1, m2])?, number(&[d1, d2])?);
    let narrow = |number: i64| i8::try_from(number).ok();
    let date = Date::new(i16::try_from(year).ok().filter(|year| *year > 0)?, narrow(month)?, narrow(day)?);
    let since = Date::constant(1970, 1, 1).until(date.ok()?).ok()?;
    Some(i64::from(since.get_days()))
}

/// Seconds since midnight, and nanoseconds beyond them.
fn clock_of(text: &str) -> Option<(i64, i64)> {
    let (clock, fraction) =
        text.split_once('.').map_or((text, None), |(clock, digits)| (clock, Some(digits)));
    let seconds = match *clock.as_bytes() {
        [h1, h2, b':', m1, m2] if fraction.is_none() => below(24, h1, h2)? * 3_600 + below(60, m1, m2)? * 60,
        [h1, h2, b':', m1, m2, b':', s1, s2] => {
            below(24, h1, h2)? * 3_600 + below(60, m1, m2)? * 60 + below(60, s1, s2)?
        }
        _ => return None,
    };
    let Some(digits) = fraction else { return Some((seconds, 0)) };
    let length = u32::try_from(digits.len()).ok().filter(|length| (1..=9).contains(length))?;
    Some((seconds, number(digits.as_bytes())? * 10_i64.pow(9 - length)))
}

/// Seconds east of UTC. A `+` that was sent without encoding has become a space.
fn offset_of(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z") {
        return Some(0);
    }
    let trimmed = text.trim_start();
    let (sign, digits) = match trimmed.as_bytes() {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] => (1, digits),
        [b'Z' | b'z'] => return Some(0),
        digits => (1, digits),
    };
    let seconds = match *digits {
        [h1, h2] => below(24, h1, h2)? * 3_600,
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => below(24, h1, h2)? * 3_600 + below(60, m1, m2)? * 60,
        _ => return None,
    };
    (seconds <= i64::from(UTC_OFFSET_SECONDS_MAX)).then_some(sign * seconds)
}

fn below(end: i64, tens: u8, ones: u8) -> Option<i64> {
    number(&[tens, ones]).filter(|number| *number < end)
}

/// At most nine digits.
fn number(digits: &[u8]) -> Option<i64> {
    digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(text: &str) -> Option<Micros> {
        Instant::parse(text).map(Instant::as_start)
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
            "2022-06-30T19:30:00-04:30",
        ] {
            assert_eq!(start(text), Some(JULY), "{text}");
        }
        assert_eq!(start("2022-07-01 00:00:59.5"), Some(JULY + 59_500_000));
        assert_eq!(start("2022-07-01 23:59:59.123456"), Some(JULY + 86_399_123_456));
    }

    #[test]
    fn what_is_finer_than_microseconds_is_compared_at_full_precision() {
        let instant = Instant::parse("2022-07-01 00:00:00.000001500").unwrap();
        assert_eq!((instant.as_start(), instant.as_end()), (JULY + 2, JULY + 2));
        let instant = Instant::parse("2022-07-01 00:00:00.000001000").unwrap();
        assert_eq!((instant.as_start(), instant.as_end()), (JULY + 1, JULY + 2));
        let before_1970 = Instant::parse("1969-12-31 23:59:59.9999999").unwrap();
        assert_eq!((before_1970.as_start(), before_1970.as_end()), (0, 0));
    }

    #[test]
    fn the_ends_of_the_calendar_are_instants() {
        assert_eq!(start("0001-01-01"), Some(-62_135_596_800_000_000));
        assert_eq!(start("0001-01-01 00:00:00+23:59"), Some(-62_135_596_800_000_000 - 86_340_000_000));
        assert_eq!(start("9999-12-31 23:59:59-23:59"), Some(253_402_300_799_000_000 + 86_340_000_000));
    }

    #[test]
    fn anything_else_is_no_instant() {
        for text in [
            "",
            "now",
            "2022-7-1",
            "0000-01-01",
            "2022-02-29",
            "2022-13-01",
            "20220701",
            "+2022-07-01",
            "-022-07-01",
            "12022-07-01",
            "2022-07-01T",
            "2022-07-01Z",
            "2022-07-01+02:00",
            "2022-07-01 24:00:00",
            "2022-07-01 23:60:00",
            "2022-07-01 23:59:60",
            "2022-07-01 1:00:00",
            "2022-07-01 00:00:00.",
            "2022-07-01 00:00.5",
            "2022-07-01 00:00:00.1234567890",
            "2022-07-01 00:00:00,5",
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
