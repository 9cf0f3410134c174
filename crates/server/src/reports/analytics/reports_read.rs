//! `reports_read`: how often reports were read, by how many people, and how many of them. Only what is asked for is
//! counted: pairs of report and user take the longest by far.

use serde::Serialize;
use tallyhouse_model::tables::report_reads::{REPORT_ID, USER_ID};
use tallyhouse_model::{Measure, TableId};

use crate::config::ReportsConfig;
use crate::reports::ReportsError;
use crate::reports::channel::check_exists;
use crate::reports::fields::Fields;
use crate::reports::params::ChannelPeriod;
use crate::reports::request::Asked;
use crate::reports::respond::Answer;

pub const NAME: &str = "reports_read";

/// The first is the one that is there when none is asked for.
const FIELDS: &[&str] = &["total_reads", "reports_seen", "report_readers", "unique_reads"];

/// In the order of the documented example; the documentation writes it without quotes around the names.
#[derive(Debug, Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_reads: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reports_seen: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report_readers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_reads: Option<u64>,
}

pub fn answer(asked: &Asked<'_>) -> Result<Answer, ReportsError> {
    let period = ChannelPeriod::of(asked)?;
    let fields = Fields::exactly(asked.params.query, FIELDS);
    let count = |name: &str| {
        let measure = measure_of(name, asked.config);
        let count = || asked.reader.count_all(&period, TableId::ReportReads, measure);
        fields.has(name).then(count).transpose()
    };
    let body = Body {
        total_reads: count("total_reads")?,
        reports_seen: count("reports_seen")?,
        report_readers: count("report_readers")?,
        unique_reads: count("unique_reads")?,
    };
    let counts = [body.total_reads, body.reports_seen, body.report_readers, body.unique_reads];
    check_exists(asked, period.channel_id, counts.into_iter().flatten().all(|count| count == 0))?;
    Ok(Answer::object(&body))
}

/// What a member counts. In the example of the documentation there are more `reports_seen` than `unique_reads`, which
/// only fits when the two are swapped.
fn measure_of(name: &str, config: &ReportsConfig) -> Measure {
    match name {
        "total_reads" => Measure::Rows,
        "report_readers" => Measure::Distinct(USER_ID),
        "reports_seen" if !config.reads_seen_swapped => Measure::Distinct(REPORT_ID),
        "unique_reads" if config.reads_seen_swapped => Measure::Distinct(REPORT_ID),
        _ => Measure::DistinctPairs(REPORT_ID, USER_ID),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_reads_are_pairs_and_reports_seen_reports_unless_they_are_swapped() {
        let (plain, swapped) = (
            ReportsConfig::default(),
            ReportsConfig { reads_seen_swapped: true, ..ReportsConfig::default() },
        );
        let (pairs, reports) = (Measure::DistinctPairs(REPORT_ID, USER_ID), Measure::Distinct(REPORT_ID));
        assert_eq!(
            [measure_of("unique_reads", &plain), measure_of("reports_seen", &plain)],
            [pairs, reports]
        );
        assert_eq!(
            [measure_of("unique_reads", &swapped), measure_of("reports_seen", &swapped)],
            [reports, pairs]
        );
        for config in [plain, swapped] {
            assert_eq!(measure_of("total_reads", &config), Measure::Rows);
            assert_eq!(measure_of("report_readers", &config), Measure::Distinct(USER_ID));
        }
    }

    #[test]
    fn members_are_in_the_order_of_the_example_and_only_there_when_asked_for() {
        let body = |total_reads, unique_reads| {
            let body = Body { total_reads, reports_seen: Some(8), report_readers: Some(3), unique_reads };
            serde_json::to_string(&body).unwrap()
        };
        assert_eq!(
            body(Some(10), Some(9)),
            r#"{"total_reads":10,"reports_seen":8,"report_readers":3,"unique_reads":9}"#
        );
        assert_eq!(body(None, None), r#"{"reports_seen":8,"report_readers":3}"#);
    }
}
