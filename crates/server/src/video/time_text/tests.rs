//! Accepted and refused forms of time parameters, daylight-saving days, and how times are written.

use jiff::Timestamp;

use super::*;
use crate::http::given_time::mend_plus;

fn utc(text: &str) -> Micros {
    text.parse::<Timestamp>().unwrap().as_microsecond()
}

fn at(text: &str) -> Option<Micros> {
    parse_time(text).map(|time| time.at)
}

fn written(zone: Zone, times: &[&str]) -> Vec<String> {
    let mut writer = TimeWriter::new(zone);
    let write = |text: &&str| {
        let mut out = Vec::new();
        writer.write(utc(text), &mut out);
        String::from_utf8(out).unwrap()
    };
    times.iter().map(write).collect()
}

#[test]
fn times_with_an_offset_z_or_fraction_are_accepted() {
    assert_eq!(at("2018-07-16T19:20:30+01:00"), Some(utc("2018-07-16T18:20:30Z")));
    assert_eq!(at("2018-07-16T19:20:30Z"), Some(utc("2018-07-16T19:20:30Z")));
    assert_eq!(at("2018-07-16T19:20:30.250-03:30"), Some(utc("2018-07-16T22:50:30.25Z")));
    assert_eq!(at("2018-07-16T19:20:30.1234567Z"), Some(utc("2018-07-16T19:20:30.123456Z")));
    assert_eq!(at("2018-07-16T19:20Z"), Some(utc("2018-07-16T19:20:00Z")));
}

#[test]
fn without_an_offset_the_time_is_in_los_angeles() {
    assert_eq!(at("2018-07-16T19:20:30"), Some(utc("2018-07-17T02:20:30Z")));
    assert_eq!(at("2018-01-16T19:20:30"), Some(utc("2018-01-17T03:20:30Z")));
    assert_eq!(parse_time("2018-07-16T19:20:30").unwrap().zone, default_zone());
}

#[test]
fn a_date_alone_is_midnight() {
    assert_eq!(at("2018-07-16"), Some(utc("2018-07-16T07:00:00Z")));
    assert_eq!(at("2018-12-16"), Some(utc("2018-12-16T08:00:00Z")));
}

#[test]
fn a_space_before_the_offset_is_a_plus_sign() {
    assert_eq!(at("2018-07-16T19:20:30 01:00"), Some(utc("2018-07-16T18:20:30Z")));
    assert_eq!(at("2018-07-16T19:20:30.5 00:00"), Some(utc("2018-07-16T19:20:30.5Z")));
    assert_eq!(mend_plus("2018-07-16T19:20:30 01:00").as_deref(), Some("2018-07-16T19:20:30+01:00"));
    assert_eq!(mend_plus("2018-07-16T19:20:30+01:00"), None);
    assert_eq!(at("2018-07-16T19:20:30 01"), Some(utc("2018-07-16T18:20:30Z")));
    assert_eq!(at("20180716t192030 0130"), Some(utc("2018-07-16T17:50:30Z")));
    assert_eq!(mend_plus("2018-07-16T19:20:30 01").as_deref(), Some("2018-07-16T19:20:30+01"));
    for text in ["é 01:0", "2018-07-16 19", "2018-07-16 19:20", "2018-07-16T19:20:30 1", "T ０1", " 01"] {
        assert_eq!(mend_plus(text), None, "{text}");
    }
}

#[test]
fn shorter_and_other_forms_of_iso_8601_are_accepted() {
    for text in [
        "20261115T000000Z",
        "20261115T000000+0000",
        "20261115T00Z",
        "2026-11-15T00Z",
        "2026-11-15t00:00:00z",
        "2026-11-15T00:00:00,000Z",
        "2026-11-15T00:00:00.123456789+00",
        "2026-11-15T01:00:00+01",
        "2026-11-14T23:00:00-01",
    ] {
        assert_eq!(
            at(text).map(|at| at.div_euclid(SECOND) * SECOND),
            Some(utc("2026-11-15T00:00:00Z")),
            "{text}"
        );
    }
    assert_eq!(at("20261115"), at("2026-11-15"));
    assert_eq!(at("2026-11-15T23:59:60Z"), Some(utc("2026-11-15T23:59:59Z")));
}

#[test]
fn anything_else_is_refused() {
    for text in [
        "",
        "yesterday",
        "1531765230",
        "2018-07-16 19:20:30",
        "2018-07-16 19:20",
        "2018-07-16 19:20:30 01:00",
        "2018-07-16+01:00",
        "2018-07-16Z",
        "2018-02-30",
        "2018-13-01T00:00:00Z",
        "2018-07-16T24:00:00Z",
        "2018-07-16T19:20:30+01:00[Europe/London]",
        "2018-07-16T19:20:30[America/Los_Angeles]",
        "+002018-07-16T19:20:30Z",
        "-000001-07-16T19:20:30Z",
        "16/07/2018",
        "2018-07",
        "2018-W29-1",
        "2018W291",
        "201807",
        "2018197",
        "2018-07-16 19",
        "2018-07-16 01:00",
        "2018-07-16T24:00",
        "2018-07-16T19:20:61Z",
        "2018-07-16T19:20:30.1234567890Z",
        "2018-07-16T19:20:30.Z",
        "2018-07-16T19.5Z",
        "2018-197",
        "2018-07-16T19:20:30Z ",
        " 2018-07-16T19:20:30Z",
        "2018-07-16T19:20:30 Z",
        "2018-07-16T19:20:30+99:00",
        "2026-03-08T10:00:00+25:00",
        "2026-03-08T10:00:00-24:00",
        "2026-03-08T10:00:00 24:00",
        "２０１８-07-16",
    ] {
        assert_eq!(parse_time(text), None, "{text:?}");
    }
}

