//! The columns of the built-in pipes, and their types.

use crate::pipes::pipe::Pipes;

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
