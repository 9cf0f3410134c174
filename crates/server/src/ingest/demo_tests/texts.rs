//! Ids and texts of demo records: what is taken, and what is refused.

use super::*;

#[test]
fn names_are_strings_or_integers_of_1_to_1024_bytes() {
    let names = [
        (&DEMO_SESSIONS, "session_id", demo_sessions::SESSION_ID),
        (&DEMO_ACTIVITY, "activity_id", demo_activity::ACTIVITY_ID),
        (&DEMO_ACTIVITY, "session_id", demo_activity::SESSION_ID),
        (&DEMO_CHANGES, "entity_type", demo_changes::ENTITY_TYPE),
        (&DEMO_CHANGES, "entity_id", demo_changes::ENTITY_ID),
        (&DEMO_CHANGES, "change_type", demo_changes::CHANGE_TYPE),
    ];
    for (record_type, field, column) in names {
        let long = "é".repeat(512);
        let kept = |value: Value| stored(record_type, field, value, column).unwrap();
        assert_eq!(kept(json!(12_345_678_901_234_567_890u64)), "12345678901234567890");
        assert_eq!(kept(json!(-7)), "-7");
        assert_eq!(kept(json!(" x ")), " x ");
        assert_eq!(kept(json!(long)), long);
        let wrong = |value: Value| refused(record_type, json!({ field: value }));
        assert_eq!(wrong(json!("")), format!("{field}: is empty"));
        assert_eq!(wrong(json!(long + "x")), format!("{field}: is longer than 1024 bytes"));
        for value in [json!(1.5), json!(true), json!({}), json!(["x"])] {
            assert_eq!(wrong(value), format!("{field}: is neither a string nor an integer"));
        }
    }
}

#[test]
fn texts_of_sessions_are_strings() {
    for (field, column) in [
        ("shard_name", demo_sessions::SHARD_NAME),
        ("demo_title", demo_sessions::DEMO_TITLE),
        ("viewer", demo_sessions::VIEWER),
    ] {
        assert_eq!(stored(&DEMO_SESSIONS, field, json!(""), column).as_deref(), Some(""));
        assert_eq!(
            stored(&DEMO_SESSIONS, field, json!("203.0.113.7"), column).as_deref(),
            Some("203.0.113.7")
        );
        let long = json!({ field: "x".repeat(1025) });
        assert_eq!(refused(&DEMO_SESSIONS, long), format!("{field}: is longer than 1024 bytes"));
        assert_eq!(refused(&DEMO_SESSIONS, json!({ field: 5 })), format!("{field}: is not a string"));
    }
    for (field, column) in [
        ("visitor_key", demo_sessions::VISITOR_KEY),
        ("published_replay_id", demo_sessions::PUBLISHED_REPLAY_ID),
    ] {
        assert_eq!(stored(&DEMO_SESSIONS, field, json!(5), column).as_deref(), Some("5"));
        let reason = refused(&DEMO_SESSIONS, json!({ field: true }));
        assert_eq!(reason, format!("{field}: is neither a string nor an integer"));
    }
    let nulls = json!({
        "shard_name": null, "demo_title": null, "viewer": null, "visitor_key": null,
        "published_replay_id": null, "demo_published_date": null, "updated_at": null, "deleted": null,
    });
    assert_eq!(taken(&DEMO_SESSIONS, nulls), taken(&DEMO_SESSIONS, json!({})));
}

#[test]
fn texts_of_activities_are_strings_integers_or_truth_values() {
    let texts = DEMO_ACTIVITY.fields.iter().filter_map(|field| match (field.rule, field.place) {
        (Rule::Text(_), Place::Column(column)) if field.is_nullable() => Some((field.name, column)),
        _ => None,
    });
    let texts: Vec<_> = texts.collect();
    assert_eq!(texts.len(), 28);
    for (field, column) in texts {
        for (sent, kept) in [
            (json!("x"), Some("x")),
            (json!(""), Some("")),
            (json!(null), None),
            (json!(3), Some("3")),
            (json!(true), Some("true")),
            (json!(false), Some("false")),
        ] {
            assert_eq!(stored(&DEMO_ACTIVITY, field, sent, column).as_deref(), kept, "{field}");
        }
        let wrong = |value: Value| refused(&DEMO_ACTIVITY, json!({ field: value }));
        assert_eq!(wrong(json!("x".repeat(1025))), format!("{field}: is longer than 1024 bytes"));
        for value in [json!(1.5), json!({}), json!([])] {
            assert_eq!(
                wrong(value),
                format!("{field}: is neither a string nor an integer nor a truth value")
            );
        }
    }
    let sort = |value: Value| refused(&DEMO_ACTIVITY, json!({ "activity_type": value }));
    assert_eq!(sort(json!("")), "activity_type: is empty");
    assert_eq!(sort(json!(5)), "activity_type: is not a string");
    let replay =
        |value| stored(&DEMO_CHANGES, "published_replay_id", value, demo_changes::PUBLISHED_REPLAY_ID);
    assert_eq!(replay(json!("")).as_deref(), Some(""));
    assert_eq!(replay(json!(8)).as_deref(), Some("8"));
    assert_eq!(replay(json!(null)), None);
}
