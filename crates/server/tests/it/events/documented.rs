//! The page on the API names the tests of its readings of records: they have to exist.

use std::path::Path;

use crate::tests_by_name::assert_are_tests;

/// The names of tests in the table behind these words.
fn tests_named_behind(words: &str) -> Vec<String> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(crate_folder.join("../../docs/API.md")).unwrap();
    let section = page.split_once(words).unwrap().1.split("\n#").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let columns = rows.map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap());
    columns.flat_map(|column| column.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn every_reading_of_demo_records_names_a_test_that_exists() {
    let names = tests_named_behind("**Readings** of demo records");
    assert_eq!(names.len(), 5);
    assert_are_tests("docs/API.md", &names.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn every_reading_of_report_records_names_a_test_that_exists() {
    let names = tests_named_behind("**Readings** of report records");
    assert_eq!(names.len(), 12);
    assert_are_tests("docs/API.md", &names.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn every_reading_of_documents_names_a_test_that_exists() {
    let names = tests_named_behind("**Readings** of documents");
    assert_eq!(names.len(), 8);
    assert_are_tests("docs/API.md", &names.iter().map(String::as_str).collect::<Vec<_>>());
}
