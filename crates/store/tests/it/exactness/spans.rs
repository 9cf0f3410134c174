//! Rows that last: who is there, how many at once, and for how long, with the expected numbers written out.

use tallyhouse_model::tables::view_segments as column;
use tallyhouse_model::{
    Belongs, By, Measure, Micros, Names, Point, Range, SeriesQuery, SweepMeasure, SweepQuery, TableId,
    Together, Unit, Zone,
};

use super::{Story, everywhere};
use crate::pair::ACCOUNT;
use crate::questions::{Answer, Question};
use crate::rows::{Segment, at};

const AT_ONCE: SweepMeasure = SweepMeasure::Peak { of: column::VIEW_SESSION_ID, together: Together::AtOnce };

const WITHIN_MINUTE: SweepMeasure =
    SweepMeasure::Peak { of: column::VIEW_SESSION_ID, together: Together::WithinMinute(Zone::UTC) };

/// A segment of a session at times of 10 March 2026.
fn watch(key: u8, session: &'static str, from: &str, to: &str) -> Segment {
    let at_clock = |clock: &str| at(&format!("2026-03-10T{clock}Z"));
    Segment {
        started_at: at_clock(from),
        ended_at: at_clock(to),
        view_session_id: session,
        client_id: session,
        ..Segment::new(key, "2026-03-10T00:00:00Z")
    }
}

/// Clock times and numbers of a sweep over content that starts in this range of 10 March 2026.
fn swept(
    story: &Story,
    measure: SweepMeasure,
    unit: Option<Unit>,
    (from, to): (&str, &str),
) -> Vec<(String, u64)> {
    let clock = |clock: &str| at(&format!("2026-03-10T{clock}Z"));
    let query = SweepQuery {
        account: ACCOUNT,
        table: TableId::ViewSegments,
        range: Range { from: clock(from), to: clock(to) },
        filters: Vec::new(),
        measure,
        groups: [column::CONTENT_TYPE, column::CONTENT_ID],
        buckets: unit.map(|unit| (unit, Zone::UTC)),
        offset: 0,
        limit: 100,
    };
    let Answer::Sweep { total, rows } = story.pair.ask(&Question::Sweep(query)) else {
        panic!("a sweep is answered by numbers")
    };
    assert_eq!(total, rows.len() as u64);
    rows.into_iter().map(|row| (clock_of(row.at), row.value)).collect()
}

fn clock_of(at: Micros) -> String {
    let text = tallyhouse_model::render_record_time(at);
    text.trim_start_matches("2026-03-10T").trim_end_matches('Z').to_owned()
}

fn shown<const N: usize>(rows: [(&str, u64); N]) -> Vec<(String, u64)> {
    rows.map(|(at, value)| (at.to_owned(), value)).into()
}

#[test]
fn a_segment_that_ends_when_another_starts_is_not_watched_at_the_same_time() {
    everywhere(|story| {
        story.send([
            watch(1, "a", "10:00:00", "10:00:30"),
            watch(2, "b", "10:00:30", "10:00:50"),
            watch(3, "c", "10:01:10", "10:01:40"),
            watch(4, "d", "10:01:39.999999", "10:02:00"),
        ]);
        let all = ("00:00:00", "23:00:00");
        assert_eq!(swept(story, AT_ONCE, Some(Unit::Minute), all), shown([("10:00:00", 1), ("10:01:00", 2)]));
        assert_eq!(swept(story, AT_ONCE, None, all), shown([("10:01:39.999999", 2)]));
        assert_eq!(
            swept(story, WITHIN_MINUTE, Some(Unit::Minute), all),
            shown([("10:00:00", 2), ("10:01:00", 2)])
        );
    });
}

#[test]
fn segments_of_one_session_that_overlap_count_once_until_the_last_of_them_ends() {
    everywhere(|story| {
        story.send([watch(1, "a", "10:00:00", "10:05:00"), watch(2, "a", "10:01:00", "10:02:00")]);
        story.send([watch(3, "a", "10:04:30", "10:06:30"), watch(4, "b", "10:06:29.999999", "10:06:30")]);
        let minutes = swept(story, AT_ONCE, Some(Unit::Minute), ("00:00:00", "23:00:00"));
        let ones = ["10:00:00", "10:01:00", "10:02:00", "10:03:00", "10:04:00", "10:05:00"];
        let mut expected: Vec<_> = ones.map(|minute| (minute.to_owned(), 1)).into();
        expected.push(("10:06:00".to_owned(), 2));
        assert_eq!(minutes, expected);
    });
}

#[test]
fn a_segment_of_no_length_adds_to_no_peak_but_touches_its_minute() {
    everywhere(|story| {
        story.send([
            watch(1, "a", "10:00:00", "10:00:00"),
            watch(2, "b", "10:03:10", "10:03:20"),
            watch(3, "c", "10:03:15", "10:03:15"),
        ]);
        let all = ("00:00:00", "23:00:00");
        assert_eq!(swept(story, AT_ONCE, Some(Unit::Hour), all), shown([("10:00:00", 1)]));
        assert_eq!(swept(story, AT_ONCE, Some(Unit::Minute), all), shown([("10:03:00", 1)]));
        assert_eq!(
            swept(story, WITHIN_MINUTE, Some(Unit::Minute), all),
            shown([("10:00:00", 1), ("10:03:00", 2)])
        );
        assert_eq!(swept(story, SweepMeasure::Seconds, Some(Unit::Minute), all), shown([("10:03:00", 10)]));
    });
}

