//! What surrounds the rows: the lock, the format number, files that do not belong, the length of the log, the size of
//! the quarantine.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tallyhouse_model::limits::LOG_ROWS_MAX;
use tallyhouse_model::tables::{VIEW_SEGMENTS, view_segments};
use tallyhouse_model::{
    AccountId, Batch, Belongs, By, GroupsQuery, Measure, Point, Range, SECOND, SeriesQuery, TableId, Unit,
    Zone,
};
use tallyhouse_store::{OpenError, QuarantinedLine, QueryError, Snapshot, Stop, Store, Submission, check};
use tempfile::TempDir;

use crate::folders::{files_below, killed_copy};
use crate::oracle::Oracle;
use crate::pair::{ACCOUNT, Pair, compare, open, records};
use crate::questions::{Answer, Probe, Question, ask};
use crate::rows::{Record, Segment, at, batch_of, deletion, key_of, version};

const START: &str = "2026-03-01T00:00:00Z";

/// A closed store with a few rows on disk.
fn closed() -> (TempDir, Oracle) {
    let mut pair = Pair::new();
    pair.ingest(ACCOUNT, &records(&[Segment::new(1, START), Segment::new(2, "2026-04-01T00:00:00Z")]));
    pair.flush();
    pair.ingest(ACCOUNT, &[deletion(1, 2)]);
    pair.finish()
}

fn answers_rightly(store: &Store, oracle: &Oracle) {
    compare(&store.snapshot(), oracle, ACCOUNT, &Probe::everything());
}

#[test]
fn a_data_folder_has_one_owner_at_a_time() {
    let pair = Pair::new();
    for _ in 0..2 {
        assert!(matches!(open(pair.folder.path()), Err(OpenError::Locked(_))));
    }
    assert!(matches!(check(pair.folder.path()), Err(OpenError::Locked(_))));
    let (folder, _) = pair.finish();
    drop(open(folder.path()).expect("the folder is free again"));
    drop(open(folder.path()).expect("and again"));
}

fn format_of(folder: &Path) -> u32 {
    let database = rusqlite::Connection::open(folder.join("store.db")).expect("store.db is a database");
    database.pragma_query_value(None, "user_version", |row| row.get(0)).expect("it has a format")
}

fn set_format(folder: &Path, format: u32) {
    let database = rusqlite::Connection::open(folder.join("store.db")).expect("store.db is a database");
    database.pragma_update(None, "user_version", format).expect("it is writable");
}

#[test]
fn a_folder_of_a_newer_release_is_refused_and_left_alone() {
    let (folder, oracle) = closed();
    let known = format_of(folder.path());
    assert!(known > 0, "zero is what a database without a format has");
    set_format(folder.path(), known + 1);
    let files = files_below(folder.path());
    match open(folder.path()) {
        Err(OpenError::NewerFormat { found, known: newest }) => {
            assert_eq!((found, newest), (known + 1, known))
        }
        Err(other) => panic!("refused for another reason: {other:?}"),
        Ok(_) => panic!("a newer format was opened"),
    }
    let part = |file: &&std::path::PathBuf| file.starts_with("parts") || file.starts_with("dictionaries");
    let after = files_below(folder.path());
    assert!(files.iter().filter(part).eq(after.iter().filter(part)), "nothing of it was touched");
    set_format(folder.path(), known);
    let (store, _) = open(folder.path()).expect("its own format is known");
    answers_rightly(&store, &oracle);
}

#[test]
fn a_folder_of_an_older_format_becomes_one_of_this() {
    let (folder, oracle) = closed();
    let known = format_of(folder.path());
    assert_eq!(known, 4, "every format that was ever released is opened below");
    for older in 1..known {
        set_format(folder.path(), older);
        let (store, _) = open(folder.path()).expect("an older format is known");
        answers_rightly(&store, &oracle);
        drop(store);
        assert_eq!(format_of(folder.path()), known, "what an older program would misread, it has to refuse");
    }
}

#[test]
fn a_file_that_no_part_names_is_set_aside_and_reported() {
    let (folder, oracle) = closed();
    let parts = folder.path().join("parts");
    let known = parts.join(files_below(&parts).first().expect("there are parts on disk"));
    // One that looks like a part, as an interrupted flush leaves it, and one that looks like nothing.
    let extension = known.extension().map(|it| format!(".{}", it.to_string_lossy())).unwrap_or_default();
    let strays = [format!("999999999{extension}"), "stray".to_owned()];
    for stray in &strays {
        fs::write(parts.join(stray), stray).expect("the folder is writable");
    }
    let (store, report) = open(folder.path()).expect("strays do no harm");
    let mut reported: Vec<_> = report.orphaned.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    reported.sort();
    assert_eq!(reported, strays.each_ref(), "{report:?}");
    for stray in &strays {
        assert!(!parts.join(stray).exists(), "{stray} is still among the parts");
        let kept = fs::read_to_string(folder.path().join("orphaned").join(stray)).expect("it is not deleted");
        assert_eq!(kept, *stray);
    }
    answers_rightly(&store, &oracle);
    drop(store);
    let (store, report) = open(folder.path()).expect("a folder with orphans can be opened");
    assert!(report.orphaned.is_empty(), "reported once is enough: {report:?}");
    answers_rightly(&store, &oracle);
}

