//! Runs the binary in an empty folder, without the settings of whoever runs the tests.

use std::ffi::OsStr;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The binary, and the folder it is started in, which is also its data folder.
pub struct Program {
    /// Where everything of the test lives.
    pub folder: TempDir,
}

impl Program {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A command that is ready to run.
    pub fn command<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallyhouse"));
        command.args(arguments).current_dir(self.folder.path());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TALLYHOUSE_") {
                command.env_remove(name);
            }
        }
        command.env("TALLYHOUSE_DATA", self.folder.path());
        command
    }

    /// Runs a command line, split at spaces.
    pub fn run(&self, line: &str) -> Output {
        self.command(line.split_whitespace()).output().unwrap()
    }

    /// Runs a command line that has to succeed, for its output.
    pub fn answer(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command line that has to succeed, for the JSON it prints.
    pub fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.answer(line)).unwrap()
    }

    /// Runs a command line that has to fail with this status, for what it says.
    pub fn failure(&self, line: &str, status: i32) -> String {
        let output = self.run(line);
        assert_eq!(output.status.code(), Some(status), "{line}");
        assert!(output.stdout.is_empty(), "{line}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }
}
