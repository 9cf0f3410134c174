//! Files in and out: every format and compression, and that an export loses nothing.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::process::{Folder, Server, program, run};

use super::{RANGE, answers, segment, segments};

/// `import` of files into a data folder that no server runs on.
fn import(folder: &Folder, files: &[&Path]) -> Command {
    let mut command = program();
    command.args(["import", "--account", "harbour", "--table", "view_segments", "--data"]).arg(folder.data());
    command.args(files);
    command
}

/// `export` of everything into a file, whose name tells the format.
fn export(folder: &Folder, file: &Path) -> Command {
    let mut command = program();
    command.args(["export", "--account", "harbour", "--table", "view_segments", "--data"]).arg(folder.data());
    command.arg("--output").arg(file);
    command
}

/// The rows of [`segments`] as CSV, with columns for what every one has and an empty field where one has not.
fn comma_separated(numbers: std::ops::Range<u32>) -> String {
    let columns = [
        "view_id",
        "content_type",
        "content_id",
        "started_at",
        "finished_at",
        "client_id",
        "view_session_id",
        "country",
        "updated_at",
    ];
    let row = |number| {
        let segment = segment(number);
        let field = |name: &&str| segment[*name].as_str().map_or(segment[*name].to_string(), str::to_owned);
        columns.iter().map(field).collect::<Vec<_>>().join(",").replace("null", "")
    };
    let rows: Vec<String> = numbers.map(row).collect();
    format!("{}\n{}\n", columns.join(","), rows.join("\n"))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).expect("writing to memory works")
}

#[test]
fn every_format_and_compression_gives_the_same_answers() {
    let reference = Folder::new();
    let token = reference.account("harbour", &["read", "append"]);
    let server = Server::start(&reference);
    server.client().send(&token, &segments(0..400));
    let expected = answers(&server, &token);
    assert!(server.stop().success());
    let parquet = reference.path("all.parquet");
    run(&mut export(&reference, &parquet));

    let zstd = zstd::encode_all(segments(0..400).as_bytes(), 1).expect("compressing in memory works");
    let files: [(&str, Vec<u8>); 6] = [
        ("rows.ndjson", segments(0..400).into_bytes()),
        ("rows.ndjson.gz", gzip(&segments(0..400))),
        ("rows.ndjson.zst", zstd),
        ("rows.csv", comma_separated(0..400).into_bytes()),
        ("rows.csv.gz", gzip(&comma_separated(0..400))),
        ("rows.parquet", std::fs::read(&parquet).expect("the export is there")),
    ];
    for (name, bytes) in files {
        let folder = Folder::new();
        let token = folder.account("harbour", &["read"]);
        std::fs::write(folder.path(name), bytes).expect("the folder can be written to");
        run(&mut import(&folder, &[&folder.path(name)]));
        assert_eq!(answers(&Server::start(&folder), &token), expected, "{name}");
        folder.check();
    }
}

#[test]
fn an_export_can_be_imported_again_and_loses_nothing() {
    let source = Folder::new();
    let token = source.account("harbour", &["read", "append"]);
    let server = Server::start(&source);
    server.client().send(&token, &segments(0..300));
    let gone: String = (0..50)
        .map(|n| format!("{}\n", json!({"view_id": segment(n)["view_id"], "deleted": true})))
        .collect();
    server.client().send(&token, &gone);
    let expected = answers(&server, &token);
    assert!(server.stop().success());

    for name in ["all.ndjson", "all.csv", "all.parquet", "all.ndjson.zst", "all.csv.gz"] {
        let (exported, target, again) =
            (source.path(name), Folder::new(), source.path(&format!("again.{name}")));
        run(&mut export(&source, &exported));
        let token = target.account("harbour", &["read"]);
        run(&mut import(&target, &[&exported]));
        let server = Server::start(&target);
        assert_eq!(answers(&server, &token), expected, "{name}");
        assert!(server.stop().success());
        run(&mut export(&target, &again));
        let [first, second] =
            [&exported, &again].map(|file| std::fs::read(file).expect("the export is there"));
        assert!(first == second, "{name}: an export of what was imported differs from what was imported");
    }
}

#[test]
fn import_talks_to_a_running_server() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["read", "append"]);
    let server = Server::start(&folder);
    let file = folder.path("rows.csv");
    std::fs::write(&file, comma_separated(0..700)).expect("the folder can be written to");
    let mut command = program();
    command
        .args(["import", "--table", "view_segments", "--url", &server.url(), "--token", &token])
        .arg(&file);
    run(&mut command);
    assert_eq!(server.client().views(&token, RANGE).len(), 700);
}

#[test]
fn import_reads_standard_input() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["read"]);
    let mut command = import(&folder, &[Path::new("-")]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program can be started");
    let mut input = child.stdin.take().expect("standard input is piped");
    input.write_all(segments(0..40).as_bytes()).expect("the program reads");
    drop(input);
    assert!(child.wait().expect("a child can be waited for").success());
    assert_eq!(Server::start(&folder).client().views(&token, RANGE).len(), 40);
}

#[test]
fn an_import_is_as_durable_and_exact_as_requests() {
    let folder = Folder::new();
    let token = folder.account("harbour", &["read", "append"]);
    let server = Server::start(&folder);
    server.client().send(&token, &segments(0..600));
    let expected = answers(&server, &token);
    server.kill();
    let file = folder.path("again.ndjson");
    std::fs::write(&file, segments(0..600)).expect("the folder can be written to");
    run(&mut import(&folder, &[&file, &file]));
    assert_eq!(answers(&Server::start(&folder), &token), expected, "sending anything again changes nothing");
    folder.check();
}
