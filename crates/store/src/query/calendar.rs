//! Cuts sorted times where the calendar does, for series: at buckets, at hours of the day, at days of the week. The
//! calendar is asked once per stretch of rows, never per row.

use tallyhouse_model::{DAY, HOUR, Micros, Unit, Zone};

/// What times are cut by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// Buckets; a slot is the start of one.
    Buckets(Unit, Zone),
    /// What hour the clocks of a zone show; slots are 0 to 23.
    HourOfDay(Zone),
    /// The day of the week; slots are 0 (Sunday) to 6.
    DayOfWeek(Zone),
}

/// Finds slots of times that mostly ascend.
pub struct Slots<'a> {
    calendar: &'a Calendar,
    /// The last slot, and what it holds.
    slot: i64,
    from: Micros,
    until: Micros,
    /// How far clocks were ahead of UTC then, and until when.
    offset: Micros,
    offset_until: Micros,
}

impl<'a> Slots<'a> {
    /// No slot yet.
    pub fn new(calendar: &'a Calendar) -> Self {
        Self { calendar, slot: 0, from: 0, until: 0, offset: 0, offset_until: Micros::MIN }
    }

    /// The slot of a time, and the time behind the last that certainly has the same one.
    pub fn of(&mut self, time: Micros) -> (i64, Micros) {
        if time < self.from || time >= self.until {
            match self.calendar {
                Calendar::Buckets(unit, zone) => self.bucket(*unit, zone, time),
                Calendar::HourOfDay(zone) => self.clock(zone, time, HOUR, |hours| hours.rem_euclid(24)),
                // The first day of 1970 was a Thursday.
                Calendar::DayOfWeek(zone) => self.clock(zone, time, DAY, |days| (days + 4).rem_euclid(7)),
            }
        }
        (self.slot, self.until)
    }

    fn bucket(&mut self, unit: Unit, zone: &Zone, time: Micros) {
        // Times are dense mostly, so the next bucket is the one; to find it takes less than to find any.
        let is_behind = self.from < self.until && time >= self.until;
        let behind = is_behind.then(|| (self.until, zone.next_bucket(unit, self.until)));
        let (start, next) = behind.filter(|(_, next)| time < *next).unwrap_or_else(|| {
            let start = zone.bucket_start(unit, time);
            (start, zone.next_bucket(unit, start))
        });
        (self.slot, self.from, self.until) = (start, start, next);
    }

    /// Counts whole hours or days that the clock has shown since 1970; each stretch is cut where clocks are changed.
    fn clock(&mut self, zone: &Zone, time: Micros, length: Micros, slot: impl Fn(i64) -> i64) {
        if time >= self.offset_until || time < self.from {
            (self.offset, self.offset_until) = zone.offset_until(time);
        }
        let passed = (time + self.offset).div_euclid(length);
        self.slot = slot(passed);
        self.from = time;
        self.until = ((passed + 1) * length - self.offset).min(self.offset_until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        tallyhouse_model::parse_utc_record_time(text).unwrap()
    }

    #[test]
    fn clocks_that_are_changed_by_half_an_hour_are_followed() {
        let zone = Zone::named("Australia/Lord_Howe").unwrap();
        let calendar = Calendar::HourOfDay(zone);
        let mut slots = Slots::new(&calendar);
        // At 2:00 (half past ten hours ahead) clocks were put to 2:30.
        let change = at("2026-10-03T15:30:00Z");
        assert_eq!(slots.of(change - 1), (1, change));
        assert_eq!(slots.of(change), (2, change + HOUR / 2));
        assert_eq!(slots.of(change + HOUR / 2), (3, change + HOUR / 2 + HOUR));
    }

    #[test]
    fn days_begin_at_local_midnight_and_sunday_is_the_first() {
        let calendar = Calendar::DayOfWeek(Zone::named("Pacific/Auckland").unwrap());
        let mut slots = Slots::new(&calendar);
        let sunday = at("2026-11-21T11:00:00Z");
        assert_eq!(slots.of(sunday - 1).0, 6);
        assert_eq!(slots.of(sunday), (0, sunday + DAY));
        assert_eq!(slots.of(sunday - 5 * DAY).0, 2);
    }

    #[test]
    fn buckets_are_found_forwards_and_backwards() {
        let calendar = Calendar::Buckets(Unit::Week, Zone::UTC);
        let mut slots = Slots::new(&calendar);
        let monday = at("2016-11-07T00:00:00Z");
        for weeks in [0, 1, 2, 9, 3, 4] {
            let start = monday + weeks * 7 * DAY;
            assert_eq!(slots.of(start + DAY), (start, start + 7 * DAY));
        }
    }
}
