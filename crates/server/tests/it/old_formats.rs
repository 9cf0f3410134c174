//! Data folders that earlier programs wrote, kept as they were left: today's program opens them, applies their log and
//! answers as the earlier one did.

use std::path::Path;

use serde_json::Value;

use crate::process::{Folder, Server, program, run};

const FORMAT_2: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/format_2");
const FORMAT_3: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/format_3");
const TABLES_OF_2: [&str; 4] = ["view_segments", "demo_sessions", "demo_activity", "demo_changes"];
const TABLES_OF_3: [&str; 7] =
    ["channels", "report_states", "users", "forms", "reports", "report_reads", "report_alerts"];
const WEEKS: &str = "/api/v4/analytics/reports_over_time?channel_id=1&start_date=2026-01-01T00:00:00Z&end_date=2026-04-01T00:00:00Z";
const DAYS: &str =
    "/v1/total-views/day?date_time_from=2026-01-01T00:00:00Z&date_time_to=2026-04-01T00:00:00Z&_limit=10000";

/// Bytes of a block of a tar file: a header, or a piece of a file.
const TAR_BLOCK: usize = 512;

#[test]
fn a_folder_of_format_2_is_read_whole_with_what_its_log_holds() {
    let kept = Path::new(FORMAT_2);
    let folder = Folder::new();
    unpack(&kept.join("data.tar.zst"), &folder.data());
    assert_eq!([format_of(&folder, "store.db"), format_of(&folder, "catalog.db")], [2, 3]);
    let logged = folder.check();
    assert_eq!(logged["findings"], Value::Array(Vec::new()), "{logged}");

    let token = folder.token("harbour", &["read", "append"]);
    let server = Server::start(&folder);
    let days: Value = serde_json::from_slice(&read(&kept.join("total_views_day.json"))).unwrap();
    assert_eq!(server.client().get_json(&token, DAYS)["data"], days);
    // The rows of the log are in memory now, and nothing was flushed.
    server.kill();
    assert_exports(&folder, kept, &TABLES_OF_2);

    let server = Server::start(&folder);
    assert_eq!(server.client().get_json(&token, DAYS)["data"], days);
    let report = r#"{"report_id":1,"channel_id":2,"created_at":"2026-01-01T00:00:00Z"}"#;
    let path = "/v0/events?name=reports&wait=true";
    assert_eq!(server.client().send_to(path, &token, report).unwrap().status, 200, "it takes what is new");
    assert!(server.stop().success());
    assert_exports(&folder, kept, &TABLES_OF_2);
    assert_of_today(&folder, [("store.db", 2), ("catalog.db", 3)]);
}

#[test]
fn a_folder_of_format_3_is_read_whole_and_takes_sites_and_reactions() {
    let kept = Path::new(FORMAT_3);
    let folder = Folder::new();
    unpack(&kept.join("data.tar.zst"), &folder.data());
    assert_eq!([format_of(&folder, "store.db"), format_of(&folder, "catalog.db")], [3, 4]);

    let token = folder.token("harbour", &["read", "append"]);
    let server = Server::start(&folder);
    let weeks: Value = serde_json::from_slice(&read(&kept.join("reports_over_time.json"))).unwrap();
    let authorization = format!("Token token={token}");
    assert_eq!(server.client().get(&authorization, WEEKS).json(), weeks);
    server.kill();
    assert_exports(&folder, kept, &TABLES_OF_3);

    let server = Server::start(&folder);
    run(program()
        .args(["site", "create", "--account", "harbour", "--name", "demo", "--data"])
        .arg(folder.data()));
    let reaction = r#"{"reaction_id":"a","sharing_message_token":"m","provider":"p","kind":"like","occurred_at":"2026-01-01T00:00:00Z"}"#;
    let path = "/v0/events?name=reactions&wait=true";
    assert_eq!(server.client().send_to(path, &token, reaction).unwrap().status, 200, "it takes what is new");
    assert_eq!(server.client().get(&authorization, WEEKS).json(), weeks);
    assert!(server.stop().success());
    assert_exports(&folder, kept, &TABLES_OF_3);
    assert_of_today(&folder, [("store.db", 3), ("catalog.db", 4)]);
}

/// The databases had these formats, have those of a fresh folder now, and nothing is wrong with them.
fn assert_of_today(folder: &Folder, before: [(&str, u32); 2]) {
    let fresh = Folder::new();
    assert!(Server::start(&fresh).stop().success());
    for (database, before) in before {
        let today = format_of(folder, database);
        assert!(today > before, "{database}");
        assert_eq!(today, format_of(&fresh, database), "{database}");
    }
    let flushed = folder.check();
    assert_eq!(flushed["findings"], Value::Array(Vec::new()), "{flushed}");
}

/// Today's exports are those of the program that wrote the folder.
fn assert_exports(folder: &Folder, kept: &Path, tables: &[&str]) {
    for table in tables.iter().copied() {
        let file = folder.path("export.ndjson");
        let mut export = program();
        export.args(["export", "--account", "harbour", "--table", table, "--deletions", "--data"]);
        run(export.arg(folder.data()).arg("--output").arg(&file));
        let expected = read(&kept.join(format!("{table}.ndjson")));
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
