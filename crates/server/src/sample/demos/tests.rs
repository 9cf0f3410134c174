//! The demo data is plausible, valid, belongs together and is the same every time.

use std::collections::{HashMap, HashSet};

use tallyhouse_model::tables::{demo_activity, demo_changes, demo_sessions};
use tallyhouse_model::{ABSENT_TIME, ColumnIndex, DAY, HOUR, KeyDigest, Table, Values, render_uuid};

use super::*;

const UNTIL: Micros = 1_772_366_400_000_000;

fn sample(sessions: usize) -> DemoSample {
    DemoSample::of_sessions(7, UNTIL, 90, sessions)
}

fn all(batches: impl Iterator<Item = Batch>) -> Batch {
    let all = batches.reduce(|mut all, batch| {
        all.append(&batch);
        all
    });
    let all = all.unwrap();
    assert!(all.is_consistent());
    all
}

fn count(batches: impl Iterator<Item = Batch>) -> usize {
    batches.map(|batch| batch.rows()).sum()
}

fn times(batch: &Batch, column: ColumnIndex) -> &[Micros] {
    let Values::Times(times) = &batch.columns[column] else { panic!("{column}") };
    times
}

fn keys(batch: &Batch) -> &[Key] {
    let Values::Ids(keys) = &batch.columns[Table::KEY] else { panic!() };
    keys
}

fn texts(batch: &Batch, column: ColumnIndex) -> Vec<Option<&str>> {
    let Values::Texts(texts) = &batch.columns[column] else { panic!("{column}") };
    (0..batch.rows()).map(|row| texts.get(row)).collect()
}

/// The texts of a column that is never absent.
fn present(batch: &Batch, column: ColumnIndex) -> Vec<&str> {
    texts(batch, column).into_iter().map(Option::unwrap).collect()
}

#[test]
fn a_seed_gives_the_same_rows_and_another_seed_others() {
    let other = DemoSample::of_sessions(8, UNTIL, 90, 500);
    let tables =
        |sample: DemoSample| [all(sample.sessions()), all(sample.activities()), all(sample.changes())];
    assert_eq!(tables(sample(500)), tables(sample(500)));
    for (rows, others) in tables(sample(500)).iter().zip(tables(other)) {
        let keys_of_rows: HashSet<_> = keys(rows).iter().collect();
        assert!(keys(&others).iter().all(|key| !keys_of_rows.contains(key)), "{}", rows.table.name);
    }
}

#[test]
fn the_rows_are_the_same_on_every_machine() {
    let sample = sample(500);
    let mut digest = KeyDigest::new();
    for rows in [all(sample.sessions()), all(sample.activities()), all(sample.changes_of(500))] {
        for column in &rows.columns[1..] {
            digest = match column {
                Values::Times(times) => {
                    times.iter().fold(digest, |digest, at| digest.integer(at.cast_unsigned()))
                }
                Values::Texts(texts) => digest.text(&texts.bytes),
                other => panic!("{other:?}"),
            };
        }
    }
    assert_eq!(render_uuid(&digest.finish()), "69e32466-0858-dff2-accd-6e0e8f4683f5");
}

#[test]
fn no_two_rows_have_the_same_key() {
    let sample = sample(4_000);
    for rows in [all(sample.sessions()), all(sample.activities()), all(sample.changes_of(5_000))] {
        let distinct: HashSet<_> = keys(&rows).iter().collect();
        assert_eq!(distinct.len(), rows.rows(), "{}", rows.table.name);
    }
}

#[test]
fn any_number_of_rows_is_made_exactly() {
    for rows in [0, 1, 7, 99, 5_000, BATCH_ROWS + 1] {
        let sample = DemoSample::of_activities(7, UNTIL, 90, rows);
        assert_eq!(count(sample.activities()), rows);
        assert_eq!(count(sample.sessions()), sample.session_count());
        assert_eq!(count(DemoSample::of_sessions(7, UNTIL, 90, rows).sessions()), rows);
        assert_eq!(count(sample.changes_of(rows)), rows);
        assert!(sample.activities().all(|batch| (1..=BATCH_ROWS).contains(&batch.rows())));
    }
}

#[test]
fn so_many_activities_and_as_many_sessions_as_they_need_belong_together() {
    let of_activities = DemoSample::of_activities(7, UNTIL, 90, 3_000);
    let of_sessions = sample(of_activities.session_count());
    assert_eq!(all(of_activities.sessions()), all(of_sessions.sessions()));
    let keys_of =
        |sample: DemoSample| keys(&all(sample.activities())).iter().copied().collect::<HashSet<_>>();
    let (fewer, more) = (keys_of(of_activities), keys_of(of_sessions));
    assert!(fewer.is_subset(&more));
    assert!(more.len() - fewer.len() < 24);
}

