//! Every rule of the report records as a case, through the JSON decoder.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde_json::{Value, json};
use tallyhouse_model::tables::{report_alerts, report_images, report_reads, report_selections, reports};
use tallyhouse_model::{AccountId, Batch, Cell, Micros, Table, key_of_integer, parse_record_time};
use tallyhouse_store::Submission;

use crate::ingest::{
    Enrichment, REPORT_ALERTS, REPORT_READS, REPORTS, Receipt, RecordRows, RecordType, Rule,
    record_type_named,
};

mod lists;

const NOW: &str = "2026-03-01T12:00:00Z";
const ID_MAX: u64 = 9_223_372_036_854_775_807;

fn time(text: &str) -> Micros {
    parse_record_time(text).unwrap()
}

fn submit(record_type: &'static RecordType, body: &str) -> Submission {
    let mut rows = RecordRows::new(record_type, Receipt::at(time(NOW)), Enrichment::off());
    rows.take_lines(Cursor::new(body)).unwrap();
    rows.into_submission(AccountId(1), time(NOW))
}

/// The smallest valid record of each type.
fn smallest(record_type: &RecordType) -> BTreeMap<String, Value> {
    let record = match record_type.name() {
        "reports" => json!({"report_id": 7, "channel_id": 1, "created_at": "2026-03-01T10:00:00Z"}),
        "report_reads" => {
            json!({"read_id": 8, "report_id": 7, "channel_id": 1, "user_id": 3, "read_at": "2026-03-01T11:00:00Z"})
        }
        "report_alerts" => {
            json!({"alert_id": 9, "report_id": 7, "channel_id": 1, "user_id": 3, "alerted_at": "2026-03-01T11:00:00Z"})
        }
        other => panic!("{other}"),
    };
    serde_json::from_value(record).unwrap()
}

/// The smallest record with these members set.
fn record(record_type: &RecordType, changes: Value) -> String {
    let mut members = smallest(record_type);
    members.extend(changes.as_object().unwrap().clone());
    serde_json::to_string(&members).unwrap()
}

fn taken(record_type: &'static RecordType, changes: Value) -> Batch {
    let submission = submit(record_type, &record(record_type, changes.clone()));
    assert_eq!(submission.quarantined, [], "{changes}");
    assert_eq!(submission.batch.rows(), 1, "{changes}");
    assert!(submission.batch.is_consistent());
    submission.batch
}

fn refused(record_type: &'static RecordType, changes: Value) -> String {
    let submission = submit(record_type, &record(record_type, changes.clone()));
    assert_eq!((submission.batch.rows(), submission.quarantined.len()), (0, 1), "{changes}");
    submission.quarantined[0].reason.clone()
}

/// The cells of the first row, column by column.
fn cells(batch: &Batch) -> Vec<Cell<'_>> {
    batch.columns.iter().map(|values| values.cell(0)).collect()
}

fn report_types() -> impl Iterator<Item = &'static RecordType> {
    [&REPORTS, &REPORT_READS, &REPORT_ALERTS].into_iter()
}

#[test]
fn the_smallest_records_are_rows() {
    let (created, later, now) =
        (time("2026-03-01T10:00:00Z"), time("2026-03-01T11:00:00Z"), Cell::Time(time(NOW)));
    let id = |id| Cell::Id(key_of_integer(id));
    let [one, three, seven] = [1, 3, 7].map(Cell::Integer);
    assert_eq!(
        cells(&taken(&REPORTS, json!({}))),
        [id(7), Cell::Time(created), now, one, Cell::Absent, Cell::Absent, Cell::Text(""), Cell::Text("")]
    );
    assert_eq!(cells(&taken(&REPORT_READS, json!({}))), [id(8), Cell::Time(later), now, seven, one, three]);
    assert_eq!(
        cells(&taken(&REPORT_ALERTS, json!({}))),
        [id(9), Cell::Time(later), now, seven, one, three, Cell::Absent]
    );
}

#[test]
fn every_column_takes_its_field() {
    let batch = taken(
        &REPORTS,
        json!({"report_id": ID_MAX, "channel_id": "2", "created_at": "2026-01-01T01:00:00.123456+01:00", "user_id": 3,
               "state_id": "04", "updated_at": "2026-02-01T00:00:00Z"}),
    );
    let row = cells(&batch);
    assert_eq!(row[Table::KEY], Cell::Id(key_of_integer(ID_MAX)));
    assert_eq!(row[reports::CREATED_AT], Cell::Time(time("2026-01-01T00:00:00.123456Z")));
    assert_eq!(row[reports::UPDATED_AT], Cell::Time(time("2026-02-01T00:00:00Z")));
    assert_eq!(
        [reports::CHANNEL_ID, reports::USER_ID, reports::STATE_ID].map(|column| row[column]),
        [2, 3, 4].map(Cell::Integer)
    );
    let read = taken(&REPORT_READS, json!({"user_id": 0, "updated_at": "2026-02-01T00:00:00Z"}));
    assert_eq!(read.columns[report_reads::USER_ID].cell(0), Cell::Integer(0));
    assert_eq!(read.columns[report_reads::UPDATED_AT].cell(0), Cell::Time(time("2026-02-01T00:00:00Z")));
    // Clocks differ, and nothing hangs on the order.
    for opened in ["2026-03-01T10:59:00Z", "2026-03-02T11:59:59Z"] {
        let alert = taken(&REPORT_ALERTS, json!({ "opened_at": opened }));
        assert_eq!(alert.columns[report_alerts::OPENED_AT].cell(0), Cell::Time(time(opened)));
    }
}

