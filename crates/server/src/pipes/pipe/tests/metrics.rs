//! `replay_metrics`, against numbers worked out by hand.

use tallyhouse_model::{Cell, TableId};

use super::rig::{Rig, time};

/// One activity: session, seconds after 10:00, type, link, replay, visitor.
type Activity = (&'static str, u32, &'static str, &'static str, &'static str, &'static str);

fn rig(activities: &[Activity]) -> Rig {
    let rig = Rig::new();
    let text = |text: &'static str| if text.is_empty() { Cell::Absent } else { Cell::Text(text) };
    for (number, (session, second, kind, link, replay, visitor)) in activities.iter().enumerate() {
        let id = number.to_string();
        rig.add(
            TableId::DemoActivity,
            &[
                ("create_at", time(&format!("2026-07-01 10:{:02}:{:02}", second / 60, second % 60))),
                ("activity_id", Cell::Text(&id)),
                ("activity_type", Cell::Text(kind)),
                ("session_id", Cell::Text(session)),
                ("session_created_at", time("2026-07-01 10:00:00")),
                ("link_id", text(link)),
                ("published_replay_id", text(replay)),
                ("visitor_key", text(visitor)),
            ],
        );
    }
    rig
}

#[test]
fn metrics_are_worked_out_per_link_and_replay_from_its_activities() {
    let rig = rig(&[
        ("s1", 0, "screen", "l1", "r1", "v1"),
        ("s1", 10, "click", "l1", "r1", "v1"),
        ("s1", 25, "screen", "l1", "r1", "v2"),
        ("s2", 0, "screen", "l1", "r1", "v1"),
        ("s3", 0, "click", "l1", "", ""),
        ("s3", 4, "other", "l1", "", ""),
        ("s4", 0, "screen", "", "r1", "v3"),
        ("s4", 7, "click", "l2", "r1", "v3"),
        ("s5", 0, "screen", "", "", "v9"),
    ]);
    let answered = rig.ask("replay_metrics", "start_timestamp=2026-07-01");
    assert_eq!(
        answered.lines(),
        [
            // Three sessions of 25, 0 and 4 seconds, the second of one activity; 2 clicks, 3 screens.
            "link l1 2 3 0.3333 9.67 4 0.67 1",
            // Only the second activity of the session is of this link.
            "link l2 1 1 1 0 0 1 0",
            // 25, 0 and 7 seconds; 2 clicks, 4 screens.
            "replay r1 3 3 0.3333 10.67 7 0.67 1.33",
        ]
    );
    assert!(answered.scanned_rows >= 9);
}

#[test]
fn the_median_of_two_sessions_lies_between_them_and_means_are_rounded_to_two_decimals() {
    let rig = rig(&[
        ("s1", 0, "click", "l1", "", ""),
        ("s1", 5, "click", "l1", "", ""),
        ("s2", 0, "click", "l1", "", ""),
        ("s2", 10, "click", "l1", "", ""),
    ]);
    let lines = rig.ask("replay_metrics", "start_timestamp=2026-07-01").lines();
    assert_eq!(lines, ["link l1 0 2 0 7.5 7.5 2 0"]);
}

#[test]
fn metrics_are_sorted_by_kind_then_id_and_come_in_pages() {
    let rig = rig(&[
        ("s1", 0, "click", "b", "z", ""),
        ("s2", 0, "click", "a", "y", ""),
        ("s3", 0, "click", "B", "z", ""),
    ]);
    let ids = |query: &str| {
        let answered = rig.ask("replay_metrics", &format!("start_timestamp=2026-07-01{query}"));
        assert_eq!(answered.total, 5);
        answered.rows.iter().map(|row| row[..2].join(" ")).collect::<Vec<_>>()
    };
    let all = ["link B", "link a", "link b", "replay y", "replay z"];
    assert_eq!(ids(""), all);
    assert_eq!(ids("&limit=2"), all[..2]);
    assert_eq!(ids("&limit=2&offset=2"), all[2..4]);
    assert_eq!(ids("&limit=2&offset=4"), all[4..]);
    assert!(ids("&offset=18446744073709551615").is_empty());
}