#[test]
fn seconds_are_cut_to_bucket_and_range_and_rounded_down_once() {
    everywhere(|story| {
        story.send([
            watch(1, "a", "09:58:00.4", "10:00:00.6"),
            watch(2, "b", "10:00:10.2", "10:00:10.9"),
            watch(3, "c", "10:00:59.5", "10:02:30"),
        ]);
        // 0.6 + 0.7 + 0.5 seconds are 1.8; the last minute is cut by the range.
        assert_eq!(
            swept(story, SweepMeasure::Seconds, Some(Unit::Minute), ("09:59:30", "10:02:20")),
            shown([("09:59:00", 30), ("10:00:00", 1), ("10:01:00", 60), ("10:02:00", 20)])
        );
        assert_eq!(
            swept(story, SweepMeasure::Seconds, None, ("09:59:30", "10:02:20")),
            shown([("09:59:30", 111)])
        );
    });
}

#[test]
fn a_summary_names_the_first_instant_of_the_peak() {
    everywhere(|story| {
        story.send([
            watch(1, "a", "08:00:00", "08:10:00"),
            watch(2, "b", "08:05:00", "08:06:00"),
            watch(3, "c", "08:05:30", "08:07:00"),
            watch(4, "d", "09:00:00", "09:10:00"),
            watch(5, "e", "09:00:00", "09:10:00"),
            watch(6, "f", "09:00:00", "09:10:00"),
        ]);
        assert_eq!(swept(story, AT_ONCE, None, ("00:00:00", "23:00:00")), shown([("08:05:30", 3)]));
        // What was open when the range began counts from there.
        assert_eq!(swept(story, AT_ONCE, None, ("08:05:45", "08:59:00")), shown([("08:05:45", 3)]));
        assert_eq!(swept(story, AT_ONCE, None, ("08:10:00", "09:00:00")), shown([]));
    });
}

#[test]
fn a_device_counts_once_in_every_bucket_in_which_it_is_present() {
    everywhere(|story| {
        story.send([
            watch(1, "a", "09:30:00", "11:00:00"),
            watch(2, "a", "10:15:00", "10:20:00"),
            watch(3, "b", "11:00:00", "11:00:00"),
            watch(4, "c", "10:59:59", "12:00:00.000001"),
        ]);
        let range = Range { from: at("2026-03-10T09:45:00Z"), to: at("2026-03-10T23:00:00Z") };
        let query = |by| SeriesQuery {
            account: ACCOUNT,
            table: TableId::ViewSegments,
            range,
            belongs: Belongs::Present,
            filters: Vec::new(),
            measure: Measure::Distinct(column::CLIENT_ID),
            by,
        };
        let hours = query(By::Time(Unit::Hour, Zone::UTC));
        let hour = |clock: &str, devices| (Point::Time(at(&format!("2026-03-10T{clock}:00:00Z"))), devices);
        // "a" ends when 11:00 begins, "b" is there although it has no length, "c" reaches into 12:00.
        let expected = [hour("09", 1), hour("10", 2), hour("11", 2), hour("12", 1)];
        assert_eq!(story.pair.ask(&Question::Series(hours)), Answer::Series(expected.into()));
        let all = query(By::Nothing);
        assert_eq!(story.pair.ask(&Question::Series(all)), Answer::Series([(Point::Absent, 3)].into()));
    });
}

#[test]
fn a_device_seen_at_two_points_counts_at_each_and_points_of_one_name_are_one() {
    everywhere(|story| {
        let seen = |key, client, region| Segment {
            client_id: client,
            region,
            ..watch(key, "s", "10:00:00", "10:01:00")
        };
        story.send([seen(1, "a", Some("unknown")), seen(2, "b", None), seen(3, "b", Some("US-CA"))]);
        story.send([seen(4, "a", None), seen(5, "c", Some("US-CA")), seen(6, "b", Some("US-CA"))]);
        let names = Names { absent: Some("unknown".to_owned()), renamed: Vec::new() };
        let query = SeriesQuery {
            account: ACCOUNT,
            table: TableId::ViewSegments,
            range: Range::ALL,
            belongs: Belongs::Present,
            filters: Vec::new(),
            measure: Measure::Distinct(column::CLIENT_ID),
            by: By::Column(column::REGION, names),
        };
        let point = |text: &str, devices| (Point::Text(text.to_owned()), devices);
        // "a" was seen without a region and in one called "unknown": still one device.
        let expected = [point("unknown", 2), point("US-CA", 2)];
        assert_eq!(story.pair.ask(&Question::Series(query)), Answer::Series(expected.into()));
    });
}
