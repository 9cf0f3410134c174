//! Which rows a range holds under each rule, and which calendar bucket an instant falls into, with the expected rows and
//! buckets written out rather than taken from the model.

use tallyhouse_model::tables::view_segments;
use tallyhouse_model::{Belongs, By, DAY, Filter, Key, Micros, Point, Range, RowsQuery, TableId, Unit, Zone};

use super::everywhere;
use crate::pair::{ACCOUNT, Pair, records};
use crate::questions::{ALL_ROWS, Answer, BELONGS, Probe, Question};
use crate::rows::{Row, Segment, Value, at, key_of};

const FROM: &str = "2026-03-10T00:00:00Z";
const TO: &str = "2026-03-11T00:00:00Z";

fn stretch(key: u8, started_at: &str, ended_at: &str) -> Segment {
    Segment { ended_at: at(ended_at), ..Segment::new(key, started_at) }
}

/// The same, still being watched when it was last seen.
fn unfinished(key: u8, started_at: &str, ended_at: &str) -> Segment {
    let ended_at = at(ended_at);
    Segment { finished: false, ended_at, last_seen_at: Some(ended_at), ..Segment::new(key, started_at) }
}

fn keys_in(pair: &Pair, belongs: Belongs, range: Range) -> Vec<Key> {
    let table = TableId::ViewSegments;
    let query = RowsQuery {
        account: ACCOUNT,
        table,
        range,
        belongs,
        filters: Vec::new(),
        offset: 0,
        limit: ALL_ROWS,
    };
    let key = |row: &Row| match row[0] {
        Value::Id(key) => key,
        ref other => panic!("{other:?} is no key"),
    };
    match pair.ask(&Question::Rows(query)) {
        Answer::Page { rows, .. } => rows.iter().map(key).collect(),
        other => panic!("rows are answered by a page, not {other:?}"),
    }
}

fn keys(numbers: &[u8]) -> Vec<Key> {
    numbers.iter().copied().map(key_of).collect()
}

#[test]
fn each_rule_draws_its_line_where_it_says() {
    everywhere(|story| {
        story.send([
            stretch(1, "2026-03-09T00:00:00Z", "2026-03-09T23:59:59.999999Z"),
            stretch(2, "2026-03-09T00:00:00.000001Z", FROM),
            stretch(3, "2026-03-09T00:00:00.000002Z", "2026-03-10T00:00:00.000001Z"),
            stretch(4, "2026-03-09T00:00:00.000003Z", TO),
        ]);
        story.send([
            stretch(5, "2026-03-09T00:00:00.000004Z", "2026-03-11T00:00:00.000001Z"),
            unfinished(6, "2026-03-09T00:00:00.000005Z", "2026-03-10T12:00:00Z"),
            stretch(7, FROM, FROM),
            stretch(8, "2026-03-10T12:00:00Z", TO),
        ]);
        story.send([
            stretch(9, "2026-03-10T12:00:00.000001Z", "2026-03-11T00:00:00.000001Z"),
            unfinished(10, "2026-03-10T12:00:00.000002Z", "2026-03-10T12:00:01Z"),
            stretch(11, "2026-03-10T23:59:59.999999Z", "2027-03-10T00:00:00Z"),
            stretch(12, TO, TO),
        ]);
        let range = Range { from: at(FROM), to: at(TO) };
        let held = |belongs| keys_in(&story.pair, belongs, range);
        assert_eq!(held(Belongs::StartsIn), keys(&[7, 8, 9, 10, 11]));
        assert_eq!(held(Belongs::Present), keys(&[3, 4, 5, 6, 7, 8, 9, 10, 11]));
        assert_eq!(held(Belongs::TouchesEdge), keys(&[3, 4, 7, 8, 9, 10, 11]));
        // A row of no length at the very end started at or after the start and ended at or before the end.
        assert_eq!(held(Belongs::Within), keys(&[7, 8, 12]));
    });
}

#[test]
fn a_long_row_is_found_weeks_after_its_start() {
    everywhere(|story| {
        story.send([stretch(1, "2025-12-05T00:00:00Z", "2026-03-10T12:00:00Z")]);
        let short = |key| stretch(key, "2026-02-01T00:00:00Z", "2026-02-01T00:00:10Z");
        story.send([short(2), short(3), short(4)]);
        story.send([stretch(5, "2026-03-10T06:00:00Z", "2026-03-10T07:00:00Z")]);
        let range = Range { from: at(FROM), to: at(TO) };
        assert_eq!(keys_in(&story.pair, Belongs::Present, range), keys(&[1, 5]));
        assert_eq!(keys_in(&story.pair, Belongs::TouchesEdge, range), keys(&[1, 5]));
        story.send([stretch(1, "2025-12-05T00:00:00Z", "2026-03-09T12:00:00Z").version(2)]);
        assert_eq!(keys_in(&story.pair, Belongs::Present, range), keys(&[5]));
    });
}

#[test]
fn an_empty_range_holds_nothing_but_what_lies_within_its_instant() {
    everywhere(|story| {
        story.send([stretch(1, "2026-03-09T00:00:00Z", TO), stretch(2, FROM, FROM), stretch(3, FROM, TO)]);
        for belongs in BELONGS {
            for to in [at(FROM), at(FROM) - 1, Micros::MIN] {
                let is_instant = to == at(FROM) && belongs == Belongs::Within;
                let expected = if is_instant { keys(&[2]) } else { Vec::new() };
                let range = Range { from: at(FROM), to };
                assert_eq!(keys_in(&story.pair, belongs, range), expected, "{belongs:?}");
            }
        }
    });
}

