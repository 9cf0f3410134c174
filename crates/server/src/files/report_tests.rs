//! Report records go through every format and come back as the same rows, with what they own.

use serde_json::{Value, json};
use tallyhouse_model::limits::RECORD_TIME_MIN;
use tallyhouse_model::tables::reports;
use tallyhouse_model::{Batch, render_record_time};

use super::test_rig::{FORMATS, NOW, Numbers, TEXTS, csv, lines, open, read, rows, written};
use super::*;
use crate::ingest::{REPORT_ALERTS, REPORT_READS, REPORTS, RecordType};

const ID_MAX: u64 = 9_223_372_036_854_775_807;

fn assert_comes_back(record_type: &'static RecordType, batch: &Batch, seed: u64) {
    for format in FORMATS {
        let back = read(record_type, open(record_type, written(batch, format, true), format));
        assert_eq!(back.quarantined, [], "{} {format:?} {seed}", record_type.name());
        assert!(back.batch == *batch, "{} {format:?} {seed}", record_type.name());
    }
}

fn id(numbers: &mut Numbers) -> Value {
    [json!(0), json!("1"), json!(ID_MAX), json!(numbers.below(1 << 30))][numbers.below(4)].clone()
}

fn at(numbers: &mut Numbers) -> Value {
    let at = [NOW + 86_400_000_000, RECORD_TIME_MIN, 1_700_000_000_000_001][numbers.below(3)];
    json!(render_record_time(at))
}

fn text(numbers: &mut Numbers) -> Value {
    json!(TEXTS[numbers.below(TEXTS.len())])
}

fn list(numbers: &mut Numbers, count_max: usize, item: fn(&mut Numbers) -> Value) -> Value {
    (0..numbers.below(count_max + 1)).map(|_| item(numbers)).collect()
}

fn image(numbers: &mut Numbers) -> Value {
    let styles = json!({"thumb": text(numbers), "medium": text(numbers)});
    let styles = if numbers.below(3) == 0 { Value::Null } else { styles };
    json!({"report_image_id": id(numbers), "created_at": at(numbers), "styles": styles})
}

fn form_field(numbers: &mut Numbers) -> Value {
    let value = if numbers.below(2) == 0 { text(numbers) } else { list(numbers, 5, text) };
    json!({"field_id": id(numbers), "value": value})
}

fn report(numbers: &mut Numbers) -> Value {
    let mut report = json!({"report_id": id(numbers), "channel_id": id(numbers), "created_at": at(numbers)});
    match numbers.below(5) {
        0 => report["deleted"] = json!(true),
        1 => {}
        _ => {
            report["user_id"] = id(numbers);
            report["state_id"] = id(numbers);
            report["images"] = list(numbers, 4, image);
            report["form_fields"] = list(numbers, 4, form_field);
            report["updated_at"] = at(numbers);
        }
    }
    report
}

#[test]
fn every_format_reads_back_every_read_and_alert_that_it_wrote() {
    for record_type in [&REPORT_READS, &REPORT_ALERTS] {
        for seed in 0..8 {
            assert_comes_back(record_type, &rows(record_type, 300, seed), seed);
        }
    }
}

#[test]
fn every_format_reads_back_every_report_that_it_wrote_with_what_it_owns() {
    for seed in 0..8 {
        let mut numbers = Numbers(seed);
        let text: String = (0..300).map(|_| format!("{}\n", report(&mut numbers))).collect();
        let sent = lines(&REPORTS, &text);
        assert_eq!(sent.quarantined, []);
        assert!(sent.batch.is_consistent());
        let owned = [reports::OWNED_IMAGES, reports::OWNED_SELECTIONS];
        assert!(owned.iter().all(|position| sent.batch.owned[*position].rows.rows() > 100));
        assert_comes_back(&REPORTS, &sent.batch, seed);
    }
}

#[test]
fn a_list_is_json_in_a_cell() {
    let text = concat!(
        "report_id,channel_id,created_at,images,form_fields\n",
        "1,2,2026-01-01T00:00:00Z,\"[{\"\"report_image_id\"\":3,\"\"created_at\"\":\"\"2026-01-01T00:00:00Z\"\"}]\",",
        "\"[{\"\"field_id\"\":\"\"4\"\",\"\"value\"\":[\"\"a\"\",\"\"b\"\"]}]\"\n",
        "2,2,2026-01-01T00:00:00Z,,[]\n",
    );
    let taken = csv(&REPORTS, text);
    let expected = lines(
        &REPORTS,
        concat!(
            r#"{"report_id":1,"channel_id":2,"created_at":"2026-01-01T00:00:00Z","#,
            r#""images":[{"report_image_id":3,"created_at":"2026-01-01T00:00:00Z"}],"#,
            r#""form_fields":[{"field_id":4,"value":["a","b"]}]}"#,
            "\n",
            r#"{"report_id":2,"channel_id":2,"created_at":"2026-01-01T00:00:00Z"}"#,
            "\n"
        ),
    );
    assert_eq!((taken.quarantined.len(), &taken.batch), (0, &expected.batch));
    assert_eq!(taken.batch.owned[reports::OWNED_SELECTIONS].rows.rows(), 2);
}

