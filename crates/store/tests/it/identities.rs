//! Tables whose keys are digests: what a row was named by is kept with its deletion, wherever that is stored.

use tallyhouse_model::tables::{
    DEMO_CHANGES, DEMO_SESSIONS, REACTIONS, demo_changes, demo_sessions, reactions,
};
use tallyhouse_model::{
    Aggregate, AggregateQuery, Batch, Belongs, Cell, Filter, GroupOrder, Key, KeyDigest, Micros, Point,
    Range, RowsQuery, SECOND, Table, TableId, Values, key_of_text,
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

fn reaction(batch: &mut Batch, id: &str, version: Micros, content: Option<&str>) {
    let mut cells = [Cell::Absent; REACTIONS.columns.len()];
    cells[Table::KEY] = Cell::Id(key_of_text(id));
    cells[reactions::OCCURRED_AT] = Cell::Time(at(START));
    cells[reactions::UPDATED_AT] = Cell::Time(version);
    cells[reactions::REACTION_ID] = Cell::Text(id);
    cells[reactions::SHARING_MESSAGE_TOKEN] = Cell::Text("m");
    cells[reactions::PROVIDER] = Cell::Text("twitter");
    cells[reactions::KIND] = Cell::Choice(1);
    // What is absent in a plain text is the empty text once it is stored.
    for column in [reactions::USERNAME, reactions::PROFILE_URL] {
        cells[column] = Cell::Text("");
    }
    cells[reactions::CONTENT] = content.map_or(Cell::Absent, Cell::Text);
    batch.push_row(&cells);
}

fn deleted_reaction(batch: &mut Batch, id: &str, version: Micros) {
    batch.push_deletion_of(key_of_text(id), version, &[(reactions::REACTION_ID, Cell::Text(id))]);
}

#[test]
fn a_text_outside_of_dictionaries_names_rows_and_is_kept_with_their_deletions() {
    let folder = new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    let long = "\u{e9}".repeat(128);
    let mut first = Batch::new(&REACTIONS);
    reaction(&mut first, "one", 1, Some("what was said"));
    reaction(&mut first, &long, 1, None);
    deleted_reaction(&mut first, "never there", 5);
    ingest(&store, first);
    store.flush().expect("the disk has room");
    let mut second = Batch::new(&REACTIONS);
    deleted_reaction(&mut second, "one", 2);
    reaction(&mut second, "never there", 4, Some("comes too late"));
    reaction(&mut second, &long, 3, Some("said anew"));
    reaction(&mut second, "other", 3, None);
    ingest(&store, second);

    let mut rows = [("other", None), (long.as_str(), Some("said anew"))];
    rows.sort_by_key(|(id, _)| key_of_text(id));
    let mut expected = Batch::new(&REACTIONS);
    for (id, content) in rows {
        reaction(&mut expected, id, 3, content.or(Some("")));
    }
    deleted_reaction(&mut expected, "one", 2);
    deleted_reaction(&mut expected, "never there", 5);
    everywhere(store, folder.path(), |snapshot| {
        assert_eq!(exported(snapshot, TableId::Reactions), expected);
    });
}

/// Ids whose order is neither that of their lengths nor, as digests, of anything else.
const IDS: [&str; 12] = [
    "s,1",
    "s1",
    "s10",
    "s2",
    "S",
    "",
    "\u{e9}",
    "e",
    "a\0",
    "a",
    "0c0ffee0-0000-4000-8000-000000000000",
    "s",
];

/// The ids that a scan answers, read so many at a time.
fn scanned(store: &Store, places: std::ops::Range<usize>, chunk: usize) -> Vec<String> {
    let query = RowsQuery {
        account: ACCOUNT,
        table: TableId::DemoSessions,
        range: Range::ALL,
        belongs: Belongs::StartsIn,
        filters: Vec::new(),
        offset: 0,
        limit: 0,
    };
    let mut scan = store.snapshot().scan(&query, &Stop::default()).expect("nothing is damaged");
    let mut ids = Vec::new();
    for start in places.clone().step_by(chunk) {
        let chunk = start as u64..places.end.min(start + chunk) as u64;
        let batch = scan.rows(chunk, &[demo_sessions::SESSION_ID]).expect("nothing is damaged");
        assert!(batch.columns[demo_sessions::DEMO_TITLE].is_empty(), "only what is asked for is read");
        let Values::Texts(texts) = &batch.columns[demo_sessions::SESSION_ID] else { panic!("ids are texts") };
        ids.extend((0..batch.rows()).map(|row| texts.get(row).expect("an id").to_owned()));
    }
    ids
}

#[test]
fn rows_of_one_instant_are_scanned_in_the_order_of_their_names() {
    let folder = new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    // Three instants; every second row goes to disk before the next arrives.
    let mut expected: Vec<(i64, &str)> = Vec::new();
    for (at_row, id) in IDS.iter().enumerate() {
        let mut batch = Batch::new(&DEMO_SESSIONS);
        let second = (at_row % 3) as i64;
        session(&mut batch, id, 1, "Demo");
        let Values::Times(times) = &mut batch.columns[demo_sessions::SESSION_DATE] else { panic!("times") };
        times[0] += second * SECOND;
        expected.push((second, id));
        ingest(&store, batch);
        if at_row % 2 == 0 {
            store.flush().expect("the disk has room");
        }
    }
    expected.sort_unstable();
    let expected: Vec<&str> = expected.into_iter().map(|(_, id)| id).collect();
    for first in 0..=IDS.len() {
        for end in [first, first + 1, first + 3, 100] {
            for chunk in [1, 2, 5, 100] {
                let page: Vec<&str> = expected.iter().copied().take(end).skip(first).collect();
                assert_eq!(scanned(&store, first..end, chunk), page, "{first} {end} {chunk}");
            }
        }
    }
}

#[test]
fn pages_of_an_instant_with_too_many_rows_to_sort_still_make_up_all_of_them() {
    let folder = new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    let mut batch = Batch::new(&DEMO_SESSIONS);
    let ids: Vec<String> = (0..60).map(|number| format!("s{number}")).collect();
    ids.iter().for_each(|id| session(&mut batch, id, 1, "Demo"));
    ingest(&store, batch);
    let whole = scanned(&store, 0..60, 100);
    let pages: Vec<String> = (0..12).flat_map(|page| scanned(&store, page * 5..page * 5 + 5, 2)).collect();
    assert_eq!(pages, whole);
    let sorted = |mut ids: Vec<String>| {
        ids.sort_unstable();
        ids
    };
    assert_eq!(sorted(whole), sorted(ids));
}

#[test]
fn of_several_rows_of_one_instant_the_first_value_is_that_of_the_least_name() {
    let folder = new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    // Ids whose digests are in another order than they are, in parts of their own.
    for id in ["c", "b", "a", "d"] {
        let mut batch = Batch::new(&DEMO_SESSIONS);
        session(&mut batch, id, 1, &format!("of {id}"));
        ingest(&store, batch);
        store.flush().expect("the disk has room");
    }
    let query = AggregateQuery {
        account: ACCOUNT,
        table: TableId::DemoSessions,
        range: Range::ALL,
        filters: Vec::new(),
        by: vec![demo_sessions::SHARD_NAME],
        aggregates: vec![Aggregate::First(demo_sessions::DEMO_TITLE)],
        order: GroupOrder::Values,
        groups_max: 1,
    };
    let found = store.snapshot().aggregate(&query, &Stop::default()).expect("nothing is damaged");
    let rows = found.rows(0..1).expect("nothing is damaged");
    assert_eq!(rows[0].values, [Point::Text("of a".to_owned())]);
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
            order: GroupOrder::Values,
            groups_max,
        };
        store.snapshot().aggregate(&query, &Stop::default()).map(|found| found.len())
    };
    assert_eq!(find(3).expect("there are three"), 3);
    assert!(matches!(find(2), Err(QueryError::TooManyGroups(2))));
}
