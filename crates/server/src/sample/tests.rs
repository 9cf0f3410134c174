//! The sample data is plausible, valid and the same every time.

use std::collections::{HashMap, HashSet};

use tallyhouse_model::tables::view_segments as at;
use tallyhouse_model::{ABSENT_TIME, DAY, Values};

use super::*;

const UNTIL: Micros = 1_772_366_400_000_000;

fn options(segments: usize) -> SampleOptions {
    SampleOptions { seed: 7, segments, until: UNTIL, days: 30, replacements_percent: 0 }
}

fn all(options: &SampleOptions) -> Batch {
    batches(options)
        .reduce(|mut all, batch| {
            all.append(&batch);
            all
        })
        .unwrap()
}

fn times(batch: &Batch, column: usize) -> &[Micros] {
    let Values::Times(times) = &batch.columns[column] else { panic!("{column}") };
    times
}

fn keys(batch: &Batch) -> &[tallyhouse_model::Key] {
    let Values::Ids(keys) = &batch.columns[at::VIEW_ID] else { panic!() };
    keys
}

#[test]
fn a_seed_gives_the_same_rows_and_another_seed_others() {
    let rows = all(&options(5_000));
    assert_eq!(rows.rows(), 5_000);
    assert_eq!(rows, all(&options(5_000)));
    assert_ne!(keys(&rows), keys(&all(&SampleOptions { seed: 8, ..options(5_000) })));
}

#[test]
fn any_number_of_rows_is_made_exactly() {
    for segments in [0, 1, 7, 99, 100_001] {
        let made: Vec<usize> = batches(&options(segments)).map(|batch| batch.rows()).collect();
        assert_eq!(made.iter().sum::<usize>(), segments);
        assert!(made.iter().all(|rows| (1..=100_000).contains(rows)));
    }
}

#[test]
fn times_lie_in_the_period_and_ends_behind_starts() {
    let rows = all(&options(20_000));
    let (started, ended, seen) =
        (times(&rows, at::STARTED_AT), times(&rows, at::ENDED_AT), times(&rows, at::LAST_SEEN_AT));
    let Values::Flags(finished) = &rows.columns[at::FINISHED] else { panic!() };
    for row in 0..rows.rows() {
        assert!(started[row] >= UNTIL - 30 * DAY && started[row] < UNTIL);
        assert!(ended[row] >= started[row] && ended[row] <= UNTIL);
        assert!(seen[row] == ABSENT_TIME || seen[row] >= started[row]);
        assert!(times(&rows, at::UPDATED_AT)[row] <= UNTIL + SECOND);
    }
    let unfinished = finished.iter().filter(|finished| !**finished).count();
    assert!((200..2_000).contains(&unfinished), "{unfinished}");
}

#[test]
fn sessions_have_several_segments_and_clients_return() {
    let rows = all(&options(20_000));
    let count = |column: usize| {
        let Values::Texts(texts) = &rows.columns[column] else { panic!("{column}") };
        (0..rows.rows()).filter_map(|row| texts.get(row)).collect::<HashSet<_>>().len()
    };
    assert!((3_000..8_000).contains(&count(at::VIEW_SESSION_ID)), "{}", count(at::VIEW_SESSION_ID));
    assert!(count(at::CLIENT_ID) < count(at::VIEW_SESSION_ID));
    assert!(count(at::VIEWER_IDENTIFIER) > 100);
    assert!(count(at::COUNTRY) > 10 && count(at::DEVICE_INFO) > 8);
}

#[test]
fn evenings_are_busier_than_nights() {
    let rows = all(&options(50_000));
    let mut by_hour: HashMap<i64, u32> = HashMap::new();
    for started in times(&rows, at::STARTED_AT) {
        *by_hour.entry(started.rem_euclid(DAY) / tallyhouse_model::HOUR).or_default() += 1;
    }
    assert!(by_hour[&19] > 5 * by_hour[&3], "{by_hour:?}");
}

#[test]
fn replacements_repeat_a_key_with_a_newer_version() {
    let rows = all(&SampleOptions { replacements_percent: 20, ..options(10_000) });
    assert_eq!(rows.rows(), 10_000);
    let mut versions: HashMap<tallyhouse_model::Key, Micros> = HashMap::new();
    let mut replacements = 0;
    for (key, version) in keys(&rows).iter().zip(times(&rows, at::UPDATED_AT)) {
        if let Some(earlier) = versions.insert(*key, *version) {
            replacements += 1;
            assert!(*version > earlier);
        }
    }
    assert!((1_990..=2_000).contains(&replacements), "{replacements}");
}
