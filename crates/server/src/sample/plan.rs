//! How much begins in which hour: videos are watched in the evening and at weekends, most while a live event is on;
//! demos are looked at in business hours.

use tallyhouse_model::{DAY, HOUR, Micros};

/// When what is to be spread takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// In the evening, at weekends, and while an event is on.
    Leisure,
    /// In business hours.
    Business,
}

/// How busy each hour of the day (UTC) is with leisure.
const LEISURE_HOURS: [f64; 24] = [
    6.0, 5.0, 4.0, 3.0, 3.0, 3.0, 4.0, 6.0, 8.0, 10.0, 11.0, 12.0, 13.0, 13.0, 13.0, 14.0, 16.0, 19.0, 22.0,
    24.0, 23.0, 20.0, 14.0, 9.0,
];

/// How busy each hour of the day (UTC) is with business.
const BUSINESS_HOURS: [f64; 24] = [
    1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 4.0, 10.0, 22.0, 30.0, 32.0, 30.0, 24.0, 28.0, 32.0, 32.0, 30.0, 24.0,
    14.0, 8.0, 5.0, 3.0, 2.0, 1.0,
];

/// How much busier an hour is while an event is on.
const EVENT_FACTOR: f64 = 2.5;

/// An hour, or what is left of one at either end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// When it begins.
    pub from: Micros,
    /// When it ends.
    pub to: Micros,
    /// The day of the live event that is on, counted from 1970.
    pub event: Option<i64>,
    /// How many have begun when it ends.
    pub begun_until: usize,
}

/// Spreads so many over the hours of so many days before `until`.
pub fn slots(count: usize, until: Micros, days: u32, rhythm: Rhythm) -> Vec<Slot> {
    let start = until - i64::from(days.max(1)) * DAY;
    let mut slots = Vec::new();
    let mut weights = Vec::new();
    let mut from = start;
    while from < until {
        let to = ((from.div_euclid(HOUR) + 1) * HOUR).min(until);
        let event = event_at(from);
        slots.push(Slot { from, to, event, begun_until: 0 });
        weights.push(weight(rhythm, from, event.is_some()) * (to - from) as f64);
        from = to;
    }
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    for (slot, weight) in slots.iter_mut().zip(weights) {
        sum += weight;
        slot.begun_until = ((sum / total) * count as f64).round() as usize;
    }
    slots
}

fn weight(rhythm: Rhythm, at: Micros, event: bool) -> f64 {
    match (rhythm, is_weekend(at)) {
        (Rhythm::Leisure, weekend) => {
            let day_factor = if weekend { 1.3 } else { 1.0 };
            LEISURE_HOURS[hour_of(at)] * day_factor * if event { EVENT_FACTOR } else { 1.0 }
        }
        (Rhythm::Business, false) => BUSINESS_HOURS[hour_of(at)],
        (Rhythm::Business, true) => 1.0,
    }
}

/// Events are from 18:00 to 20:00 on Tuesdays, Thursdays and at weekends.
fn event_at(at: Micros) -> Option<i64> {
    let on = matches!(hour_of(at), 18 | 19) && matches!(weekday_of(at), 1 | 3 | 5 | 6);
    on.then(|| at.div_euclid(DAY))
}

fn hour_of(at: Micros) -> usize {
    (at.rem_euclid(DAY) / HOUR) as usize
}

/// 0 is Monday; 1970 began on a Thursday.
fn weekday_of(at: Micros) -> i64 {
    (at.div_euclid(DAY) + 3).rem_euclid(7)
}

fn is_weekend(at: Micros) -> bool {
    weekday_of(at) >= 5
}