#[test]
fn rows_are_sorted_by_time_and_then_key() {
    everywhere(|story| {
        story.send([Segment::new(9, FROM), Segment::new(3, TO)]);
        story.send([Segment::new(4, FROM), Segment::new(12, FROM), Segment::new(0, TO)]);
        story.send([Segment::new(8, FROM), Segment::new(1, "2026-02-28T23:59:59.999999Z")]);
        assert_eq!(keys_in(&story.pair, Belongs::StartsIn, Range::ALL), keys(&[1, 4, 8, 9, 12, 0, 3]));
    });
}

fn segments_by(pair: &Pair, unit: Unit, zone: &Zone, range: Range) -> Vec<(Micros, u64)> {
    let probe = Probe { range, ..Probe::everything() };
    let by = By::Time(unit, zone.clone());
    match pair.ask(&probe.series(ACCOUNT, TableId::ViewSegments, Belongs::StartsIn, by)) {
        Answer::Series(counts) => counts.into_iter().map(|(point, count)| (instant(point), count)).collect(),
        other => panic!("a series is answered by numbers, not {other:?}"),
    }
}

fn instant(point: Point) -> Micros {
    match point {
        Point::Time(time) => time,
        other => panic!("{other:?} is no time"),
    }
}

#[test]
fn days_of_los_angeles_have_23_hours_in_march_and_25_in_november() {
    let zone = Zone::named("America/Los_Angeles").expect("the zone database is part of the program");
    everywhere(|story| {
        story.send([
            Segment::new(1, "2026-03-08T07:59:59.999999Z"),
            Segment::new(2, "2026-03-08T08:00:00Z"),
            Segment::new(3, "2026-03-09T06:59:59.999999Z"),
            Segment::new(4, "2026-03-09T07:00:00Z"),
        ]);
        story.send([
            Segment::new(5, "2026-11-01T07:00:00Z"),
            Segment::new(6, "2026-11-02T07:59:59.999999Z"),
            Segment::new(7, "2026-11-02T08:00:00Z"),
        ]);
        let days = [
            (at("2026-03-07T08:00:00Z"), 1),
            (at("2026-03-08T08:00:00Z"), 2),
            (at("2026-03-09T07:00:00Z"), 1),
            (at("2026-11-01T07:00:00Z"), 2),
            (at("2026-11-02T08:00:00Z"), 1),
        ];
        assert_eq!(segments_by(&story.pair, Unit::Day, &zone, Range::ALL), days);
        let months = [(at("2026-03-01T08:00:00Z"), 4), (at("2026-11-01T07:00:00Z"), 3)];
        assert_eq!(segments_by(&story.pair, Unit::Month, &zone, Range::ALL), months);
    });
}

#[test]
fn an_hour_that_is_shown_twice_stays_two_buckets() {
    let zone = Zone::named("America/Los_Angeles").expect("the zone database is part of the program");
    everywhere(|story| {
        story.send([Segment::new(1, "2026-11-01T08:30:00Z"), Segment::new(2, "2026-11-01T09:30:00Z")]);
        let hours = [(at("2026-11-01T08:00:00Z"), 1), (at("2026-11-01T09:00:00Z"), 1)];
        assert_eq!(segments_by(&story.pair, Unit::Hour, &zone, Range::ALL), hours);
    });
}

#[test]
fn a_bucket_that_the_range_cuts_keeps_its_name_and_counts_what_lies_inside() {
    everywhere(|story| {
        story.send([
            Segment::new(1, "2026-03-10T01:00:00Z"),
            Segment::new(2, "2026-03-10T12:00:00Z"),
            Segment::new(3, "2026-03-11T12:00:00Z"),
        ]);
        let range = Range { from: at("2026-03-10T12:00:00Z"), to: at("2026-03-11T12:00:00Z") };
        assert_eq!(segments_by(&story.pair, Unit::Day, &Zone::UTC, range), [(at(FROM), 1)]);
        assert_eq!(
            segments_by(&story.pair, Unit::Month, &Zone::UTC, range),
            [(at("2026-03-01T00:00:00Z"), 1)]
        );
    });
}

#[test]
fn filters_tell_absent_from_empty_and_one_case_from_another() {
    let mut pair = Pair::new();
    let viewer = |key, viewer_identifier| Segment { viewer_identifier, ..Segment::new(key, FROM) };
    pair.ingest(
        ACCOUNT,
        &records(&[viewer(1, None), viewer(2, Some("")), viewer(3, Some("a")), viewer(4, Some("A"))]),
    );
    for _ in 0..2 {
        for (texts, expected) in [(vec![""], 1), (vec!["a"], 1), (vec!["a", "A", "b"], 2), (vec![], 0)] {
            let texts = texts.into_iter().map(str::to_owned).collect();
            let filter = Filter::TextIn(view_segments::VIEWER_IDENTIFIER, texts);
            let probe = Probe { segment_filters: vec![filter], ..Probe::everything() };
            let question = probe.series(ACCOUNT, TableId::ViewSegments, Belongs::StartsIn, By::Nothing);
            assert_eq!(pair.ask(&question), Answer::Series([(Point::Absent, expected)].into()));
        }
        pair.flush();
    }
}

#[test]
fn rows_a_year_late_are_counted_in_their_own_day() {
    everywhere(|story| {
        story.send([Segment::new(1, TO)]);
        let year_before = Segment { started_at: at(FROM) - 365 * DAY, ..Segment::new(2, FROM) };
        story.send([year_before]);
        let days = [(at(FROM) - 365 * DAY, 1), (at(TO), 1)];
        assert_eq!(segments_by(&story.pair, Unit::Day, &Zone::UTC, Range::ALL), days);
    });
}
