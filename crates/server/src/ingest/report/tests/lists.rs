//! What reports own: images and choices.

use super::*;

/// What a report with these members owns: its images, and what was chosen.
fn owned(changes: Value) -> (Vec<Vec<Cell<'static>>>, Vec<Vec<Cell<'static>>>) {
    let batch: &'static Batch = Box::leak(Box::new(taken(&REPORTS, changes)));
    let rows = |position: usize| {
        let rows = &batch.owned[position].rows;
        (0..rows.rows())
            .map(|row| rows.columns.iter().map(|values| values.cell(row)).collect())
            .collect::<Vec<Vec<_>>>()
    };
    (rows(reports::OWNED_IMAGES), rows(reports::OWNED_SELECTIONS))
}

/// What a report keeps of a list.
fn kept(name: &str, list: Value) -> String {
    let batch = taken(&REPORTS, json!({ name: list }));
    match batch.columns[REPORTS.table.column(name).unwrap()].cell(0) {
        Cell::Text(json) => json.to_owned(),
        other => panic!("{other:?}"),
    }
}

/// The choices that a list means: fields with options.
fn chosen(list: Value) -> Vec<(u64, String)> {
    let rows = owned(json!({ "form_fields": list })).1;
    let pair =
        |row: Vec<Cell<'static>>| match (row[report_selections::FIELD_ID], row[report_selections::VALUE]) {
            (Cell::Integer(field), Cell::Text(value)) => (field, value.to_owned()),
            other => panic!("{other:?}"),
        };
    rows.into_iter().map(pair).collect()
}

fn image(id: Value, created_at: &str) -> Value {
    json!({"report_image_id": id, "created_at": created_at})
}

#[test]
fn a_report_owns_its_images_and_choices() {
    let (images, selections) = owned(json!({
        "channel_id": 5,
        "images": [{"report_image_id": 3, "created_at": "2026-02-07T00:00:00.5+01:00",
                    "styles": {"thumb": "https://images/thumb", "medium": "https://images/medium"}, "name": "x"}],
        "form_fields": [{"field_id": "2", "value": ["b", "a"], "label": "y"}, {"field_id": 1, "value": "c"}],
    }));
    let (key, channel) = (Cell::Id(key_of_integer(7)), Cell::Integer(5));
    let created = Cell::Time(time("2026-03-01T10:00:00Z"));
    assert_eq!(
        images,
        [[
            key,
            Cell::Time(time("2026-02-06T23:00:00.5Z")),
            channel,
            Cell::Integer(3),
            Cell::Text("https://images/thumb"),
            Cell::Text("https://images/medium")
        ]]
    );
    assert_eq!(
        selections,
        [(1, "c"), (2, "a"), (2, "b")].map(|(field, value)| [
            key,
            created,
            channel,
            Cell::Integer(field),
            Cell::Text(value)
        ])
    );
    assert_eq!(images[0][report_images::REPORT_IMAGE_ID], Cell::Integer(3));
}

#[test]
fn each_report_of_a_batch_owns_its_own() {
    let bodies = [
        json!({"report_id": 1, "images": [image(json!(9), "2026-01-01T00:00:00Z")]}),
        json!({"report_id": 2}),
        json!({"report_id": 3, "images": [image(json!(8), "2026-01-01T00:00:00Z"), image(json!(9), "2026-01-01T00:00:00Z")],
               "form_fields": [{"field_id": 1, "value": "x"}]}),
        json!({"report_id": 3, "deleted": true}),
    ];
    let lines: Vec<String> = bodies.into_iter().map(|changes| record(&REPORTS, changes)).collect();
    let batch = submit(&REPORTS, &lines.join("\n")).batch;
    assert!(batch.is_consistent());
    assert_eq!(batch.deleted, [false, false, false, true]);
    assert_eq!(batch.owned[reports::OWNED_IMAGES].owners, [0, 2, 2]);
    assert_eq!(batch.owned[reports::OWNED_SELECTIONS].owners, [2]);
}

#[test]
fn no_list_and_an_empty_one_mean_the_same() {
    let nothing = taken(&REPORTS, json!({}));
    for name in ["images", "form_fields"] {
        for sent in [json!(null), json!([])] {
            assert_eq!(taken(&REPORTS, json!({ name: sent })), nothing, "{name}");
        }
    }
    assert!(nothing.owned.iter().all(|owned| owned.rows.rows() == 0));
}

