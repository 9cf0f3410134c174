//! The page on the API names the test of every disputed reading: those tests have to exist. Its requests have to work.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::rig::Rig;
use super::segment::Segment;
use crate::tests_by_name::assert_are_tests;

const PICKS_HEADING: &str = "### Disputed readings";

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in backticks in the last column of the table of disputed readings.
fn named_tests(page: &str) -> Vec<&str> {
    let (_, section) = page.split_once(PICKS_HEADING).expect("the page has the table of disputed readings");
    let section = section.split("\n#").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.flat_map(|row| {
        let column = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names: Vec<&str> = column.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test is named in: {row}");
        names
    })
    .collect()
}

#[test]
fn every_disputed_reading_names_a_test_that_exists() {
    let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md"));
    let names = named_tests(&page);
    assert!(names.len() > 30, "the table was not found whole: {names:?}");
    assert_are_tests("docs/API.md", &names);
}

/// The paths and queries of the page's requests for every URL of the family, and the first day of their period.
fn example_uris(page: &str) -> (Vec<String>, String) {
    let (_, section) = page.split_once("\n## Video").expect("the page has a section on the family");
    let (_, block) = section.split_once("\nFROM=").expect("the section has requests");
    let (setting, requests) = block.split("```").next().unwrap().split_once("\ncurl ").unwrap();
    let (period, from) = period(&format!("FROM={setting}"));
    let uri = |line: &str| {
        let uri = line.strip_prefix("curl \"$BASE").expect("a request per line").split('"').next().unwrap();
        uri.replace("$PERIOD", &period)
    };
    (format!("curl {requests}").lines().map(uri).collect(), from)
}

/// What a shell makes of the lines that set the period: its parameters, and its first day.
fn period(setting: &str) -> (String, String) {
    let script = format!("{setting}\nprintf '%s %s' \"$PERIOD\" \"$FROM\"");
    let output = Command::new("sh").args(["-euc", &script]).output().expect("there is a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let (period, from) = printed.split_once(' ').unwrap();
    (period.to_owned(), from.to_owned())
}

/// The URLs of the table, with names in braces.
fn urls(page: &str) -> Vec<&str> {
    let (_, section) = page.split_once("\n## Video").unwrap();
    let table = section.split_once("|---|---|---|---|\n").unwrap().1.split("\n\n").next().unwrap();
    table.lines().map(|row| row.split('`').nth(1).unwrap()).collect()
}

/// Whether a path is one of this URL.
fn matches(path: &str, url: &str) -> bool {
    let (path, url): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), url.split('/').collect());
    let fits = |(word, name): (&&str, &&str)| word == name || (name.starts_with('{') && *word != "summary");
    path.len() == url.len() && path.iter().zip(&url).all(fits)
}

#[tokio::test]
async fn every_url_has_a_request_that_finds_what_the_sample_data_has() {
    let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md"));
    let (urls, (examples, from)) = (urls(&page), example_uris(&page));
    assert_eq!((urls.len(), examples.len()), (17, 17));
    // The segments of these tests have texts of the program; a leaked one is as good.
    let at = |time: &str| -> &'static str { format!("{from}T{time}Z").leak() };
    let (started_at, finished_at) = (at("12:00:00"), Some(at("12:10:00")));
    let live = Segment { content_id: 500, started_at, finished_at, ..Segment::default() };
    let recorded = Segment {
        view_id: 1,
        content_type: "recorded",
        content_id: 1_001,
        channel_id: Some(21),
        ..live.clone()
    };
    let rig = Rig::holding(&[live, recorded]);
    for (uri, url) in examples.iter().zip(urls) {
        let path = uri.strip_prefix("/v1").unwrap().split('?').next().unwrap();
        assert!(matches(path, url), "{uri} is no request for {url}");
        assert_ne!(rig.json(uri).await["data"], Value::Array(Vec::new()), "{uri}");
    }
}