#[test]
fn a_temporary_file_is_deleted() {
    let (folder, oracle) = closed();
    let left = folder.path().join("parts").join("999999999.tmp");
    fs::write(&left, "half a part").expect("the folder is writable");
    let (store, report) = open(folder.path()).expect("temporary files do no harm");
    assert!(!left.exists());
    assert!(report.orphaned.is_empty(), "{report:?}");
    assert!(!folder.path().join("orphaned").join("999999999.tmp").exists());
    answers_rightly(&store, &oracle);
}

#[test]
fn what_is_opened_is_counted() {
    let mut pair = Pair::new();
    pair.ingest(ACCOUNT, &records(&[Segment::new(1, START), Segment::new(2, START)]));
    let report = pair.crash();
    assert_eq!((report.replayed_rows, report.parts, report.part_rows), (2, 0, 0));
    pair.flush();
    let report = pair.reopen(true);
    assert_eq!(report.replayed_rows, 0);
    assert!(report.parts > 0 && report.part_rows >= 2, "{report:?}");
    pair.finish();
}

/// Segments whose keys no other batch has.
fn fresh(batch: u32, rows: u32) -> Batch {
    batch_of(&(0..rows).map(|row| Record::Segment(fresh_segment(batch, row))).collect::<Vec<_>>())
}

fn fresh_segment(batch: u32, row: u32) -> Segment {
    let mut segment = Segment::new(0, START);
    segment.key[..4].copy_from_slice(&batch.to_be_bytes());
    segment.key[4..8].copy_from_slice(&row.to_be_bytes());
    segment.started_at += i64::from(row);
    segment.ended_at += i64::from(row);
    segment
}

#[test]
#[cfg_attr(debug_assertions, ignore = "moves more rows than a debug build likes; run it with --release")]
fn the_log_never_holds_more_than_its_limit() {
    let folder = crate::folders::new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    let (rows, batches) = (20_000, LOG_ROWS_MAX as u32 / 20_000 + 4);
    for number in 0..batches {
        let batch = fresh(number, rows);
        let submission =
            Submission { account: ACCOUNT, batch, quarantined: Vec::new(), received_at: version(0) };
        store.ingest(submission).expect("a full log waits for its flush");
    }
    let left = killed_copy(folder.path());
    drop(store);
    let (store, report) = open(left.path()).expect("what a store leaves can be opened");
    assert!(report.replayed_rows <= LOG_ROWS_MAX as u64, "{report:?}");
    let question = Probe::everything().series(ACCOUNT, TableId::ViewSegments, Belongs::StartsIn, By::Nothing);
    let total = u64::from(rows) * u64::from(batches);
    let answer = ask(&store.snapshot(), &question).expect("nothing is damaged");
    assert_eq!(answer, Answer::Series([(tallyhouse_model::Point::Absent, total)].into()));
}

/// More rows of two viewers than are kept in mind at once, and some of others around them.
#[test]
fn groups_with_very_many_rows_are_read_in_batches_and_are_whole() {
    let folder = crate::folders::new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    let (rows, viewers) = (70_000, ["a", "b", "c", "d"]);
    for number in 0..2 {
        let viewer =
            |row: u32| if row.is_multiple_of(1_000) { viewers[3] } else { viewers[row as usize % 2] };
        let segment = |row| match fresh_segment(number, row) {
            segment if row == 77 => Segment { viewer_identifier: Some(viewers[2]), ..segment },
            segment => Segment { viewer_identifier: Some(viewer(row)), ..segment },
        };
        let records: Vec<_> = (0..rows).map(|row| Record::Segment(segment(row))).collect();
        let batch = batch_of(&records);
        let received_at = version(0);
        store
            .import(Submission { account: ACCOUNT, batch, quarantined: Vec::new(), received_at })
            .expect("there is room");
    }
    let query = GroupsQuery {
        account: ACCOUNT,
        table: TableId::ViewSegments,
        range: Range::ALL,
        belongs: Belongs::StartsIn,
        filters: Vec::new(),
        column: view_segments::VIEWER_IDENTIFIER,
        offset: 0,
        limit: 10,
    };
    let answer = ask(&store.snapshot(), &Question::Groups(query)).expect("nothing is damaged");
    let Answer::Groups { total, groups } = answer else { panic!("groups are answered by groups") };
    let sizes: Vec<_> = groups.iter().map(|(text, rows)| (text.as_str(), rows.len())).collect();
    assert_eq!((total, sizes), (4, vec![("a", 69_860), ("b", 69_998), ("c", 2), ("d", 140)]));
    let keys: HashSet<_> = groups.iter().flat_map(|(_, rows)| rows.iter().map(|row| &row[0])).collect();
    assert_eq!(keys.len(), 140_000, "every row is in one group");
}

