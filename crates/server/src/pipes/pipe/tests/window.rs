//! Windows, order, pages and accounts, of the pipe of the documentation.

use tallyhouse_model::{Cell, TableId};

use super::rig::{ACCOUNT, OTHER, Rig, time};

const PIPE: &str = "api_replicate_analytics";

fn add(rig: &Rig, title: &str, session_date: &str) {
    rig.add(TableId::DemoSessions, &session(title, session_date));
}

fn session<'a>(title: &'a str, session_date: &str) -> Vec<(&'static str, Cell<'a>)> {
    vec![
        ("session_date", time(session_date)),
        ("session_id", Cell::Text(title)),
        ("shard_name", Cell::Text("app")),
        ("demo_title", Cell::Text(title)),
        ("demo_published_date", Cell::Time(0)),
        ("viewer", Cell::Text("")),
        ("visitor_key", Cell::Text("")),
        ("published_replay_id", Cell::Text("")),
    ]
}

fn titles(rig: &Rig, query: &str) -> String {
    rig.ask(PIPE, query).column("demo_title").join(" ")
}

#[test]
fn both_ends_of_a_window_are_inclusive() {
    let rig = Rig::new();
    for (title, date) in [
        ("before", "2026-07-01 00:00:00"),
        ("first", "2026-07-01 00:00:01"),
        ("last", "2026-07-02 00:00:00"),
        ("after", "2026-07-02 00:00:00.000001"),
    ] {
        add(&rig, title, date);
    }
    let window = "start_timestamp=2026-07-01%2000:00:01&end_timestamp=2026-07-02%2000:00:00";
    assert_eq!(titles(&rig, window), "first last");
    assert_eq!(titles(&rig, "start_timestamp=2026-07-02&end_timestamp=2026-07-02"), "last");
}

#[test]
fn without_an_end_a_window_ends_with_the_request() {
    let rig = Rig::new();
    add(&rig, "past", "2026-07-01 00:00:00");
    add(&rig, "now", "2026-12-01 00:00:00");
    add(&rig, "ahead", "2026-12-01 00:00:00.000001");
    assert_eq!(titles(&rig, "start_timestamp=2026-07-01"), "past now");
    assert_eq!(titles(&rig, "start_timestamp=2026-07-01&end_timestamp="), "past now");
    assert_eq!(titles(&rig, "start_timestamp=2026-07-01&end_timestamp=2027-01-01"), "past now ahead");
}

#[test]
fn a_date_alone_is_midnight_utc() {
    let rig = Rig::new();
    add(&rig, "midnight", "2026-07-01 00:00:00");
    add(&rig, "later", "2026-07-01 00:00:00.001");
    assert_eq!(titles(&rig, "start_timestamp=2026-06-01&end_timestamp=2026-07-01"), "midnight");
}

#[test]
fn a_fraction_of_a_second_is_compared_at_full_precision() {
    let rig = Rig::new();
    add(&rig, "row", "2026-07-01 23:59:59.562");
    let asked = |start: &str, end: &str| {
        titles(&rig, &format!("start_timestamp=2026-07-01+{start}&end_timestamp=2026-07-01+{end}"))
    };
    assert_eq!(asked("00:00:00", "23:59:59"), "");
    assert_eq!(asked("00:00:00", "23:59:59.562"), "row");
    assert_eq!(asked("00:00:00", "23:59:59.561999999"), "");
    assert_eq!(asked("23:59:59.562", "23:59:59.562"), "row");
    assert_eq!(asked("23:59:59.562000001", "23:59:59.9"), "");
}

#[test]
fn a_start_behind_the_end_is_an_empty_answer() {
    let rig = Rig::new();
    add(&rig, "row", "2026-07-01 12:00:00");
    let answered = rig.ask(PIPE, "start_timestamp=2026-07-02&end_timestamp=2026-07-01");
    assert_eq!((answered.rows.len(), answered.total, answered.columns.len()), (0, 0, 6));
}

#[test]
fn the_window_is_about_the_session_date() {
    let rig = Rig::new();
    let mut row = session("row", "2026-07-01");
    row.iter_mut().find(|(name, _)| *name == "demo_published_date").unwrap().1 = time("2026-01-01");
    rig.add(TableId::DemoSessions, &row);
    assert_eq!(titles(&rig, "start_timestamp=2026-06-01&end_timestamp=2026-08-01"), "row");
    assert_eq!(titles(&rig, "start_timestamp=2025-12-01&end_timestamp=2026-02-01"), "");
}

#[test]
fn the_start_is_required_and_what_is_no_time_is_refused() {
    let rig = Rig::new();
    let refused = |query: &str| rig.try_ask(PIPE, query).unwrap_err().to_string();
    for query in ["", "start_timestamp=", "end_timestamp=2026-01-01", "since_created_at=2026-01-01"] {
        assert_eq!(refused(query), "start_timestamp: is required", "{query}");
    }
    assert!(refused("start_timestamp=last+week").starts_with("start_timestamp: is not a date"));
    assert!(
        refused("start_timestamp=2026-01-01&end_timestamp=x").starts_with("end_timestamp: is not a date")
    );
}

