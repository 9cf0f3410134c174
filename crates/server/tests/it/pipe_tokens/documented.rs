//! The page on the API names the tests of its readings about pipe tokens: they have to exist. So do the sections that
//! errors point at.

use std::path::Path;

use crate::tests_by_name::assert_are_tests;

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md")).unwrap()
}

#[test]
fn every_reading_about_pipe_tokens_names_a_test_that_exists() {
    let page = page();
    let section = page.split_once("\n### Pipe tokens\n").unwrap().1.split("\n### ").next().unwrap();
    let table = section.split_once("| question | our reading | test |\n").unwrap().1;
    let rows = table.lines().take_while(|line| line.starts_with('|')).skip(1);
    let columns: Vec<_> = rows.map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap()).collect();
    let names: Vec<_> = columns.iter().flat_map(|column| column.split('`').skip(1).step_by(2)).collect();
    assert!(columns.len() >= 9 && names.len() > columns.len(), "{names:?}");
    assert_are_tests("docs/API.md", &names);
}

#[test]
fn the_sections_that_errors_point_at_are_there() {
    let page = page();
    for heading in ["### Pipe tokens", "#### Warehouse keys", "### Authentication"] {
        assert!(page.lines().any(|line| line == heading), "{heading}");
    }
}
