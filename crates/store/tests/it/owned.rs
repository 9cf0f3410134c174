//! Rows that other rows own: reports with their images and selections, against a plain model of their own.
//!
//! Images share the key of their report, and its selections too; they live as long as the version that they came with.
//! Whatever happens in between, the store holds what the live reports brought, in the order in which it came.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;
use tallyhouse_model::tables::{REPORT_IMAGES, REPORTS, report_images, report_selections, reports};
use tallyhouse_model::{
    AccountId, Batch, Belongs, By, Cell, HOUR, Measure, Micros, Names, Point, Range, RowsQuery, SeriesQuery,
    TableId, Unit, Zone, key_of_integer,
};
use tallyhouse_store::{Accepted, Snapshot, Stop, Store, Submission, check};
use tempfile::TempDir;

use crate::folders::{files_below, killed_copy, new_folder};
use crate::pair::{ACCOUNT, open};
use crate::rows::{Row, Value, at, rows_of, version};

mod model;
mod scans;

use model::{Image, Model, Report, Sent};

const ACCOUNTS: [AccountId; 2] = [AccountId(1), AccountId(2)];

const TABLES: [TableId; 3] = [TableId::Reports, TableId::ReportImages, TableId::ReportSelections];

/// A store with the model of what it should hold. The store is only ever absent while it is opened again.
struct House {
    folder: TempDir,
    store: Option<Store>,
    model: Model,
}

impl House {
    fn new() -> House {
        let folder = new_folder();
        let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
        House { folder, store: Some(store), model: Model::default() }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().expect("a house always has an open store")
    }

    fn ingest(&mut self, account: AccountId, sent: &[Sent]) -> Accepted {
        let accepted = self.store().ingest(submission(account, sent)).expect("there is room");
        self.model.arrive(account, sent);
        accepted
    }

    fn import(&mut self, account: AccountId, sent: &[Sent]) {
        self.store().import(submission(account, sent)).expect("there is room");
        self.model.arrive(account, sent);
    }

    /// Sends reports while other work is going on in the store.
    fn ingest_during(&mut self, account: AccountId, sent: &[Sent], work: impl FnOnce(&Store) + Send) {
        let store = self.store();
        std::thread::scope(|scope| {
            scope.spawn(|| work(store));
            store.ingest(submission(account, sent)).expect("there is room");
            store.flush().expect("there is room");
        });
        self.model.arrive(account, sent);
    }

    fn crash(&mut self) {
        let copy = killed_copy(self.folder.path());
        drop(self.store.take());
        self.folder = copy;
        self.open_again();
    }

    fn reopen(&mut self, close: bool) {
        let store = self.store.take().expect("a house always has an open store");
        if close {
            store.close();
        }
        drop(store);
        self.open_again();
    }

    fn open_again(&mut self) {
        let (store, _) = open(self.folder.path()).expect("what a store leaves can be opened");
        self.store = Some(store);
    }

    fn compare(&self) {
        let snapshot = self.store().snapshot();
        for account in ACCOUNTS {
            for table in TABLES {
                let expected = self.model.rows(account, table);
                assert_eq!(paged(&snapshot, account, table, 10_000), expected, "{table:?} of {account:?}");
                assert_eq!(exported(&snapshot, account, table), expected, "{table:?} as exported");
            }
            let expected = self.model.rows(account, TableId::ReportImages);
            for chunk in [1, 3] {
                assert_eq!(paged(&snapshot, account, TableId::ReportImages, chunk), expected);
                assert_eq!(scanned(&snapshot, account, chunk), expected);
            }
            self.compare_series(&snapshot, account);
        }
    }

    fn compare_series(&self, snapshot: &Snapshot, account: AccountId) {
        use report_selections::{CREATED_AT, FIELD_ID, VALUE};
        let rows = self.model.rows(account, TableId::ReportSelections);
        let count = |by: By, point: &dyn Fn(&Row) -> Point| {
            let mut expected = BTreeMap::new();
            rows.iter().for_each(|row| *expected.entry(point(row)).or_insert(0) += 1);
            assert_eq!(series(snapshot, account, Measure::Rows, by), expected);
        };
        count(By::Column(FIELD_ID, Names::default()), &|row| point(&row[FIELD_ID]));
        count(By::Column(VALUE, Names::default()), &|row| point(&row[VALUE]));
        count(By::Time(Unit::Month, Zone::UTC), &|row| match row[CREATED_AT] {
            Value::Time(Some(time)) => Point::Time(Zone::UTC.bucket_start(Unit::Month, time)),
            ref other => panic!("{other:?} is no time"),
        });
        let values: BTreeSet<_> = rows.iter().map(|row| row[VALUE].clone()).collect();
        let distinct = series(snapshot, account, Measure::Distinct(VALUE), By::Nothing);
        assert_eq!(distinct, [(Point::Absent, values.len() as u64)].into());
    }

