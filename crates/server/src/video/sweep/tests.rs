//! The queries that peaks and seconds become, and the wire format against the documented example.

use axum::http::Uri;
use tallyhouse_model::tables::view_segments::{CHANNEL_ID, VIEW_SESSION_ID};
use tallyhouse_model::{Filter, SweepMeasure, Together, Zone};

use super::*;
use crate::catalog::Narrowing;
use crate::http::query_string::QueryString;
use crate::video::sample_store::{SampleStore, only_contents};
use crate::video::swept_metric::{PEAK_VIEWER_NUMBERS, VIEWER_SECONDS};
use crate::video::time_text::parse_time;

const ACCOUNT: AccountId = AccountId(3);

fn query_string(text: &str) -> QueryString {
    let uri = format!("/x?date_time_from=2020-01-01T00:00:00Z&date_time_to=2020-01-02T00:00:00Z&{text}");
    QueryString::of(&uri.parse().unwrap())
}

fn series(metric: &SweptMetric, text: &str, peak: PeakForm) -> SweepQuery {
    let params =
        SweepParams::of_content_type(&query_string(text), &VideoConfig::default(), "recorded").unwrap();
    series_query(ACCOUNT, metric, &params, peak)
}

fn summary(metric: &SweptMetric, text: &str) -> SweepQuery {
    let params = SweepSummaryParams::of(&query_string(text), &VideoConfig::default(), "live").unwrap();
    summary_query(ACCOUNT, metric, &params, PeakForm::Instant)
}

#[test]
fn a_peak_is_of_sessions_and_the_settings_say_what_the_same_time_is() {
    let measure = |peak| series(&PEAK_VIEWER_NUMBERS, "", peak).measure;
    let of_sessions = |together| SweepMeasure::Peak { of: VIEW_SESSION_ID, together };
    assert_eq!(measure(PeakForm::Instant), of_sessions(Together::AtOnce));
    assert_eq!(measure(PeakForm::Minute), of_sessions(Together::WithinMinute(Zone::UTC)));
    assert_eq!(series(&VIEWER_SECONDS, "", PeakForm::Minute).measure, SweepMeasure::Seconds);
}

#[test]
fn a_series_is_per_content_and_bucket_and_its_pages_are_cut_by_the_store() {
    let text = "granularity=day&content_id=5&channel_id=7&_page=3&_limit=20";
    let query = series(&PEAK_VIEWER_NUMBERS, text, PeakForm::Instant);
    assert_eq!(query.buckets, Some((Unit::Day, Zone::UTC)));
    assert_eq!((query.offset, query.limit, query.account), (40, 20, ACCOUNT));
    assert_eq!(query.groups, [CONTENT_TYPE, CONTENT_ID]);
    assert_eq!(
        query.filters,
        [
            Filter::ChoiceIn(CONTENT_TYPE, vec!["recorded"]),
            Filter::IntegerIn(CONTENT_ID, vec![5]),
            Filter::IntegerIn(CHANNEL_ID, vec![7])
        ]
    );
}

#[test]
fn a_summary_is_one_bucket_of_one_content() {
    let query = summary(&VIEWER_SECONDS, "content_id=5");
    assert_eq!((query.buckets, query.offset, query.limit), (None, 0, 1));
    assert_eq!(
        query.filters,
        [Filter::ChoiceIn(CONTENT_TYPE, vec!["live"]), Filter::IntegerIn(CONTENT_ID, vec![5])]
    );
}

#[test]
fn a_peak_is_told_by_its_minute_and_seconds_by_the_start_of_the_period() {
    // In a zone that is half a minute off, minutes are those of its clocks.
    let zone = Zone::fixed(30).unwrap();
    let range = tallyhouse_model::Range { from: 5, to: 1_000_000_000 };
    let period = Period { range, zone };
    assert_eq!(summary_time(SweptKind::Peak, 100_000_000, &period), 90_000_000);
    assert_eq!(summary_time(SweptKind::Seconds, 100_000_000, &period), 5);
}

#[test]
fn a_row_looks_like_the_documented_example() {
    let time = parse_time("1997-07-16T00:00:00+01:00").unwrap();
    let period = Period { range: tallyhouse_model::Range::ALL, zone: time.zone };
    let row =
        SweepRow { group: [Point::Text("live".to_owned()), Point::Integer(238_589)], at: time.at, value: 11 };
    let written = |config: &VideoConfig| {
        let mut out = Vec::new();
        RowWriter::new("PeakSeries", &period, config).write(&row, row.at, &mut out);
        String::from_utf8(out).unwrap()
    };
    let expected = concat!(
        r#"{"attributes":{"content_type":"live","content_id":238589,"time":"1997-07-16T00:00:00+01:00","#,
        r#""value":11},"type":"PeakSeries"}"#
    );
    assert_eq!(written(&VideoConfig::default()), expected);
    let strings = VideoConfig { content_id_as_string: true, ..VideoConfig::default() };
    assert_eq!(written(&strings), expected.replace("238589", "\"238589\""));
}

#[test]
fn a_content_outside_the_narrowing_is_as_unknown_as_one_that_is_not_there() {
    // Live 500 is always on in the sample data, recorded 1001 is the favourite.
    let store = SampleStore::new();
    let summary = |narrowing: Narrowing, content_type: &str, content_id: u64| {
        let uri = format!("/x?date_time_from=2026-01-01&date_time_to=2027-01-01&content_id={content_id}");
        let query = QueryString::of(&uri.parse::<Uri>().unwrap());
        let config = VideoConfig::default();
        let params = SweepSummaryParams::of(&query, &config, content_type).unwrap();
        answer_summary(&store.reader(narrowing), &config, &PEAK_VIEWER_NUMBERS, params).map(drop)
    };
    assert_eq!(summary(Narrowing::default(), "live", 500), Ok(()));
    assert_eq!(summary(Narrowing::default(), "recorded", 1_001), Ok(()));
    assert_eq!(summary(only_contents(&[500]), "live", 500), Ok(()));
    assert_eq!(summary(only_contents(&[500]), "recorded", 1_001), Err(VideoError::NoContent));
    assert_eq!(summary(only_contents(&[500]), "live", 4), Err(VideoError::NoContent));
}
