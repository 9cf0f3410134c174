//! A store and the model, fed alike and compared.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use tallyhouse_model::{AccountId, Micros};
use tallyhouse_store::{
    Accepted, CheckReport, OpenError, OpenReport, Snapshot, Store, StoreOptions, Submission, check,
};
use tempfile::TempDir;

use crate::folders::{killed_copy, new_folder};
use crate::oracle::Oracle;
use crate::questions::{Answer, Probe, Question, ask};
use crate::rows::{Record, Segment, at, batch_of};

/// The tenant of tests that need only one.
pub const ACCOUNT: AccountId = AccountId(1);

/// Opens a store with settings that no test depends on.
pub fn open(folder: &Path) -> Result<(Store, OpenReport), OpenError> {
    let options = StoreOptions {
        quarantine_bytes_max: 1 << 20,
        quarantine_age_max: 30 * tallyhouse_model::DAY,
        ..StoreOptions::default()
    };
    Store::open(folder, options)
}

/// What a store takes.
pub fn submission(account: AccountId, records: &[Record]) -> Submission {
    Submission { account, batch: batch_of(records), quarantined: Vec::new(), received_at: received_at() }
}

fn received_at() -> Micros {
    at("2026-12-31T12:00:00Z")
}

/// The store, its folder, and what it should hold. The store is only ever absent while it is opened again.
pub struct Pair {
    pub oracle: Oracle,
    pub folder: TempDir,
    store: Option<Store>,
}

impl Pair {
    /// An empty store.
    pub fn new() -> Pair {
        let folder = new_folder();
        let (store, report) = open(folder.path()).expect("an empty folder becomes a store");
        assert_eq!((report.replayed_rows, report.parts, report.orphaned.len()), (0, 0, 0));
        Pair { oracle: Oracle::default(), folder, store: Some(store) }
    }

    /// The open store.
    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("a pair always has an open store")
    }

    /// Sends records through the log.
    pub fn ingest(&mut self, account: AccountId, records: &[Record]) -> Accepted {
        let accepted = self.store().ingest(submission(account, records)).expect("there is room");
        self.arrive(account, records, accepted);
        accepted
    }

    /// Sends records past the log.
    pub fn import(&mut self, account: AccountId, records: &[Record]) -> Accepted {
        let accepted = self.store().import(submission(account, records)).expect("there is room");
        self.arrive(account, records, accepted);
        accepted
    }

    /// Writes all memory parts to disk.
    pub fn flush(&self) {
        self.store().flush().expect("there is room");
    }

    /// Merges parts on disk until there is nothing left to merge.
    pub fn compact_fully(&self) {
        let rounds = (0..1_000).take_while(|_| self.store().compact().expect("there is room")).count();
        assert!(rounds < 1_000, "compaction comes to an end");
    }

    /// Ends the store and opens its folder again.
    pub fn reopen(&mut self, close: bool) -> OpenReport {
        let store = self.store.take().expect("a pair always has an open store");
        if close {
            store.close();
        }
        drop(store);
        let report = self.open_again();
        assert!(report.orphaned.is_empty(), "files without a part: {:?}", report.orphaned);
        report
    }

    /// Goes on with what a `kill -9` would leave. Files of parts that were replaced just before may be among it.
    pub fn crash(&mut self) -> OpenReport {
        let copy = killed_copy(self.folder.path());
        drop(self.store.take());
        self.folder = copy;
        self.open_again()
    }

    /// Closes the store and has its folder checked; answers the folder too.
    pub fn finish(mut self) -> (TempDir, Oracle) {
        let store = self.store.take().expect("a pair always has an open store");
        store.close();
        drop(store);
        let report: CheckReport = check(self.folder.path()).expect("a sound folder can be checked");
        assert_eq!(report.findings, [], "nothing was damaged");
        (self.folder, self.oracle)
    }

    /// Asks both everything about an account.
    pub fn compare(&self, account: AccountId, probe: &Probe) {
        compare(&self.store().snapshot(), &self.oracle, account, probe);
    }

    /// The store's answer to a question.
    pub fn ask(&self, question: &Question) -> Answer {
        ask(&self.store().snapshot(), question).expect("nothing is damaged")
    }

    fn open_again(&mut self) -> OpenReport {
        let (store, report) = open(self.folder.path()).expect("what a store leaves can be opened");
        self.store = Some(store);
        report
    }

    fn arrive(&mut self, account: AccountId, records: &[Record], accepted: Accepted) {
        self.check_accepted(account, records, accepted);
        for record in records {
            self.oracle.arrive(account, record);
        }
    }

    /// Compares the counts. Of keys that repeat within a batch only the sum is bounded: which of them count as taken is
    /// the store's choice. So is whether a row that gives way to a deletion, or a deletion to a row, was "replaced".
    fn check_accepted(&self, account: AccountId, records: &[Record], accepted: Accepted) {
        let Accepted { taken, replaced, deleted, outdated, quarantined } = accepted;
        let sent = records.len() as u64;
        assert_eq!(quarantined, 0);
        let keys: HashSet<_> = records.iter().map(Record::key).collect();
        let fates = taken + deleted + outdated;
        assert!((keys.len() as u64..=sent).contains(&fates), "{fates} fates of {sent} rows: {accepted:?}");
        if keys.len() < records.len() {
            return;
        }
        let (mut expected, mut replaced_max) = (Accepted::default(), 0);
        for record in records {
            let before = self.oracle.winner(account, record.key());
            let is_segment = matches!(record, Record::Segment(_));
            match before {
                Some(before) if before.updated_at > record.updated_at() => {
                    expected.outdated += 1;
                    continue;
                }
                Some(before) => {
                    replaced_max += 1;
                    expected.replaced += u64::from(is_segment && before.row.is_some());
                }
                None => {}
            }
            expected.taken += u64::from(is_segment);
            expected.deleted += u64::from(!is_segment);
        }
        let counts = (taken, deleted, outdated);
        assert_eq!(
            counts,
            (expected.taken, expected.deleted, expected.outdated),
            "(taken, deleted, outdated)"
        );
        assert!(
            (expected.replaced..=replaced_max).contains(&replaced),
            "replaced {replaced}, of {replaced_max} at most"
        );
    }
}

/// Asks a snapshot and the model everything about an account.
pub fn compare(snapshot: &Arc<Snapshot>, oracle: &Oracle, account: AccountId, probe: &Probe) {
    let state = oracle.state(account);
    for question in probe.questions(account) {
        let answer = ask(snapshot, &question).expect("nothing is damaged");
        assert_eq!(answer, state.answer(&question), "left: the store, right: the model, asked: {question:?}");
    }
}

/// Segments as records.
pub fn records(segments: &[Segment]) -> Vec<Record> {
    segments.iter().copied().map(Record::Segment).collect()
}