#[test]
fn images_are_sorted_and_the_last_of_an_id_counts() {
    let list = json!([
        image(json!(20), "2026-01-01T00:00:00Z"),
        image(json!("3"), "2026-01-02T00:00:00Z"),
        image(json!("20"), "2026-01-03T00:00:00Z"),
    ]);
    let images = owned(json!({ "images": list })).0;
    let of = |row: &Vec<Cell<'static>>| (row[report_images::REPORT_IMAGE_ID], row[report_images::CREATED_AT]);
    assert_eq!(
        images.iter().map(of).collect::<Vec<_>>(),
        [
            (Cell::Integer(3), Cell::Time(time("2026-01-02T00:00:00Z"))),
            (Cell::Integer(20), Cell::Time(time("2026-01-03T00:00:00Z"))),
        ]
    );
}

#[test]
fn an_image_may_lack_its_styles() {
    for styles in [json!(null), json!({}), json!({"thumb": null, "medium": "", "large": "https://images/l"})]
    {
        let mut sent = image(json!(1), "2026-01-01T00:00:00Z");
        sent["styles"] = styles;
        let images = owned(json!({ "images": [sent] })).0;
        assert_eq!(images[0][report_images::THUMB..], [Cell::Text(""), Cell::Text("")]);
    }
    let images = owned(json!({ "images": [image(json!(1), "2026-01-01T00:00:00Z")] })).0;
    assert_eq!(images[0][report_images::THUMB..], [Cell::Text(""), Cell::Text("")]);
}

#[test]
fn a_choice_counts_once_per_report() {
    let list = json!([
        {"field_id": 2, "value": ["b", "a", "b"]},
        {"field_id": 1, "value": "a"},
        {"field_id": "2", "value": "c"},
        {"field_id": 2, "value": "a"},
    ]);
    let expected = [(1, "a"), (2, "a"), (2, "b"), (2, "c")].map(|(field, value)| (field, value.to_owned()));
    assert_eq!(chosen(list), expected);
}

#[test]
fn a_choice_is_a_text_or_digits_and_nothing_is_no_choice() {
    let list = json!([
        {"field_id": 1, "value": 5}, {"field_id": 2, "value": "05"}, {"field_id": 3, "value": [7, "x", null, ""]},
        {"field_id": 4, "value": null}, {"field_id": 5, "value": ""}, {"field_id": 6, "value": []}, {"field_id": 7},
        {"field_id": 8, "value": [null]},
    ]);
    let expected = [(1, "5"), (2, "05"), (3, "7"), (3, "x")].map(|(field, value)| (field, value.to_owned()));
    assert_eq!(chosen(list), expected);
}

#[test]
fn lists_are_kept_in_one_form() {
    let images = json!([
        {"styles": {"medium": "m\"é"}, "created_at": "2026-01-02T01:00:00.250+01:00", "report_image_id": "2", "x": 1},
        {"report_image_id": 1, "created_at": "2026-01-01T00:00:00Z"},
    ]);
    assert_eq!(
        kept("images", images),
        concat!(
            r#"[{"report_image_id":1,"created_at":"2026-01-01T00:00:00Z","styles":{"thumb":null,"medium":null}},"#,
            r#"{"report_image_id":2,"created_at":"2026-01-02T00:00:00.25Z","styles":{"thumb":null,"medium":"m\"é"}}]"#
        )
    );
    let fields = json!([
        {"field_id": 2, "value": ["b"]}, {"field_id": 10, "value": 5}, {"field_id": 2, "value": "a"},
        {"field_id": 1, "value": null},
    ]);
    assert_eq!(
        kept("form_fields", fields),
        r#"[{"field_id":2,"value":["a","b"]},{"field_id":10,"value":"5"}]"#
    );
    assert_eq!(kept("form_fields", json!([{"field_id": 1, "value": []}])), "");
    // The form means itself.
    let list = json!([{"field_id": 2, "value": ["a", "b"]}, {"field_id": 10, "value": "5"}]);
    assert_eq!(kept("form_fields", list.clone()), list.to_string());
}