#[test]
fn every_session_has_activities_and_none_is_before_its_start() {
    let (sessions, activities) = (all(sample(3_000).sessions()), all(sample(3_000).activities()));
    let began: HashMap<_, _> = present(&sessions, demo_sessions::SESSION_ID)
        .into_iter()
        .zip(times(&sessions, demo_sessions::SESSION_DATE))
        .collect();
    let mut seen = HashSet::new();
    for (row, session) in present(&activities, demo_activity::SESSION_ID).into_iter().enumerate() {
        let created_at = times(&activities, demo_activity::SESSION_CREATED_AT)[row];
        assert_eq!(*began[session], created_at);
        assert!(times(&activities, demo_activity::CREATE_AT)[row] >= created_at);
        seen.insert(session);
    }
    assert_eq!(seen.len(), 3_000);
}

#[test]
fn a_session_tells_the_same_as_its_activities() {
    let (sessions, activities) = (all(sample(1_000).sessions()), all(sample(1_000).activities()));
    let of = |batch: &Batch, id, columns: [ColumnIndex; 2]| -> HashSet<(String, String, String)> {
        let [first, second] = columns.map(|column| present(batch, column));
        let ids = present(batch, id);
        (0..batch.rows()).map(|row| (ids[row].into(), first[row].into(), second[row].into())).collect()
    };
    use {demo_activity as activity, demo_sessions as session};
    assert_eq!(
        of(&sessions, session::SESSION_ID, [session::VISITOR_KEY, session::PUBLISHED_REPLAY_ID]),
        of(&activities, activity::SESSION_ID, [activity::VISITOR_KEY, activity::PUBLISHED_REPLAY_ID]),
    );
    let titles =
        |batch: &Batch, column| present(batch, column).into_iter().map(str::to_owned).collect::<HashSet<_>>();
    assert_eq!(titles(&sessions, session::DEMO_TITLE), titles(&activities, activity::PUBLISHED_REPLAY_TITLE));
}

#[test]
fn times_lie_in_the_period_and_in_order_with_fractions_of_seconds() {
    for days in [1, 90] {
        let sample = DemoSample::of_sessions(7, UNTIL, days, 3_000);
        for rows in [all(sample.sessions()), all(sample.activities())] {
            let times = times(&rows, Table::TIME);
            assert!(times.is_sorted());
            assert!(times[0] >= UNTIL - i64::from(days) * DAY && *times.last().unwrap() < UNTIL);
            assert!(times.iter().filter(|time| **time % 1_000 != 0).count() > rows.rows() / 2);
        }
    }
}

#[test]
fn there_are_bounces_and_long_sessions_some_over_midnight() {
    let rows = all(sample(5_000).activities());
    let mut sessions: HashMap<&str, Vec<Micros>> = HashMap::new();
    for (session, at) in
        present(&rows, demo_activity::SESSION_ID).into_iter().zip(times(&rows, demo_activity::CREATE_AT))
    {
        sessions.entry(session).or_default().push(*at);
    }
    let lasted = |times: &&Vec<Micros>| times.last().unwrap() - times[0];
    let of_days = |times: &&Vec<Micros>| times[0].div_euclid(DAY) < times.last().unwrap().div_euclid(DAY);
    let bounces = sessions.values().filter(|times| times.len() == 1).count();
    assert!((900..1_300).contains(&bounces), "{bounces}");
    assert!(sessions.values().all(|times| times.len() <= session::ACTIVITIES_MAX as usize));
    assert!(sessions.values().any(|times| times.len() > 20));
    assert!(sessions.values().filter(|times| lasted(times) > HOUR).count() > 100);
    let over_midnight = sessions.values().filter(of_days).count();
    assert!(over_midnight > 8, "{over_midnight}");
}

#[test]
fn business_hours_are_busier_than_nights_and_weekends() {
    let rows = all(sample(8_000).sessions());
    let (mut by_hour, mut by_weekday) = ([0; 24], [0; 7]);
    for at in times(&rows, demo_sessions::SESSION_DATE) {
        by_hour[(at.rem_euclid(DAY) / HOUR) as usize] += 1;
        by_weekday[(at.div_euclid(DAY) + 3).rem_euclid(7) as usize] += 1;
    }
    assert!(by_hour[10] > 5 * by_hour[3], "{by_hour:?}");
    assert!(by_weekday[1] > 5 * by_weekday[6], "{by_weekday:?}");
}

