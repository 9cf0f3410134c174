//! Series: counts per point of a dimension, or one for a whole period.

use std::cmp::Reverse;

use tallyhouse_model::{AccountId, By, Point, SeriesQuery};

use super::body::RowsBody;
use super::content::ContentColumns;
use super::dimension::Breakdown;
use super::error::VideoError;
use super::links::Links;
use super::metric::Metric;
use super::params::{Period, SeriesParams};
use super::reader::Reader;
use super::respond::{Answer, timed};
use super::time_text::TimeWriter;
use crate::config::{DeviceNames, SummaryPoint, VideoConfig};

/// Counts, and answers a page of the counts.
pub fn answer(
    reader: &Reader,
    config: &VideoConfig,
    metric: &Metric,
    params: SeriesParams,
    links: &Links,
) -> Result<Answer, VideoError> {
    let query = query_of(reader.account(), metric, &params, &config.device_names);
    let by_time = matches!(query.by, By::Time(..));
    let (counted, store_time) = timed(|| reader.series(query))?;
    let rows = if params.breakdown == Breakdown::Summary {
        vec![summary_row(metric, &params.period, counted.values, config.summary_point)]
    } else {
        sorted_rows(counted.values, by_time)
    };
    let count = rows.len() as u64;
    let rows = params.page.cut(rows);
    let (length, dimension_type) = (rows.len(), params.breakdown.word());
    let mut times = TimeWriter::new(params.period.zone);
    let write_row =
        move |row: usize, out: &mut Vec<u8>| write_series(dimension_type, &rows[row], &mut times, out);
    let body = RowsBody::new(links, params.page, count, length, write_row).into_body();
    Ok(Answer { body, scanned: counted.scanned, store_time })
}

fn query_of(
    account: AccountId,
    metric: &Metric,
    params: &SeriesParams,
    device_names: &DeviceNames,
) -> SeriesQuery {
    SeriesQuery {
        account,
        table: metric.table,
        range: params.period.recorded_range(),
        belongs: metric.belongs,
        filters: params.content.filters(ContentColumns::of(metric.table)),
        measure: metric.measure,
        by: params.breakdown.by(&metric.dimensions, &params.period.zone, device_names),
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
fn sorted_rows(mut rows: Vec<(Point, u64)>, by_time: bool) -> Vec<(Point, u64)> {
    rows.sort_unstable();
    if !by_time {
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
        Point::Absent => unreachable!("a summary has a point, and what is absent has a name"),
    }
    out.extend_from_slice(format!(r#","value":{value}}},"type":"Series"}}"#).as_bytes());
}

#[cfg(test)]
mod tests {
    use tallyhouse_model::tables::{plays, view_segments};
    use tallyhouse_model::{Belongs, DeviceClass, Filter, Measure, Names, TableId};

    use super::*;
    use crate::config::DevicePoint;
    use crate::http::query_string::QueryString;
    use crate::video::authenticated_viewers::AUTHENTICATED_VIEWERS;
    use crate::video::time_text::parse_time;
    use crate::video::total_views::TOTAL_VIEWS;
    use crate::video::unique_devices::UNIQUE_DEVICES;

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
    fn categories_are_sorted_by_value_then_point() {
        let values = vec![text("HU", 2), text("unknown", 2), text("US", 7), text("AT", 2)];
        let expected = [text("US", 7), text("AT", 2), text("HU", 2), text("unknown", 2)];
        assert_eq!(sorted_rows(values, false), expected);
    }

    #[test]
    fn times_are_sorted_ascending_whatever_their_value() {
        let values = vec![(Point::Time(30), 1), (Point::Time(10), 2), (Point::Time(20), 9)];
        assert_eq!(
            sorted_rows(values, true),
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
    fn content_becomes_filters_of_the_plays() {
        let dates = "date_time_from=2020-01-01&date_time_to=2020-01-02";
        let query = query_of(
            AccountId(7),
            &TOTAL_VIEWS,
            &params(Some("live"), "location", &format!("{dates}&content_id=5")),
            &DeviceNames::new(),
        );
        assert_eq!(
            query.filters,
            [
                Filter::ChoiceIn(plays::CONTENT_TYPE, vec!["live"]),
                Filter::IntegerIn(plays::CONTENT_ID, vec![5])
            ]
        );
        assert!(matches!(query.by, By::Column(column, _) if column == plays::COUNTRY));
        assert_eq!(query.account, AccountId(7));
    }

    #[test]
    fn devices_and_viewers_are_distinct_values_of_the_segments_that_are_present() {
        let dates = "date_time_from=2020-01-01&date_time_to=2020-01-02";
        for (metric, column) in [
            (&UNIQUE_DEVICES, view_segments::CLIENT_ID),
            (&AUTHENTICATED_VIEWERS, view_segments::VIEWER_IDENTIFIER),
        ] {
            let params = params(Some("live"), "region", dates);
            let query = query_of(AccountId(7), metric, &params, &DeviceNames::new());
            assert_eq!((query.table, query.belongs), (TableId::ViewSegments, Belongs::Present));
            assert_eq!(query.measure, Measure::Distinct(column));
            assert_eq!(query.filters, [Filter::ChoiceIn(view_segments::CONTENT_TYPE, vec!["live"])]);
            assert!(matches!(query.by, By::Column(column, _) if column == view_segments::REGION));
        }
    }

    #[test]
    fn devices_have_the_names_of_the_settings_and_nothing_else_has() {
        let device_names = DeviceNames::from([
            (DevicePoint::Class(DeviceClass::Tablet), "mobile".to_owned()),
            (DevicePoint::Unknown, "other".to_owned()),
        ]);
        let names_of = |breakdown, device_names: &DeviceNames| {
            let params = params(None, breakdown, "date_time_from=2020-01-01&date_time_to=2020-01-02");
            match query_of(AccountId(7), &UNIQUE_DEVICES, &params, device_names).by {
                By::Column(_, names) => names,
                by => panic!("not by a column but {by:?}"),
            }
        };
        let plain = Names { absent: Some("unknown".to_owned()), renamed: Vec::new() };
        let renamed = vec![("tablet".to_owned(), "mobile".to_owned())];
        assert_eq!(names_of("device", &device_names), Names { absent: Some("other".to_owned()), renamed });
        assert_eq!(names_of("device", &DeviceNames::new()), plain);
        assert_eq!(names_of("country", &device_names), plain);
    }
}
