//! What the tests of records by command share: a table into a folder, out of it, and both in every format.

use std::path::Path;
use std::process::Command;

use crate::process::{Folder, Server, program, run, text};

/// A command about a table of the account of these tests.
pub fn command(name: &str, folder: &Folder, table: &str) -> Command {
    let mut command = program();
    command.args([name, "--account", "harbour", "--table", table, "--data"]).arg(folder.data());
    command
}

/// Everything in a table, deletions too, in a file, and what the file holds.
pub fn export(folder: &Folder, table: &str, file: &Path) -> Vec<u8> {
    run(command("export", folder, table).arg("--deletions").arg("--output").arg(file));
    std::fs::read(file).expect("the export is there")
}

/// Records that are 899 rows and a deletion stay what they are through files of every format.
pub fn assert_same_in_every_format(table: &str, records: &str) {
    let source = Folder::new();
    source.account("harbour", &["read"]);
    let file = source.path("sent.ndjson");
    std::fs::write(&file, records).expect("the folder can be written to");
    run(command("import", &source, table).arg(&file));
    let first = export(&source, table, &source.path("all.ndjson"));
    assert_eq!(text(&first).lines().count(), 900, "{table}: 899 rows and a deletion");
    for name in ["all.ndjson", "all.csv.gz", "all.parquet"] {
        let target = Folder::new();
        export(&source, table, &source.path(name));
        target.account("harbour", &["read"]);
        run(command("import", &target, table).arg(source.path(name)));
        assert!(export(&target, table, &source.path("again.ndjson")) == first, "{table} {name}");
        target.check();
    }
    source.check();
}

/// Records of these tables, 899 rows and a deletion each, that are sent to a server are what it gives out, and what its folder
/// holds afterwards.
pub fn assert_same_through_a_server(tables: &[&str], records: impl Fn(&str) -> String) {
    let folder = Folder::new();
    let token = folder.account("harbour", &["append", "admin"]);
    let server = Server::start(&folder);
    for table in tables {
        let at = |command: &mut Command| {
            run(command.args(["--table", table, "--url", &server.url(), "--token", &token]))
        };
        let file = folder.path("sent.ndjson");
        std::fs::write(&file, records(table)).expect("the folder can be written to");
        at(program().arg("import").arg(&file));
        at(program().args(["export", "--deletions", "--output"]).arg(folder.path(&format!("{table}.csv"))));
    }
    assert!(server.stop().success());
    for table in tables {
        let rows = text(&export(&folder, table, &folder.path("all.ndjson")));
        assert_eq!(rows.lines().count(), 900, "{table}: 899 rows and a deletion");
        let of_server = std::fs::read(folder.path(&format!("{table}.csv"))).expect("the export is there");
        let of_folder = export(&folder, table, &folder.path("all.csv"));
        assert!(of_server == of_folder, "{table}: both exports are of the same rows");
    }
}