#[test]
fn activities_are_of_several_types_and_links_and_texts_can_be_absent() {
    let rows = all(sample(3_000).activities());
    let types: HashSet<_> = present(&rows, demo_activity::ACTIVITY_TYPE).into_iter().collect();
    assert_eq!(types, HashSet::from(["welcome", "screen", "click", "guide", "form"]));
    for (column, described) in rows.table.columns.iter().enumerate().skip(7) {
        let absent = match &rows.columns[column] {
            Values::Times(times) => times.iter().filter(|time| **time == ABSENT_TIME).count(),
            Values::Texts(texts) => texts.present.iter().filter(|present| !**present).count(),
            other => panic!("{other:?}"),
        };
        assert!(absent < rows.rows(), "{} is always absent", described.name);
        if described.name.starts_with("link_") {
            assert!(absent > 0, "{} is never absent", described.name);
        }
    }
}

#[test]
fn viewers_are_addresses_for_examples() {
    let rows = all(sample(3_000).sessions());
    let viewers = present(&rows, demo_sessions::VIEWER);
    let is_email = |viewer: &str| {
        ["@example.com", "@example.org", "@example.net"].iter().any(|domain| viewer.ends_with(domain))
    };
    let is_address =
        |viewer: &str| ["192.0.2.", "198.51.100.", "203.0.113."].iter().any(|net| viewer.starts_with(net));
    assert!(viewers.iter().all(|viewer| is_email(viewer) != is_address(viewer)));
    assert!(viewers.iter().filter(|viewer| is_email(viewer)).count() > 500);
    assert!(viewers.iter().filter(|viewer| is_address(viewer)).count() > 500);
}

#[test]
fn a_demo_was_published_before_it_was_looked_at_and_not_deleted_yet() {
    let (sessions, changes) = (all(sample(5_000).sessions()), all(sample(5_000).changes()));
    let mut published: HashSet<(&str, Micros)> = HashSet::new();
    let mut deleted: HashMap<&str, Micros> = HashMap::new();
    let kinds = present(&changes, demo_changes::CHANGE_TYPE);
    for (row, entity) in present(&changes, demo_changes::ENTITY_ID).into_iter().enumerate() {
        let at = times(&changes, demo_changes::CHANGED_AT)[row];
        match kinds[row] {
            "published" => _ = published.insert((entity, at)),
            "deleted" => _ = deleted.insert(entity, at),
            _ => {}
        }
    }
    let (mut known, mut unknown) = (0, 0);
    for (row, replay) in present(&sessions, demo_sessions::PUBLISHED_REPLAY_ID).into_iter().enumerate() {
        let date = times(&sessions, demo_sessions::SESSION_DATE)[row];
        assert!(deleted.get(replay).is_none_or(|deleted| date < *deleted));
        match times(&sessions, demo_sessions::DEMO_PUBLISHED_DATE)[row] {
            0 => unknown += 1,
            at => {
                assert!(at <= date && published.contains(&(replay, at)));
                known += 1;
            }
        }
    }
    assert!(known > 4_000 && unknown > 0, "{known} {unknown}");
    assert!(!deleted.is_empty());
}

#[test]
fn changes_are_of_links_and_replays_and_arrive_after_they_happened() {
    for rows in [all(sample(1).changes()), all(sample(1).changes_of(10_000))] {
        assert!(times(&rows, demo_changes::CHANGED_AT).is_sorted());
        for row in 0..rows.rows() {
            let (changed, arrived) =
                (times(&rows, demo_changes::CHANGED_AT)[row], times(&rows, demo_changes::INGESTED_AT)[row]);
            assert!(changed <= arrived && arrived <= UNTIL);
        }
        let distinct = |column| present(&rows, column).into_iter().collect::<HashSet<_>>();
        assert_eq!(distinct(demo_changes::ENTITY_TYPE), HashSet::from(["link", "replay"]));
        assert!(distinct(demo_changes::CHANGE_TYPE).is_superset(&HashSet::from([
            "created",
            "published",
            "deleted"
        ])));
        assert_eq!(distinct(demo_changes::ENTITY_ID).len(), 24 + 48);
    }
}

#[test]
fn activities_of_a_link_are_done_while_it_is_there() {
    let rows = all(sample(5_000).activities());
    let mut deleted = 0;
    for row in 0..rows.rows() {
        let began = times(&rows, demo_activity::SESSION_CREATED_AT)[row];
        let (from, to) = (
            times(&rows, demo_activity::LINK_CREATED_AT)[row],
            times(&rows, demo_activity::LINK_DELETED_AT)[row],
        );
        assert!(from <= began, "an absent time is the smallest");
        assert!(to == ABSENT_TIME || began < to);
        deleted += usize::from(to != ABSENT_TIME);
    }
    assert!(deleted > 100, "{deleted}");
}
