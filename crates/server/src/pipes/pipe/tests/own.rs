//! Pipes of operators that are rows or groups, over every table.

use tallyhouse_model::{Cell, TableId};

use super::rig::{Rig, at, pipe, time};
use super::segments::{hours, segments, starts};

#[test]
fn every_kind_of_column_is_shown_as_its_type() {
    let rig = segments();
    let names = "view_id started_at updated_at ended_at finished last_seen_at content_type content_id channel_id from \
                 to client_id view_session_id viewer_identifier country view_type device is_mobile_view device_info";
    let columns: String = names.split(' ').map(|name| format!("[[columns]]\nname = \"{name}\"\n")).collect();
    let text = format!(
        "description = \"x\"\ntable = \"view_segments\"\n{columns}[[columns]]\nname = \"again\"\ncolumn = \"device\"\n"
    );
    let answered = rig.ask_of(&pipe(&text), "limit=1&offset=1");
    let kinds: Vec<_> = answered.columns.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(
        kinds.join(" "),
        "String DateTime64(3) DateTime64(3) DateTime64(3) Bool Nullable(DateTime64(3)) String UInt64 \
         Nullable(UInt64) UInt64 UInt64 String String Nullable(String) Nullable(String) String Nullable(String) Bool \
         String Nullable(String)"
    );
    let row = &answered.rows[0];
    assert_eq!(row[0].len(), 36);
    assert_eq!(
        row[1..].join(" "),
        "2026-03-28T23:30:00Z 2026-12-01T00:00:00Z 2026-03-28T23:30:01.5Z true null live 5 null 0 0 c1 c1 null FR \
         onsite mobile false {} mobile"
    );
}

#[test]
fn groups_are_of_one_or_two_columns_and_can_be_in_the_order_of_a_measure() {
    let rig = segments();
    let grouped = |order: &str| {
        let text = format!(
            "description = \"x\"\ntable = \"view_segments\"\n{order}\n\
             [[columns]]\nname = \"rows\"\nmeasure = \"rows\"\n\
             [[columns]]\nname = \"content_id\"\n\
             [[columns]]\nname = \"country\"\n\
             [[columns]]\nname = \"device\"\nmeasure = \"first\"\nof = \"device\"\n\
             [[columns]]\nname = \"last\"\nmeasure = \"greatest\"\nof = \"started_at\"\n\
             [[columns]]\nname = \"of_c1\"\nmeasure = \"rows_with\"\nof = \"client_id\"\nis = \"c1\"\n\
             [[columns]]\nname = \"clients\"\nmeasure = \"distinct\"\nof = \"client_id\"\n\
             [[columns]]\nname = \"seconds\"\nmeasure = \"seconds\"\nof = \"started_at\"\n"
        );
        rig.ask_of(&pipe(&text), "")
    };
    let by_value = grouped("");
    // The last segment has no country, so that it is in no group.
    let lines = ["2 5 FR desktop 2026-03-28T23:30:00Z 2 1 3600", "1 6 HU null 2026-03-29T21:30:00Z 0 1 0"];
    assert_eq!(by_value.lines(), lines);
    let kinds: Vec<_> = by_value.columns.iter().map(|(_, kind)| *kind).collect();
    let expected =
        ["UInt64", "UInt64", "String", "Nullable(String)", "DateTime64(3)", "UInt64", "UInt64", "UInt64"];
    assert_eq!(kinds, expected);
    assert_eq!(grouped("order = \"rows\"").lines(), [lines[1], lines[0]]);
    assert_eq!(grouped("order = \"rows\"\ndescending = true").lines(), lines);
    assert_eq!(grouped("descending = true").lines(), [lines[1], lines[0]]);
}

#[test]
fn rows_can_come_from_the_last_to_the_first() {
    let rig = segments();
    let latest = starts("descending = true");
    assert_eq!(hours(&rig, &latest, ""), "29T22 29T21 28T23 28T22");
    assert_eq!(hours(&rig, &latest, "limit=2&offset=1"), "29T21 28T23");
    let all = pipe(
        "description = \"x\"\ntable = \"view_segments\"\ndescending = true\n\
         [[columns]]\nname = \"device\"\n[[columns]]\nname = \"channel_id\"\n[[columns]]\nname = \"content_id\"\n\
         [[columns]]\nname = \"finished\"\n[[columns]]\nname = \"me\"\naccount = true\n",
    );
    let expected = [
        "null null 5 true acme",
        "null null 6 false acme",
        "mobile null 5 true acme",
        "desktop null 5 true acme",
    ];
    assert_eq!(rig.ask_of(&all, "").lines(), expected);
}

