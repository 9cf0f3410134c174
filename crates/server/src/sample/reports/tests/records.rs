//! The sample rows are those that the same records give when they are sent.

use tallyhouse_model::AccountId;

use super::*;
use crate::files::{StoredRecords, push_json_row};
use crate::ingest::{Enrichment, Receipt, RecordRows};

/// The rows as somebody sends them, and as they are taken in.
fn sent(rows: &Batch) -> Batch {
    let records = StoredRecords::of(rows);
    let mut lines = String::new();
    (0..rows.rows()).for_each(|row| push_json_row(&mut lines, &records, row));
    let mut taken = RecordRows::new(records.record_type(), Receipt::at(UNTIL), Enrichment::off());
    taken.take_lines(lines.as_bytes()).unwrap();
    let submission = taken.into_submission(AccountId(1), UNTIL);
    assert_eq!(submission.quarantined, [], "{}", rows.table.name);
    submission.batch
}

#[test]
fn every_sample_record_keeps_its_rules_and_becomes_the_row_that_it_came_from() {
    for rows in tables(&sample(700)) {
        assert!(sent(&rows) == rows, "{}", rows.table.name);
    }
}
