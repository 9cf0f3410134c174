//! Times as this family writes and reads them: ISO 8601.
//!
//! Read: what `http/given_time.rs` reads. Written: whole seconds with a numeric offset.

use jiff::Span;
use jiff::civil::{Date, date};
use tallyhouse_model::{Micros, SECOND, Zone};

use crate::http::given_time::{self, GivenTime};

/// The zone of times that carry no offset (documented).
const DEFAULT_ZONE: &str = "America/Los_Angeles";

/// Offsets only ever change at a multiple of this.
const OFFSET_SLOT: Micros = 15 * 60 * SECOND;

/// The zone of times without an offset.
pub fn default_zone() -> Zone {
    Zone::named(DEFAULT_ZONE).expect("the zone database is part of the program")
}

/// Reads a time parameter. `None` when it is not ISO 8601 in one of the accepted forms.
pub fn parse_time(text: &str) -> Option<GivenTime> {
    given_time::parse(text, default_zone)
}

/// Writes many times of one zone. It remembers the day and the offset of the last one, so that a page of sorted
/// rows does calendar arithmetic a few times and not twice per row.
pub struct TimeWriter {
    zone: Zone,
    slot: i64,
    offset_seconds: i64,
    offset_text: String,
    day: i64,
    date_text: String,
}

impl TimeWriter {
    /// A writer for this zone.
    pub fn new(zone: Zone) -> Self {
        let (offset_text, date_text) = (String::new(), String::new());
        Self { zone, slot: i64::MIN, offset_seconds: 0, offset_text, day: i64::MIN, date_text }
    }

    /// Appends a time, such as `2018-07-16T19:20:30+01:00`. Fractions of a second are cut.
    pub fn write(&mut self, at: Micros, out: &mut Vec<u8>) {
        self.remember_offset(at);
        let local_seconds = at.div_euclid(SECOND) + self.offset_seconds;
        self.remember_day(local_seconds.div_euclid(86_400));
        let second = local_seconds.rem_euclid(86_400);
        out.extend_from_slice(self.date_text.as_bytes());
        out.push(b'T');
        push_two_digits(second / 3_600, out);
        out.push(b':');
        push_two_digits(second / 60 % 60, out);
        out.push(b':');
        push_two_digits(second % 60, out);
        out.extend_from_slice(self.offset_text.as_bytes());
    }

    fn remember_offset(&mut self, at: Micros) {
        let slot = at.div_euclid(OFFSET_SLOT);
        if slot == self.slot {
            return;
        }
        self.slot = slot;
        let seconds = i64::from(self.zone.offset_seconds_at(at));
        if seconds != self.offset_seconds || self.offset_text.is_empty() {
            self.offset_seconds = seconds;
            self.offset_text = offset_text(seconds);
        }
    }

    fn remember_day(&mut self, day: i64) {
        if day == self.day {
            return;
        }
        self.day = day;
        // Not by way of an instant: the last day has a date and no instants. Times further out than a calendar goes
        // cannot be stored or asked for; they are shown as its last day.
        let end = if day < 0 { Date::MIN } else { Date::MAX };
        let date = Span::new().try_days(day).and_then(|days| date(1970, 1, 1).checked_add(days));
        self.date_text = date.unwrap_or(end).to_string();
    }
}

/// `+hh:mm`; with seconds only where an offset has some (local mean time, before zones were invented).
fn offset_text(seconds: i64) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    if rest == 0 {
        format!("{sign}{hours:02}:{minutes:02}")
    } else {
        format!("{sign}{hours:02}:{minutes:02}:{rest:02}")
    }
}

fn push_two_digits(number: i64, out: &mut Vec<u8>) {
    debug_assert!((0..100).contains(&number));
    out.extend_from_slice(&[b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]);
}

#[cfg(test)]
mod tests;
