//! Series: counts per point of a dimension, or one for a whole period.

use std::cmp::Reverse;

use tallyhouse_model::limits::RECORD_TIME_MIN;
use tallyhouse_model::{AccountId, By, Filter, Micros, Point, Range, SeriesQuery};

use super::body::RowsBody;
use super::dimension::Breakdown;
use super::error::VideoError;
use super::links::Links;
use super::metric::Metric;
use super::params::{Period, SeriesParams};
use super::respond::{Answer, timed};
use super::time_text::TimeWriter;
use crate::config::SummaryPoint;
use crate::http::AppState;

/// What the rows without a value are called.
const UNKNOWN: &str = "unknown";

/// 2200-01-01T00:00:00Z. No record is this late, so a period that ends in the year 9999 needs no hours after it.
const COUNTED_TIME_MAX: Micros = 7_258_118_400_000_000;

/// Counts, and answers a page of the counts.
pub fn answer(
    state: &AppState,
    account: AccountId,
    metric: &Metric,
    params: SeriesParams,
    links: &Links,
) -> Result<Answer, VideoError> {
    let query = query_of(account, metric, &params);
    let (counted, store_time) =
        timed(|| state.store.snapshot().series(&query, &tallyhouse_store::Stop::default()))?;
    let rows = if params.breakdown == Breakdown::Summary {
        vec![summary_row(metric, &params.period, counted.values, state.config.video.summary_point)]
    } else {
        sorted_rows(counted.values, &query.by)
    };
    let count = rows.len() as u64;
    let rows = params.page.cut(rows);
    let (length, dimension_type) = (rows.len(), params.breakdown.word());
    let mut times = TimeWriter::new(params.period.zone);
    let write_row =
        move |row: usize, out: &mut Vec<u8>| write_series(dimension_type, &rows[row], &mut times, out);
    let body = RowsBody::new(links, params.page, count, length, write_row);
    Ok(Answer { body, scanned: counted.scanned, store_time })
}

fn query_of(account: AccountId, metric: &Metric, params: &SeriesParams) -> SeriesQuery {
    let Range { from, to } = params.period.range;
    let content_type = params.content_type.map(|word| Filter::ChoiceIn(metric.content_type, vec![word]));
    let content_ids = params.content_ids.clone().map(|ids| Filter::IntegerIn(metric.content_id, ids));
    SeriesQuery {
        account,
        table: metric.table,
        range: Range { from: from.max(RECORD_TIME_MIN), to: to.min(COUNTED_TIME_MAX) },
        belongs: metric.belongs,
        filters: content_type.into_iter().chain(content_ids).collect(),
        measure: metric.measure,
        by: params.breakdown.by(&metric.dimensions, &params.period.zone),
    }
}

/// The one row of a summary; 0 when nothing matches.
fn summary_row(
    metric: &Metric,
    period: &Period,
    values: Vec<(Point, u64)>,
    form: SummaryPoint,
) -> (Point, u64) {
    let value = values.into_iter().map(|(_, value)| value).sum();
    match form {
        SummaryPoint::Period => (Point::Time(period.range.from), value),
        SummaryPoint::Metric => (Point::Text(metric.word.to_owned()), value),
    }
}

/// Times ascending; categories by value, greatest first, then by point.
fn sorted_rows(values: Vec<(Point, u64)>, by: &By) -> Vec<(Point, u64)> {
    let named = |(point, value)| {
        if point == Point::Absent { (Point::Text(UNKNOWN.to_owned()), value) } else { (point, value) }
    };
    let mut rows: Vec<_> = values.into_iter().map(named).collect();
    rows.sort_unstable();
    // A region may have been sent as "unknown"; clients tell points by their name, so it is the same one.
    rows.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 += if same { next.1 } else { 0 };
        same
    });
    if !matches!(by, By::Time(..)) {
        rows.sort_by_key(|(_, value)| Reverse(*value));
    }
    rows
}