#[test]
fn reasons_name_the_place_in_a_list() {
    let at = "2026-01-01T00:00:00Z";
    let long = "x".repeat(1_025);
    for (name, list, reason) in [
        ("images", json!("[]"), "images: is not a list"),
        ("images", json!({}), "images: is not a list"),
        ("images", json!(5), "images: is not a list"),
        ("images", json!([image(json!(1), at), 5]), "images[1]: is not an object"),
        ("images", json!([null]), "images[0]: is not an object"),
        ("images", json!([{"created_at": at}]), "images[0].report_image_id: is required"),
        ("images", json!([{"report_image_id": 1}]), "images[0].created_at: is required"),
        (
            "images",
            json!([image(json!("x"), at)]),
            "images[0].report_image_id: is neither an integer nor a string of digits",
        ),
        (
            "images",
            json!([image(json!(-1), at)]),
            "images[0].report_image_id: is not between 0 and 9223372036854775807",
        ),
        ("images", json!([image(json!(1), "1989-01-01T00:00:00Z")]), "images[0].created_at: is before 1990"),
        (
            "images",
            json!([image(json!(1), "2026-03-02T12:00:01Z")]),
            "images[0].created_at: is more than a day in the future",
        ),
        (
            "images",
            json!([image(json!(1), "2026-01-01T00:00:00")]),
            "images[0].created_at: has no UTC offset; write Z or an offset such as +01:00",
        ),
        (
            "images",
            json!([{"report_image_id": 1, "created_at": at, "styles": "x"}]),
            "images[0].styles: is not an object",
        ),
        (
            "images",
            json!([{"report_image_id": 1, "created_at": at, "styles": []}]),
            "images[0].styles: is not an object",
        ),
        (
            "images",
            json!([{"report_image_id": 1, "created_at": at, "styles": {"thumb": 5}}]),
            "images[0].styles.thumb: is not a string",
        ),
        (
            "images",
            json!([{"report_image_id": 1, "created_at": at, "styles": {"medium": long}}]),
            "images[0].styles.medium: is longer than 1024 bytes",
        ),
        ("form_fields", json!({"2": "x"}), "form_fields: is not a list"),
        ("form_fields", json!(["x"]), "form_fields[0]: is not an object"),
        ("form_fields", json!([{"value": "x"}]), "form_fields[0].field_id: is required"),
        (
            "form_fields",
            json!([{"field_id": 1}, {"field_id": 1.5}]),
            "form_fields[1].field_id: is not an integer",
        ),
        (
            "form_fields",
            json!([{"field_id": 1, "value": long}]),
            "form_fields[0].value: is longer than 1024 bytes",
        ),
        (
            "form_fields",
            json!([{"field_id": 1, "value": ["x", long]}]),
            "form_fields[0].value[1]: is longer than 1024 bytes",
        ),
        (
            "form_fields",
            json!([{"field_id": 1, "value": {"a": 1}}]),
            "form_fields[0].value: is neither a string nor an integer nor a list of them",
        ),
        (
            "form_fields",
            json!([{"field_id": 1, "value": true}]),
            "form_fields[0].value: is neither a string nor an integer nor a list of them",
        ),
        (
            "form_fields",
            json!([{"field_id": 1, "value": [["x"]]}]),
            "form_fields[0].value[0]: is neither a string nor an integer",
        ),
        (
            "form_fields",
            json!([{"field_id": 1, "value": 1.5}]),
            "form_fields[0].value: is neither a string nor an integer",
        ),
    ] {
        assert_eq!(refused(&REPORTS, json!({ name: list })), reason, "{list}");
    }
    taken(&REPORTS, json!({ "form_fields": [{"field_id": 1, "value": "x".repeat(1_024)}] }));
}

#[test]
fn lists_are_bounded() {
    let images =
        |count: u64| -> Value { (0..count).map(|id| image(json!(id), "2026-01-01T00:00:00Z")).collect() };
    assert_eq!(owned(json!({ "images": images(1_000) })).0.len(), 1_000);
    assert_eq!(refused(&REPORTS, json!({ "images": images(1_001) })), "images: has more than 1000 items");

    let options = |count: u32| -> Value { (0..count).map(|option| json!(format!("o{option}"))).collect() };
    let fields = |counts: &[u32]| -> Value {
        let field = |(id, count): (usize, &u32)| json!({"field_id": id, "value": options(*count)});
        counts.iter().enumerate().map(field).collect()
    };
    assert_eq!(chosen(fields(&[600, 400])).len(), 1_000);
    let refused_fields = |list: Value| refused(&REPORTS, json!({ "form_fields": list }));
    assert_eq!(refused_fields(fields(&[600, 401])), "form_fields: has more than 1000 values");
    assert_eq!(refused_fields(fields(&[1_001])), "form_fields[0].value: has more than 1000 items");
    assert_eq!(refused_fields(fields(&[0; 1_001])), "form_fields: has more than 1000 items");
    // What is chosen twice counts once here too.
    let twice: Value = (0..2).map(|_| json!({"field_id": 1, "value": options(1_000)})).collect();
    assert_eq!(chosen(twice).len(), 1_000);
}

