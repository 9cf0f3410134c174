//! Flipped bits, cut and missing files: `check` names the file, and no answer is ever made from it.
//!
//! Each damage is done to a fresh copy of a small data folder. After it, opening, asking and replacing rows may each
//! either do exactly the right thing (the damaged bytes were not needed) or say that data is damaged.

use std::fs;
use std::path::{Path, PathBuf};

use tallyhouse_model::{AccountId, Belongs};
use tallyhouse_store::{CheckReport, IngestError, OpenError, QueryError, Store, check};
use tempfile::TempDir;

use crate::folders::{copy, files_below};
use crate::pair::{Pair, open, submission};
use crate::questions::{Answer, Probe, Question, ask};
use crate::rows::{Record, Segment, deletion};

const ACCOUNTS: [AccountId; 2] = [AccountId(1), AccountId(2)];

/// Flips per file. The first and last byte are always among them.
const FLIPS: u64 = 40;

/// Flips in all files of a test: each costs a copy, a check, two dozen queries and a batch.
const FLIPS_MAX: u64 = 800;

#[derive(Debug, Clone, Copy)]
enum Damage {
    Flip { position: u64, bit: u32 },
    Cut { bytes: u64 },
    Remove,
}

impl Damage {
    fn harm(self, path: &Path) {
        match self {
            Damage::Flip { position, bit } => {
                let mut bytes = fs::read(path).expect("the file is in the copy");
                bytes[usize::try_from(position).expect("the file is in memory")] ^= 1 << bit;
                fs::write(path, bytes).expect("the copy is writable");
            }
            Damage::Cut { bytes } => {
                let file = fs::OpenOptions::new().write(true).open(path).expect("the file is in the copy");
                file.set_len(bytes).expect("the copy is writable");
            }
            Damage::Remove => fs::remove_file(path).expect("the file is in the copy"),
        }
    }
}

/// A sound folder, and what it must answer before and after one more batch.
struct House {
    folder: TempDir,
    before: Vec<(Question, Answer)>,
    after: Vec<(Question, Answer)>,
}

impl House {
    /// Two accounts and two months; rows that died in a part of an earlier flush, deletions, and plays.
    fn new() -> House {
        let mut pair = Pair::new();
        for account in ACCOUNTS {
            pair.ingest(account, &many(0..40, 1));
        }
        pair.flush();
        for account in ACCOUNTS {
            pair.ingest(account, &many(30..50, 2));
            pair.ingest(account, &[deletion(3, 2), deletion(200, 1)]);
        }
        pair.flush();
        let (folder, mut oracle) = pair.finish();
        let answers = |oracle: &crate::oracle::Oracle| {
            let all = ACCOUNTS.iter().flat_map(|account| questions(*account).map(|it| (*account, it)));
            all.map(|(account, question)| (question.clone(), oracle.state(account).answer(&question)))
                .collect()
        };
        let before = answers(&oracle);
        replacements().iter().for_each(|record| oracle.arrive(ACCOUNTS[0], record));
        let after = answers(&oracle);
        House { folder, before, after }
    }

    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let files = files_below(&self.folder.path().join(folder));
        let files: Vec<_> = files.into_iter().map(|file| Path::new(folder).join(file)).collect();
        assert!(!files.is_empty(), "there is something in {folder}/ to damage");
        files
    }

    fn bytes(&self, file: &Path) -> u64 {
        fs::metadata(self.folder.path().join(file)).expect("nobody removes files meanwhile").len()
    }

    /// Does a damage to a copy and holds the store to its word.
    fn suffer(&self, file: &Path, damage: Damage, is_found: bool) {
        // Shown only when the test fails; names what was damaged.
        println!("{}: {damage:?}", file.display());
        let copy = copy(self.folder.path());
        damage.harm(&copy.path().join(file));
        let report = check(copy.path());
        assert!(!is_found || is_named(&report, file), "check does not name the file: {report:?}");
        match open(copy.path()) {
            Ok((store, _)) => self.right_or_nothing(&store),
            Err(OpenError::Damaged(_)) => {}
            Err(other) => panic!("damage is called something else: {other:?}"),
        }
    }

    fn right_or_nothing(&self, store: &Store) {
        answers_rightly_or_not_at_all(store, &self.before);
        match store.ingest(submission(ACCOUNTS[0], &replacements())) {
            Ok(_) => answers_rightly_or_not_at_all(store, &self.after),
            Err(IngestError::Damaged(_)) => answers_rightly_or_not_at_all(store, &self.before),
            Err(other) => panic!("damage is called something else: {other:?}"),
        }
    }
}

fn answers_rightly_or_not_at_all(store: &Store, expected: &[(Question, Answer)]) {
    let snapshot = store.snapshot();
    for (question, expected) in expected {
        match ask(&snapshot, question) {
            Ok(answer) => assert_eq!(answer, *expected, "a wrong answer to {question:?}"),
            Err(QueryError::Damaged(_)) => {}
            Err(other) => panic!("damage is called something else: {other:?}"),
        }
    }
}

fn is_named(report: &Result<CheckReport, OpenError>, file: &Path) -> bool {
    report.as_ref().is_ok_and(|report| report.findings.iter().any(|finding| finding.file == file))
}

/// One rule of belonging is enough here, and what reads rows in chunks reads what pages do; the columns are what differs in what is read.
fn questions(account: AccountId) -> impl Iterator<Item = Question> {
    let is_kept = |question: &Question| match question {
        Question::Series(query) => query.belongs == Belongs::StartsIn,
        Question::Rows(query) => query.belongs == Belongs::Present || query.belongs == Belongs::StartsIn,
        Question::Aggregate(query) => query.by.len() == 2,
        Question::Scan(_) => false,
        Question::Export { .. } | Question::Sweep(_) | Question::Groups(_) => true,
    };
    Probe::everything().questions(account).into_iter().filter(is_kept)
}

