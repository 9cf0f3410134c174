//! Every rule of the parameters, and that all bad ones are told at once.

use std::collections::BTreeMap;

use axum::http::Uri;
use tallyhouse_model::{DAY, HOUR, Unit};

use super::*;
use crate::config::{PeakForm, SummaryPoint, VideoConfig};
use crate::http::query_string::QueryString;
use crate::video::content::ContentParams;
use crate::video::dimension::{Breakdown, Dimension};
use crate::video::error::VideoError;
use crate::video::page::Page;
use crate::video::time_text::default_zone;

/// Settings that bound no period.
const ANY_LENGTH: VideoConfig = VideoConfig {
    content_id_as_string: false,
    summary_point: SummaryPoint::Period,
    date_range_days_max: 0,
    query_seconds_max: 0,
    peak: PeakForm::Instant,
    device_names: BTreeMap::new(),
};

const PERIOD: &str = "date_time_from=2018-07-16T00:00:00Z&date_time_to=2018-07-17T00:00:00Z";

fn query(text: &str) -> QueryString {
    let uri: Uri = format!("/views?{text}").parse().unwrap();
    QueryString::of(&uri)
}

fn with_period(text: &str) -> QueryString {
    query(&format!("{PERIOD}&{text}"))
}

fn pointers<T: std::fmt::Debug>(result: Result<T, VideoError>) -> Vec<&'static str> {
    match result {
        Err(VideoError::Parameters(problems)) => problems.iter().map(|problem| problem.pointer).collect(),
        other => panic!("parameters were expected to be refused, not {other:?}"),
    }
}

/// What the first problem of a refused request says.
fn detail<T: std::fmt::Debug>(result: Result<T, VideoError>) -> String {
    match result {
        Err(VideoError::Parameters(problems)) => problems[0].detail.clone(),
        other => panic!("parameters were expected to be refused, not {other:?}"),
    }
}

#[test]
fn a_refusal_says_what_would_be_right() {
    let page = |value: &str| ViewsParams::of_all(&with_period(&format!("_page={value}")), &ANY_LENGTH);
    assert!(page("18446744073709551615").is_ok());
    assert_eq!(detail(page("18446744073709551616")), "must be a whole number from 1 to 18446744073709551615");
    let midnight = ViewsParams::of_all(&query("date_time_from=2018-07-16T24:00:00Z"), &ANY_LENGTH);
    let detail = detail(midnight);
    assert!(detail.contains("2018-07-16T19:20:30+01:00") && detail.contains("24:00"), "{detail}");
}

#[test]
fn defaults_of_views() {
    let params = ViewsParams::of_all(&query(PERIOD), &ANY_LENGTH).unwrap();
    assert!(params.list_unfinished_segments && params.inclusive_range);
    assert_eq!(params.page, Page { number: 1, limit: 10 });
    assert_eq!(params.period.range.to - params.period.range.from, 24 * HOUR);
    assert_eq!(params.period.zone, Zone::UTC);
    assert_eq!(params.content, ContentParams::default());
}

#[test]
fn every_bad_parameter_is_named() {
    let bad =
        "date_time_from=x&list_unfinished_segments=yes&inclusive_range=&_page=0&_limit=10001&content_id=a";
    assert_eq!(
        pointers(ViewsParams::of_content_type(&query(bad), &ANY_LENGTH, "video")),
        [
            "content_type",
            "content_id",
            "date_time_from",
            "date_time_to",
            "list_unfinished_segments",
            "inclusive_range",
            "_page",
            "_limit"
        ]
    );
    assert_eq!(
        pointers(SeriesParams::of_content_type(&query("_limit=0&content_id="), &ANY_LENGTH, "vod", "week")),
        ["content_type", "dimension", "content_id", "date_time_from", "date_time_to", "_limit"]
    );
    assert_eq!(
        pointers(ViewsParams::of_recorded_channel(&query("_page=-1"), &ANY_LENGTH)),
        ["channel_id", "date_time_from", "date_time_to", "_page"]
    );
}

