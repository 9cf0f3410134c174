//! Calendar arithmetic: zones, units and the boundaries of buckets.
//!
//! It is done per bucket, never per row: a query asks for its boundaries once and cuts sorted times with them.

use std::hash::{Hash, Hasher};

use jiff::{Timestamp, ToSpan as _, civil, tz};

use crate::limits::UTC_OFFSET_SECONDS_MAX;
use crate::{HOUR, Micros, SECOND};

/// A calendar unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// From midnight to midnight: 23, 24 or 25 hours.
    Day,
    /// From Monday to Monday.
    Week,
    /// From the first to the first.
    Month,
}

/// Where the calendar's days begin: a fixed offset or a named zone with its daylight-saving days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(tz::TimeZone);

/// By name or offset; zones that are equal have the same.
impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iana_name().hash(state);
        self.0.to_fixed_offset().ok().map(tz::Offset::seconds).hash(state);
    }
}

impl Zone {
    /// UTC.
    pub const UTC: Zone = Zone(tz::TimeZone::UTC);

    /// A fixed offset from UTC, in seconds. `None` beyond [`UTC_OFFSET_SECONDS_MAX`].
    pub fn fixed(seconds: i32) -> Option<Zone> {
        let seconds = (seconds.unsigned_abs() <= UTC_OFFSET_SECONDS_MAX.unsigned_abs()).then_some(seconds)?;
        tz::Offset::from_seconds(seconds).ok().map(|offset| Zone(tz::TimeZone::fixed(offset)))
    }

    /// A zone of the IANA database, which is part of the program.
    pub fn named(name: &str) -> Option<Zone> {
        tz::TimeZone::get(name).ok().map(Zone)
    }

    /// Seconds east of UTC at this instant.
    pub fn offset_seconds_at(&self, at: Micros) -> i32 {
        self.0.to_offset(timestamp(at)).seconds()
    }

    /// How far clocks are ahead of UTC at this instant, and until when (not included) they stay so.
    pub fn offset_until(&self, at: Micros) -> (Micros, Micros) {
        let next = self.0.following(timestamp(at)).next();
        let until = next.map_or(Micros::MAX, |transition| transition.timestamp().as_microsecond());
        (i64::from(self.offset_seconds_at(at)) * SECOND, until)
    }

    /// The instant a wall clock shows this; in a gap the one after it, when shown twice the first.
    pub fn instant_of(&self, wall: civil::DateTime) -> Option<Micros> {
        self.0.to_ambiguous_timestamp(wall).compatible().ok().map(|timestamp| timestamp.as_microsecond())
    }

    /// The start of the bucket that holds this instant. Buckets follow each other without gaps. A change of clocks ends an
    /// hour or minute that it is in the middle of, so that an hour that is shown twice is two buckets; a day that clocks
    /// were put back into, over midnight, has ended all the same.
    pub fn bucket_start(&self, unit: Unit, at: Micros) -> Micros {
        let wall = self.0.to_datetime(timestamp(at));
        let mut start = match unit {
            Unit::Minute | Unit::Hour => {
                let start = floor_to(at, i64::from(self.offset_seconds_at(at)) * SECOND, length(unit));
                let change = self.0.preceding(timestamp(at.saturating_add(1))).next();
                return start.max(change.map_or(Micros::MIN, |change| change.timestamp().as_microsecond()));
            }
            Unit::Day => self.start_of(wall.date()),
            Unit::Week => self.start_of(monday_of(wall.date())),
            Unit::Month => self.start_of(wall.date().first_of_month()),
        };
        loop {
            let next = self.next_bucket(unit, start);
            if next > at || next == Micros::MAX {
                return start;
            }
            start = next;
        }
    }

    /// The boundaries of all buckets that touch `[from, to)`: the start of each, and behind them the end of the last.
    /// Empty when the range is.
    pub fn boundaries(&self, unit: Unit, from: Micros, to: Micros) -> Vec<Micros> {
        if to <= from {
            return Vec::new();
        }
        let mut boundaries = vec![self.bucket_start(unit, from)];
        let mut last = boundaries[0];
        while last < to {
            last = self.next_bucket(unit, last);
            boundaries.push(last);
        }
        boundaries
    }

    /// The start of the bucket behind the one that starts here.
    pub fn next_bucket(&self, unit: Unit, start: Micros) -> Micros {
        let next = match unit {
            Unit::Minute | Unit::Hour => {
                let (offset, until) = self.offset_until(start);
                until.min(floor_to(start, offset, length(unit)).saturating_add(length(unit)))
            }
            Unit::Day => {
                let date = self.0.to_datetime(timestamp(start)).date();
                date.tomorrow().map_or(Micros::MAX, |date| self.start_of(date))
            }
            Unit::Week => {
                let date = self.0.to_datetime(timestamp(start)).date();
                let next = monday_of(date).checked_add(7.days());
                next.map_or(Micros::MAX, |date| self.start_of(date))
            }
            Unit::Month => {
                let date = self.0.to_datetime(timestamp(start)).date();
                date.last_of_month().tomorrow().map_or(Micros::MAX, |date| self.start_of(date))
            }
        };
        assert!(next > start, "buckets follow each other");
        next
    }

    /// The first instant of a day; where midnight is skipped, the end of the gap.
    fn start_of(&self, date: civil::Date) -> Micros {
        self.instant_of(date.at(0, 0, 0, 0)).unwrap_or(if date.year() < 0 {
            Micros::MIN
        } else {
            Micros::MAX
        })
    }
}

/// The Monday of a day's week; of a week that begins before the calendar does, its first day.
fn monday_of(date: civil::Date) -> civil::Date {
    let days = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(days.days()).unwrap_or(civil::Date::MIN)
}

