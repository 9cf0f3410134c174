//! Batches that no caller may send: the store stops the caller instead of keeping what it could not read back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tallyhouse_model::tables::{
    CHANNELS, PLAYS, REPORT_DELETIONS, REPORT_IMAGES, REPORTS, VIEW_SEGMENTS, reports,
};
use tallyhouse_model::{AccountId, Batch, Cell, ColumnKind, DictionaryValues, Table, key_of_integer};
use tallyhouse_store::{QuarantinedLine, Submission};

use crate::folders::new_folder;
use crate::pair::open;

fn submission(batch: Batch) -> Submission {
    Submission { account: AccountId(1), batch, quarantined: Vec::new(), received_at: 7 }
}

/// A row of a table, whatever it holds.
fn row_of(table: &'static Table) -> Batch {
    let cell = |kind: ColumnKind| match kind {
        ColumnKind::Time | ColumnKind::Offset => Cell::Time(7),
        ColumnKind::Integer | ColumnKind::Dictionary { values: DictionaryValues::Integers, .. } => {
            Cell::Integer(7)
        }
        ColumnKind::Choice(_) => Cell::Choice(1),
        ColumnKind::Id => Cell::Id(key_of_integer(7)),
        ColumnKind::Text | ColumnKind::Dictionary { values: DictionaryValues::Texts, .. } => {
            Cell::Text("seven")
        }
        ColumnKind::Flag => Cell::Flag(true),
    };
    let mut batch = Batch::new(table);
    batch.push_row(&table.columns.iter().map(|column| cell(column.kind)).collect::<Vec<_>>());
    batch
}

/// A report with an image of another one.
fn report_with_a_foreign_image() -> Batch {
    let mut batch = row_of(&REPORTS);
    let (time, none) = (Cell::Time(7), Cell::Text(""));
    batch.push_owned(reports::OWNED_IMAGES, &[time, Cell::Integer(1), Cell::Integer(1), none, none]);
    batch.owned[reports::OWNED_IMAGES].owners[0] = 1;
    batch
}

#[test]
fn rows_that_are_not_for_the_store_or_do_not_hold_together_stop_whoever_sends_them() {
    let folder = new_folder();
    let (store, _) = open(folder.path()).expect("an empty folder becomes a store");
    let wrong = || {
        let tables = [&CHANNELS, &PLAYS, &REPORT_DELETIONS, &REPORT_IMAGES];
        tables.into_iter().map(row_of).chain([report_with_a_foreign_image()])
    };
    for batch in wrong() {
        let name = batch.table.name;
        let attempt = || store.ingest(submission(batch.clone()));
        assert!(catch_unwind(AssertUnwindSafe(attempt)).is_err(), "{name} was taken");
        let attempt = || store.import(submission(batch.clone()));
        assert!(catch_unwind(AssertUnwindSafe(attempt)).is_err(), "{name} was imported");
    }
    // It goes on, and takes lines that were refused of any table.
    assert_eq!(store.import(submission(row_of(&REPORTS))).expect("there is room").taken, 1);
    assert_eq!(store.ingest(submission(row_of(&VIEW_SEGMENTS))).expect("there is room").taken, 1);
    let line = QuarantinedLine { reason: "no".to_owned(), line: "{}".to_owned() };
    let refused = Submission { quarantined: vec![line], ..submission(Batch::new(&CHANNELS)) };
    assert_eq!(store.ingest(refused).expect("there is room").quarantined, 1);
}
