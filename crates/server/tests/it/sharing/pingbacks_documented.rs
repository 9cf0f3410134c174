//! What `docs/API.md` says about pingbacks.

use crate::tests_by_name::assert_are_tests;

const PAGE: &str = include_str!("../../../../../docs/API.md");

#[test]
fn every_reading_of_pingbacks_has_its_test() {
    let (_, part) = PAGE.split_once("\n### Pingbacks\n").unwrap();
    let part = part.split("\n### ").next().unwrap().split("\n## ").next().unwrap();
    let rows =
        part.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.rsplit(" | ").next());
    let names: Vec<&str> = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(names.len() > 20, "{names:?}");
    assert_are_tests("docs/API.md", &names);
}
