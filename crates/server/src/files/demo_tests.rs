//! Demo records go through every format and come back as the same rows.

use std::io::{Cursor, Seek};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray,
};
use tallyhouse_model::{ABSENT_TIME, Batch, ColumnIndex, Values};

use super::test_rig::{FORMATS, UUID, csv, lines, open, read, rows, written};
use super::*;
use crate::ingest::{DEMO_ACTIVITY, DEMO_CHANGES, DEMO_SESSIONS};

#[test]
fn every_format_reads_back_every_demo_record_that_it_wrote() {
    for record_type in [&DEMO_SESSIONS, &DEMO_ACTIVITY, &DEMO_CHANGES] {
        for seed in 0..8 {
            let batch = rows(record_type, 300, seed);
            for format in FORMATS {
                let back = read(record_type, open(record_type, written(&batch, format, true), format));
                assert_eq!(back.quarantined, [], "{} {format:?} {seed}", record_type.name());
                assert!(back.batch == batch, "{} {format:?} {seed}", record_type.name());
            }
        }
    }
}

#[test]
fn the_empty_text_and_none_are_told_apart_in_every_format() {
    let (empty, absent) =
        (r#"{"guide_text":"","button_text":null,"#, r#"{"guide_text":null,"button_text":"","#);
    let rest = r#""activity_id":7,"activity_type":"click","create_at":"2026-01-01","session_id":8,"session_created_at":"2026-01-01"}"#;
    let batch = lines(&DEMO_ACTIVITY, &format!("{empty}{rest}\n{absent}{rest}\n")).batch;
    for format in FORMATS {
        let back = read(&DEMO_ACTIVITY, open(&DEMO_ACTIVITY, written(&batch, format, false), format)).batch;
        let text = |column: ColumnIndex, row| match &back.columns[column] {
            Values::Texts(texts) => texts.get(row).map(str::to_owned),
            other => panic!("{other:?}"),
        };
        let column = |name| DEMO_ACTIVITY.table.column(name).unwrap();
        assert_eq!(
            [0, 1].map(|row| text(column("guide_text"), row)),
            [Some(String::new()), None],
            "{format:?}"
        );
        assert_eq!(
            [0, 1].map(|row| text(column("button_text"), row)),
            [None, Some(String::new())],
            "{format:?}"
        );
        let Values::Times(times) = &back.columns[column("link_created_at")] else { panic!() };
        assert_eq!(times[..], [ABSENT_TIME; 2], "{format:?}");
    }
}

#[test]
fn a_csv_file_has_to_name_all_that_names_a_row() {
    let header = "entity_type,entity_id,changed_at,change_type";
    let taken = csv(&DEMO_CHANGES, &format!("{header},deleted\nlink,5,2026-01-01,created,true\n"));
    let expected = lines(
        &DEMO_CHANGES,
        r#"{"entity_type":"link","entity_id":5,"changed_at":"2026-01-01","change_type":"created","deleted":true}"#,
    );
    assert_eq!((taken.quarantined.len(), taken.batch), (0, expected.batch));
    for missing in header.split(',') {
        let text = header.replace(missing, "x");
        let opened = RecordReader::csv(&DEMO_CHANGES, Box::new(Cursor::new(text)));
        let Err(ReadError::Layout(problem)) = opened else { panic!("{missing}") };
        assert_eq!(problem, format!("the first line names no column {missing}; it has to name the fields"));
    }
}

#[test]
fn a_refused_row_of_a_file_is_a_line_that_can_be_sent_again() {
    let taken = csv(
        &DEMO_ACTIVITY,
        "activity_id,activity_type,create_at,session_id,session_created_at,link_is_active,guide_step_number\n\
         5,click,never,6,2026-01-01,true,3\n",
    );
    assert_eq!(taken.quarantined[0].reason, "create_at: is not an ISO 8601 date and time");
    let line = &taken.quarantined[0].line;
    let again = lines(&DEMO_ACTIVITY, &line.replace("never", "2026-01-02 03:04:05"));
    assert_eq!(again.quarantined, []);
    let expected = concat!(
        r#"{"activity_id":5,"activity_type":"click","create_at":"2026-01-02T03:04:05Z","session_id":"6","#,
        r#""session_created_at":"2026-01-01 00:00:00","link_is_active":true,"guide_step_number":3}"#
    );
    assert_eq!(again.batch, lines(&DEMO_ACTIVITY, expected).batch);
}

#[test]
fn parquet_columns_of_other_types_are_read_as_their_fields_ask() {
    let uuid = tallyhouse_model::parse_uuid(UUID).unwrap();
    let batch = RecordBatch::try_from_iter([
        ("activity_id", Arc::new(FixedSizeBinaryArray::try_from_iter([uuid].iter()).unwrap()) as ArrayRef),
        ("activity_type", Arc::new(StringArray::from(vec!["click"])) as ArrayRef),
        ("create_at", Arc::new(Date32Array::from(vec![20_454])) as ArrayRef),
        ("session_id", Arc::new(Int64Array::from(vec![-7])) as ArrayRef),
        ("session_created_at", Arc::new(StringArray::from(vec!["2026-01-01 00:00:00"])) as ArrayRef),
        ("link_is_active", Arc::new(BooleanArray::from(vec![false])) as ArrayRef),
        ("guide_step_number", Arc::new(Int64Array::from(vec![3])) as ArrayRef),
    ])
    .unwrap();
    let mut file = tempfile::tempfile().unwrap();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(file.try_clone().unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file.rewind().unwrap();
    let taken = read(&DEMO_ACTIVITY, RecordReader::parquet(&DEMO_ACTIVITY, file).unwrap());
    assert_eq!(taken.quarantined, []);
    let expected = format!(
        concat!(
            r#"{{"activity_id":"{}","activity_type":"click","create_at":"2026-01-01","session_id":"-7","#,
            r#""session_created_at":"2026-01-01","link_is_active":"false","guide_step_number":"3"}}"#
        ),
        UUID
    );
    assert_eq!(taken.batch, lines(&DEMO_ACTIVITY, &expected).batch);
}

#[test]
fn what_is_exported_reads_like_what_is_documented() {
    let sent = r#"{"session_id":"s","session_date":"2026-01-01 00:00:00.5","viewer":"203.0.113.7","updated_at":"2026-02-01"}"#;
    let gone = r#"{"entity_type":"link","entity_id":5,"changed_at":"2026-01-01","change_type":"created","deleted":true}"#;
    let text = |batch: &Batch| {
        let records = StoredRecords::of(batch);
        let mut text = String::new();
        (0..records.rows()).for_each(|row| push_json_row(&mut text, &records, row));
        text
    };
    assert_eq!(
        text(&lines(&DEMO_SESSIONS, sent).batch),
        concat!(
            r#"{"session_id":"s","session_date":"2026-01-01T00:00:00.5Z","shard_name":"app","demo_title":"","#,
            r#""demo_published_date":"1970-01-01T00:00:00Z","viewer":"203.0.113.7","visitor_key":"","#,
            r#""published_replay_id":"","updated_at":"2026-02-01T00:00:00Z"}"#,
            "\n"
        )
    );
    assert_eq!(
        text(&lines(&DEMO_CHANGES, gone).batch),
        concat!(
            r#"{"entity_type":"link","entity_id":"5","change_type":"created","changed_at":"2026-01-01T00:00:00Z","#,
            r#""deleted":true,"updated_at":"2026-03-01T12:00:00Z"}"#,
            "\n"
        )
    );
}
