//! Random walks: whatever is sent, in whatever order, with flushes, compactions, restarts and kills in between, the store
//! answers what the model answers, after every step.
//!
//! `PROPTEST_CASES=500 cargo test -p tallyhouse-store random` walks longer. A failure prints the walk and is kept in
//! `random.regressions` next to this file, to be walked first from then on.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use tallyhouse_model::AccountId;

use crate::arbitrary::{ACCOUNTS, account, probe, records};
use crate::pair::Pair;
use crate::questions::Probe;
use crate::rows::Record;

#[derive(Debug, Clone)]
enum Step {
    Ingest(AccountId, Vec<Record>),
    Import(AccountId, Vec<Record>),
    Flush,
    Compact,
    CompactFully,
    Reopen { close: bool },
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (account(), records(10)).prop_map(|(account, records)| Step::Ingest(account, records)),
        3 => (account(), records(24)).prop_map(|(account, records)| Step::Import(account, records)),
        3 => Just(Step::Flush),
        2 => Just(Step::Compact),
        1 => Just(Step::CompactFully),
        1 => any::<bool>().prop_map(|close| Step::Reopen { close }),
        2 => Just(Step::Crash),
    ]
}

impl Pair {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Ingest(account, records) => _ = self.ingest(*account, records),
            Step::Import(account, records) => _ = self.import(*account, records),
            Step::Flush => self.flush(),
            Step::Compact => _ = self.store().compact().expect("there is room"),
            Step::CompactFully => self.compact_fully(),
            Step::Reopen { close } => _ = self.reopen(*close),
            Step::Crash => _ = self.crash(),
        }
    }
}

/// Enough for a change to be caught by someone who runs the tests often, few enough for them to do so.
fn config() -> ProptestConfig {
    let from_environment = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { from_environment.cases } else { 32 };
    ProptestConfig {
        cases,
        max_shrink_iters: 400,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/it/random.regressions"))),
        ..from_environment
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_store_answers_what_the_model_answers_after_every_step(walk in vec((step(), [probe(), probe()]), 1..14)) {
        let mut pair = Pair::new();
        for (step, probes) in &walk {
            pair.take(step);
            for account in ACCOUNTS {
                probes.iter().for_each(|probe| pair.compare(account, probe));
            }
        }
        for account in ACCOUNTS {
            pair.compare(account, &Probe::everything());
        }
        pair.finish();
    }

    #[test]
    fn a_snapshot_answers_the_same_whatever_happens_behind_it(
        before in vec(step(), 1..6),
        after in vec(step(), 1..6),
        probe in probe(),
    ) {
        let mut pair = Pair::new();
        before.iter().for_each(|step| pair.take(step));
        let states = ACCOUNTS.map(|account| pair.oracle.state(account));
        let snapshot = pair.store().snapshot();
        // A reader does not outlive its store, so the steps that end it are left out.
        let stays = |step: &&Step| !matches!(step, Step::Reopen { .. } | Step::Crash);
        after.iter().filter(stays).for_each(|step| pair.take(step));
        for (account, state) in ACCOUNTS.iter().zip(&states) {
            for question in probe.questions(*account) {
                let answer = crate::questions::ask(&snapshot, &question).expect("nothing is damaged");
                prop_assert_eq!(answer, state.answer(&question), "asked: {:?}", question);
            }
        }
        drop(snapshot);
        pair.finish();
    }

    #[test]
    fn order_does_not_matter_among_distinct_versions(
        sent in vec(crate::arbitrary::record(), 1..40),
        shuffled in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let distinct = with_distinct_versions(&sent);
        let (mut forward, mut turned) = (Pair::new(), Pair::new());
        forward.ingest(AccountId(1), &distinct);
        let mut other = distinct.clone();
        other.rotate_left(shuffled.index(distinct.len()));
        other.reverse();
        let (first, second) = other.split_at(cut.index(other.len()));
        turned.ingest(AccountId(1), first);
        turned.flush();
        turned.ingest(AccountId(1), second);
        prop_assert_eq!(forward.oracle.state(AccountId(1)), turned.oracle.state(AccountId(1)));
        forward.compare(AccountId(1), &Probe::everything());
        turned.compare(AccountId(1), &Probe::everything());
    }
}

/// The same records, each a version of its own.
fn with_distinct_versions(records: &[Record]) -> Vec<Record> {
    let renew = |(index, record): (usize, &Record)| match *record {
        Record::Segment(segment) => Record::Segment(segment.version(index as i64)),
        Record::Deletion { key, .. } => {
            Record::Deletion { key, updated_at: crate::rows::version(index as i64) }
        }
    };
    records.iter().enumerate().map(renew).collect()
}
