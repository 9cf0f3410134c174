//! Data folders that earlier programs wrote, kept as they were left: today's program opens them, applies their log and
//! answers as the earlier one did.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::{Folder, Server, program, run};

/// A folder as an earlier program left it, and what that program told of it.
struct Kept {
    /// Where it is kept, below the fixtures.
    name: &'static str,
    /// The formats of `store.db` and `catalog.db`.
    formats: [u32; 2],
    /// Of which tables there is an export.
    tables: &'static [&'static str],
    /// What the server was asked, and the file with its answer: what of the answer is kept there, as a JSON pointer.
    asked: (&'static str, &'static str, &'static str),
}

const FORMAT_2: Kept = Kept {
    name: "format_2",
    formats: [2, 3],
    tables: &["view_segments", "demo_sessions", "demo_activity", "demo_changes"],
    asked: (
        "/v1/total-views/day?date_time_from=2026-01-01T00:00:00Z&date_time_to=2026-04-01T00:00:00Z&_limit=10000",
        "total_views_day.json",
        "/data",
    ),
};

const FORMAT_3: Kept = Kept {
    name: "format_3",
    formats: [3, 4],
    tables: &["reports", "report_reads", "report_alerts", "channels", "report_states", "users", "forms"],
    asked: (
        "/api/v4/analytics/reports_per_field_selection?channel_id=2&field_id=1&start_date=2026-01-01T00:00:00Z\
         &end_date=2026-04-01T00:00:00Z",
        "reports_per_field_selection.json",
        "",
    ),
};

/// Bytes of a block of a tar file: a header, or a piece of a file.
const TAR_BLOCK: usize = 512;

#[test]
fn a_folder_of_format_2_is_read_whole_with_what_its_log_holds() {
    assert_read_whole(&FORMAT_2);
}

#[test]
fn a_folder_of_format_3_is_read_whole_with_what_its_log_holds() {
    assert_read_whole(&FORMAT_3);
}

fn assert_read_whole(kept: &Kept) {
    let folder = Folder::new();
    unpack(&kept.file("data.tar.zst"), &folder.data());
    assert_eq!([format_of(&folder, "store.db"), format_of(&folder, "catalog.db")], kept.formats);
    let logged = folder.check();
    assert_eq!(logged["findings"], Value::Array(Vec::new()), "{logged}");

    let token = folder.token("harbour", &["read", "append"]);
    let server = Server::start(&folder);
    assert_answer(&server, &token, kept);
    // The rows of the log are in memory now, and nothing was flushed.
    server.kill();
    assert_exports(&folder, kept);

    let server = Server::start(&folder);
    assert_answer(&server, &token, kept);
    let reaction = r#"{"reaction_id":1,"sharing_message_token":"m","provider":"twitter","kind":"like","occurred_at":"2026-01-01T00:00:00Z"}"#;
    let path = "/v0/events?name=reactions&wait=true";
    assert_eq!(server.client().send_to(path, &token, reaction).unwrap().status, 200, "it takes what is new");
    run(program()
        .args(["site", "create", "--account", "harbour", "--name", "demo", "--data"])
        .arg(folder.data()));
    assert!(server.stop().success());
    assert_exports(&folder, kept);
    let fresh = Folder::new();
    assert!(Server::start(&fresh).stop().success());
    for (database, before) in ["store.db", "catalog.db"].into_iter().zip(kept.formats) {
        let today = format_of(&folder, database);
        assert!(today > before, "{database}");
        assert_eq!(today, format_of(&fresh, database), "{database}");
    }
    let flushed = folder.check();
    assert_eq!(flushed["findings"], Value::Array(Vec::new()), "{flushed}");
}

impl Kept {
    fn file(&self, name: &str) -> PathBuf {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures")).join(self.name).join(name)
    }
}

/// Today's answer is that of the program that wrote the folder.
fn assert_answer(server: &Server, token: &str, kept: &Kept) {
    let (url, file, pointer) = kept.asked;
    let expected: Value = serde_json::from_slice(&read(&kept.file(file))).unwrap();
    let answer = server.client().get_json(token, url);
    assert_eq!(answer.pointer(pointer), Some(&expected), "{answer}");
}

/// Today's exports are those of the program that wrote the folder.
fn assert_exports(folder: &Folder, kept: &Kept) {
    for table in kept.tables {
        let file = folder.path("export.ndjson");
        let mut export = program();
        export.args(["export", "--account", "harbour", "--table", table, "--deletions", "--data"]);
        run(export.arg(folder.data()).arg("--output").arg(&file));
        let expected = read(&kept.file(&format!("{table}.ndjson")));
        assert!(!expected.is_empty());
        assert_eq!(String::from_utf8(read(&file)), String::from_utf8(expected), "{table}");
    }
}

/// The format number of a database, which SQLite keeps at this place of its file.
fn format_of(folder: &Folder, database: &str) -> u32 {
    let bytes = read(&folder.data().join(database));
    u32::from_be_bytes(bytes[60..64].try_into().unwrap())
}

fn read(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Unpacks a tar file of plain files and folders with short names.
fn unpack(archive: &Path, folder: &Path) {
    let archive = zstd::decode_all(read(archive).as_slice()).unwrap();
    let text = |bytes: &[u8]| {
        String::from_utf8(bytes.iter().copied().take_while(|byte| *byte != 0).collect()).unwrap()
    };
    let mut rest = archive.as_slice();
    // Two blocks of zeros end it.
    while rest[0] != 0 {
        let (header, behind) = rest.split_at(TAR_BLOCK);
        let bytes = usize::from_str_radix(text(&header[124..136]).trim(), 8).unwrap();
        let path = folder.join(text(&header[..100]));
        if header[156] == b'5' {
            std::fs::create_dir_all(path).unwrap();
        } else {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &behind[..bytes]).unwrap();
        }
        rest = &behind[bytes.next_multiple_of(TAR_BLOCK)..];
    }
}
