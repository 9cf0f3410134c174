//! What is wrong with pipe files, as it is told.

use super::*;

/// Every pipe of the file, with its problems.
fn told(pipes: &str) -> String {
    let mut told = String::new();
    for pipe in pipes.split("### ").skip(1) {
        let (title, text) = pipe.split_once('\n').unwrap();
        let mut problems = Problems::new(text);
        assert!(check("own", text, &mut problems).is_none(), "{title}");
        told += &format!("### {title}\n{}\n", problems.into_lines("own.toml").join("\n"));
    }
    told
}

/// To write the second file anew, look at what the test prints.
#[test]
fn every_problem_is_told_with_its_line() {
    let told = told(include_str!("wrong_pipes.txt"));
    assert_eq!(told, include_str!("wrong_pipes_told.txt"), "{told}");
}

#[test]
fn the_smallest_pipe_is_three_keys_and_a_column() {
    let mut problems = Problems::new("");
    let text = "description = \"x\"\ntable = \"plays\"\ncolumns = [{ name = \"started_at\" }]";
    let pipe = check("own", text, &mut problems).unwrap();
    assert_eq!((pipe.name.as_str(), pipe.parameters.len(), pipe.columns.len()), ("own", 0, 1));
}

#[test]
fn only_the_tables_of_pipes_can_be_asked_and_deletions_are_none() {
    for table in tallyhouse_model::TableId::ALL.map(|table| table.table()) {
        let text =
            format!("description = \"x\"\ntable = \"{}\"\n[[columns]]\nname = \"updated_at\"", table.name);
        let mut problems = Problems::new(&text);
        let is_pipe = check("own", &text, &mut problems).is_some();
        assert_eq!(is_pipe, TABLES.contains(&table.id) && table.version.is_some(), "{}", table.name);
        assert!(!is_pipe || !table.name.ends_with("_deletions"), "{}", table.name);
    }
}

/// Text that is cut anywhere never panics.
#[test]
fn half_a_file_is_told_to_be_wrong_or_is_a_pipe() {
    let text = include_str!("wrong_pipes.txt");
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        let start = text[..end].rfind("### ").map_or(0, |at| at + text[at..].find('\n').unwrap_or(0));
        let mut problems = Problems::new(&text[start.min(end)..end]);
        let is_pipe = check("own", &text[start.min(end)..end], &mut problems).is_some();
        assert!(is_pipe == problems.is_empty());
    }
}
