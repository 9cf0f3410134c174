//! Files that were damaged behind the server's back: `check` names them, and no answer is ever made from them.
//!
//! `TALLYHOUSE_DAMAGE_ROUNDS` sets the number of rounds, `TALLYHOUSE_DAMAGE_SEED` repeats a course.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::process::{Folder, Starting, assert_taken, program, text};
use crate::random::{Random, setting};

const ROUNDS_DEFAULT: u64 = 12;
const QUESTIONS: [&str; 10] = [
    "/v1/views?RANGE&_limit=10000",
    "/v1/total-views/summary?RANGE",
    "/v1/total-views/day?RANGE",
    "/v1/total-views/live/country?RANGE",
    "/api/v4/analytics/reports_images?DATES",
    "/api/v4/analytics/reports_over_time?DATES",
    "/api/v4/analytics/reports_per_field_selection?DATES&field_id=1",
    "/api/v4/analytics/reports_per_state?DATES",
    "/v0/export?name=view_segments&deletions=true",
    "/v0/export?name=reports&deletions=true",
];
const RANGE: &str = "date_time_from=2026-01-01T00:00:00Z&date_time_to=2026-04-01T00:00:00Z";
const DATES: &str = "channel_id=1&start_date=2026-01-01&end_date=2026-04-01";

#[test]
fn damaged_parts_are_reported_and_never_answered_from() {
    let rounds = setting("TALLYHOUSE_DAMAGE_ROUNDS").unwrap_or(ROUNDS_DEFAULT);
    let mut random = Random::from_seed(Random::seed("TALLYHOUSE_DAMAGE_SEED"));
    let folder = Folder::new();
    let token = folder.account("harbour", &["read", "append", "admin"]);
    let server = Starting::spawn(&folder).listening().expect("the folder is well");
    for batch in 0..4 {
        server.client().send(&token, &segments(batch * 600..batch * 600 + 600));
        let reports = reports(batch * 150..batch * 150 + 200);
        let answer = server.client().send_to("/v0/events?name=reports&wait=true", &token, &reports);
        assert_taken(&answer.expect("the server answers"), reports.lines().count());
    }
    assert!(server.stop().success());
    let expected = answers(&folder, &token).expect("the folder is well");
    assert!(expected.iter().all(Option::is_some));

    let files = part_files(&folder.data());
    assert!(!files.is_empty(), "nothing was flushed");
    for _ in 0..rounds {
        let file = &files[random.below(files.len() as u64) as usize];
        let whole = std::fs::read(file).expect("the file is there");
        let damage = damage(file, &whole, &mut random);
        assert_reported(&folder, file, &damage);
        // A server that refuses to start answers nothing, which is as good.
        for (question, answer) in QUESTIONS.iter().zip(answers(&folder, &token).unwrap_or_default()) {
            let index = QUESTIONS.iter().position(|other| other == question).expect("it is one of them");
            assert!(answer.is_none() || answer == expected[index], "{damage}: a wrong answer to {question}");
        }
        std::fs::write(file, whole).expect("the file can be mended");
    }
    folder.check();
    assert_eq!(answers(&folder, &token), Some(expected), "the files are as they were");
}

fn segments(numbers: std::ops::Range<u32>) -> String {
    let line = |number: u32| {
        json!({
            "view_id": format!("00000000-0000-4000-8000-{number:012x}"),
            "content_type": if number.is_multiple_of(2) { "live" } else { "recorded" },
            "content_id": 1 + number % 5,
            "started_at": format!("2026-0{}-{:02}T10:20:30Z", 1 + number % 3, 1 + number % 28),
            "client_id": format!("client-{number}"),
            "view_session_id": format!("session-{}", number / 3),
            "country": if number.is_multiple_of(4) { "HU" } else { "US" },
        })
    };
    numbers.map(|number| format!("{}\n", line(number))).collect()
}

/// Reports with images, which are of another time, and a choice. A report that comes again is replaced.
fn reports(numbers: std::ops::Range<u32>) -> String {
    let at = |number: u32| format!("2026-0{}-{:02}T10:20:30Z", 1 + number % 3, 1 + number % 28);
    let line = |number: u32| {
        json!({
            "report_id": number,
            "channel_id": 1 + number % 2,
            "created_at": at(number),
            "state_id": number % 4,
            "images": (0..number % 3)
                .map(|image| json!({ "report_image_id": image, "created_at": at(number + image) }))
                .collect::<Value>(),
            "form_fields": [{ "field_id": 1, "value": format!("option-{}", number % 5) }],
        })
    };
    numbers.map(|number| format!("{}\n", line(number))).collect()
}

/// The answers to all questions, `None` for one that was refused; `None` where the server does not start.
fn answers(folder: &Folder, token: &str) -> Option<Vec<Option<Vec<u8>>>> {
    let server = Starting::spawn(folder).listening().ok()?;
    let ask = |question: &&str| {
        let path = question.replace("RANGE", RANGE).replace("DATES", DATES);
        let answer = server.client().try_get(&format!("Bearer {token}"), &path);
        answer.ok().filter(|answer| answer.status == 200).map(|answer| answer.body)
    };
    Some(QUESTIONS.iter().map(ask).collect())
}

/// Every file below the data folder but the SQLite ones, which protect themselves, and empty ones.
fn part_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(part_files(&path));
        } else if !name.contains(".db") && path.metadata().is_ok_and(|metadata| metadata.len() > 0) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Flips a bit of a file, or cuts it. Says what was done.
fn damage(file: &Path, whole: &[u8], random: &mut Random) -> String {
    let at = random.below(whole.len() as u64) as usize;
    let mut damaged = whole.to_vec();
    let what = if random.percent(25) {
        damaged.truncate(at);
        format!("{} cut at {at}", file.display())
    } else {
        damaged[at] ^= 1 << random.below(8);
        format!("{} flipped at {at} of {}", file.display(), whole.len())
    };
    std::fs::write(file, damaged).expect("the file can be written to");
    what
}

fn assert_reported(folder: &Folder, file: &Path, damage: &str) {
    let mut check: Command = program();
    let output =
        check.args(["check", "--data"]).arg(folder.data()).output().expect("the program can be started");
    let said = text(&output.stdout) + &text(&output.stderr);
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    assert!(!output.status.success() && said.contains(&name), "{damage}: check said {said}");
}
