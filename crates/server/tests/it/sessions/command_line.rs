//! `tallyhouse user`, as scripts use it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::program::Program;

/// Runs a command with a line on its standard input.
pub fn with_password(command: &mut Command, password: &str) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses its flags does not read on.
    let _ = child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes());
    child.wait_with_output().unwrap()
}

fn run(program: &Program, line: &str, password: &str) -> Output {
    with_password(&mut program.command(line.split_whitespace()), password)
}

/// What a command says that has to fail.
fn refusal(program: &Program, line: &str, password: &str) -> String {
    let output = run(program, line, password);
    assert_eq!(output.status.code(), Some(1), "{line}");
    String::from_utf8(output.stderr).unwrap()
}

fn with_accounts() -> Program {
    let program = Program::new();
    program.answer("account create harbour");
    program.answer("account create birch");
    program
}

#[test]
fn a_user_is_made_listed_and_deleted() {
    let program = with_accounts();
    let line = "user create --account harbour --email Owl@Example.com --channel 9,3 --channel 3 --user-id 17 \
                --first-name Quiet --last-name Owl --json";
    let output = run(&program, line, "quiet harbour");
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&made["email"], &made["account"]), (&json!("owl@example.com"), &json!("harbour")));
    assert_eq!((&made["channel_ids"], &made["user_id"]), (&json!([3, 9]), &json!(17)));
    assert_eq!((&made["first_name"], &made["last_name"]), (&json!("Quiet"), &json!("Owl")));
    assert!(
        run(&program, "user create --account birch --email heron@example.com", "quiet harbour")
            .status
            .success()
    );
    assert_eq!(program.json("user list --json").as_array().unwrap().len(), 2);
    assert_eq!(program.json("user list --account harbour --json"), json!([made]));
    let lines = program.answer("user list");
    assert!(
        lines.contains("owl@example.com active of harbour")
            && lines.contains("only channels 3+9, user_id 17")
    );
    program.answer("user disable OWL@example.com");
    assert!(program.answer("user list").contains("owl@example.com disabled of harbour"));
    program.answer("user enable owl@example.com");
    assert!(program.answer("user list").contains("owl@example.com active of harbour"));
    program.answer("user delete owl@example.com");
    assert_eq!(program.json("user list --json").as_array().unwrap().len(), 1);
    assert!(program.json("user list --account harbour --json").as_array().unwrap().is_empty());
}

#[test]
fn a_password_is_one_line_of_standard_input_and_neither_short_nor_long() {
    let program = with_accounts();
    let create = "user create --account harbour --email owl@example.com";
    for password in ["", "1234567", &"a".repeat(1_025)] {
        assert!(refusal(&program, create, password).contains("at least 8 characters and at most 1024 bytes"));
    }
    assert!(run(&program, create, &"a".repeat(1_024)).status.success());
    assert!(refusal(&program, "user password owl@example.com", "short").contains("at least 8"));
    assert!(run(&program, "user password owl@example.com", "another harbour").status.success());
}

#[test]
fn what_makes_no_user_is_said() {
    let program = with_accounts();
    run(&program, "user create --account harbour --email owl@example.com", "quiet harbour");
    for (line, advice) in [
        ("user create --account birch --email OWL@example.com", "already"),
        ("user create --account birch --email owl", "name@example.com"),
        ("user create --account nobody --email a@b", "tallyhouse account list"),
        ("user password heron@example.com", "tallyhouse user list"),
        ("user disable heron@example.com", "tallyhouse user list"),
        ("user enable heron@example.com", "tallyhouse user list"),
        ("user delete heron@example.com", "tallyhouse user list"),
    ] {
        let message = refusal(&program, line, "quiet harbour");
        assert!(message.starts_with("error: ") && message.contains(advice), "{line}: {message}");
    }
    for line in
        ["user", "user create --account harbour", "user create --account harbour --email a@b --channel x"]
    {
        program.failure(line, 2);
    }
}
