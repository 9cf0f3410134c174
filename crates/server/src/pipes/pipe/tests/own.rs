//! Pipes of operators, over every table and in every form.

use tallyhouse_model::{Cell, TableId};

use super::rig::{Rig, at, pipe, time};
use crate::pipes::pipe::Pipe;

/// Segments: (start, content, client, country, device as its position plus one, finished).
fn segments() -> Rig {
    let rig = Rig::new();
    for (start, content, client, country, device, finished) in [
        ("2026-03-28 22:30:00", 5, "c1", Cell::Text("FR"), Cell::Choice(1), true),
        ("2026-03-28 23:30:00", 5, "c1", Cell::Text("FR"), Cell::Choice(2), true),
        ("2026-03-29 21:30:00", 6, "c2", Cell::Text("HU"), Cell::Absent, false),
        ("2026-03-29 22:30:00", 5, "c3", Cell::Absent, Cell::Absent, true),
    ] {
        rig.add(
            TableId::ViewSegments,
            &[
                ("started_at", time(start)),
                ("ended_at", Cell::Time(at(start) + 1_500_000)),
                ("finished", Cell::Flag(finished)),
                ("content_type", Cell::Choice(1)),
                ("content_id", Cell::Integer(content)),
                ("client_id", Cell::Text(client)),
                ("view_session_id", Cell::Text(client)),
                ("country", country),
                ("view_type", Cell::Choice(1)),
                ("device", device),
                ("device_info", Cell::Text("{}")),
            ],
        );
    }
    rig
}

/// A pipe over segments that shows their start, and has these other lines.
fn starts(lines: &str) -> Pipe {
    pipe(&format!(
        "description = \"x\"\ntable = \"view_segments\"\n{lines}\n[[columns]]\nname = \"started_at\"\n"
    ))
}

fn hours(rig: &Rig, pipe: &Pipe, query: &str) -> String {
    let answered = rig.ask_of(pipe, query);
    let hours = answered.column("started_at").into_iter().map(|time| time[8..13].to_owned());
    hours.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_series_by_day_has_the_days_of_its_zone() {
    let rig = segments();
    let by_day = pipe(
        r#"
        description = "Devices per day in Paris, which has 23 hours on the second one."
        table = "view_segments"
        [parameters.from]
        type = "DateTime"
        [parameters.zone]
        type = "String"
        default = "Europe/Paris"
        [range]
        from = "{from}"
        [[columns]]
        name = "day"
        unit = "day"
        zone = "{zone}"
        [[columns]]
        name = "devices"
        measure = "distinct"
        of = "client_id"
        [[columns]]
        name = "account"
        account = true
        "#,
    );
    let lines = |query: &str| rig.ask_of(&by_day, query).lines();
    assert_eq!(
        lines(""),
        ["2026-03-27T23:00:00Z 1 acme", "2026-03-28T23:00:00Z 2 acme", "2026-03-29T22:00:00Z 1 acme"]
    );
    assert_eq!(lines("from=2026-03-29&limit=1"), ["2026-03-28T23:00:00Z 1 acme"]);
    let utc = ["2026-03-28T00:00:00Z 1 acme", "2026-03-29T00:00:00Z 2 acme"];
    assert_eq!(lines("zone=UTC"), utc);
    let refused = rig.try_ask_of(&by_day, "zone=Paris").unwrap_err().to_string();
    assert_eq!(refused, "zone: is not a time zone such as Europe/Paris");
    let kinds: Vec<_> = rig.ask_of(&by_day, "").columns.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, ["DateTime64(3)", "UInt64", "String"]);
}

