//! The page on the API names the tests of its readings of this family: they have to exist.

use std::path::Path;

use crate::tests_by_name::assert_are_tests;

/// How a table of readings begins.
const HEAD: &str = "| question | our reading | test |\n|---|---|---|\n";

/// The parts of the section that have such a table, and how many readings each has.
const READINGS: [(&str, usize); 6] = [
    ("Conventions of sharing", 15),
    ("Messages", 13),
    ("Short URLs", 14),
    ("Snapshots", 26),
    ("Pingbacks", 21),
    ("Sharing records", 10),
];

#[test]
fn every_reading_of_sharing_names_a_test_that_exists() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(crate_folder.join("../../docs/API.md")).unwrap();
    let section = page.split_once("\n## Sharing\n").unwrap().1.split("\n## ").next().unwrap();
    let mut counts = Vec::new();
    let mut names = Vec::new();
    for part in section.split("\n### ").skip(1) {
        let Some((_, table)) = part.split_once(HEAD) else { continue };
        let rows: Vec<_> = table.lines().take_while(|line| line.starts_with("| ")).collect();
        counts.push((part.lines().next().unwrap(), rows.len()));
        for row in rows {
            let column = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
            let named = names.len();
            names.extend(column.split('`').skip(1).step_by(2));
            assert!(names.len() > named, "a reading without a test: {row}");
        }
    }
    assert_eq!(counts, READINGS, "readings came or went: say so here");
    assert_eq!(section.matches(HEAD).count(), READINGS.len(), "a part has two tables");
    assert_are_tests("docs/API.md", &names);
}