#[test]
fn a_refused_report_of_a_file_can_be_mended_and_sent_again() {
    let header = "report_id,channel_id,created_at,form_fields\n";
    let item = r#""[{""field_id"":4,""value"":""a""}]""#;
    let taken = csv(&REPORTS, &format!("{header}007,2,never,{item}\n8,2,2026-01-01T00:00:00Z,nothing\n"));
    let reasons: Vec<&str> = taken.quarantined.iter().map(|line| line.reason.as_str()).collect();
    assert_eq!(reasons, ["created_at: is not an ISO 8601 date and time", "form_fields: is not a list"]);
    assert_eq!(
        taken.quarantined[0].line,
        r#"{"report_id":"007","channel_id":"2","created_at":"never","form_fields":[{"field_id":4,"value":"a"}]}"#
    );
    let again = lines(&REPORTS, &taken.quarantined[0].line.replace("never", "2026-01-01T00:00:00Z"));
    let expected = lines(
        &REPORTS,
        r#"{"report_id":7,"channel_id":2,"created_at":"2026-01-01T00:00:00Z","form_fields":[{"field_id":4,"value":"a"}]}"#,
    );
    assert_eq!((again.quarantined.len(), again.batch), (0, expected.batch));
}

#[test]
fn an_exported_report_reads_like_what_is_documented() {
    let text = |batch: &Batch| {
        let records = StoredRecords::of(batch);
        let mut text = String::new();
        (0..records.rows()).for_each(|row| push_json_row(&mut text, &records, row));
        text
    };
    let sent = concat!(
        r#"{"report_id":"9223372036854775807","channel_id":2,"created_at":"2026-01-01T00:00:00+01:00","#,
        r#""form_fields":[{"field_id":4,"value":["b","a"]}],"updated_at":"2026-01-02T00:00:00Z"}"#,
        "\n",
        r#"{"report_id":7,"deleted":true}"#
    );
    assert_eq!(
        text(&lines(&REPORTS, sent).batch),
        concat!(
            r#"{"report_id":9223372036854775807,"channel_id":2,"created_at":"2025-12-31T23:00:00Z","user_id":null,"#,
            r#""state_id":null,"images":[],"form_fields":[{"field_id":4,"value":["a","b"]}],"#,
            r#""updated_at":"2026-01-02T00:00:00Z"}"#,
            "\n",
            r#"{"report_id":7,"deleted":true,"updated_at":"2026-03-01T12:00:00Z"}"#,
            "\n"
        )
    );
}

#[test]
fn ids_are_integers_in_parquet() {
    use arrow_array::cast::AsArray as _;
    use arrow_array::types::Int64Type;
    let sent = format!(
        "{{\"read_id\":{ID_MAX},\"report_id\":1,\"channel_id\":2,\"user_id\":3,\"read_at\":\"2026-01-01T00:00:00Z\"}}\n\
         {{\"read_id\":5,\"deleted\":true}}"
    );
    let file = written(&lines(&REPORT_READS, &sent).batch, FileFormat::Parquet, true);
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let rows = reader.build().unwrap().next().unwrap().unwrap();
    let ids = rows.column_by_name("read_id").unwrap().as_primitive::<Int64Type>();
    assert_eq!(ids.values()[..], [i64::MAX, 5]);
}

#[test]
fn what_a_client_could_not_decode_is_quarantined_with_its_reason() {
    let sent = r#"{"undecodable":"has 3 cells where the header has 4","line":"1,2,203.0.113.9"}"#;
    let taken = lines(&REPORTS, sent);
    assert_eq!(taken.quarantined[0].reason, "has 3 cells where the header has 4");
    assert_eq!(taken.quarantined[0].line, "1,2,[address]");
}

#[test]
fn only_an_object_tells_of_what_could_not_be_decoded() {
    use crate::ingest::{Enrichment, Receipt, RecordRows};
    let sent = r#"["r7","x"]"#;
    let taken = lines(&REPORTS, sent);
    let mut as_json = RecordRows::new(&REPORTS, Receipt::at(NOW), Enrichment::off());
    as_json.take_json(format!("[{sent}]").as_bytes());
    for quarantined in [&taken.quarantined[..], as_json.quarantined()] {
        assert_eq!(quarantined.len(), 1);
        assert_eq!(quarantined[0].reason, "is not a JSON object");
        assert_eq!(quarantined[0].line, sent);
    }
}

#[test]
fn of_an_undecodable_line_of_json_only_the_members_named_ip_are_cut() {
    let line = r#"{"viewer":"203.0.113.9","ip":"203.0.113.9","device":{"IP":"2001:db8::1","os":"x"}}"#;
    let sent = json!({"undecodable": "came from 203.0.113.9 once", "line": line}).to_string();
    let taken = lines(&REPORTS, &sent);
    assert_eq!(taken.quarantined[0].reason, "came from [address] once");
    assert_eq!(taken.quarantined[0].line, r#"{"viewer":"203.0.113.9","device":{"os":"x"}}"#);
}
