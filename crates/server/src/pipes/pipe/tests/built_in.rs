//! The built-in pipes: their names, parameters, flags, windows and orders.

use tallyhouse_model::{Cell, TableId};

use super::rig::{Rig, time};
use crate::pipes::pipe::{ParameterKind, Pipes};

#[test]
fn the_six_pipes_are_listed_by_name_and_described() {
    let pipes = Pipes::default();
    let names: Vec<_> = pipes.iter().map(|pipe| pipe.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "api_replicate_analytics",
            "replay_change_feed",
            "replay_metrics",
            "replay_session_activity",
            "replay_session_summary",
            "replicate_session_activity"
        ]
    );
    for pipe in pipes.iter() {
        assert!(std::sync::Arc::ptr_eq(pipes.get(&pipe.name).unwrap(), pipe));
        assert!(pipe.description.ends_with('.'), "{}", pipe.name);
        assert!(
            pipe.parameters.iter().all(|parameter| parameter.description.ends_with('.')),
            "{}",
            pipe.name
        );
        let is_start = |name: &str| name == "start_timestamp";
        let required: Vec<_> = pipe.parameters.iter().filter(|parameter| parameter.is_required).collect();
        let is_feed = pipe.name == "replay_change_feed";
        assert_eq!(required.len(), usize::from(!is_feed), "{}", pipe.name);
        assert!(required.iter().all(|parameter| is_start(&parameter.name)));
        assert_eq!(pipe.parameters[0].kind, ParameterKind::DateTime);
    }
    assert!(pipes.get("replay_metric").is_none() && pipes.get("").is_none());
}

#[test]
fn a_row_is_shown_as_it_is_stored_and_what_is_absent_is_null() {
    let rig = Rig::new();
    rig.add(
        TableId::DemoActivity,
        &[
            ("create_at", time("2026-07-01 10:00:00.123456")),
            ("activity_id", Cell::Text("a1")),
            ("activity_type", Cell::Text("click")),
            ("session_id", Cell::Text("s1")),
            ("session_created_at", time("2026-07-01 09:59:00")),
            ("guide_step_number", Cell::Text("3")),
            ("link_is_active", Cell::Text("true")),
            ("link_created_at", time("2026-01-01")),
        ],
    );
    let answered =
        rig.ask("replay_session_activity", "start_timestamp=2026-07-01&visitor_key=1&visitor_company=1");
    let row: Vec<_> = answered.names().into_iter().zip(&answered.rows[0]).collect();
    for (name, value) in row {
        let expected = match name {
            "client_id" => "acme",
            "activity_id" => "a1",
            "activity_type" => "click",
            "session_id" => "s1",
            "create_at" => "2026-07-01T10:00:00.123456Z",
            "session_created_at" => "2026-07-01T09:59:00Z",
            "guide_step_number" => "3",
            "link_is_active" => "true",
            "link_created_at" => "2026-01-01T00:00:00Z",
            _ => "null",
        };
        assert_eq!(value, expected, "{name}");
    }
    assert_eq!(answered.scanned_rows, 1);
}

#[test]
fn a_column_with_a_flag_is_neither_in_the_columns_nor_in_the_rows_without_it() {
    let rig = Rig::new();
    let cases = [
        ("replay_session_activity", "visitor_key"),
        ("replay_session_activity", "visitor_company"),
        ("replicate_session_activity", "viewer"),
    ];
    for (pipe, column) in cases {
        let flag = if column == "viewer" { "viewer_pii" } else { column };
        for (value, is_shown) in [("1", true), ("true", true), ("0", false), ("false", false), ("", false)] {
            let answered = rig.ask(pipe, &format!("start_timestamp=2026-07-01&{flag}={value}"));
            assert_eq!(answered.names().contains(&column), is_shown, "{pipe} {flag}={value}");
        }
        assert!(!rig.ask(pipe, "start_timestamp=2026-07-01").names().contains(&column));
        let refused = rig.try_ask(pipe, &format!("start_timestamp=2026-07-01&{flag}=yes")).unwrap_err();
        assert_eq!(refused.to_string(), format!("{flag}: is neither 1 nor 0"));
    }
    assert!(
        rig.ask("replicate_session_activity", "start_timestamp=2026-07-01").names().contains(&"visitor_key")
    );
    assert!(rig.ask("replay_session_summary", "start_timestamp=2026-07-01").names().contains(&"visitor_key"));
}