/// Whether a question is answered at all, under this stop.
fn outcome(snapshot: &Arc<Snapshot>, question: &Question, stop: &Stop) -> Result<(), QueryError> {
    match question {
        Question::Series(query) => snapshot.series(query, stop).map(drop),
        Question::Rows(query) => snapshot.rows(query, stop).map(drop),
        Question::Scan(query) => {
            let mut scan = snapshot.scan(query, stop)?;
            for start in (0..scan.total()).step_by(3) {
                scan.rows(start..start + 3, &[0, 1])?;
            }
            Ok(())
        }
        Question::Aggregate(query) => snapshot.aggregate(query, stop).map(drop),
        Question::Sweep(query) => snapshot.sweep(query, stop).map(drop),
        Question::Groups(query) => {
            let mut groups = snapshot.groups(query, stop)?;
            while groups.next_rows()?.is_some() {}
            Ok(())
        }
        // Exports end with their sink.
        Question::Export { .. } => Ok(()),
    }
}

#[test]
fn a_series_has_the_buckets_of_its_rows_and_not_those_of_the_time_between_them() {
    let mut pair = Pair::new();
    let series = |pair: &Pair, measure, belongs, unit| {
        let query = SeriesQuery {
            account: ACCOUNT,
            table: TableId::ViewSegments,
            range: Range::ALL,
            belongs,
            filters: Vec::new(),
            measure,
            by: By::Time(unit, Zone::UTC),
        };
        pair.store().snapshot().series(&query, &Stop::default()).map(|answer| answer.values)
    };
    let segments = ["1990-01-01T00:00:59Z", "1990-01-01T03:00:00Z", START].map(|at| Segment::new(1, at));
    let keyed = (1u8..).zip(segments).map(|(key, segment)| Segment { key: key_of(key), ..segment });
    pair.ingest(ACCOUNT, &records(&keyed.collect::<Vec<_>>()));
    let expected: Vec<_> = ["1990-01-01T00:00:00Z", "1990-01-01T03:00:00Z", START]
        .into_iter()
        .map(|start| (Point::Time(at(start)), 1))
        .collect();
    let distinct = Measure::Distinct(view_segments::CLIENT_ID);
    for measure in [Measure::Rows, distinct] {
        let mut answered = series(&pair, measure, Belongs::StartsIn, Unit::Minute).expect("three minutes");
        answered.sort_unstable();
        assert_eq!(answered, expected);
    }
    // What may be present at any time between is looked for at every time between.
    let refused = series(&pair, distinct, Belongs::Present, Unit::Minute);
    assert!(matches!(refused, Err(QueryError::TooManyGroups(_))));
    assert_eq!(series(&pair, distinct, Belongs::Present, Unit::Day).expect("days are few enough").len(), 2);
}

#[test]
fn a_query_that_is_stopped_or_out_of_time_has_no_answer() {
    let mut pair = Pair::new();
    let viewers = ["v", "w", "x", "y"];
    let segment = |key: u8| Segment {
        viewer_identifier: Some(viewers[usize::from(key) % 4]),
        started_at: at(START) + i64::from(key) * 900 * SECOND,
        ended_at: at(START) + i64::from(key) * 1_800 * SECOND,
        ..Segment::new(key, START)
    };
    pair.ingest(ACCOUNT, &records(&(0..12).map(segment).collect::<Vec<_>>()));
    pair.flush();
    pair.ingest(ACCOUNT, &records(&(12..20).map(segment).collect::<Vec<_>>()));
    let snapshot = pair.store().snapshot();
    let mut most_asks = 0;
    for question in Probe::everything().questions(ACCOUNT) {
        if matches!(question, Question::Export { .. }) {
            continue;
        }
        let stopped = Stop::default();
        stopped.clone().stop();
        assert!(matches!(outcome(&snapshot, &question, &stopped), Err(QueryError::Cancelled)));
        let late = Stop::after(Duration::ZERO);
        assert!(matches!(outcome(&snapshot, &question, &late), Err(QueryError::TookTooLong)));
        // Wherever it asks whether to go on, it takes no for an answer.
        let mut asks = 0;
        while outcome(&snapshot, &question, &Stop::at_ask(asks)).is_err() {
            asks += 1;
        }
        assert!(asks >= 1, "it asks before it reads: {question:?}");
        most_asks = most_asks.max(asks);
    }
    assert!(most_asks > 20, "a sweep asks once per bucket, groups once per batch: {most_asks}");
    pair.finish();
}

