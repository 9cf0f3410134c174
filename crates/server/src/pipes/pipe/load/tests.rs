//! Folders of pipe files.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::pipes::pipe::Pipes;

const SMALL: &str = "description = \"x\"\ntable = \"plays\"\ncolumns = [{ name = \"started_at\" }]\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn problems(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let problems = Pipes::load(Some(folder.path())).err().unwrap();
    problems.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn own_pipes_are_listed_among_the_built_in_ones() {
    let folder =
        folder(&[("zebra.toml", SMALL), ("Ant.toml", SMALL), ("README.md", "x"), (".swp.toml", "x")]);
    let pipes = Pipes::load(Some(folder.path())).unwrap();
    let names: Vec<_> = pipes.iter().map(|pipe| pipe.name.as_str()).collect();
    assert_eq!((names.len(), names[0], names[7]), (8, "Ant", "zebra"));
    assert_eq!(pipes.get("zebra").unwrap().columns[0].name, "started_at");
    assert_eq!(Pipes::default().iter().count(), 6);
}

#[test]
fn all_problems_of_all_files_are_told_at_once() {
    let told = problems(&[
        ("api_replicate_analytics.toml", SMALL),
        ("b-c.toml", SMALL),
        (
            "d.toml",
            "description = \"x\"\ntable = \"plays\"\n\n[[columns]]\nname = \"x\"\n[[columns]]\nname = \"y\"\n",
        ),
        ("good.toml", SMALL),
    ]);
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 4, "{told}");
    assert_eq!(
        lines[0],
        "api_replicate_analytics.toml:1: there is a built-in pipe `api_replicate_analytics`"
    );
    assert!(lines[1].starts_with("b-c.toml:1: the name of the file is the name of the pipe"));
    assert!(lines[2].starts_with("d.toml:5: plays has no column `x`; it has: play, started_at"));
    assert!(lines[3].starts_with("d.toml:7: plays has no column `y`"));
}

#[test]
fn files_are_bounded_in_size_and_number() {
    let filled = format!("{SMALL}#{}\n", "x".repeat(FILE_BYTES_MAX as usize - SMALL.len() - 2));
    assert_eq!(filled.len() as u64, FILE_BYTES_MAX);
    assert!(Pipes::load(Some(folder(&[("a.toml", &filled)]).path())).is_ok());
    assert_eq!(problems(&[("a.toml", &format!("{filled}\n"))]), "a.toml:1: it has more than 65536 bytes");

    let folder = folder(&[]);
    for number in 0..FILES_MAX {
        fs::write(folder.path().join(format!("p{number}.toml")), SMALL).unwrap();
    }
    assert!(Pipes::load(Some(folder.path())).is_ok());
    fs::write(folder.path().join("p.toml"), SMALL).unwrap();
    assert!(Pipes::load(Some(folder.path())).err().unwrap().ends_with("has more than 1000 files"));
}

#[test]
fn what_is_no_file_or_no_text_is_told() {
    let folder = folder(&[]);
    fs::create_dir(folder.path().join("a.toml")).unwrap();
    fs::write(folder.path().join("b.toml"), b"description = \"\xff\"").unwrap();
    let told = Pipes::load(Some(folder.path())).err().unwrap();
    assert!(told.contains("a.toml:1: it is not a file"), "{told}");
    assert!(told.contains("b.toml:1: it is not UTF-8"), "{told}");
    let missing = Pipes::load(Some(&folder.path().join("none"))).err().unwrap();
    assert!(missing.contains("cannot be read"), "{missing}");
}