#[test]
fn flags_are_true_false_1_or_0_in_any_case() {
    for (value, expected) in
        [("true", true), ("TRUE", true), ("1", true), ("false", false), ("False", false), ("0", false)]
    {
        let sent = with_period(&format!("inclusive_range={value}&list_unfinished_segments={value}"));
        let params = ViewsParams::of_all(&sent, &ANY_LENGTH).unwrap();
        assert_eq!(
            (params.inclusive_range, params.list_unfinished_segments),
            (expected, expected),
            "{value}"
        );
    }
    for value in ["", "yes", "2", "truee", "null", "on"] {
        let sent = with_period(&format!("inclusive_range={value}"));
        assert_eq!(pointers(ViewsParams::of_all(&sent, &ANY_LENGTH)), ["inclusive_range"], "{value}");
    }
}

#[test]
fn pages_are_whole_numbers_within_the_documented_bounds() {
    let page = |text: &str| ViewsParams::of_all(&with_period(text), &ANY_LENGTH).map(|params| params.page);
    assert_eq!(page("_page=7&_limit=10000").unwrap(), Page { number: 7, limit: 10_000 });
    assert_eq!(page("_limit=1").unwrap(), Page { number: 1, limit: 1 });
    for value in ["0", "-1", "1.5", "", "%2B1", "a", "1e3", "18446744073709551616"] {
        assert_eq!(pointers(page(&format!("_page={value}"))), ["_page"], "{value}");
        assert_eq!(pointers(page(&format!("_limit={value}"))), ["_limit"], "{value}");
    }
    assert_eq!(pointers(page("_limit=10001")), ["_limit"]);
}

#[test]
fn ids_are_a_list_with_commas_or_repeated_or_both() {
    let ids = |text: &str| {
        ViewsParams::of_content_type(&with_period(text), &ANY_LENGTH, "live")
            .map(|params| params.content.content_ids)
    };
    assert_eq!(ids("").unwrap(), None);
    assert_eq!(ids("content_id=3,1,3").unwrap(), Some(vec![1, 3]));
    assert_eq!(ids("content_id=2&content_id=1,0").unwrap(), Some(vec![0, 1, 2]));
    assert_eq!(ids("content_id=1,%202").unwrap(), Some(vec![1, 2]));
    assert_eq!(ids("content_id=9223372036854775807").unwrap(), Some(vec![i64::MAX as u64]));
    for value in
        ["", "1,", ",", "1,,2", "a", "-1", "%2B1", "1.0", "9223372036854775808", "99999999999999999999"]
    {
        assert_eq!(pointers(ids(&format!("content_id={value}"))), ["content_id"], "{value}");
    }
}

#[test]
fn a_list_of_ids_is_bounded() {
    let list = |count: usize| {
        let list: Vec<String> = (0..count).map(|id| id.to_string()).collect();
        ViewsParams::of_content_type(
            &with_period(&format!("content_id={}", list.join(","))),
            &ANY_LENGTH,
            "live",
        )
    };
    assert_eq!(list(10_000).unwrap().content.content_ids.unwrap().len(), 10_000);
    assert_eq!(pointers(list(10_000 + 1)), ["content_id"]);
}

#[test]
fn channels_are_honoured_on_recorded_only() {
    let sent = with_period("channel_id=5");
    let of_type = |word| ViewsParams::of_content_type(&sent, &ANY_LENGTH, word).unwrap().content.channel_ids;
    assert_eq!(of_type("recorded"), Some(vec![5]));
    assert_eq!(of_type("live"), None);
    assert_eq!(ViewsParams::of_all(&sent, &ANY_LENGTH).unwrap().content.channel_ids, None);
    let channel = ViewsParams::of_recorded_channel(&sent, &ANY_LENGTH).unwrap();
    assert_eq!(
        (channel.content.content_type, channel.content.channel_ids),
        (Some("recorded"), Some(vec![5]))
    );
}

#[test]
fn parameters_that_a_url_does_not_have_are_ignored() {
    let sent = with_period("content_id=nonsense&granularity=century&utm_source=x");
    assert_eq!(ViewsParams::of_all(&sent, &ANY_LENGTH).unwrap().content.content_ids, None);
    assert_eq!(SeriesParams::of_all(&sent, &ANY_LENGTH, "day").unwrap().content.content_ids, None);
    assert_eq!(
        ViewsParams::of_recorded_channel(&with_period("channel_id=1&content_id=x"), &ANY_LENGTH)
            .unwrap()
            .content
            .content_ids,
        None
    );
}

#[test]
fn the_same_parameter_twice_must_not_contradict_itself() {
    assert!(ViewsParams::of_all(&with_period("_page=2&_page=2"), &ANY_LENGTH).is_ok());
    assert_eq!(pointers(ViewsParams::of_all(&with_period("_page=2&_page=3"), &ANY_LENGTH)), ["_page"]);
    assert_eq!(
        pointers(ViewsParams::of_all(&with_period("date_time_to=2018-07-18"), &ANY_LENGTH)),
        ["date_time_to"]
    );
}