#[test]
fn places_of_clients_are_in_whole_seconds_and_windows_a_second_apart_have_no_gap() {
    let rig = Rig::new();
    for (number, created) in ["09:59:59.000000", "09:59:59.999999", "10:00:00.000000"].iter().enumerate() {
        let id = number.to_string();
        let created = time(&format!("2026-07-01 {created}"));
        let activity = [
            ("create_at", created),
            ("session_created_at", created),
            ("session_id", Cell::Text(&id)),
            ("activity_type", Cell::Text("click")),
            ("link_id", Cell::Text("l")),
        ];
        rig.add_of(ACCOUNT, TableId::DemoActivity, &id, &activity);
        let change = [
            ("ingested_at", created),
            ("entity_type", Cell::Text("link")),
            ("entity_id", Cell::Text(&id)),
            ("changed_at", created),
            ("change_type", Cell::Text("created")),
        ];
        rig.add_of(ACCOUNT, TableId::DemoChanges, &id, &change);
    }
    let early = "start_timestamp=2026-07-01 09:00:00&end_timestamp=2026-07-01 09:59:59";
    let late = "start_timestamp=2026-07-01 10:00:00&end_timestamp=2026-07-01 10:59:59";
    // Fractions of both ends count as little as those of the rows do.
    let fractions = "start_timestamp=2026-07-01 09:59:59.9&end_timestamp=2026-07-01 09:59:59.1";
    let sessions = |window: &str| rig.ask("replay_session_summary", window).column("session_id").join(" ");
    assert_eq!([sessions(early), sessions(late), sessions(fractions)], ["0 1", "2", "0 1"]);
    let counted = |window: &str| rig.ask("replay_metrics", window).column("total_sessions").join(" ");
    assert_eq!([counted(early), counted(late)], ["2", "1"]);
    let changes = |window: &str| {
        let window = window.replace("start_timestamp", "since_ingested_at");
        rig.ask("replay_change_feed", &window).column("entity_id").join(" ")
    };
    assert_eq!([changes(early), changes(late)], ["0 1", "2"]);
}

#[test]
fn the_change_feed_ends_before_what_may_still_be_on_its_way() {
    let mut rig = Rig::new();
    for (id, ingested_at) in [("early", "2026-07-01 10:00:00"), ("late", "2026-07-01 10:00:05")] {
        let change = [
            ("ingested_at", time(ingested_at)),
            ("entity_type", Cell::Text("link")),
            ("entity_id", Cell::Text(id)),
            ("changed_at", Cell::Time(0)),
            ("change_type", Cell::Text("created")),
        ];
        rig.add_of(ACCOUNT, TableId::DemoChanges, id, &change);
    }
    let fed = |rig: &Rig, query: &str| rig.ask("replay_change_feed", query).column("entity_id").join(" ");
    assert_eq!(fed(&rig, "since_ingested_at=2026-07-01"), "early late");
    let Cell::Time(settled) = time("2026-07-01 10:00:05") else { unreachable!("a time is a time") };
    rig.settled = settled;
    for query in
        ["since_ingested_at=2026-07-01", "end_timestamp=2026-07-02", "since_ingested_at=2026-07-01&limit=9"]
    {
        assert_eq!(fed(&rig, query), "early", "{query}");
    }
    add(&rig, "other tables do not know when rows arrived", "2026-07-01 10:00:06");
    assert_eq!(rig.ask(PIPE, "start_timestamp=2026-07-01").rows.len(), 1);
}

#[test]
fn unknown_arguments_are_ignored() {
    let rig = Rig::new();
    add(&rig, "row", "2026-07-01");
    let query = "since_created_at=x&from=ts-sdk&START_TIMESTAMP=x&start_timestamp=2026-07-01";
    assert_eq!(titles(&rig, query), "row");
}

#[test]
fn rows_are_in_the_order_of_their_time_then_their_key_and_pages_follow_it() {
    let rig = Rig::new();
    add(&rig, "later", "2026-07-02");
    for number in 0..9 {
        add(&rig, &number.to_string(), "2026-07-01");
    }
    let all = rig.ask(PIPE, "start_timestamp=2026-07-01");
    assert_eq!(all.column("demo_title").last(), Some(&"later"));
    let mut paged = Vec::new();
    for offset in [0, 4, 8, 12] {
        let page = rig.ask(PIPE, &format!("start_timestamp=2026-07-01&limit=4&offset={offset}"));
        assert_eq!(page.total, 10);
        paged.extend(page.rows);
    }
    assert_eq!(paged, all.rows);
    assert_eq!(rig.ask(PIPE, "start_timestamp=2026-07-01&limit=0").rows.len(), 0);
}

#[test]
fn a_client_id_that_is_not_the_accounts_own_gives_nothing() {
    let rig = Rig::new();
    add(&rig, "row", "2026-07-01");
    assert_eq!(titles(&rig, "start_timestamp=2026-07-01&client_id=acme"), "row");
    assert_eq!(titles(&rig, "start_timestamp=2026-07-01&client_id="), "row");
    let pipes = super::super::Pipes::default();
    for pipe in pipes.iter() {
        let query = "start_timestamp=2026-07-01&client_id=birch";
        let answered = rig.ask(&pipe.name, query);
        assert_eq!((answered.rows.len(), answered.total), (0, 0), "{}", pipe.name);
        assert_eq!(answered.names(), rig.ask(&pipe.name, "start_timestamp=2026-07-01").names());
    }
    // The token's own arguments come last and win.
    assert_eq!(titles(&rig, "start_timestamp=2026-07-01&client_id=birch&client_id=acme"), "row");
}

#[test]
fn rows_of_other_accounts_are_never_seen() {
    let rig = Rig::new();
    rig.add_of(ACCOUNT, TableId::DemoSessions, "1", &session("own", "2026-07-01"));
    rig.add_of(OTHER, TableId::DemoSessions, "1", &session("foreign", "2026-07-01"));
    assert_eq!(titles(&rig, "start_timestamp=2026-07-01"), "own");
}
