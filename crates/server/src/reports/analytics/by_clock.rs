//! `reports_per_day_hour` and `reports_per_week_day`: reports by what the clock and the calendar of the account's zone
//! showed when they were made.

use serde::Serialize;
use tallyhouse_model::{By, Measure, TableId};

use super::id_of;
use crate::reports::ReportsError;
use crate::reports::channel::check_exists;
use crate::reports::item_range::Items;
use crate::reports::list;
use crate::reports::params::ChannelPeriod;
use crate::reports::request::Asked;
use crate::reports::respond::Answer;

pub const PER_DAY_HOUR: &str = "reports_per_day_hour";
pub const PER_WEEK_DAY: &str = "reports_per_week_day";

/// Rows that become items at once: all there can be.
const CHUNK_ROWS: usize = 24;

#[derive(Serialize)]
struct HourItem {
    account_id: u64,
    /// 0 to 23.
    hour: u64,
    report_count: u64,
}

#[derive(Serialize)]
struct DayItem {
    account_id: u64,
    /// 0 is Sunday, 6 Saturday.
    dow: u64,
    report_count: u64,
}

pub fn answer_per_day_hour(asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let by = By::HourOfDay(asked.zone.clone());
    answer(asked, PER_DAY_HOUR, by, |account_id, hour, report_count| HourItem {
        account_id,
        hour,
        report_count,
    })
}

pub fn answer_per_week_day(asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let by = By::DayOfWeek(asked.zone.clone());
    answer(asked, PER_WEEK_DAY, by, |account_id, dow, report_count| DayItem { account_id, dow, report_count })
}

fn answer<T: Serialize + 'static>(
    asked: &Asked<'_>,
    name: &str,
    by: By,
    item: fn(u64, u64, u64) -> T,
) -> Result<Answer, ReportsError> {
    let period = ChannelPeriod::of(asked)?;
    let values = asked.reader.count(&period, TableId::Reports, Vec::new(), Measure::Rows, by)?;
    check_exists(asked, period.channel_id, values.is_empty())?;
    let mut rows: Vec<_> = values.iter().filter_map(|(point, count)| Some((id_of(point)?, *count))).collect();
    rows.sort_unstable();
    let items = Items::of_all(asked.range, name, rows.len() as u64);
    let account_id = period.channel_id;
    let items_of = move |rows: &[(u64, u64)]| {
        Ok(rows.iter().map(|(number, count)| item(account_id, *number, *count)).collect())
    };
    list::answer(items, rows, CHUNK_ROWS, items_of, asked.reader.stop())
}
