//! The page on the API names the tests of its readings of this family: they have to exist.

use std::path::Path;

use crate::tests_by_name::assert_are_tests;

/// How a table of readings begins.
const HEAD: &str = "| question | our reading | test |\n|---|---|---|\n";

#[test]
fn every_reading_of_sharing_names_a_test_that_exists() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(crate_folder.join("../../docs/API.md")).unwrap();
    let section = page.split_once("\n## Sharing\n").unwrap().1.split("\n## ").next().unwrap();
    let tables = section.split(HEAD).skip(1);
    let rows: Vec<_> =
        tables.flat_map(|table| table.lines().take_while(|line| line.starts_with("| "))).collect();
    for row in &rows {
        let column = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names: Vec<_> = column.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "a reading without a test: {row}");
        assert_are_tests("docs/API.md", &names);
    }
    assert!(rows.len() >= 15, "{rows:?}");
}