/// Rows that differ in every column, half of them in each of two months, three to a session.
fn many(keys: std::ops::Range<u8>, version: i64) -> Vec<Record> {
    let clients = ["one", "two", "three", "18446744073709551617000"];
    let sessions = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"];
    let countries = [None, Some("HU"), Some("US"), Some("JP"), Some("BR")];
    let segment = |key: u8| {
        let index = usize::from(key);
        let month = ["2026-03-10T10:00:00Z", "2026-04-10T10:00:00Z"][index % 2];
        let segment = Segment::new(key, month).version(version);
        let later = i64::from(key % 7) * tallyhouse_model::HOUR + version;
        Segment {
            started_at: segment.started_at + later,
            ended_at: segment.ended_at + 2 * later,
            finished: !key.is_multiple_of(3),
            content_type: ["live", "recorded"][index % 2],
            content_id: 1_000 + u64::from(key % 5),
            channel_id: (!key.is_multiple_of(4)).then_some(u64::from(key % 3)),
            from: u64::from(key),
            to: 2 * u64::from(key),
            client_id: clients[index % clients.len()],
            view_session_id: sessions[index % sessions.len()],
            viewer_identifier: countries[index % countries.len()].map(|_| "viewer@example.org"),
            country: countries[index % countries.len()],
            region: countries[(index + 1) % countries.len()],
            city: countries[(index + 2) % countries.len()],
            device: [None, Some("tv"), Some("mobile")][index % 3],
            is_mobile_view: key % 3 == 2,
            ..segment
        }
    };
    keys.map(segment).map(Record::Segment).collect()
}

/// A batch that has to find rows of every part to replace them, knows and does not know their texts, and takes away
/// first segments of plays.
fn replacements() -> Vec<Record> {
    let mut records = many(0..45, 5);
    for (index, record) in records.iter_mut().enumerate() {
        match record {
            Record::Segment(segment) if index % 3 == 0 => segment.view_session_id = "new",
            Record::Segment(segment) if index % 3 == 1 => segment.country = Some("XX"),
            _ => *record = deletion(u8::try_from(index).expect("they are few"), 5),
        }
    }
    records
}

fn flip_bits_in(folder: &str) {
    let house = House::new();
    let files = house.files(folder);
    let flips = FLIPS.min((FLIPS_MAX / files.len() as u64).max(4));
    for file in &files {
        let bytes = house.bytes(file);
        for flip in 0..flips.min(bytes) {
            let position = flip * (bytes - 1) / (flips.min(bytes) - 1).max(1);
            house.suffer(file, Damage::Flip { position, bit: (flip % 8) as u32 }, true);
        }
    }
}

fn cut_files_in(folder: &str) {
    let house = House::new();
    for file in &house.files(folder) {
        let bytes = house.bytes(file);
        let mut lengths = vec![0, 1, bytes / 2, bytes.saturating_sub(1)];
        lengths.dedup();
        for bytes in lengths.into_iter().filter(|length| *length < bytes) {
            house.suffer(file, Damage::Cut { bytes }, true);
        }
    }
}

#[test]
fn a_flipped_bit_in_a_part_is_found_and_never_answered_from() {
    flip_bits_in("parts");
}

#[test]
fn a_flipped_bit_in_a_dictionary_is_found_and_never_answered_from() {
    flip_bits_in("dictionaries");
}

#[test]
fn a_cut_part_is_found_and_never_answered_from() {
    cut_files_in("parts");
}

#[test]
fn a_cut_dictionary_is_found_and_never_answered_from() {
    cut_files_in("dictionaries");
}

#[test]
fn a_missing_file_is_no_reason_for_a_wrong_answer() {
    let house = House::new();
    for file in house.files("parts") {
        house.suffer(&file, Damage::Remove, true);
    }
    // What a dictionary's file can be built from again, need not be missed.
    for file in house.files("dictionaries") {
        house.suffer(&file, Damage::Remove, false);
    }
}

#[test]
fn a_sound_folder_has_no_findings_and_is_counted() {
    let house = House::new();
    let report = check(house.folder.path()).expect("a sound folder can be checked");
    assert_eq!(report.findings, []);
    let files = house.files("parts").len() + house.files("dictionaries").len();
    assert!(report.files >= files as u64, "{} of at least {files} files were read", report.files);
    assert!(report.bytes > 0 && report.rows >= 100, "{report:?}");
    let (store, _) = open(house.folder.path()).expect("a checked folder can be opened");
    for (question, expected) in &house.before {
        assert_eq!(ask(&store.snapshot(), question).expect("nothing is damaged"), *expected);
    }
}

#[test]
fn a_damaged_part_does_not_keep_the_parts_of_other_months_from_being_merged() {
    let house = House::new();
    for file in house.files("parts") {
        let copy = copy(house.folder.path());
        Damage::Cut { bytes: 0 }.harm(&copy.path().join(&file));
        let Ok((store, _)) = open(copy.path()) else { continue };
        // Two tables and their deletions, in two months: what is sound is merged, whatever is tried first.
        let outcomes: Vec<_> = (0..20).map(|_| store.compact()).collect();
        let merged = outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count();
        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        assert!(merged >= 1 && failed <= 1, "{}: {outcomes:?}", file.display());
        assert!(matches!(outcomes.last(), Some(Ok(false))), "it comes to an end: {outcomes:?}");
    }
}
