//! `docs/API.md` about pipes: its examples are pipes, and its list of columns is that of the tables.

use std::path::Path;

use tallyhouse_model::{ColumnKind, Table};

use super::rig::{Rig, pipe};
use crate::pipes::answer::AnswerKind;
use crate::pipes::pipe::column::{TABLES, answer_kind, in_words};

/// A section of the page, up to the next one of its level or a higher one.
fn section(heading: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("{heading}"));
    let level = |line: &str| line.find(|character| character != '#').unwrap_or(0);
    let is_end = |line: &&str| (1..=level(heading)).contains(&level(line));
    let mut fenced = false;
    let within = section.lines().take_while(|line| {
        fenced ^= line.starts_with("```");
        fenced || !is_end(line)
    });
    within.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_documented_pipes_are_pipes_and_answer() {
    let section = section("### Your own pipes");
    let blocks: Vec<_> =
        section.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 3);
    let rig = Rig::new();
    for (block, columns) in blocks.into_iter().zip([
        "account demo session_date",
        "day devices",
        "demo_title sessions visitors last_session",
    ]) {
        let answered = rig.ask_of(&pipe(block), "start_timestamp=2026-01-01");
        assert_eq!(answered.names().join(" "), columns);
    }
}

#[test]
fn the_documented_columns_are_those_of_the_tables() {
    let section = section("#### Tables of pipes");
    let documented: Vec<_> = section.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<_> = TABLES.iter().map(|table| line_of(table.table())).collect();
    assert_eq!(documented, expected, "\n{}", expected.join("\n"));
}

/// A table as the page lists it.
fn line_of(table: &Table) -> String {
    let names = |kind: &str| {
        let all = table.columns.iter().enumerate();
        let of_kind = all.filter(|(column, _)| match in_words(table, *column) {
            words if words.ends_with("only shown") => kind == "only shown",
            words => kind == words,
        });
        let name = |(column, it): (usize, &tallyhouse_model::Column)| {
            let may_be_null = matches!(
                answer_kind(table, column),
                AnswerKind::NullableText | AnswerKind::NullableTime | AnswerKind::NullableInteger
            );
            format!("`{}`{}", it.name, if may_be_null { "?" } else { "" })
        };
        of_kind.map(name).collect::<Vec<_>>().join(", ")
    };
    let words = table.columns.iter().any(|column| matches!(column.kind, ColumnKind::Choice(_)));
    assert_eq!(words, !names("a word").is_empty());
    let kinds = ["a time", "a word", "a text", "a number", "a flag", "only shown"].map(names);
    format!("| `{}` | {} |", table.name, kinds.join(" | ")).replace("|  |", "| |").replace("|  |", "| |")
}
