//! `reports_per_state`: reports by the state they are in now, whenever they came into it. States that are not known and
//! reports without one are there too, so that the counts add up to all reports. So are those of a channel that the
//! credential does not see, but not what they are called.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tallyhouse_model::tables::reports;
use tallyhouse_model::{By, Measure, Names, TableId};

use super::by_count;
use crate::reports::ReportsError;
use crate::reports::channel::check_exists;
use crate::reports::documents::{self, DOCUMENTS_MAX};
use crate::reports::item_range::Items;
use crate::reports::list;
use crate::reports::params::ChannelPeriod;
use crate::reports::request::Asked;
use crate::reports::respond::Answer;

pub const NAME: &str = "reports_per_state";

#[derive(Serialize)]
struct Item {
    id: Option<u64>,
    name: Option<String>,
    account_id: u64,
    report_count: u64,
}

#[derive(Deserialize)]
struct State {
    /// The channel that it belongs to; what belongs to none is seen by all.
    channel_id: Option<u64>,
    name: Option<String>,
}

pub fn answer(asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let period = ChannelPeriod::of(asked)?;
    let by = By::Column(reports::STATE_ID, Names::default());
    let values = asked.reader.count(&period, TableId::Reports, Vec::new(), Measure::Rows, by)?;
    check_exists(asked, period.channel_id, values.is_empty())?;
    let rows = by_count(values);
    let items = Items::of_all(asked.range, NAME, rows.len() as u64);
    let (account_id, account, catalog) =
        (period.channel_id, asked.reader.account(), Arc::clone(asked.catalog));
    let channels = asked.reader.channels();
    let items_of = move |rows: &[(Option<u64>, u64)]| {
        let ids: Vec<u64> = rows.iter().filter_map(|(id, _)| *id).collect();
        let mut states = documents::find::<State>(&catalog, account, TableId::ReportStates, &ids)?;
        states.retain(|_, state| state.channel_id.is_none_or(|channel_id| channels.have(channel_id)));
        let item = |(id, report_count): &(Option<u64>, u64)| Item {
            id: *id,
            name: id.and_then(|id| states.remove(&id)?.name),
            account_id,
            report_count: *report_count,
        };
        Ok(rows.iter().map(item).collect())
    };
    list::answer(items, rows, DOCUMENTS_MAX, items_of, asked.reader.stop())
}