    /// Closes the store and has its folder checked; answers the folder.
    fn finish(mut self) -> TempDir {
        self.reopen(true);
        self.compare();
        self.store().close();
        drop(self.store.take());
        assert_eq!(check(self.folder.path()).expect("a sound folder can be checked").findings, []);
        self.folder
    }
}

fn submission(account: AccountId, sent: &[Sent]) -> Submission {
    let mut batch = Batch::new(&REPORTS);
    for Sent { id, version, report } in sent {
        match report {
            Some(report) => report.push_to(&mut batch, *id, *version),
            None => batch.push_deletion(key_of_integer(*id), *version),
        }
    }
    assert!(batch.is_consistent(), "the tests build whole batches");
    Submission { account, batch, quarantined: Vec::new(), received_at: at("2026-12-31T12:00:00Z") }
}

fn all_of(account: AccountId, table: TableId) -> RowsQuery {
    RowsQuery {
        account,
        table,
        range: Range::ALL,
        belongs: Belongs::StartsIn,
        filters: Vec::new(),
        offset: 0,
        limit: 10_000,
    }
}

/// All rows of a table, a page after the other.
fn paged(snapshot: &Snapshot, account: AccountId, table: TableId, limit: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    loop {
        let query = RowsQuery { offset: rows.len() as u64, limit, ..all_of(account, table) };
        let page = snapshot.rows(&query, &Stop::default()).expect("nothing is damaged").page;
        if page.rows() == 0 {
            return rows;
        }
        rows.extend(rows_of(&page));
    }
}

/// All images, as a scan that is read in chunks of this size.
fn scanned(snapshot: &Arc<Snapshot>, account: AccountId, chunk: usize) -> Vec<Row> {
    let query = all_of(account, TableId::ReportImages);
    let mut scan = snapshot.scan(&query, &Stop::default()).expect("nothing is damaged");
    let columns: Vec<usize> = (0..REPORT_IMAGES.columns.len()).collect();
    let starts = (0..scan.total()).step_by(chunk);
    starts
        .flat_map(|start| {
            rows_of(&scan.rows(start..start + chunk as u64, &columns).expect("nothing is damaged"))
        })
        .collect()
}

fn exported(snapshot: &Snapshot, account: AccountId, table: TableId) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut sink = |batch: &Batch| {
        assert!(
            batch.owned.iter().all(|owned| owned.rows.rows() == 0),
            "owned rows are a table of their own"
        );
        rows.extend(rows_of(batch));
        Ok(())
    };
    let outcome = snapshot.export(account, table, false, &mut sink).expect("nothing is damaged");
    outcome.expect("the sink takes all");
    rows
}

fn series(snapshot: &Snapshot, account: AccountId, measure: Measure, by: By) -> BTreeMap<Point, u64> {
    let query = SeriesQuery {
        account,
        table: TableId::ReportSelections,
        range: Range::ALL,
        belongs: Belongs::StartsIn,
        filters: Vec::new(),
        measure,
        by,
    };
    snapshot.series(&query, &Stop::default()).expect("nothing is damaged").values.into_iter().collect()
}

fn point(value: &Value) -> Point {
    match value {
        Value::Integer(Some(integer)) => Point::Integer(*integer),
        Value::Text(Some(text)) => Point::Text(text.clone()),
        other => panic!("{other:?} is not counted here"),
    }
}

#[derive(Debug, Clone)]
enum Step {
    Ingest(AccountId, Vec<Sent>),
    Import(AccountId, Vec<Sent>),
    IngestDuringFlush(AccountId, Vec<Sent>),
    IngestDuringCompaction(AccountId, Vec<Sent>),
    Flush,
    Compact,
    CompactFully,
    Reopen { close: bool },
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let some = |at_most: usize| (select(&ACCOUNTS), vec(sent(), 0..=at_most));
    prop_oneof![
        8 => some(8).prop_map(|(account, sent)| Step::Ingest(account, sent)),
        2 => some(16).prop_map(|(account, sent)| Step::Import(account, sent)),
        2 => some(8).prop_map(|(account, sent)| Step::IngestDuringFlush(account, sent)),
        2 => some(8).prop_map(|(account, sent)| Step::IngestDuringCompaction(account, sent)),
        3 => Just(Step::Flush),
        2 => Just(Step::Compact),
        1 => Just(Step::CompactFully),
        1 => any::<bool>().prop_map(|close| Step::Reopen { close }),
        3 => Just(Step::Crash),
    ]
}