#[test]
fn activities_are_those_done_in_the_window_and_changes_those_that_arrived_in_it() {
    let rig = Rig::new();
    let activity = |id: &'static str, done: &str, begun: &str| {
        rig.add(
            TableId::DemoActivity,
            &[
                ("create_at", time(done)),
                ("activity_id", Cell::Text(id)),
                ("activity_type", Cell::Text("screen")),
                ("session_id", Cell::Text("s")),
                ("session_created_at", time(begun)),
            ],
        );
    };
    activity("yesterday", "2026-06-30", "2026-06-30");
    activity("today", "2026-07-01", "2026-06-30");
    let today = "start_timestamp=2026-07-01&end_timestamp=2026-07-01+23:59:59";
    assert_eq!(rig.ask("replay_session_activity", today).column("activity_id"), ["today"]);

    let change = |id: &'static str, ingested: &str| {
        rig.add(
            TableId::DemoChanges,
            &[
                ("ingested_at", time(ingested)),
                ("entity_type", Cell::Text("link")),
                ("entity_id", Cell::Text(id)),
                ("changed_at", time("2026-01-01")),
                ("change_type", Cell::Text("updated")),
            ],
        );
    };
    change("first", "2026-07-01");
    change("second", "2026-07-02");
    let changed = |query: &str| rig.ask("replay_change_feed", query).column("entity_id").join(" ");
    assert_eq!(changed(""), "first second");
    assert_eq!(changed("since_ingested_at=2026-07-02"), "second");
    assert_eq!(changed("since_ingested_at=2026-07-01&end_timestamp=2026-07-01"), "first");
    assert_eq!(changed("since_ingested_at=2026-07-02+00:00:00.000001"), "second", "seconds are whole");
    assert_eq!(changed("since_ingested_at=2026-07-02+00:00:01"), "");
}

/// Activities of two sessions: (session, type, time, begun, link).
fn add_sessions(rig: &Rig) {
    for (number, (session, done, link, visitor)) in [
        ("late", "2026-07-01 10:00:00.900", Cell::Text("l1"), Cell::Absent),
        ("late", "2026-07-01 10:00:00.100", Cell::Absent, Cell::Text("v1")),
        ("late", "2026-07-02 00:00:03.000", Cell::Text("l2"), Cell::Text("v2")),
        ("early", "2026-07-01 09:30:00", Cell::Absent, Cell::Absent),
    ]
    .into_iter()
    .enumerate()
    {
        let id = number.to_string();
        let begun = if session == "late" { "2026-07-01 10:00:00" } else { "2026-07-01 09:30:00" };
        rig.add(
            TableId::DemoActivity,
            &[
                ("create_at", time(done)),
                ("activity_id", Cell::Text(&id)),
                ("activity_type", Cell::Text("screen")),
                ("session_id", Cell::Text(session)),
                ("session_created_at", time(begun)),
                ("link_id", link),
                ("visitor_key", visitor),
            ],
        );
    }
}

#[test]
fn a_summary_is_a_row_per_session_computed_from_its_activities() {
    let rig = Rig::new();
    add_sessions(&rig);
    let answered = rig.ask("replay_session_summary", "start_timestamp=2026-07-01");
    assert_eq!(
        answered.lines(),
        [
            "early acme null null null 1 2026-07-01T09:30:00Z 2026-07-01T09:30:00Z 2026-07-01T09:30:00Z 0 null null",
            "late acme l1 null v1 3 2026-07-01T10:00:00.1Z 2026-07-02T00:00:03Z 2026-07-01T10:00:00Z 50402 null null",
        ]
    );
    let second = rig.ask("replay_session_summary", "start_timestamp=2026-07-01&limit=1&offset=1");
    assert_eq!((second.column("session_id"), second.total), (vec!["late"], 2));
}

#[test]
fn a_session_is_whole_in_the_window_in_which_it_began() {
    let rig = Rig::new();
    add_sessions(&rig);
    let first_day = "start_timestamp=2026-07-01&end_timestamp=2026-07-01+23:59:59";
    assert_eq!(rig.ask("replay_session_summary", first_day).column("activity_count"), ["1", "3"]);
    let second_day = "start_timestamp=2026-07-02&end_timestamp=2026-07-02+23:59:59";
    assert!(rig.ask("replay_session_summary", second_day).rows.is_empty());
    assert!(rig.ask("replay_metrics", second_day).rows.is_empty());
}
