//! The page on the API names the tests of its readings: they have to exist.

use std::path::Path;

use crate::tests_by_name::assert_are_tests;

#[test]
fn every_reading_of_reports_names_a_test_that_exists() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(crate_folder.join("../../docs/API.md")).unwrap();
    let section = page.split_once("### Disputed readings of reports").unwrap().1.split("\n#").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let columns = rows.map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap());
    let names: Vec<_> = columns.flat_map(|column| column.split('`').skip(1).step_by(2)).collect();
    assert_eq!(names.len(), 34);
    assert_are_tests("docs/API.md", &names);
}
