//! Times of answers: `2024-09-23 22:24:33.837`, in UTC, with milliseconds or without.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use tallyhouse_model::Micros;

/// Appends a time with milliseconds. What is finer is cut off; what lies beyond the calendar becomes its end.
pub fn push_time(at: Micros, out: &mut Vec<u8>) {
    let at = date_time(at);
    push_date_time(at, out);
    out.push(b'.');
    push_digits(at.subsec_nanosecond().unsigned_abs() / 1_000_000, 3, out);
}

/// The same in whole seconds.
pub fn push_second(at: Micros, out: &mut Vec<u8>) {
    push_date_time(date_time(at), out);
}

fn date_time(at: Micros) -> DateTime {
    let end = if at < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Offset::UTC.to_datetime(Timestamp::from_microsecond(at).unwrap_or(end))
}

fn push_date_time(at: DateTime, out: &mut Vec<u8>) {
    if at.year() < 0 {
        out.push(b'-');
    }
    push_digits(u32::from(at.year().unsigned_abs()), 4, out);
    for (separator, number) in
        [(b'-', at.month()), (b'-', at.day()), (b' ', at.hour()), (b':', at.minute()), (b':', at.second())]
    {
        out.push(separator);
        push_digits(u32::from(number.unsigned_abs()), 2, out);
    }
}

fn push_digits(number: u32, digits: u32, out: &mut Vec<u8>) {
    for place in (0..digits).rev() {
        out.push(b'0' + (number / 10_u32.pow(place) % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(at: Micros) -> String {
        let mut out = Vec::new();
        push_time(at, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn milliseconds_are_shown_and_finer_digits_cut_off() {
        assert_eq!(text(0), "1970-01-01 00:00:00.000");
        assert_eq!(text(1_727_130_273_837_999), "2024-09-23 22:24:33.837");
        assert_eq!(text(-1), "1969-12-31 23:59:59.999");
        assert_eq!(text(-1_000_001), "1969-12-31 23:59:58.999");
    }

    #[test]
    fn whole_seconds_cut_off_what_is_finer() {
        for (at, shown) in
            [(0, "1970-01-01 00:00:00"), (999_999, "1970-01-01 00:00:00"), (-1, "1969-12-31 23:59:59")]
        {
            let mut out = Vec::new();
            push_second(at, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), shown);
        }
    }

    #[test]
    fn times_beyond_the_calendar_are_its_ends() {
        assert!(text(Micros::MAX).starts_with("9999-12-30 "));
        assert!(text(Micros::MIN + 1).starts_with("-9999-01-02 "));
    }
}
