//! Finds tests by their name in all sources of the workspace, for pages that name some.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Fails where one of the names is not that of a test that runs.
pub fn assert_are_tests(page: &str, names: &[&str]) {
    let mut tests = BTreeSet::new();
    for folder in folders() {
        add_tests_below(&folder, &mut tests);
    }
    let missing: Vec<_> = names.iter().filter(|name| !tests.contains(**name)).collect();
    assert!(missing.is_empty(), "{page} names tests that are not there: {missing:?}");
}

/// `src` and `tests` of all crates.
fn folders() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let crates = std::fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path());
    let folders = crates.flat_map(|folder| [folder.join("src"), folder.join("tests")]);
    folders.filter(|folder| folder.is_dir()).collect()
}

fn add_tests_below(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_tests_below(&path, tests);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            tests.extend(tests_of(&source).into_iter().map(str::to_owned));
        }
    }
}

/// The functions with `#[test]` or `#[tokio::test]` among their attributes, and without `#[ignore]`.
fn tests_of(source: &str) -> Vec<&str> {
    let (mut tests, mut is_test, mut is_ignored) = (Vec::new(), false, false);
    for line in source.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        is_ignored |= line.starts_with("#[ignore");
        if is_test && !is_ignored {
            tests.extend(function_of(line));
        }
        // Where code begins or ends, the attributes before it are over.
        if line.ends_with(['{', '}', ';']) {
            (is_test, is_ignored) = (false, false);
        }
    }
    tests
}

/// The name of the function that begins on this line.
fn function_of(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split_once('(').map(|(name, _)| name)
}

#[test]
fn only_functions_that_run_as_tests_are_found() {
    let source = "
        #[test]
        fn plain() {}

        #[tokio::test(flavor = \"current_thread\")]
        #[should_panic(
            expected = \"x\"
        )]
        async fn with_attributes() {
            let x = 1;
        }

        fn between() {}

        #[test]
        #[ignore = \"slow\"]
        fn ignored() {
        }

        // #[test]
        fn commented() {}

        #[test]
        // fn commented_name() {}
        fn behind_a_comment() {
    ";
    assert_eq!(tests_of(source), ["plain", "with_attributes", "behind_a_comment"]);
}