fn write_series(
    dimension_type: &str,
    (point, value): &(Point, u64),
    times: &mut TimeWriter,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(br#"{"attributes":{"dimension_type":""#);
    out.extend_from_slice(dimension_type.as_bytes());
    out.extend_from_slice(br#"","point":"#);
    match point {
        Point::Time(at) => {
            out.push(b'"');
            times.write(*at, out);
            out.push(b'"');
        }
        Point::Text(text) => serde_json::to_writer(&mut *out, text).expect("writing to memory does not fail"),
        Point::Integer(number) => out.extend_from_slice(format!("\"{number}\"").as_bytes()),
        Point::Absent => out.extend_from_slice(b"\"unknown\""),
    }
    out.extend_from_slice(format!(r#","value":{value}}},"type":"Series"}}"#).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::total_views::TOTAL_VIEWS;
    use super::*;
    use crate::config::VideoConfig;
    use crate::video::query_string::QueryString;
    use crate::video::time_text::{default_zone, parse_time};
    use tallyhouse_model::Names;

    fn text(point: &str, value: u64) -> (Point, u64) {
        (Point::Text(point.to_owned()), value)
    }

    fn params(content_type: Option<&str>, breakdown: &str, query: &str) -> SeriesParams {
        let query = QueryString::of(&format!("/x?{query}").parse().unwrap());
        match content_type {
            None => SeriesParams::of_all(&query, &VideoConfig::default(), breakdown).unwrap(),
            Some(word) => {
                SeriesParams::of_content_type(&query, &VideoConfig::default(), word, breakdown).unwrap()
            }
        }
    }

    #[test]
    fn a_row_looks_like_the_documented_example() {
        let time = parse_time("1997-07-16T00:00:00+01:00").unwrap();
        let mut out = Vec::new();
        write_series("day", &(Point::Time(time.at), 11), &mut TimeWriter::new(time.zone), &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"{"attributes":{"dimension_type":"day","point":"1997-07-16T00:00:00+01:00","value":11},"#,
                r#""type":"Series"}"#
            )
        );
    }

    #[test]
    fn categories_are_sorted_by_value_then_point_and_absent_is_unknown() {
        let values = vec![text("HU", 2), (Point::Absent, 2), text("US", 7), text("AT", 2)];
        let expected = [text("US", 7), text("AT", 2), text("HU", 2), text("unknown", 2)];
        assert_eq!(
            sorted_rows(values, &By::Column(TOTAL_VIEWS.dimensions.country, Names::default())),
            expected
        );
    }

    #[test]
    fn a_value_named_unknown_and_no_value_are_one_point() {
        let values = vec![text("unknown", 2), text("CA", 1), (Point::Absent, 3)];
        assert_eq!(
            sorted_rows(values, &By::Column(0, Names::default())),
            [text("unknown", 5), text("CA", 1)]
        );
    }

    #[test]
    fn times_are_sorted_ascending_whatever_their_value() {
        let values = vec![(Point::Time(30), 1), (Point::Time(10), 2), (Point::Time(20), 9)];
        let by = By::Time(tallyhouse_model::Unit::Day, default_zone());
        assert_eq!(
            sorted_rows(values, &by),
            [(Point::Time(10), 2), (Point::Time(20), 9), (Point::Time(30), 1)]
        );
    }

    #[test]
    fn a_summary_is_one_row_and_its_point_can_be_the_metric() {
        let period = params(None, "summary", "date_time_from=2020-01-01&date_time_to=2020-01-02").period;
        let row = summary_row(&TOTAL_VIEWS, &period, vec![], SummaryPoint::Period);
        assert_eq!(row, (Point::Time(period.range.from), 0));
        let row = summary_row(&TOTAL_VIEWS, &period, vec![(Point::Absent, 4)], SummaryPoint::Metric);
        assert_eq!(row, text("total-views", 4));
    }

    #[test]
    fn an_absurdly_long_period_asks_for_no_more_than_can_be_stored() {
        let long = params(None, "hour", "date_time_from=0001-01-01&date_time_to=9999-12-01");
        let range = query_of(AccountId(1), &TOTAL_VIEWS, &long).range;
        assert_eq!(range, Range { from: RECORD_TIME_MIN, to: COUNTED_TIME_MAX });
        let short = params(None, "hour", "date_time_from=2020-01-01&date_time_to=2020-01-02");
        assert_eq!(query_of(AccountId(1), &TOTAL_VIEWS, &short).range, short.period.range);
    }

    #[test]
    fn content_becomes_filters_of_the_plays() {
        let dates = "date_time_from=2020-01-01&date_time_to=2020-01-02";
        let query = query_of(
            AccountId(7),
            &TOTAL_VIEWS,
            &params(Some("live"), "location", &format!("{dates}&content_id=5")),
        );
        assert_eq!(
            query.filters,
            [
                Filter::ChoiceIn(TOTAL_VIEWS.content_type, vec!["live"]),
                Filter::IntegerIn(TOTAL_VIEWS.content_id, vec![5])
            ]
        );
        assert!(matches!(query.by, By::Column(column, _) if column == TOTAL_VIEWS.dimensions.country));
        assert_eq!(query.account, AccountId(7));
    }
}
