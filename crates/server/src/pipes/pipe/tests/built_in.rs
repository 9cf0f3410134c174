//! The built-in pipes: their columns, types, flags, windows and orders.

use tallyhouse_model::{Cell, TableId};

use super::rig::{Rig, time};
use crate::pipes::pipe::{ParameterKind, Pipes};

/// The columns of activities, in the order of the contract.
const ACTIVITY: &str = "client_id activity_id activity_type snapshot_id snapshot_title guide_id \
    guide_step_number guide_text guide_trigger button_text button_action create_at session_id session_created_at \
    visitor_key visitor_name visitor_email visitor_company distinct_user link_id link_title link_description link_url \
    link_is_active link_created_at link_deleted_at link_is_default link_show_welcome link_welcome_title \
    link_welcome_note link_viewer_email_req link_viewer_password_req published_replay_id published_replay_title \
    published_replay_created_at draft_replay_id draft_replay_title";

fn columns_of(pipe: &str) -> Vec<(String, &'static str)> {
    let pipes = Pipes::default();
    let columns = &pipes.get(pipe).unwrap().columns;
    columns.iter().map(|column| (column.name.clone(), column.kind.name())).collect()
}

fn assert_columns(pipe: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    assert_eq!(columns_of(pipe).into_iter().collect::<Vec<_>>(), expected, "{pipe}");
}

const TEXT: &str = "String";
const TIME: &str = "DateTime64(3)";
const COUNT: &str = "UInt64";
const SECOND: &str = "DateTime";
const MAYBE_TEXT: &str = "Nullable(String)";
const NUMBER: &str = "Float64";

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
fn the_documented_pipe_has_the_six_documented_columns_and_types() {
    assert_columns(
        "api_replicate_analytics",
        &[
            ("shard_name", TEXT),
            ("client_id", TEXT),
            ("demo_title", TEXT),
            ("demo_published_date", TIME),
            ("session_date", TIME),
            ("viewer", TEXT),
        ],
    );
}

#[test]
fn the_other_pipes_have_the_columns_of_the_contract() {
    assert_columns(
        "replicate_session_activity",
        &[
            ("session_id", TEXT),
            ("client_id", TEXT),
            ("shard_name", TEXT),
            ("demo_title", TEXT),
            ("demo_published_date", TIME),
            ("session_date", TIME),
            ("viewer", TEXT),
            ("visitor_key", TEXT),
            ("published_replay_id", TEXT),
        ],
    );
    assert_columns(
        "replay_change_feed",
        &[
            ("entity_type", TEXT),
            ("entity_id", TEXT),
            ("change_type", TEXT),
            ("changed_at", TIME),
            ("ingested_at", SECOND),
            ("published_replay_id", MAYBE_TEXT),
        ],
    );
    assert_columns(
        "replay_session_summary",
        &[
            ("session_id", TEXT),
            ("client_id", TEXT),
            ("link_id", MAYBE_TEXT),
            ("link_title", MAYBE_TEXT),
            ("visitor_key", MAYBE_TEXT),
            ("activity_count", COUNT),
            ("first_activity_at", TIME),
            ("last_activity_at", TIME),
            ("session_created_at", SECOND),
            ("session_duration_seconds", COUNT),
            ("published_replay_id", MAYBE_TEXT),
            ("published_replay_title", MAYBE_TEXT),
        ],
    );
    assert_columns(
        "replay_metrics",
        &[
            ("entity_type", TEXT),
            ("entity_id", TEXT),
            ("distinct_views", COUNT),
            ("total_sessions", COUNT),
            ("bounce_rate", NUMBER),
            ("mean_seconds", NUMBER),
            ("median_seconds", NUMBER),
            ("mean_click_events", NUMBER),
            ("mean_screen_events", NUMBER),
        ],
    );
}

#[test]
fn activities_have_their_columns_in_the_order_of_the_contract() {
    let columns = columns_of("replay_session_activity");
    let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ACTIVITY.split_whitespace().collect::<Vec<_>>());
    for (name, kind) in &columns {
        let expected = match name.as_str() {
            "client_id" | "activity_id" | "activity_type" | "session_id" => TEXT,
            "create_at" => TIME,
            "session_created_at" => SECOND,
            "link_created_at" | "link_deleted_at" | "published_replay_created_at" => {
                "Nullable(DateTime64(3))"
            }
            _ => MAYBE_TEXT,
        };
        assert_eq!(*kind, expected, "{name}");
    }
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
    assert_eq!(changed("since_ingested_at=2026-07-02+00:00:00.000001"), "");
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
