//! Newest wins: late older versions, ties, deletions before and after their rows, repetition within and between batches.

use std::sync::Arc;

use tallyhouse_model::tables::view_segments;
use tallyhouse_model::{AccountId, Batch, Range, TableId};
use tallyhouse_store::{Accepted, Snapshot};

use super::{counts, everywhere};
use crate::pair::{ACCOUNT, Pair, records};
use crate::questions::{Answer, Probe, Question, ask};
use crate::rows::{Record, Row, Segment, Value, deletion, key_of};

const START: &str = "2026-03-01T00:00:00Z";
const NEXT_MONTH: &str = "2026-04-01T00:00:00Z";

fn segments_of(pair: &Pair, account: AccountId) -> Vec<Row> {
    match pair.ask(&Question::Export { account, table: TableId::ViewSegments }) {
        Answer::Export { rows, .. } => rows,
        other => panic!("an export is answered by rows, not {other:?}"),
    }
}

fn countries(pair: &Pair, account: AccountId) -> Vec<Option<String>> {
    let country = |row: &Row| match &row[view_segments::COUNTRY] {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    };
    segments_of(pair, account).iter().map(country).collect()
}

fn some(country: &str) -> Option<String> {
    Some(country.to_owned())
}

#[test]
fn an_older_version_that_arrives_late_is_dropped() {
    everywhere(|story| {
        story.send([Segment::new(1, START).country("HU").version(5)]);
        story.send([Segment::new(1, NEXT_MONTH).country("US").version(4)]);
        assert_eq!(
            segments_of(&story.pair, ACCOUNT),
            [Segment::new(1, START).country("HU").version(5).row()]
        );
        assert_eq!(story.play_starts(), counts([(START, 1)]));
    });
}

#[test]
fn of_equal_versions_the_later_arrival_wins() {
    everywhere(|story| {
        story.send([Segment::new(1, START).country("HU")]);
        story.send([Segment::new(1, START).country("US")]);
        assert_eq!(countries(&story.pair, ACCOUNT), [some("US")]);
        story.send([deletion(1, 1)]);
        assert_eq!(countries(&story.pair, ACCOUNT), []);
        story.send([Segment::new(1, START).country("JP")]);
        assert_eq!(countries(&story.pair, ACCOUNT), [some("JP")]);
    });
}

#[test]
fn within_one_batch_the_greatest_version_wins_and_of_equal_ones_the_last() {
    everywhere(|story| {
        story.send([
            Segment::new(1, START).country("AA").version(2),
            Segment::new(1, START).country("BB").version(3),
            Segment::new(1, START).country("CC").version(3),
            Segment::new(1, START).country("DD").version(1),
        ]);
        assert_eq!(countries(&story.pair, ACCOUNT), [some("CC")]);
        let sent: [Record; 3] = [
            deletion(1, 9),
            Segment::new(2, START).country("EE").into(),
            Segment::new(1, START).country("FF").version(8).into(),
        ];
        story.send(sent);
        assert_eq!(countries(&story.pair, ACCOUNT), [some("EE")]);
    });
}

#[test]
fn a_row_that_arrives_after_its_deletion_stays_dead() {
    everywhere(|story| {
        story.send([deletion(1, 5)]);
        story.send([Segment::new(1, START).version(4)]);
        assert_eq!(segments_of(&story.pair, ACCOUNT), [] as [Row; 0]);
        assert_eq!(story.play_starts(), counts([]));
        story.send([Segment::new(2, START)]);
        story.send([Segment::new(1, NEXT_MONTH).version(3)]);
        assert_eq!(story.play_starts(), counts([(START, 1)]));
        assert_eq!(segments_of(&story.pair, ACCOUNT).len(), 1);
    });
}