/// A report out of few, in one of few versions; every sixth is a deletion.
fn sent() -> impl Strategy<Value = Sent> {
    let report = option::weighted(0.84, report());
    (0u64..6, 0i64..5, report).prop_map(|(id, number, report)| Sent { id, version: version(number), report })
}

/// Times around the end of a month, so that what a report owns is of several parts, and of one instant.
fn time() -> impl Strategy<Value = Micros> {
    (0i64..4).prop_map(|step| at("2026-03-31T23:00:00Z") + step * HOUR / 2)
}

fn report() -> impl Strategy<Value = Report> {
    let image = (time(), 0u64..50, select(&["a", "", "\u{e9}"])).prop_map(|(created_at, id, thumb)| Image {
        created_at,
        id,
        thumb,
    });
    let selection = (0u64..3, select(&["one", "two", "three"]));
    (time(), 0u64..2, vec(image, 0..6), vec(selection, 0..4)).prop_map(
        |(created_at, channel, images, selections)| Report { created_at, channel, images, selections },
    )
}

impl House {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Ingest(account, sent) => _ = self.ingest(*account, sent),
            Step::Import(account, sent) => self.import(*account, sent),
            Step::IngestDuringFlush(account, sent) => {
                self.ingest_during(*account, sent, |store| store.flush().expect("there is room"));
            }
            Step::IngestDuringCompaction(account, sent) => {
                self.ingest_during(*account, sent, compact_fully);
            }
            Step::Flush => self.store().flush().expect("there is room"),
            Step::Compact => _ = self.store().compact().expect("there is room"),
            Step::CompactFully => compact_fully(self.store()),
            Step::Reopen { close } => self.reopen(*close),
            Step::Crash => self.crash(),
        }
    }
}

fn compact_fully(store: &Store) {
    let rounds = (0..1_000).take_while(|_| store.compact().expect("there is room")).count();
    assert!(rounds < 1_000, "compaction comes to an end");
}

