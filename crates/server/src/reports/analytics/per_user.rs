//! `reports_per_user`: reports by who made them. Those of nobody that is told are counted under null.

use serde::Serialize;
use tallyhouse_model::tables::reports;
use tallyhouse_model::{By, Measure, Names, TableId};

use super::by_count;
use crate::reports::ReportsError;
use crate::reports::channel::check_exists;
use crate::reports::item_range::Items;
use crate::reports::list;
use crate::reports::params::ChannelPeriod;
use crate::reports::request::Asked;
use crate::reports::respond::Answer;

pub const NAME: &str = "reports_per_user";

/// Rows that become items at once.
const CHUNK_ROWS: usize = 500;

#[derive(Serialize)]
struct Item {
    user_id: Option<u64>,
    account_id: u64,
    report_count: u64,
}

pub fn answer(asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let period = ChannelPeriod::of(asked)?;
    let by = By::Column(reports::USER_ID, Names::default());
    let values = asked.reader.count(&period, TableId::Reports, Vec::new(), Measure::Rows, by)?;
    check_exists(asked, period.channel_id, values.is_empty())?;
    let rows = by_count(values);
    let items = Items::of_all(asked.range, NAME, rows.len() as u64);
    let account_id = period.channel_id;
    let item = move |(user_id, report_count): &(Option<u64>, u64)| Item {
        user_id: *user_id,
        account_id,
        report_count: *report_count,
    };
    let items_of = move |rows: &[_]| Ok(rows.iter().map(item).collect());
    list::answer(items, rows, CHUNK_ROWS, items_of, asked.reader.stop())
}