#[test]
fn pages_of_a_descending_order_begin_at_its_end() {
    let rig = Rig::new();
    for number in 0..100 {
        let (session, date) = (format!("s{number:04}"), Cell::Time(at("2026-07-01") + number));
        rig.add(TableId::DemoSessions, &[("session_date", date), ("session_id", Cell::Text(&session))]);
    }
    let latest = pipe(
        "description = \"x\"\ntable = \"demo_sessions\"\norder = \"at\"\ndescending = true\n\
         [[columns]]\nname = \"session_id\"\n[[columns]]\nname = \"at\"\nmeasure = \"least\"\nof = \"session_date\"\n",
    );
    let answered = rig.ask_of(&latest, "limit=3&offset=1");
    assert_eq!((answered.column("session_id"), answered.total), (vec!["s0098", "s0097", "s0096"], 100));
    assert_eq!(rig.ask_of(&latest, "limit=3&offset=99").column("session_id"), ["s0000"]);
    assert!(rig.ask_of(&latest, "offset=100").rows.is_empty());
}

#[test]
fn the_other_tables_can_be_asked_too() {
    let rig = segments();
    let plays = pipe(
        "description = \"x\"\ntable = \"plays\"\n[[columns]]\nname = \"content_id\"\n[[columns]]\nname = \"plays\"\nmeasure = \"rows\"\n",
    );
    assert_eq!(rig.ask_of(&plays, "").lines(), ["5 2", "6 1"]);

    rig.add(
        TableId::DemoChanges,
        &[
            ("ingested_at", time("2026-07-01")),
            ("entity_type", Cell::Text("link")),
            ("entity_id", Cell::Text("l1")),
            ("changed_at", time("2026-06-01")),
            ("change_type", Cell::Text("made")),
        ],
    );
    let changes = pipe(
        "description = \"x\"\ntable = \"demo_changes\"\n[parameters.kinds]\ntype = \"Strings\"\n\
         [range]\ncolumn = \"changed_at\"\nto = \"2026-06-01\"\n[[filters]]\ncolumn = \"change_type\"\nin = \"{kinds}\"\n\
         [[columns]]\nname = \"what\"\ncolumn = \"entity_id\"\n[[columns]]\nname = \"when\"\ncolumn = \"changed_at\"\n",
    );
    assert_eq!(rig.ask_of(&changes, "kinds=gone&kinds=made").lines(), ["l1 2026-06-01T00:00:00Z"]);
    assert!(rig.ask_of(&changes, "kinds=gone").rows.is_empty());
}

#[test]
fn an_answer_of_many_chunks_has_every_row_once_and_in_order() {
    let rig = Rig::new();
    let texts: Vec<_> = (0..9_000).map(|number| format!("s{number:04}")).collect();
    let rows = texts.iter().enumerate().map(|(number, text)| {
        vec![("session_date", Cell::Time(at("2026-07-01") + number as i64)), ("session_id", Cell::Text(text))]
    });
    rig.add_many(TableId::DemoSessions, rows);
    let heads = "description = \"x\"\ntable = \"demo_sessions\"\n";
    let rows = "[[columns]]\nname = \"session_id\"\n";
    let groups = format!("{rows}[[columns]]\nname = \"count\"\nmeasure = \"rows\"\n");
    for columns in [rows, &groups] {
        let forwards = rig.ask_of(&pipe(&format!("{heads}{columns}")), "");
        assert_eq!(forwards.column("session_id"), texts);
        let backwards =
            rig.ask_of(&pipe(&format!("{heads}descending = true\n{columns}")), "offset=1000&limit=7000");
        let expected: Vec<_> = texts.iter().rev().skip(1_000).take(7_000).collect();
        assert_eq!(
            backwards.column("session_id"),
            expected.iter().map(|text| text.as_str()).collect::<Vec<_>>()
        );
    }
}