#[test]
fn an_id_is_a_number_or_its_digits() {
    for record_type in report_types() {
        for field in record_type.fields.iter().filter(|field| matches!(field.rule, Rule::Digits(_))) {
            let name = field.name;
            let number = taken(record_type, json!({ name: 5 }));
            for sent in [json!("5"), json!("005")] {
                assert_eq!(taken(record_type, json!({ name: sent })), number, "{name}");
            }
            taken(record_type, json!({ name: ID_MAX }));
            for sent in [json!(ID_MAX + 1), json!(-1), json!("-1"), json!("9223372036854775808")] {
                let reason = refused(record_type, json!({ name: sent }));
                assert_eq!(reason, format!("{name}: is not between 0 and {ID_MAX}"), "{sent}");
            }
            for sent in [json!(5.5), json!(1e3), json!("x"), json!(""), json!(true), json!([5])] {
                let reason = refused(record_type, json!({ name: sent }));
                assert!(reason.starts_with(&format!("{name}: is n")), "{sent}: {reason}");
            }
        }
    }
}

#[test]
fn what_is_required_cannot_be_left_out_and_the_rest_can() {
    let optional = ["user_id", "state_id", "images", "form_fields", "opened_at", "updated_at", "deleted"];
    for record_type in report_types() {
        for field in record_type.fields {
            let changes = json!({ field.name: null });
            let may_lack = optional.contains(&field.name)
                && !(field.name == "user_id" && record_type.name() != "reports");
            if may_lack {
                assert_eq!(taken(record_type, changes), taken(record_type, json!({})), "{}", field.name);
            } else {
                assert_eq!(refused(record_type, changes), format!("{}: is required", field.name));
            }
        }
    }
}

#[test]
fn times_have_an_offset_and_lie_between_1990_and_a_day_ahead() {
    for record_type in report_types() {
        for field in record_type.fields.iter().filter(|field| matches!(field.rule, Rule::Time(_))) {
            for (sent, problem) in [
                (json!("2026-03-01T10:00:00"), "has no UTC offset; write Z or an offset such as +01:00"),
                (json!("yesterday"), "is not an ISO 8601 date and time"),
                (json!(1_772_000_000), "is not a time; write it as an ISO 8601 string"),
                (json!("1989-12-31T23:59:59Z"), "is before 1990"),
                (json!("2026-03-02T12:00:01Z"), "is more than a day in the future"),
            ] {
                let reason = refused(record_type, json!({ field.name: sent }));
                assert_eq!(reason, format!("{}: {problem}", field.name));
            }
            taken(record_type, json!({ field.name: "1990-01-01T00:00:00Z" }));
            taken(record_type, json!({ field.name: "2026-03-02T12:00:00Z" }));
        }
    }
}

#[test]
fn a_deletion_of_a_report_record_needs_only_its_id() {
    for (record_type, name) in
        [(&REPORTS, "report_id"), (&REPORT_READS, "read_id"), (&REPORT_ALERTS, "alert_id")]
    {
        for other in [json!({}), json!({"channel_id": "x", "images": 5, "form_fields": [{}], "user_id": []})]
        {
            let mut sent = other;
            sent[name] = json!("7");
            sent["deleted"] = json!(true);
            let submission = submit(record_type, &sent.to_string());
            assert_eq!(submission.quarantined, []);
            let mut expected = Batch::new(record_type.table);
            expected.push_deletion(key_of_integer(7), time(NOW));
            assert_eq!(submission.batch, expected);
        }
        let nameless = submit(record_type, r#"{"deleted":true}"#);
        assert_eq!(nameless.quarantined[0].reason, format!("{name}: is required"));
    }
}

#[test]
fn report_records_are_found_by_their_names() {
    for record_type in report_types() {
        assert_eq!(record_type_named(record_type.name()), Some(record_type));
    }
    for name in ["report_images", "report_selections", "report_deletions"] {
        assert_eq!(record_type_named(name), None);
    }
}
