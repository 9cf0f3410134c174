//! `user_awareness`: how often each user was alerted to reports, to how many of them, and how many alerts they opened.

use hashbrown::HashMap;

use serde::Serialize;
use tallyhouse_model::tables::report_alerts::{OPENED_AT, REPORT_ID, USER_ID};
use tallyhouse_model::{By, Filter, Measure, Names, Point, Range, TableId};

use super::{by_count, id_of};
use crate::reports::channel::check_exists;
use crate::reports::documents::unread;
use crate::reports::fields::Fields;
use crate::reports::item_range::Items;
use crate::reports::list;
use crate::reports::params::ChannelPeriod;
use crate::reports::request::Asked;
use crate::reports::respond::Answer;
use crate::reports::{Name, ReportsError};

pub const NAME: &str = "user_awareness";

/// Rows that become items at once.
const CHUNK_ROWS: usize = 500;

/// The first is the one that is there when none is asked for.
const FIELDS: &[&str] =
    &["total_alerts", "alert_source_reports", "unique_alerts", "alerts_opened", "users_alerted"];

/// In the order of the documented example. The user is there whatever is asked for.
#[derive(Debug, Serialize)]
struct Item {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_alerts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alert_source_reports: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_alerts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alerts_opened: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    users_alerted: Option<u64>,
    user_id: u64,
    first_name: Option<Box<str>>,
    last_name: Option<Box<str>>,
}

/// What is counted about a user.
#[derive(Debug, Clone, Copy)]
struct Row {
    user_id: u64,
    alerts: u64,
    reports: u64,
    opened: u64,
}

pub fn answer(asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let period = ChannelPeriod::of(asked)?;
    let fields = Fields::exactly(asked.params.query, FIELDS);
    let rows = rows_of(asked, &period, &fields)?;
    check_exists(asked, period.channel_id, rows.is_empty())?;
    let items = Items::of_all(asked.range, NAME, rows.len() as u64);
    let names = asked.names.lookup(asked.catalog, asked.reader.account())?;
    let items_of = move |rows: &[Row]| {
        let ids: Vec<u64> = rows.iter().map(|row| row.user_id).collect();
        let users = names.of(&ids).map_err(unread)?;
        let name = |row: &Row| users.get(&row.user_id).cloned().unwrap_or_default();
        Ok(rows.iter().map(|row| item(&fields, row, name(row))).collect())
    };
    list::answer(items, rows, CHUNK_ROWS, items_of, asked.reader.stop())
}

/// A row for each user who was alerted in the period, who was alerted most comes first.
fn rows_of(asked: &Asked<'_>, period: &ChannelPeriod, fields: &Fields) -> Result<Vec<Row>, ReportsError> {
    let count = |filters, measure| {
        let by = By::Column(USER_ID, Names::default());
        asked.reader.count(period, TableId::ReportAlerts, filters, measure, by)
    };
    let per_user = |counts: Vec<(Point, u64)>| -> HashMap<u64, u64> {
        counts.into_iter().filter_map(|(user, count)| Some((id_of(&user)?, count))).collect()
    };
    let alerts = by_count(count(Vec::new(), Measure::Rows)?);
    let (mut reports, mut opened) = (HashMap::new(), HashMap::new());
    if fields.has("alert_source_reports") || fields.has("unique_alerts") {
        reports = per_user(count(Vec::new(), Measure::Distinct(REPORT_ID))?);
    }
    if fields.has("alerts_opened") {
        let is_opened = Filter::TimeIn(OPENED_AT, Range::ALL);
        opened = per_user(count(vec![is_opened], Measure::Rows)?);
    }
    let of_user = |counts: &HashMap<u64, u64>, user_id| counts.get(&user_id).copied().unwrap_or_default();
    let row = |(user_id, alerts): (Option<u64>, u64)| {
        let user_id = user_id?;
        Some(Row { user_id, alerts, reports: of_user(&reports, user_id), opened: of_user(&opened, user_id) })
    };
    Ok(alerts.into_iter().filter_map(row).collect())
}

fn item(fields: &Fields, row: &Row, user: Name) -> Item {
    Item {
        total_alerts: fields.only("total_alerts", row.alerts),
        alert_source_reports: fields.only("alert_source_reports", row.reports),
        // Pairs of report and user: of one user as many as reports.
        unique_alerts: fields.only("unique_alerts", row.reports),
        alerts_opened: fields.only("alerts_opened", row.opened),
        users_alerted: fields.only("users_alerted", 1),
        user_id: row.user_id,
        first_name: user.first_name,
        last_name: user.last_name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::query_string::QueryString;

    fn text_of(fields: &str) -> String {
        let query = QueryString::of(&format!("/x?fields={fields}").parse().unwrap());
        let row = Row { user_id: 3, alerts: 5, reports: 1, opened: 2 };
        let user = Name { first_name: Some("Given".into()), last_name: None };
        serde_json::to_string(&item(&Fields::exactly(&query, FIELDS), &row, user)).unwrap()
    }

    #[test]
    fn members_are_in_the_order_of_the_example_and_the_user_is_always_there() {
        assert_eq!(
            text_of("users_alerted,alerts_opened,unique_alerts,alert_source_reports,total_alerts"),
            concat!(
                r#"{"total_alerts":5,"alert_source_reports":1,"unique_alerts":1,"alerts_opened":2,"#,
                r#""users_alerted":1,"user_id":3,"first_name":"Given","last_name":null}"#
            )
        );
        assert_eq!(text_of(""), r#"{"total_alerts":5,"user_id":3,"first_name":"Given","last_name":null}"#);
        assert_eq!(
            text_of("alerts_opened"),
            r#"{"alerts_opened":2,"user_id":3,"first_name":"Given","last_name":null}"#
        );
    }
}