fn floor_to(at: Micros, offset: Micros, unit: Micros) -> Micros {
    (at + offset).div_euclid(unit) * unit - offset
}

/// The length of a minute or an hour.
fn length(unit: Unit) -> Micros {
    if unit == Unit::Minute { 60 * SECOND } else { HOUR }
}

/// Instants outside what a calendar can show (years -9999 to 9999) are taken to its ends.
fn timestamp(at: Micros) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    fn los_angeles() -> Zone {
        Zone::named("America/Los_Angeles").unwrap()
    }

    #[test]
    fn a_day_of_daylight_saving_has_23_or_25_hours() {
        let spring =
            los_angeles().boundaries(Unit::Hour, at("2026-03-08T08:00:00Z"), at("2026-03-09T07:00:00Z"));
        assert_eq!(spring.len() - 1, 23);
        let autumn =
            los_angeles().boundaries(Unit::Hour, at("2026-11-01T07:00:00Z"), at("2026-11-02T08:00:00Z"));
        assert_eq!(autumn.len() - 1, 25);
        assert!(autumn.windows(2).all(|pair| pair[1] - pair[0] == HOUR));
    }

    #[test]
    fn days_and_months_begin_at_local_midnight() {
        let zone = los_angeles();
        assert_eq!(zone.bucket_start(Unit::Day, at("2026-03-08T23:00:00Z")), at("2026-03-08T08:00:00Z"));
        assert_eq!(zone.bucket_start(Unit::Month, at("2026-03-20T23:00:00Z")), at("2026-03-01T08:00:00Z"));
        let months = zone.boundaries(Unit::Month, at("2026-03-20T23:00:00Z"), at("2026-04-02T00:00:00Z"));
        assert_eq!(
            months,
            [at("2026-03-01T08:00:00Z"), at("2026-04-01T07:00:00Z"), at("2026-05-01T07:00:00Z")]
        );
    }

    #[test]
    fn an_offset_holds_until_clocks_are_changed() {
        let spring = at("2026-03-08T10:00:00Z");
        let autumn = at("2026-11-01T09:00:00Z");
        assert_eq!(los_angeles().offset_until(spring - 1), (-8 * HOUR, spring));
        assert_eq!(los_angeles().offset_until(spring), (-7 * HOUR, autumn));
        assert_eq!(Zone::UTC.offset_until(spring), (0, Micros::MAX));
        assert_eq!(Zone::fixed(3600).unwrap().offset_until(spring), (HOUR, Micros::MAX));
    }

    /// Clocks that were changed by half an hour, to a half hour, and back over midnight.
    #[test]
    fn every_instant_is_in_its_bucket_however_clocks_are_changed() {
        for (name, change) in [
            ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
            ("America/Caracas", "2007-12-09T07:00:00Z"),
            ("Asia/Pyongyang", "2015-08-14T15:00:00Z"),
            ("America/St_Johns", "2010-11-07T02:31:00Z"),
            ("America/St_Johns", "2009-11-01T02:31:00Z"),
        ] {
            let (zone, change) = (Zone::named(name).unwrap(), at(change));
            assert_eq!(zone.offset_until(change - 1).1, change, "{name}");
            for unit in [Unit::Minute, Unit::Hour, Unit::Day, Unit::Week, Unit::Month] {
                let boundaries = zone.boundaries(unit, change - 2 * HOUR, change + 2 * HOUR);
                for minutes in -120..120 {
                    let instant = change + minutes * 60 * SECOND;
                    let start = zone.bucket_start(unit, instant);
                    let next = zone.next_bucket(unit, start);
                    assert!(start <= instant && instant < next, "{name} {unit:?} {minutes}");
                    let place = boundaries.partition_point(|boundary| *boundary <= instant);
                    assert_eq!(boundaries[place - 1..=place], [start, next], "{name} {unit:?} {minutes}");
                }
            }
        }
        let lord_howe = Zone::named("Australia/Lord_Howe").unwrap();
        let hours = lord_howe.boundaries(Unit::Hour, at("2026-04-04T14:00:00Z"), at("2026-04-04T15:31:00Z"));
        let shown = ["14:00:00", "15:00:00", "15:30:00", "16:30:00"];
        assert_eq!(hours, shown.map(|time| at(&format!("2026-04-04T{time}Z"))));
    }

    #[test]
    fn weeks_begin_on_monday() {
        let zone = los_angeles();
        // A Sunday evening there is a Monday in UTC.
        let sunday = at("2016-11-14T02:00:00Z");
        assert_eq!(Zone::UTC.bucket_start(Unit::Week, sunday), at("2016-11-14T00:00:00Z"));
        assert_eq!(zone.bucket_start(Unit::Week, sunday), at("2016-11-07T08:00:00Z"));
        let weeks = zone.boundaries(Unit::Week, sunday, at("2016-11-15T00:00:00Z"));
        assert_eq!(
            weeks,
            [at("2016-11-07T08:00:00Z"), at("2016-11-14T08:00:00Z"), at("2016-11-21T08:00:00Z")]
        );
    }

    #[test]
    fn hours_of_a_half_hour_zone_begin_on_its_own_hour() {
        let zone = Zone::fixed(5 * 3600 + 1800).unwrap();
        assert_eq!(zone.bucket_start(Unit::Hour, at("2026-01-01T00:10:00Z")), at("2025-12-31T23:30:00Z"));
    }

    #[test]
    fn an_empty_range_has_no_buckets() {
        assert!(Zone::UTC.boundaries(Unit::Day, 5, 5).is_empty());
    }
}