/// What a report keeps has to fit the line that it is exported as, even where every character is escaped.
#[test]
fn a_list_that_would_not_fit_a_line_is_refused() {
    let option = |number: u32| format!("{number:04}{}", "\\".repeat(1_020));
    let fields =
        |count: u32| -> Value { (0..count).map(|id| json!({"field_id": id, "value": option(id)})).collect() };
    taken(&REPORTS, json!({ "form_fields": fields(230) }));
    assert_eq!(
        refused(&REPORTS, json!({ "form_fields": fields(250) })),
        "form_fields: is longer than 491520 bytes of JSON"
    );
    // Each is escaped as six characters.
    let controls = json!([{"field_id": 1, "value": "\u{1}".repeat(1_000)}]);
    assert_eq!(
        refused(&REPORTS, json!({ "form_fields": controls })),
        "form_fields: is longer than 4096 bytes of JSON per item"
    );
}

#[test]
fn odd_json_in_lists_is_told_and_nothing_breaks() {
    let line = |members: &str| {
        format!(r#"{{"report_id":7,"channel_id":1,"created_at":"2026-03-01T10:00:00Z",{members}}}"#)
    };
    // Of a member that is sent twice the last one counts.
    let twice = r#""images":[{"report_image_id":1,"report_image_id":2,"created_at":"x","created_at":"2026-01-01T00:00:00Z"}]"#;
    let batch = submit(&REPORTS, &line(twice)).batch;
    assert_eq!(batch.owned[0].rows.columns[report_images::REPORT_IMAGE_ID].cell(0), Cell::Integer(2));

    let deep = format!(r#""form_fields":[{{"field_id":1,"x":{}5{}}}]"#, "[".repeat(9_000), "]".repeat(9_000));
    assert_eq!(submit(&REPORTS, &line(&deep)).batch.rows(), 1);
    for (members, reason) in [
        (r#""form_fields":[{"field_id":1,"value":"\ud800"}]"#, "form_fields[0].value: holds an escape"),
        (r#""form_fields":[{"field_id":1,"value":["\ud800"]}]"#, "form_fields[0].value[0]: holds an escape"),
        (r#""form_fields":[{"\ud800":1}]"#, "form_fields[0]: is not an object"),
        (r#""images":[1e999]"#, "images[0]: is not an object"),
        (r#""images":[{"report_image_id":1,}]"#, "is not valid JSON"),
    ] {
        let submission = submit(&REPORTS, &line(members));
        let reasons: Vec<&str> = submission.quarantined.iter().map(|line| line.reason.as_str()).collect();
        assert!(matches!(reasons[..], [only] if only.starts_with(reason)), "{reasons:?}");
    }
}

/// Every line that differs from a good one by a byte, or is cut, is taken or told to be wrong.
#[test]
fn no_line_breaks_anything() {
    let good = record(
        &REPORTS,
        json!({
            "images": [{"report_image_id": 1, "created_at": "2026-01-01T00:00:00Z", "styles": {"thumb": "é\n"}}],
            "form_fields": [{"field_id": 2, "value": ["a", 5, null]}, {"field_id": 3, "value": "b"}],
        }),
    );
    let mut lines: Vec<Vec<u8>> = (0..good.len()).map(|end| good.as_bytes()[..end].to_vec()).collect();
    for at in 0..good.len() {
        for byte in b"\"\\[]{}:,09-etn \x00\xff" {
            let mut line = good.clone().into_bytes();
            line[at] = *byte;
            lines.push(line);
        }
    }
    let mut rows = RecordRows::new(&REPORTS, Receipt::at(time(NOW)), Enrichment::off());
    for line in &lines {
        rows.take_lines(Cursor::new(line)).unwrap();
    }
    let submission = rows.into_submission(AccountId(1), time(NOW));
    assert!(submission.batch.is_consistent());
    assert!(submission.batch.rows() > 0 && submission.quarantined.len() > submission.batch.rows());
}