fn config() -> ProptestConfig {
    let from_environment = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { from_environment.cases } else { 32 };
    ProptestConfig {
        cases,
        max_shrink_iters: 400,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/it/owned.regressions"))),
        ..from_environment
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn owned_rows_are_those_of_the_live_owners_after_every_step(walk in vec(step(), 1..16)) {
        let mut house = House::new();
        for step in &walk {
            house.take(step);
            house.compare();
        }
        house.finish();
    }
}

/// A report with an image per id, all of one instant, and a selection per image.
fn report_with(ids: &[u64]) -> Report {
    let created_at = at("2026-03-10T10:00:00Z");
    Report {
        created_at,
        channel: 1,
        images: ids.iter().map(|id| Image { created_at, id: *id, thumb: "" }).collect(),
        selections: ids.iter().map(|id| (*id, "one")).collect(),
    }
}

fn sent_as(id: u64, number: i64, report: Option<Report>) -> Sent {
    Sent { id, version: version(number), report }
}

/// The images of a report as the store holds them, in its order.
fn images(house: &House, report: u64) -> Vec<u64> {
    let rows = paged(&house.store().snapshot(), ACCOUNT, TableId::ReportImages, 10_000);
    let of_report = rows.into_iter().filter(|row| row[0] == Value::Id(key_of_integer(report)));
    of_report
        .map(|row| match row[report_images::REPORT_IMAGE_ID] {
            Value::Integer(Some(id)) => id,
            ref other => panic!("{other:?} is no id"),
        })
        .collect()
}

#[test]
fn owned_rows_go_with_the_version_that_brought_them() {
    let mut house = House::new();
    house.ingest(
        ACCOUNT,
        &[sent_as(1, 2, Some(report_with(&[3, 1, 2]))), sent_as(2, 1, Some(report_with(&[9])))],
    );
    house.store().flush().expect("there is room");
    assert_eq!(images(&house, 1), [3, 1, 2]);
    // Fewer, then a version that comes too late, then none, then new ones.
    house.ingest(ACCOUNT, &[sent_as(1, 3, Some(report_with(&[4])))]);
    assert_eq!(images(&house, 1), [4]);
    let accepted = house.ingest(ACCOUNT, &[sent_as(1, 2, Some(report_with(&[5, 6])))]);
    assert_eq!((accepted.taken, accepted.outdated), (0, 1), "only owners are counted");
    assert_eq!(images(&house, 1), [4]);
    house.ingest(ACCOUNT, &[sent_as(1, 4, None)]);
    assert_eq!(images(&house, 1), [0; 0]);
    house.ingest(ACCOUNT, &[sent_as(1, 3, Some(report_with(&[7])))]);
    assert_eq!(images(&house, 1), [0; 0], "the deletion is newer");
    let accepted = house.ingest(ACCOUNT, &[sent_as(1, 5, Some(report_with(&[8, 7])))]);
    assert_eq!((accepted.taken, accepted.replaced), (1, 0));
    assert_eq!(images(&house, 1), [8, 7]);
    assert_eq!(images(&house, 2), [9]);
    house.compare();
    house.crash();
    house.compare();
    house.finish();
}

#[test]
fn of_a_key_that_comes_twice_only_the_winner_brings_its_rows() {
    let mut house = House::new();
    // The winner first, in the middle, and last, with its like in another account.
    for (account, report) in ACCOUNTS.into_iter().zip([1, 2]) {
        let versions = [[3, 2, 1], [1, 3, 2], [1, 2, 2]];
        for (place, versions) in (0..).zip(versions) {
            let of_version = |(at, number): (u64, i64)| {
                sent_as(place, number, Some(report_with(&[100 * report + 10 * place + at, at])))
            };
            let mut sent: Vec<Sent> = (0..).zip(versions).map(of_version).collect();
            sent.push(sent_as(9, 1, None));
            house.ingest(account, &sent);
        }
    }
    assert_eq!(images(&house, 0), [100, 0]);
    assert_eq!(images(&house, 1), [111, 1]);
    assert_eq!(images(&house, 2), [122, 2], "of equal versions the later arrival");
    house.compare();
    // All of the log is one group now.
    house.crash();
    house.compare();
    house.finish();
}

#[test]
fn rows_of_one_owner_and_instant_stay_in_the_order_in_which_they_came() {
    let mut house = House::new();
    // Enough rows in one batch, and enough batches, for sorting and merging to move them about.
    for round in 0..9u64 {
        let ids = |report: u64| [7, 2, 9, 4, 4, 1].map(|id| (id * (report + 3) + round) % 11);
        let report = |number: u64| sent_as(number * 37 % 61, round as i64, Some(report_with(&ids(number))));
        let sent: Vec<Sent> = (0..61).filter(|number| number % 9 >= round).map(report).collect();
        house.ingest(ACCOUNT, &sent);
        house.compare();
        if round % 3 == 2 {
            house.store().flush().expect("there is room");
            house.compare();
        }
    }
    compact_fully(house.store());
    house.compare();
    house.finish();
}

#[test]
fn a_thousand_rows_of_one_key_die_while_they_are_written_and_merged() {
    let ids: Vec<u64> = (0..1_000).collect();
    let mut house = House::new();
    let all_are_there = |house: &House| {
        let expected = house.model.rows(ACCOUNT, TableId::ReportImages);
        assert_eq!(expected.len(), 997);
        let rows = paged(&house.store().snapshot(), ACCOUNT, TableId::ReportImages, 10_000);
        assert!(rows == expected, "{} rows, or others", rows.len());
    };
    for round in 0..4 {
        let report = report_with(&ids[round as usize..]);
        house.ingest_during(ACCOUNT, &[sent_as(1, round, Some(report))], |store| {
            store.flush().expect("there is room");
            compact_fully(store);
        });
    }
    all_are_there(&house);
    house.crash();
    compact_fully(house.store());
    all_are_there(&house);
    house.store().close();
    assert_eq!(check(house.folder.path()).expect("it can be checked").findings, []);
}

#[test]
fn owned_rows_without_an_owner_are_found_by_the_check() {
    let mut house = House::new();
    house.ingest(ACCOUNT, &[sent_as(1, 1, Some(report_with(&[1, 2])))]);
    let folder = house.finish();
    let database = rusqlite::Connection::open(folder.path().join("store.db")).expect("it is a database");
    let forgotten = database.execute("DELETE FROM parts WHERE table_number = ?1", [TableId::Reports as u8]);
    assert_eq!(forgotten.expect("it is writable"), 1);
    drop(database);
    let report = check(folder.path()).expect("it can be checked");
    let named: Vec<_> =
        report.findings.iter().map(|found| found.file.to_string_lossy().into_owned()).collect();
    let parts = files_below(&folder.path().join("parts"));
    let owned = |table: &str| {
        let name = parts.iter().map(|file| file.to_string_lossy()).find(|name| name.ends_with(table));
        Path::new("parts").join(name.expect("it has a part").as_ref()).to_string_lossy().into_owned()
    };
    assert_eq!(named, [owned("-report_images.arrow"), owned("-report_selections.arrow")]);
    assert!(report.findings[0].problem.contains("nothing that is live owns it"), "{report:?}");
}
