//! `reports_over_time`: reports by the hour, day, week or month in which they were made.

use serde::Serialize;
use tallyhouse_model::{By, DAY, Measure, Micros, Point, TableId, Unit};

use crate::reports::ReportsError;
use crate::reports::channel::check_exists;
use crate::reports::item_range::Items;
use crate::reports::list;
use crate::reports::params::ChannelPeriod;
use crate::reports::request::Asked;
use crate::reports::respond::Answer;
use crate::reports::time_text::in_utc;

pub const NAME: &str = "reports_over_time";

/// Rows that become items at once.
const CHUNK_ROWS: usize = 500;

#[derive(Serialize)]
struct Item {
    account_id: u64,
    datetime_range_start: String,
    report_count: u64,
    datetime_range_width: &'static str,
}

pub fn answer(asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let period = ChannelPeriod::of(asked)?;
    let (unit, width) = width_of(period.length_on_the_wall(asked.zone));
    let by = By::Time(unit, asked.zone.clone());
    let values = asked.reader.count(&period, TableId::Reports, Vec::new(), Measure::Rows, by)?;
    check_exists(asked, period.channel_id, values.is_empty())?;
    let rows = by_time(values);
    let items = Items::of_all(asked.range, NAME, rows.len() as u64);
    let account_id = period.channel_id;
    let item = move |(start, report_count): &(Micros, u64)| Item {
        account_id,
        datetime_range_start: in_utc(*start),
        report_count: *report_count,
        datetime_range_width: width,
    };
    let items_of = move |rows: &[_]| Ok(rows.iter().map(item).collect());
    list::answer(items, rows, CHUNK_ROWS, items_of, asked.reader.stop())
}

/// How wide the buckets of a time of this length on the account's clocks are: some ten to sixty of them fill it. The documented example has
/// weeks for ten months.
fn width_of(length: Micros) -> (Unit, &'static str) {
    if length <= 2 * DAY {
        (Unit::Hour, "hour")
    } else if length <= 31 * DAY {
        (Unit::Day, "day")
    } else if length <= 366 * DAY {
        (Unit::Week, "week")
    } else {
        (Unit::Month, "month")
    }
}

fn by_time(values: Vec<(Point, u64)>) -> Vec<(Micros, u64)> {
    let time_of = |(point, count)| match point {
        Point::Time(start) => (start, count),
        other => unreachable!("a bucket has a start and not {other:?}"),
    };
    let mut rows: Vec<_> = values.into_iter().map(time_of).collect();
    rows.sort_unstable();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_follows_from_the_length_of_the_time() {
        for (length, width) in [
            (-DAY, "hour"),
            (0, "hour"),
            (2 * DAY, "hour"),
            (2 * DAY + 1, "day"),
            (31 * DAY, "day"),
            (31 * DAY + 1, "week"),
            (366 * DAY, "week"),
            (366 * DAY + 1, "month"),
        ] {
            assert_eq!(width_of(length).1, width, "{length}");
        }
    }
}