#[test]
fn a_period_that_is_empty_or_runs_backwards_is_legal() {
    let range = |to: &str| {
        let sent = query(&format!("date_time_from=2018-07-16T01:00:01%2B01:00&date_time_to={to}"));
        ViewsParams::of_all(&sent, &ANY_LENGTH).unwrap().period.range
    };
    let empty = range("2018-07-16T00:00:01Z");
    assert_eq!(empty.from, empty.to);
    let backwards = range("2018-07-16T00:00:00Z");
    assert_eq!(backwards.from - backwards.to, SECOND);
}

#[test]
fn a_period_longer_than_configured_is_refused_at_its_end() {
    let send = |days, from: &str, to: &str| {
        let config = VideoConfig { date_range_days_max: days, ..ANY_LENGTH };
        SeriesParams::of_all(&query(&format!("date_time_from={from}&date_time_to={to}")), &config, "day")
    };
    assert!(send(1, "2018-07-16T00:00:00Z", "2018-07-17T00:00:00Z").is_ok());
    assert_eq!(pointers(send(1, "2018-07-16T00:00:00Z", "2018-07-17T00:00:00.000001Z")), ["date_time_to"]);
    // A day of 25 hours is one day; a second after a day of 23 hours is more than one.
    assert!(send(1, "2026-11-01", "2026-11-02").is_ok());
    assert_eq!(pointers(send(1, "2026-03-08", "2026-03-09T00:00:01")), ["date_time_to"]);
    assert!(send(1, "2018-07-17T00:00:00Z", "0001-01-01").is_ok());
    assert_eq!(pointers(send(36_500, "0001-01-01", "9999-12-31")), ["date_time_to"]);
    assert!(send(0, "0001-01-01", "9999-12-31").is_ok());
    assert_eq!(pointers(send(1, "noon", "9999-12-31")), ["date_time_from"]);
}

#[test]
fn the_zone_is_that_of_the_start_and_the_end_is_read_with_its_own() {
    let mixed = query("date_time_from=2018-07-16T00:00:00%2B02:00&date_time_to=2018-07-16T00:00:00");
    let period = SeriesParams::of_all(&mixed, &ANY_LENGTH, "day").unwrap().period;
    assert_eq!(period.zone, Zone::fixed(2 * 3_600).unwrap());
    assert_eq!(period.range.to - period.range.from, 9 * 3_600 * SECOND);
    let without = query("date_time_from=2018-07-16&date_time_to=2018-07-17T00:00:00Z");
    assert_eq!(
        SeriesParams::of_all(&without, &ANY_LENGTH, "day").unwrap().period.zone,
        Zone::named("America/Los_Angeles").unwrap()
    );
}

#[test]
fn every_dimension_is_known_by_its_word_and_no_other() {
    for dimension in Dimension::ALL {
        let params = SeriesParams::of_all(&query(PERIOD), &ANY_LENGTH, dimension.word()).unwrap();
        assert_eq!(params.breakdown, Breakdown::By(dimension));
        assert_eq!(params.breakdown.word(), dimension.word());
    }
    assert_eq!(
        SeriesParams::of_all(&query(PERIOD), &ANY_LENGTH, "summary").unwrap().breakdown,
        Breakdown::Summary
    );
    for word in ["minute", "Day", "view_source", "live", ""] {
        assert_eq!(
            pointers(SeriesParams::of_content_type(&query(PERIOD), &ANY_LENGTH, "live", word)),
            ["dimension"],
            "{word}"
        );
    }
}

#[test]
fn granularity_is_minute_unless_it_is_one_of_four_words() {
    let granularity = |text: &str| {
        SweepParams::of_content_type(&with_period(text), &ANY_LENGTH, "live").map(|params| params.granularity)
    };
    assert_eq!(granularity("").unwrap(), Unit::Minute);
    for (word, unit) in
        [("minute", Unit::Minute), ("hour", Unit::Hour), ("day", Unit::Day), ("month", Unit::Month)]
    {
        assert_eq!(granularity(&format!("granularity={word}")).unwrap(), unit);
    }
    for word in ["", "Minute", "year", "second", "minute,hour"] {
        assert_eq!(pointers(granularity(&format!("granularity={word}"))), ["granularity"], "{word}");
    }
}

