//! The page on the API names the test of every disputed reading: those tests have to exist.

use std::path::{Path, PathBuf};

const PICKS_HEADING: &str = "### Disputed readings";

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All Rust sources below a folder, one behind the other.
fn sources(folder: PathBuf) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &sources(path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &read(&path);
        }
    }
    text
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
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = read(&crate_folder.join("../../docs/API.md"));
    let tests = sources(crate_folder.join("tests/it/video")) + &sources(crate_folder.join("src/video"));
    let names = named_tests(&page);
    assert!(names.len() > 30, "the table was not found whole: {names:?}");
    for name in names {
        assert!(
            tests.contains(&format!("fn {name}()")),
            "docs/API.md names a test that is not there: {name}"
        );
    }
}