#[test]
fn offsets_reach_to_23_59() {
    assert_eq!(at("2026-03-09T11:59:00+23:59"), Some(utc("2026-03-08T12:00:00Z")));
    assert_eq!(at("2026-03-07T12:01:00-23:59"), Some(utc("2026-03-08T12:00:00Z")));
}

#[test]
fn the_first_and_the_last_day_of_the_calendar_are_accepted() {
    let last = Timestamp::MAX.as_microsecond();
    for text in ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999-23:59"] {
        assert_eq!(at(text), Some(last), "{text}");
    }
    assert_eq!(at("9999-12-30T22:00:00Z"), Some(utc("9999-12-30T22:00:00Z")));
    assert_eq!(at("9999-12-31T21:00:00+23:59"), Some(utc("9999-12-30T21:01:00Z")));
    assert_eq!(at("0001-01-01T00:00:00Z"), Some(utc("0001-01-01T00:00:00Z")));
    assert_eq!(at("0001-01-01T00:00:00+23:59"), Some(utc("0000-12-31T00:01:00Z")));
    assert_eq!(at("0001-01-01"), Some(utc("0001-01-01T07:52:58Z")));
}

#[test]
fn a_time_at_the_ends_of_the_calendar_is_written_as_it_was_given() {
    for text in ["9999-12-31T21:00:00+23:59", "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00-23:59"] {
        let time = parse_time(text).unwrap();
        let mut out = Vec::new();
        TimeWriter::new(time.zone).write(time.at, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

#[test]
fn times_that_no_calendar_knows_are_written_as_its_ends() {
    for (at, date) in [(Micros::MAX, "9999-12-31"), (Micros::MIN, "-009999-01-01")] {
        let mut out = Vec::new();
        TimeWriter::new(Zone::UTC).write(at, &mut out);
        assert!(out.starts_with(date.as_bytes()), "{}", String::from_utf8_lossy(&out));
    }
}

#[test]
fn a_local_time_in_the_gap_of_spring_is_read_with_the_offset_before_it() {
    // Clocks go from 02:00 -08:00 to 03:00 -07:00.
    assert_eq!(at("2026-03-08T01:59:59"), Some(utc("2026-03-08T09:59:59Z")));
    assert_eq!(at("2026-03-08T02:30:00"), Some(utc("2026-03-08T10:30:00Z")));
    assert_eq!(at("2026-03-08T03:00:00"), Some(utc("2026-03-08T10:00:00Z")));
}

#[test]
fn a_local_time_shown_twice_in_autumn_is_the_first_one() {
    // Clocks go from 02:00 -07:00 to 01:00 -08:00.
    assert_eq!(at("2026-11-01T01:30:00"), Some(utc("2026-11-01T08:30:00Z")));
    assert_eq!(at("2026-11-01T02:00:00"), Some(utc("2026-11-01T10:00:00Z")));
}

#[test]
fn times_are_written_in_whole_seconds_with_a_numeric_offset() {
    let hour_east = parse_time("2018-07-16T19:20:30+01:00").unwrap().zone;
    assert_eq!(written(hour_east, &["2018-07-16T18:20:30.999999Z"]), ["2018-07-16T19:20:30+01:00"]);
    assert_eq!(written(Zone::UTC, &["2018-07-16T18:20:30Z"]), ["2018-07-16T18:20:30+00:00"]);
    let west = parse_time("2018-07-16T19:20:30-03:30").unwrap().zone;
    assert_eq!(written(west, &["2018-01-01T01:00:00Z"]), ["2017-12-31T21:30:00-03:30"]);
}

#[test]
fn after_a_daylight_saving_change_the_new_offset_is_written() {
    assert_eq!(
        written(default_zone(), &["2026-03-08T09:59:59Z", "2026-03-08T10:00:00Z", "2026-03-08T09:00:00Z"]),
        ["2026-03-08T01:59:59-08:00", "2026-03-08T03:00:00-07:00", "2026-03-08T01:00:00-08:00"]
    );
    assert_eq!(
        written(default_zone(), &["2026-11-01T08:59:59Z", "2026-11-01T09:00:00Z"]),
        ["2026-11-01T01:59:59-07:00", "2026-11-01T01:00:00-08:00"]
    );
}

#[test]
fn times_out_of_order_and_before_1970_are_written_right() {
    assert_eq!(
        written(
            Zone::UTC,
            &[
                "1970-01-01T00:00:00Z",
                "1969-12-31T23:59:59.5Z",
                "2000-02-29T12:00:00Z",
                "0001-01-01T00:00:00Z"
            ]
        ),
        [
            "1970-01-01T00:00:00+00:00",
            "1969-12-31T23:59:59+00:00",
            "2000-02-29T12:00:00+00:00",
            "0001-01-01T00:00:00+00:00"
        ]
    );
    assert_eq!(written(default_zone(), &["1800-01-01T12:00:00Z"]), ["1800-01-01T04:07:02-07:52:58"]);
}