fn refuse(store: &Store, account: AccountId, lines: &[String]) {
    let line =
        |line: &String| QuarantinedLine { reason: "view_id is missing".to_owned(), line: line.clone() };
    let quarantined: Vec<_> = lines.iter().map(line).collect();
    let count = quarantined.len() as u64;
    let received_at = at(START);
    let batch = Batch::new(&VIEW_SEGMENTS);
    let accepted =
        store.ingest(Submission { account, batch, quarantined, received_at }).expect("there is room");
    assert_eq!((accepted.quarantined, accepted.taken), (count, 0));
}

#[test]
fn quarantined_lines_are_listed_by_account_and_removed_on_demand() {
    let mut pair = Pair::new();
    refuse(pair.store(), ACCOUNT, &["a".to_owned(), "b".to_owned(), "c".to_owned()]);
    refuse(pair.store(), AccountId(2), &["other".to_owned()]);
    pair.crash();
    let list = |after, limit| pair.store().quarantine(ACCOUNT, None, after, limit).expect("it can be read");
    let all = list(0, 10);
    assert_eq!(all.iter().map(|entry| entry.line.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(all.iter().all(|entry| entry.table == TableId::ViewSegments && entry.received_at == at(START)));
    assert_eq!(all[0].reason, "view_id is missing");
    assert_eq!(list(0, 1), all[..1]);
    assert_eq!(list(all[0].id, 10), all[1..]);
    let removed = pair.store().quarantine_remove(AccountId(2), &[all[0].id]).expect("it can be written");
    assert_eq!(removed, 0, "another account's lines are not there");
    let removed =
        pair.store().quarantine_remove(ACCOUNT, &[all[1].id, all[1].id, i64::MAX]).expect("as above");
    assert_eq!(removed, 1);
    assert_eq!(list(0, 10), [all[0].clone(), all[2].clone()]);
    pair.finish();
}

#[test]
fn the_oldest_quarantined_lines_give_way_when_an_account_has_too_many_bytes() {
    let pair = Pair::new();
    refuse(pair.store(), AccountId(2), &["other".to_owned()]);
    let bytes = 100_000;
    for number in 0..20 {
        refuse(pair.store(), ACCOUNT, &[number.to_string() + &"x".repeat(bytes)]);
    }
    let kept = pair.store().quarantine(ACCOUNT, None, 0, 100).expect("it can be read");
    assert!(
        kept.iter().map(|entry| entry.line.len()).sum::<usize>() <= 1 << 20,
        "{} lines are kept",
        kept.len()
    );
    assert!(kept.len() >= 8, "{} lines are kept where ten fit", kept.len());
    assert!(kept.last().is_some_and(|entry| entry.line.starts_with("19x")), "the newest stays");
    let others = pair.store().quarantine(AccountId(2), None, 0, 100).expect("it can be read");
    assert_eq!(others.len(), 1, "another account's lines stay");
    pair.finish();
}

/// In memory, on disk, and put together from what is remembered of parts.
#[test]
fn a_series_of_too_many_buckets_with_rows_is_refused() {
    let mut pair = Pair::new();
    let query = SeriesQuery {
        account: ACCOUNT,
        table: TableId::ViewSegments,
        range: Range::ALL,
        belongs: Belongs::StartsIn,
        filters: Vec::new(),
        measure: Measure::Rows,
        by: By::Time(Unit::Minute, Zone::UTC),
    };
    let key = |minute: i64| (u128::from(minute.unsigned_abs()) + 1).to_be_bytes();
    let segment = |minute: i64| Segment {
        key: key(minute),
        started_at: at(START) + minute * 60 * SECOND,
        ended_at: at(START) + minute * 60 * SECOND,
        ..Segment::new(1, START)
    };
    for batch in 0..30 {
        let segments: Vec<_> = (batch * 100..(batch + 1) * 100).map(segment).collect();
        pair.ingest(ACCOUNT, &records(&segments));
        if batch % 10 == 4 {
            pair.store().flush().expect("there is room");
        }
        let answered = pair.store().snapshot().series(&query, &Stop::default());
        match answered {
            Ok(answer) if batch < 14 => assert_eq!(answer.values.len() as i64, (batch + 1) * 100),
            Ok(answer) => assert!(batch < 29, "{} buckets are answered", answer.values.len()),
            Err(error) => assert!(batch > 14 && matches!(error, QueryError::TooManyGroups(_)), "{error}"),
        }
    }
}