#[test]
fn a_newer_version_brings_a_deleted_row_back() {
    everywhere(|story| {
        story.send([Segment::new(1, START).country("HU")]);
        story.send([deletion(1, 2)]);
        story.send([Segment::new(1, NEXT_MONTH).country("US").version(3)]);
        assert_eq!(countries(&story.pair, ACCOUNT), [some("US")]);
        assert_eq!(story.play_starts(), counts([(NEXT_MONTH, 1)]));
        story.send([deletion(1, 2)]);
        assert_eq!(countries(&story.pair, ACCOUNT), [some("US")]);
    });
}

#[test]
fn a_row_that_moves_to_another_month_is_there_once() {
    everywhere(|story| {
        story.send([Segment::new(1, START)]);
        story.send([Segment::new(2, NEXT_MONTH)]);
        story.send([Segment::new(1, NEXT_MONTH).version(2)]);
        assert_eq!(segments_of(&story.pair, ACCOUNT).len(), 2);
        story.send([Segment::new(1, "2025-12-31T23:59:59.999999Z").version(3)]);
        story.send([Segment::new(1, START).version(2)]);
        let rows = segments_of(&story.pair, ACCOUNT);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0], Segment::new(1, "2025-12-31T23:59:59.999999Z").version(3).row());
    });
}

#[test]
fn sending_everything_again_changes_nothing() {
    everywhere(|story| {
        let sent: Vec<Vec<Record>> = vec![
            records(&[Segment::new(1, START).country("HU"), Segment::new(2, NEXT_MONTH).country("US")]),
            vec![deletion(3, 2), Segment::new(1, NEXT_MONTH).country("JP").version(2).into()],
            records(&[Segment { view_session_id: "t", ..Segment::new(3, START).version(1) }]),
            vec![deletion(2, 1), Segment::new(4, START).into()],
        ];
        for batch in &sent {
            story.send(batch.iter().copied());
        }
        let everything = Probe::everything().questions(ACCOUNT);
        let snapshot = story.pair.store().snapshot();
        let answers = |snapshot: &Arc<Snapshot>| {
            everything.iter().map(|it| ask(snapshot, it).expect("nothing is damaged")).collect::<Vec<_>>()
        };
        let before = answers(&snapshot);
        drop(snapshot);
        for batch in sent.iter().chain(&sent) {
            story.send(batch.iter().copied());
        }
        assert_eq!(answers(&story.pair.store().snapshot()), before);
    });
}

#[test]
fn accounts_with_the_same_keys_do_not_meet() {
    let [one, two] = [AccountId(1), AccountId(2)];
    let settlers: [fn(&Pair); 3] = [
        |_| {},
        Pair::flush,
        |pair| {
            pair.flush();
            pair.compact_fully();
        },
    ];
    for settle in settlers {
        let mut pair = Pair::new();
        let compare = |pair: &Pair| [one, two].map(|account| pair.compare(account, &Probe::everything()));
        pair.ingest(one, &records(&[Segment::new(1, START).country("HU"), Segment::new(2, START)]));
        settle(&pair);
        pair.ingest(two, &records(&[Segment::new(1, START).country("US")]));
        settle(&pair);
        assert_eq!(countries(&pair, one), [some("HU"), None]);
        assert_eq!(countries(&pair, two), [some("US")]);
        pair.ingest(two, &[deletion(1, 2), deletion(2, 2)]);
        settle(&pair);
        compare(&pair);
        assert_eq!(countries(&pair, one), [some("HU"), None]);
        assert_eq!(countries(&pair, two), []);
        pair.import(two, &records(&[Segment::new(1, NEXT_MONTH).country("JP").version(3)]));
        pair.ingest(one, &[deletion(1, 4)]);
        settle(&pair);
        compare(&pair);
        assert_eq!(countries(&pair, one), [None]);
        assert_eq!(countries(&pair, two), [some("JP")]);
        assert_eq!(segments_of(&pair, AccountId(3)), [] as [Row; 0]);
        pair.finish();
    }
}

