//! Times as this family writes them: ISO 8601 with milliseconds, which are cut off and not rounded.

use jiff::Timestamp;
use jiff::tz::Offset;
use tallyhouse_model::{Micros, Zone};

/// A time in UTC, such as `2016-11-07T00:00:00.000Z`.
pub fn in_utc(at: Micros) -> String {
    format!("{:.3}", timestamp(at))
}

/// A time with the offset of a zone, such as `2016-11-07T13:00:00.000+13:00`; in UTC itself as [`in_utc`].
pub fn in_zone(at: Micros, zone: &Zone) -> String {
    if *zone == Zone::UTC {
        return in_utc(at);
    }
    let offset = Offset::from_seconds(zone.offset_seconds_at(at)).expect("a zone has offsets of a calendar");
    format!("{:.3}", timestamp(at).display_with_offset(offset))
}

/// Stored times are all in the calendar; anything else is shown as the end of it.
fn timestamp(at: Micros) -> Timestamp {
    let at = Timestamp::from_millisecond(at.div_euclid(1_000));
    at.unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn times_have_three_digits_that_are_cut_off() {
        assert_eq!(in_utc(at("2016-11-07T00:00:00Z")), "2016-11-07T00:00:00.000Z");
        assert_eq!(in_utc(at("2016-11-07T00:00:00.999999Z")), "2016-11-07T00:00:00.999Z");
        assert_eq!(in_utc(-1), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn times_of_a_zone_have_its_offset() {
        let auckland = Zone::named("Pacific/Auckland").unwrap();
        assert_eq!(in_zone(at("2022-04-16T23:30:27.0456Z"), &auckland), "2022-04-17T11:30:27.045+12:00");
        assert_eq!(in_zone(at("2022-02-27T21:45:35.081Z"), &auckland), "2022-02-28T10:45:35.081+13:00");
        assert_eq!(in_zone(at("2022-02-27T21:45:35.081Z"), &Zone::UTC), "2022-02-27T21:45:35.081Z");
    }
}
