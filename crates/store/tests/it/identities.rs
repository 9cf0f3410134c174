//! Tables whose keys are digests: what a row was named by is kept with its deletion, wherever that is stored.

use tallyhouse_model::tables::{DEMO_CHANGES, DEMO_SESSIONS, demo_changes, demo_sessions};
use tallyhouse_model::{
    Aggregate, AggregateQuery, Batch, Cell, Filter, Key, KeyDigest, Micros, Range, SECOND, TableId,
    key_of_text,
};
use tallyhouse_store::{QueryError, Snapshot, Stop, Store, Submission};

use crate::folders::{killed_copy, new_folder};
use crate::pair::{ACCOUNT, open};
use crate::rows::at;

const START: &str = "2026-03-10T10:00:00Z";

fn session(batch: &mut Batch, id: &str, version: Micros, title: &str) {
    let cells = [
        Cell::Id(key_of_text(id)),
        Cell::Time(at(START)),
        Cell::Time(version),
        Cell::Text(id),
        Cell::Text("app"),
        Cell::Text(title),
        Cell::Time(0),
        Cell::Text(""),
        Cell::Text(""),
        Cell::Text(""),
    ];
    batch.push_row(&cells);
}

fn deleted_session(batch: &mut Batch, id: &str, version: Micros) {
    batch.push_deletion_of(key_of_text(id), version, &[(demo_sessions::SESSION_ID, Cell::Text(id))]);
}

fn change_key(id: &str, changed_at: Micros) -> Key {
    let digest = KeyDigest::new().text(b"link").text(id.as_bytes());
    digest.integer(changed_at as u64).text(b"deleted").finish()
}

fn ingest(store: &Store, batch: Batch) {
    let submission =
        Submission { account: ACCOUNT, batch, quarantined: Vec::new(), received_at: at(START) + SECOND };
    store.ingest(submission).expect("the disk has room");
}

/// All rows and deletions of a table as they would be exported.
fn exported(snapshot: &Snapshot, table: TableId) -> Batch {
    let mut all = Batch::new(table.table());
    let mut sink = |batch: &Batch| {
        all.append(batch);
        Ok(())
    };
    snapshot
        .export(ACCOUNT, table, true, &mut sink)
        .expect("nothing is damaged")
        .expect("the sink takes all");
    all
}

/// Looks at the same rows in memory, replayed, on disk and compacted.
fn everywhere(store: Store, folder: &std::path::Path, look: impl Fn(&Snapshot)) {
    look(&store.snapshot());
    let copy = killed_copy(folder);
    let (replayed, report) = open(copy.path()).expect("a killed store opens");
    assert!(report.replayed_rows > 0, "the rows were in the log");
    look(&replayed.snapshot());
    store.flush().expect("the disk has room");
    look(&store.snapshot());
    while store.compact().expect("the disk has room") {}
    look(&store.snapshot());
    store.close();
    let (again, _) = open(folder).expect("a closed store opens");
    look(&again.snapshot());
}

#[test]
fn a_deletion_keeps_what_its_row_was_named_by() {
    let folder = new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    let mut first = Batch::new(&DEMO_SESSIONS);
    session(&mut first, "one", 1, "Demo");
    session(&mut first, "two", 1, "Demo");
    deleted_session(&mut first, "never there", 5);
    ingest(&store, first);
    let mut second = Batch::new(&DEMO_SESSIONS);
    deleted_session(&mut second, "one", 2);
    session(&mut second, "never there", 4, "comes too late");
    ingest(&store, second);

    let mut expected = Batch::new(&DEMO_SESSIONS);
    session(&mut expected, "two", 1, "Demo");
    deleted_session(&mut expected, "one", 2);
    deleted_session(&mut expected, "never there", 5);
    everywhere(store, folder.path(), |snapshot| {
        assert_eq!(exported(snapshot, TableId::DemoSessions), expected);
    });
}

#[test]
fn an_identity_of_several_columns_is_kept_whole() {
    let folder = new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    let mut batch = Batch::new(&DEMO_CHANGES);
    let identity = [
        (demo_changes::ENTITY_TYPE, Cell::Text("link")),
        (demo_changes::ENTITY_ID, Cell::Text("l-1")),
        (demo_changes::CHANGED_AT, Cell::Time(at(START))),
        (demo_changes::CHANGE_TYPE, Cell::Text("deleted")),
    ];
    batch.push_deletion_of(change_key("l-1", at(START)), 7, &identity);
    ingest(&store, batch.clone());
    everywhere(store, folder.path(), |snapshot| assert_eq!(exported(snapshot, TableId::DemoChanges), batch));
}

#[test]
fn more_groups_than_are_allowed_are_an_error() {
    let folder = new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    let mut batch = Batch::new(&DEMO_SESSIONS);
    for id in ["one", "two", "three"] {
        session(&mut batch, id, 1, id);
    }
    ingest(&store, batch);
    let find = |groups_max| {
        let query = AggregateQuery {
            account: ACCOUNT,
            table: TableId::DemoSessions,
            range: Range::ALL,
            filters: vec![Filter::TimeIn(demo_sessions::DEMO_PUBLISHED_DATE, Range { from: 0, to: 1 })],
            by: vec![demo_sessions::DEMO_TITLE],
            aggregates: vec![Aggregate::Rows],
            order: None,
            groups_max,
        };
        store.snapshot().aggregate(&query, &Stop::default()).map(|found| found.len())
    };
    assert_eq!(find(3).expect("there are three"), 3);
    assert!(matches!(find(2), Err(QueryError::TooManyGroups(2))));
}
