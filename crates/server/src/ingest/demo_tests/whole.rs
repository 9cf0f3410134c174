//! What holds for demo records as a whole: keys, arrival, deletions, quarantine, and any record at all.

use super::*;

#[test]
fn a_change_arrived_when_it_was_received_whatever_it_says() {
    for sent in [json!("2020-01-01 00:00:00"), json!("nonsense"), json!(5), json!(null)] {
        let batch = taken(&DEMO_CHANGES, json!({ "ingested_at": sent }));
        assert_eq!(cell(&batch, demo_changes::INGESTED_AT), Cell::Time(time(NOW)));
    }
    // One that waited in quarantine has the version of its first arrival, and arrives now.
    let (now, version) = (time(NOW), time(NOW) - 5 * DAY);
    let mut rows = RecordRows::new(&DEMO_CHANGES, Receipt { version, ..Receipt::at(now) }, Enrichment::off());
    rows.line(record(&DEMO_CHANGES, json!({})).as_bytes());
    let batch = rows.into_submission(AccountId(1), now).batch;
    assert_eq!(cell(&batch, demo_changes::INGESTED_AT), Cell::Time(now));
    assert_eq!(cell(&batch, demo_changes::UPDATED_AT), Cell::Time(version));
}

#[test]
fn a_uuid_names_its_row_and_other_texts_their_digest() {
    let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
    for (record_type, field) in [(&DEMO_SESSIONS, "session_id"), (&DEMO_ACTIVITY, "activity_id")] {
        let key = |id: &str| match cell(&taken(record_type, json!({ field: id })), Table::KEY) {
            Cell::Id(key) => key,
            other => panic!("{other:?}"),
        };
        assert_eq!(key(uuid), parse_uuid(uuid).unwrap());
        assert_ne!(key(&uuid.to_uppercase()), key(uuid), "another text is another row");
        assert_eq!(key("x"), key_of_text("x"));
    }
}

#[test]
fn a_deletion_needs_only_what_names_the_row() {
    type Identity = Vec<(usize, Cell<'static>)>;
    let deletions: [(&'static RecordType, Value, Identity); 3] = [
        (&DEMO_SESSIONS, json!({"session_id": "s"}), vec![(demo_sessions::SESSION_ID, Cell::Text("s"))]),
        (&DEMO_ACTIVITY, json!({"activity_id": "a"}), vec![(demo_activity::ACTIVITY_ID, Cell::Text("a"))]),
        (
            &DEMO_CHANGES,
            json!(smallest(&DEMO_CHANGES)),
            vec![
                (demo_changes::ENTITY_TYPE, Cell::Text("link")),
                (demo_changes::ENTITY_ID, Cell::Text("l")),
                (demo_changes::CHANGED_AT, Cell::Time(time("2026-03-01T10:00:00Z"))),
                (demo_changes::CHANGE_TYPE, Cell::Text("created")),
            ],
        ),
    ];
    for (record_type, mut naming, identity) in deletions {
        naming["deleted"] = json!(true);
        let Cell::Id(key) = cell(&taken(record_type, json!({})), Table::KEY) else { panic!() };
        let mut expected = Batch::new(record_type.table);
        expected.push_deletion_of(key, time(NOW), &identity);
        // Other fields are not looked at, even where they break a rule.
        for (name, value) in [("viewer", json!(5)), ("create_at", json!("never")), ("x", json!([]))] {
            let mut sent = naming.clone();
            sent[name] = value;
            let submission = submit(record_type, &sent.to_string());
            assert_eq!((submission.quarantined.len(), &submission.batch), (0, &expected), "{sent}");
        }
        naming["updated_at"] = json!("2026-02-01");
        let Cell::Time(version) =
            cell(&submit(record_type, &naming.to_string()).batch, record_type.table.version.unwrap())
        else {
            panic!()
        };
        assert_eq!(version, time("2026-02-01T00:00:00Z"));
        for field in record_type.naming_fields() {
            let mut lacking = naming.clone();
            lacking.as_object_mut().unwrap().remove(field.name);
            let submission = submit(record_type, &lacking.to_string());
            assert_eq!(submission.quarantined[0].reason, format!("{}: is required", field.name));
        }
        let not_deleted = taken(record_type, json!({ "deleted": false }));
        assert_eq!(not_deleted, taken(record_type, json!({})));
        assert_eq!(refused(record_type, json!({ "deleted": "yes" })), "deleted: is neither true nor false");
    }
}

#[test]
fn addresses_are_cut_out_of_refused_demo_records_but_not_the_viewer() {
    let sent = r#"{"session_id":"s","viewer":"203.0.113.7","ip":"203.0.113.8","session_date":"never"}"#;
    let submission = submit(&DEMO_SESSIONS, &format!("{sent}\nfrom 203.0.113.9\n"));
    let lines: Vec<&str> = submission.quarantined.iter().map(|line| line.line.as_str()).collect();
    assert_eq!(
        lines,
        [r#"{"session_id":"s","viewer":"203.0.113.7","session_date":"never"}"#, "from [address]"]
    );
}

#[test]
fn the_account_and_whatever_else_is_not_known_are_passed_over() {
    for record_type in demo_types() {
        let more = json!({ "client_id": ["x"], "view_id": 7, "viewer_is_internal": true });
        assert_eq!(taken(record_type, more), taken(record_type, json!({})));
    }
}

/// Whatever a row was made of, its export makes the same row again.
#[test]
fn anything_at_all_is_a_lasting_row_or_refused_and_never_a_panic() {
    let values = [
        r#"null"#,
        r#""""#,
        r#""x""#,
        r#""2026-01-01""#,
        r#""2026-01-01 00:00:00.1234567""#,
        r#""1970-01-01""#,
        r#""9999-12-31T23:59:59""#,
        r#""-009999-01-01T00:00:00+23:59""#,
        r#""2026-01-01T00:00:00[UTC]""#,
        r#""\ud800""#,
        r#""\u0000""#,
        "0",
        "-0",
        "5",
        "1e400",
        "1.5",
        "123456789012345678901234567890",
        "true",
        "false",
        "{}",
        "[1]",
        r#""0f8fad5b-d9cb-469f-a165-70867728950e""#,
    ];
    let mut state = 11u64;
    let mut below = |end: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % end
    };
    for record_type in demo_types() {
        let mut rows = 0;
        for _ in 0..3_000 {
            let base = serde_json::to_string(&smallest(record_type)).unwrap();
            let member = |below: &mut dyn FnMut(usize) -> usize| {
                let name = record_type.fields[below(record_type.fields.len())].name;
                format!(",\"{name}\":{}", values[below(values.len())])
            };
            let more: String = (0..below(4)).map(|_| member(&mut below)).collect();
            let line = format!("{}{more}}}", base.strip_suffix('}').unwrap());
            let submission = submit(record_type, &line);
            assert_eq!(submission.batch.rows() + submission.quarantined.len(), 1, "{line}");
            assert!(submission.batch.is_consistent());
            rows += submission.batch.rows();
            let records = crate::files::StoredRecords::of(&submission.batch);
            let mut exported = String::new();
            (0..records.rows()).for_each(|row| crate::files::push_json_row(&mut exported, &records, row));
            assert_eq!(submit(record_type, &exported).batch, submission.batch, "{line}");
        }
        assert!(rows > 500, "{}: too few of them were rows: {rows}", record_type.name());
    }
}