#[test]
fn the_counts_say_what_became_of_each_row() {
    let mut pair = Pair::new();
    let segment = Segment::new(1, START).version(3);
    let accepted = pair.ingest(ACCOUNT, &records(&[segment, Segment::new(2, START)]));
    assert_eq!(accepted, Accepted { taken: 2, ..Accepted::default() });
    let accepted = pair.ingest(ACCOUNT, &records(&[segment, Segment::new(2, START).version(0)]));
    assert_eq!(accepted, Accepted { taken: 1, replaced: 1, outdated: 1, ..Accepted::default() });
    let accepted = pair.ingest(ACCOUNT, &[deletion(1, 2), deletion(9, 1)]);
    assert_eq!(accepted, Accepted { deleted: 1, outdated: 1, ..Accepted::default() });
}

#[test]
fn a_submission_without_rows_changes_nothing() {
    everywhere(|story| {
        story.send([] as [Record; 0]);
        story.send([Segment::new(1, START)]);
        story.send([] as [Record; 0]);
        assert_eq!(segments_of(&story.pair, ACCOUNT).len(), 1);
    });
}

#[test]
fn the_log_replays_on_top_of_the_rows_of_an_earlier_flush() {
    let mut pair = Pair::new();
    pair.ingest(ACCOUNT, &records(&[Segment::new(1, START).country("HU"), Segment::new(2, START)]));
    pair.flush();
    assert_eq!(pair.crash().replayed_rows, 0, "what is in parts is not in the log");
    pair.ingest(
        ACCOUNT,
        &records(&[Segment::new(1, NEXT_MONTH).country("US").version(2), Segment::new(3, START)]),
    );
    pair.ingest(ACCOUNT, &[deletion(2, 2)]);
    for _ in 0..2 {
        assert_eq!(pair.crash().replayed_rows, 3);
        assert_eq!(countries(&pair, ACCOUNT), [None, some("US")]);
        pair.compare(ACCOUNT, &Probe::everything());
    }
    pair.flush();
    assert_eq!(pair.crash().replayed_rows, 0);
    pair.compare(ACCOUNT, &Probe::everything());
    pair.finish();
}

#[test]
fn a_closed_store_takes_nothing_and_has_all_on_disk() {
    let mut pair = Pair::new();
    pair.ingest(ACCOUNT, &records(&[Segment::new(1, START)]));
    let store = pair.store().clone();
    store.close();
    store.close();
    let late = crate::pair::submission(ACCOUNT, &records(&[Segment::new(2, START)]));
    assert!(matches!(store.ingest(late), Err(tallyhouse_store::IngestError::Closing)));
    drop(store);
    assert_eq!(pair.reopen(true).replayed_rows, 0);
    pair.compare(ACCOUNT, &Probe::everything());
    pair.finish();
}

#[test]
fn an_export_carries_every_value_there_and_back() {
    let full = Segment {
        key: key_of(255),
        channel_id: Some(i64::MAX as u64),
        content_id: i64::MAX as u64,
        from: i64::MAX as u64,
        to: (1 << 31) - 1,
        last_seen_at: Some(crate::rows::at(START)),
        client_id: "18446744073709551617000",
        viewer_identifier: Some(""),
        region: Some(""),
        city: Some("Gy\u{151}r"),
        device: Some("other"),
        is_mobile_view: true,
        ..Segment::new(0, START)
    };
    let mut pair = Pair::new();
    pair.ingest(ACCOUNT, &records(&[full, Segment::new(0, START)]));
    let mut chunks: Vec<Batch> = Vec::new();
    let snapshot = pair.store().snapshot();
    let mut sink = |chunk: &Batch| {
        chunks.push(chunk.clone());
        Ok(())
    };
    let sunk = snapshot.export(ACCOUNT, TableId::ViewSegments, true, &mut sink);
    sunk.expect("nothing is damaged").expect("the sink takes everything");
    let rows: Vec<Row> = chunks.iter().flat_map(crate::rows::rows_of).collect();
    assert_eq!(rows, [Segment::new(0, START).row(), full.row()]);
    let all = Probe { range: Range::ALL, ..Probe::everything() };
    pair.flush();
    pair.compare(ACCOUNT, &all);
}