#[test]
fn every_bad_parameter_of_peaks_and_seconds_is_named() {
    let bad = query("granularity=week&content_id=x&channel_id=y&date_time_from=z&_page=0&_limit=0");
    assert_eq!(
        pointers(SweepParams::of_content_type(&bad, &ANY_LENGTH, "recorded")),
        ["content_id", "channel_id", "granularity", "date_time_from", "date_time_to", "_page", "_limit"]
    );
    assert_eq!(
        pointers(SweepParams::of_recorded_channel(&query(""), &ANY_LENGTH)),
        ["channel_id", "date_time_from", "date_time_to"]
    );
}

#[test]
fn of_the_metrics_without_a_content_type_one_takes_contents() {
    let sent = with_period("content_id=7");
    assert_eq!(SweepParams::of_all(&sent, &ANY_LENGTH, false).unwrap().content, ContentParams::default());
    let content = SweepParams::of_all(&sent, &ANY_LENGTH, true).unwrap().content;
    assert_eq!((content.content_type, content.content_ids), (None, Some(vec![7])));
    assert_eq!(
        pointers(SweepParams::of_all(&with_period("content_id=x"), &ANY_LENGTH, true)),
        ["content_id"]
    );
}

#[test]
fn a_summary_is_of_a_single_content() {
    let summary = |text: &str| SweepSummaryParams::of(&with_period(text), &ANY_LENGTH, "live");
    assert_eq!(summary("content_id=5").unwrap().content_id, 5);
    assert_eq!(summary("content_id=5,5&content_id=5").unwrap().content_id, 5);
    for text in ["", "content_id=", "content_id=x", "content_id=5,6", "content_id=5&content_id=6"] {
        assert_eq!(pointers(summary(text)), ["content_id"], "{text}");
    }
    assert_eq!(
        pointers(SweepSummaryParams::of(&query(""), &ANY_LENGTH, "vod")),
        ["content_type", "content_id", "date_time_from", "date_time_to"]
    );
    // Neither pages nor buckets: what they are called is no parameter there.
    assert!(summary("content_id=5&_limit=x&granularity=week").is_ok());
}

#[test]
fn a_period_of_viewers_may_be_open_at_either_end_or_both() {
    let period = |text: &str| ViewersParams::of_all(&query(text), &ANY_LENGTH).unwrap().period;
    let whole = period(PERIOD);
    assert_eq!(period(""), Period { range: Range::ALL, zone: default_zone() });
    let open_end = period("date_time_from=2018-07-16T00:00:00Z");
    assert_eq!(open_end, Period { range: Range { to: Micros::MAX, ..whole.range }, zone: Zone::UTC });
    let open_start = period("date_time_to=2018-07-17T00:00:00Z");
    assert_eq!(
        open_start,
        Period { range: Range { from: Micros::MIN, ..whole.range }, zone: default_zone() }
    );
    let bad = query("date_time_from=x&date_time_to=&list_unfinished_segments=2&_page=0");
    assert_eq!(
        pointers(ViewersParams::of_all(&bad, &ANY_LENGTH)),
        ["date_time_from", "date_time_to", "list_unfinished_segments", "_page"]
    );
}

#[test]
fn the_longest_period_holds_only_where_both_ends_are_given() {
    let week = VideoConfig { date_range_days_max: 7, ..ANY_LENGTH };
    assert!(ViewersParams::of_all(&query("date_time_from=2018-07-16"), &week).is_ok());
    assert!(ViewersParams::of_all(&query(""), &week).is_ok());
    let long = query("date_time_from=2018-07-16&date_time_to=2018-08-16");
    assert_eq!(pointers(ViewersParams::of_all(&long, &week)), ["date_time_to"]);
    assert_eq!(pointers(SweepParams::of_all(&long, &week, false)), ["date_time_to"]);
}

#[test]
fn an_absurdly_long_period_holds_no_more_than_can_be_stored() {
    let range =
        |text: &str| SweepParams::of_all(&query(text), &ANY_LENGTH, false).unwrap().period.recorded_range();
    let long = range("date_time_from=0001-01-01&date_time_to=9999-12-01");
    assert_eq!(long, Range { from: RECORD_TIME_MIN, to: RECORDED_TIME_MAX });
    let short = range(PERIOD);
    assert_eq!(short.to - short.from, DAY);
}