#[test]
fn a_series_can_be_in_the_order_of_its_number_and_backwards() {
    let rig = segments();
    let by_month = pipe(
        "description = \"x\"\ntable = \"view_segments\"\n\
         [[columns]]\nname = \"month\"\nunit = \"month\"\nzone = \"Asia/Tokyo\"\n\
         [[columns]]\nname = \"count\"\nmeasure = \"rows\"\n",
    );
    assert_eq!(rig.ask_of(&by_month, "").lines(), ["2026-02-28T15:00:00Z 4"]);
    let by_day = |order: &str| {
        let by_day = pipe(&format!(
            "description = \"x\"\ntable = \"view_segments\"\n{order}\n\
             [[columns]]\nname = \"day\"\nunit = \"hour\"\n[[columns]]\nname = \"count\"\nmeasure = \"distinct\"\nof = \"client_id\"\n\
             [range]\nfrom = \"2026-03-28\"\n"
        ));
        let answered = rig.ask_of(&by_day, "limit=3");
        answered.column("day").into_iter().map(|day| day[8..13].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(by_day(""), "28T22 28T23 29T21");
    assert_eq!(by_day("descending = true"), "29T22 29T21 28T23");
    assert_eq!(by_day("order = \"count\"\ndescending = true"), "29T22 29T21 28T23");
    assert_eq!(by_day("order = \"day\""), "28T22 28T23 29T21");
}

#[test]
fn one_number_over_everything_is_a_row_even_when_it_is_0() {
    let rig = segments();
    let count = pipe(
        r#"
        description = "How many devices."
        table = "view_segments"
        [parameters.country]
        type = "String"
        [[filters]]
        column = "country"
        in = "{country}"
        [[columns]]
        name = "devices"
        measure = "distinct"
        of = "client_id"
        "#,
    );
    assert_eq!(rig.ask_of(&count, "").lines(), ["3"]);
    assert_eq!(rig.ask_of(&count, "country=FR").lines(), ["1"]);
    assert_eq!(rig.ask_of(&count, "country=XX").lines(), ["0"]);
}

#[test]
fn every_filter_fits_its_columns_and_is_left_out_when_nothing_is_passed() {
    let rig = segments();
    let all = "28T22 28T23 29T21 29T22";
    for (kind, filter, cases) in [
        (
            "String",
            "column = \"device\"\nin = \"{x}\"",
            vec![("desktop", "28T22"), ("tv", ""), ("mobile", "28T23")],
        ),
        ("Strings", "column = \"device\"\nin = \"{x}\"", vec![("desktop,mobile", "28T22 28T23"), ("tv", "")]),
        ("UInt64", "column = \"content_id\"\nin = \"{x}\"", vec![("6", "29T21"), ("7", "")]),
        ("Strings", "column = \"content_id\"\nin = \"{x}\"", vec![("6,7", "29T21"), ("5,6", all)]),
        ("String", "column = \"country\"\nin = \"{x}\"", vec![("FR", "28T22 28T23"), ("fr", "")]),
        ("Strings", "column = \"country\"\nin = \"{x}\"", vec![("FR,HU", "28T22 28T23 29T21")]),
        ("String", "column = \"country\"\ncontains = \"{x}\"", vec![("r", "28T22 28T23"), ("u", "29T21")]),
        ("Flag", "column = \"finished\"\nis = \"{x}\"", vec![("0", "29T21"), ("1", "28T22 28T23 29T22")]),
        ("DateTime", "column = \"started_at\"\nfrom = \"{x}\"", vec![("2026-03-29 21:30:00", "29T21 29T22")]),
        ("DateTime", "column = \"started_at\"\nto = \"{x}\"", vec![("2026-03-28 22:30:00", "28T22")]),
    ] {
        let filtered = starts(&format!("[parameters.x]\ntype = \"{kind}\"\n[[filters]]\n{filter}\n"));
        assert_eq!(hours(&rig, &filtered, ""), all, "{filter}");
        for (value, expected) in cases {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("x", value).finish();
            assert_eq!(hours(&rig, &filtered, &query), expected, "{kind} {filter} {value}");
        }
    }
}

#[test]
fn a_value_that_no_column_can_hold_is_refused_with_the_name_of_its_parameter() {
    let rig = segments();
    let pipe = starts(
        "[parameters.device]\ntype = \"String\"\n[parameters.content]\ntype = \"Strings\"\n\
         [[filters]]\ncolumn = \"device\"\nin = \"{device}\"\n[[filters]]\ncolumn = \"content_id\"\nin = \"{content}\"",
    );
    let refused = |query: &str| rig.try_ask_of(&pipe, query).unwrap_err().to_string();
    assert_eq!(refused("device=fridge"), "device: is not one of: desktop, mobile, tablet, tv, other");
    assert_eq!(refused("content=1,x"), "content: has \"x\" in it, which is no number");
    assert_eq!(refused("content=1,x&client_id=birch"), "content: has \"x\" in it, which is no number");
}

#[test]
fn what_is_written_in_the_file_holds_for_every_request() {
    let rig = segments();
    let fixed = starts(
        "[range]\nfrom = \"2026-03-28 23:00:00\"\nto = \"2026-03-29 22:00:00Z\"\n\
         [[filters]]\ncolumn = \"content_id\"\nin = [5, \"6\"]\n[[filters]]\ncolumn = \"country\"\nin = [\"FR\", \"HU\"]\n\
         [[filters]]\ncolumn = \"view_type\"\nin = \"onsite\"\n",
    );
    assert_eq!(hours(&rig, &fixed, "content=7"), "28T23 29T21");
    let flag = starts(
        "[[filters]]\ncolumn = \"finished\"\nis = false\n[[filters]]\ncolumn = \"content_id\"\nin = 6\n",
    );
    assert_eq!(hours(&rig, &flag, ""), "29T21");
}

#[test]
fn defaults_hold_until_something_is_passed() {
    let rig = segments();
    let with_defaults = starts(
        "[parameters.from]\ntype = \"DateTime\"\ndefault = \"2026-03-29\"\n\
         [parameters.country]\ntype = \"Strings\"\ndefault = [\"HU\", \"FR\"]\n\
         [parameters.finished]\ntype = \"Flag\"\ndefault = false\n\
         [parameters.content]\ntype = \"UInt64\"\ndefault = 6\n\
         [range]\nfrom = \"{from}\"\n[[filters]]\ncolumn = \"country\"\nin = \"{country}\"\n\
         [[filters]]\ncolumn = \"finished\"\nis = \"{finished}\"\n[[filters]]\ncolumn = \"content_id\"\nin = \"{content}\"\n",
    );
    let defaults: Vec<_> = with_defaults.parameters.iter().map(|it| it.default.as_deref().unwrap()).collect();
    assert_eq!(defaults, ["2026-03-29", "HU,FR", "0", "6"]);
    assert_eq!(hours(&rig, &with_defaults, ""), "29T21");
    assert_eq!(hours(&rig, &with_defaults, "from=2026-03-28&finished=1&content=5&country="), "28T22 28T23");
}

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
fn a_parameter_named_client_id_is_about_a_column_and_not_the_account() {
    let rig = segments();
    let of_device = starts(
        "[parameters.client_id]\ntype = \"String\"\n[[filters]]\ncolumn = \"client_id\"\nin = \"{client_id}\"",
    );
    assert_eq!(hours(&rig, &of_device, "client_id=c2"), "29T21");
    let without = starts("");
    assert_eq!(hours(&rig, &without, "client_id=c2"), "");
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
