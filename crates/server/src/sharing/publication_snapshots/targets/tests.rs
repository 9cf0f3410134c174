//! Lists of targets, where they can be counted at once and where there are too many.

use std::io::Cursor;

use serde_json::{Value, json};
use tallyhouse_model::{AccountId, Micros};
use tallyhouse_store::{Stop, Store, StoreOptions};

use super::super::shares::shares;
use super::*;
use crate::catalog::Message;
use crate::files::RecordReader;
use crate::ingest::{Enrichment, REACTIONS, Receipt, RecordRows};

const NOW: Micros = 1_772_366_400_000_000;
const ACCOUNT: AccountId = AccountId(1);

/// How many referrals there are of each target, the earliest first; without one there are two.
const REFERRALS: [(&str, u64); 6] = [("a", 2), ("b", 5), ("c", 1), ("d", 9), ("e", 8), ("f", 7)];

fn referral(number: usize, target: Option<&str>) -> String {
    json!({
        "reaction_id": format!("r{number:02}"), "sharing_message_token": "m1", "provider": "twitter",
        "kind": "referral", "target": target, "occurred_at": format!("2012-01-26T12:00:{number:02}Z"),
    })
    .to_string()
}

fn message() -> Message {
    let publication = Publication {
        provider: Some("twitter".to_owned()),
        user_token: None,
        identity_token: "i1".to_owned(),
        published_at: 1,
        shorturls: Vec::new(),
    };
    let (token, parts) = ("m1".to_owned(), "{}".to_owned());
    Message { token, created_at: 1, published_at: 1, parts, publications: vec![publication] }
}

/// Stores those referrals.
fn fill(store: &Store) {
    let of_targets = REFERRALS.iter().flat_map(|(target, count)| (0..*count).map(|_| Some(*target)));
    let lines = of_targets.chain([None, None]).enumerate().map(|(number, target)| referral(number, target));
    let lines: Vec<String> = lines.collect();
    let mut reader = RecordReader::lines(Box::new(Cursor::new(lines.join("\n")))).unwrap();
    let mut rows = RecordRows::new(&REACTIONS, Receipt::at(NOW), Enrichment::off());
    while reader.next(&mut rows).unwrap() {}
    let submission = rows.into_submission(ACCOUNT, NOW);
    assert!(submission.quarantined.is_empty());
    store.ingest(submission).unwrap();
}

/// The list with four clicks on `f` and three on what no reaction has, as far as its entries go.
fn list(store: &Store, entries: usize, groups: usize) -> Value {
    let reader = Reader::new(ACCOUNT, store.snapshot(), Stop::default());
    let share = &shares(&reader, &message()).unwrap()[0];
    let mut body = BodyWriter::new(Bounds { entries, bytes: 10_000, groups });
    write(&reader, share, Counts::from([("f", 4), ("x", 3)]), &mut body).unwrap();
    serde_json::from_slice(&body.into_json()).unwrap()
}

fn entries(expected: &[(Option<&str>, u64)]) -> Value {
    let entry = |(target, rows): &(Option<&str>, u64)| json!({"target": target, "num_referrals": rows});
    expected.iter().map(entry).collect()
}

#[test]
fn too_many_targets_to_be_counted_at_once_are_cut_and_each_number_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
    fill(&store);
    let all = [
        (Some("f"), 11),
        (Some("d"), 9),
        (Some("e"), 8),
        (Some("b"), 5),
        (Some("x"), 3),
        (Some("a"), 2),
        (None, 2),
        (Some("c"), 1),
    ];
    for groups in [6, 5, 1] {
        let list = list(&store, 8, groups);
        assert_eq!(list, json!({"count": 8, "entries": entries(&all)}), "{groups}");
    }
    assert_eq!(list(&store, 2, 6), json!({"count": 8, "entries": entries(&all[..2])}));
    // The two earliest and those of clicks are looked at: f, b, x and a.
    let some = [(Some("f"), 11), (Some("b"), 5)];
    assert_eq!(list(&store, 2, 5), json!({"count": 8, "entries": entries(&some)}));
}
