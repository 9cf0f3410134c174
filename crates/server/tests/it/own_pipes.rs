//! Pipe files of operators, as the program takes them.

use std::path::Path;

use crate::program::Program;
use crate::tests_by_name::assert_are_tests;

const GOOD: &str = "description = \"x\"\ntable = \"plays\"\ncolumns = [{ name = \"started_at\" }]\n";
const WRONG: &str = "description = \"x\"\ntable = \"plais\"\n\n[[columns]]\nname = \"1st\"\n";

#[test]
fn pipe_files_are_checked_with_the_settings() {
    let program = Program::new();
    let folder = program.folder.path().join("pipes");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("good.toml"), GOOD).unwrap();
    program.answer("check-config");
    std::fs::write(folder.join("wrong.toml"), WRONG).unwrap();
    std::fs::write(folder.join("replay_metrics.toml"), GOOD).unwrap();
    for line in ["check-config", "serve --listen 127.0.0.1:0"] {
        let message = program.failure(line, 1);
        assert!(message.contains("wrong.toml:2: there is no table `plais`"), "{message}");
        assert!(message.contains("replay_metrics.toml:1: there is a built-in pipe"), "{message}");
    }
    assert!(!program.folder.path().join("store.db").exists(), "nothing was opened");
}

#[test]
fn the_folder_of_pipes_can_be_anywhere_but_has_to_be_there() {
    let program = Program::new();
    let folder = program.folder.path().join("published");
    let check =
        || program.command(["check-config"]).env("TALLYHOUSE_PIPES_FOLDER", &folder).output().unwrap();
    let missing = check();
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("published cannot be read"));
    std::fs::create_dir(&folder).unwrap();
    assert!(check().status.success());
    std::fs::write(folder.join("wrong.toml"), WRONG).unwrap();
    assert!(String::from_utf8_lossy(&check().stderr).contains("wrong.toml:2: "));
}

#[test]
fn every_reading_about_the_demo_pipes_names_a_test_that_exists() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md");
    let page = std::fs::read_to_string(page).unwrap();
    let section = page.split_once("\n### The demo pipes\n").unwrap().1.split("\n### ").next().unwrap();
    let table = section.split_once("| question | our reading | test |\n").unwrap().1;
    let rows = table.lines().take_while(|line| line.starts_with('|')).skip(1);
    let columns: Vec<_> = rows.map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap()).collect();
    let names: Vec<_> = columns.iter().flat_map(|column| column.split('`').skip(1).step_by(2)).collect();
    assert!(columns.len() >= 20 && names.len() >= columns.len(), "{names:?}");
    assert_are_tests("docs/API.md", &names);
}
