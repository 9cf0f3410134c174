//! Answers byte for byte, in every format.

use std::time::{Duration, Instant};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, TimestampMillisecondType, UInt64Type};
use bytes::Bytes;

use super::*;
use crate::pipes::answer::Answer;
use crate::pipes::rendering::{Measured, Rendering};
use crate::pipes::sample_answer::{NumberedRows, documented, of_every_kind, without_rows};

fn bytes_of(answer: Answer, format: Format, is_page: bool) -> Bytes {
    match Rendering::new(answer, format, is_page, Instant::now()).measure(u64::MAX).unwrap() {
        Measured::Whole(bytes) => bytes,
        Measured::Sized(..) => panic!("the answers of these tests are small"),
    }
}

fn text_of(answer: Answer, format: Format) -> String {
    String::from_utf8(bytes_of(answer, format, false).to_vec()).unwrap()
}

/// The same with a time that does not depend on the machine.
fn json_of(answer: Answer, is_page: bool) -> String {
    let text = String::from_utf8(bytes_of(answer, Format::Json, is_page).to_vec()).unwrap();
    let (before, elapsed) = text.split_once("\"elapsed\": ").unwrap();
    let (elapsed, behind) = elapsed.split_once(',').unwrap();
    assert!(elapsed.parse::<f64>().unwrap() >= 0.0);
    format!("{before}\"elapsed\": 0.163560973,{behind}")
}

#[test]
fn json_is_the_documented_example_byte_for_byte() {
    let example = include_str!("documented_example.json");
    assert_eq!(json_of(documented(), false), example);
    let page = "\t\"rows\": 1,\n\n\t\"rows_before_limit_at_least\": 1,\n\n";
    assert_eq!(json_of(documented(), true), example.replace("\t\"rows\": 1,\n\n", page));
}

#[test]
fn json_writes_every_kind_of_value() {
    let body: serde_json::Value = serde_json::from_str(&text_of(of_every_kind(), Format::Json)).unwrap();
    let types: Vec<_> = body["meta"].as_array().unwrap().iter().map(|column| &column["type"]).collect();
    assert_eq!(
        types,
        [
            "String",
            "Nullable(String)",
            "DateTime64(3)",
            "Nullable(DateTime64(3))",
            "UInt64",
            "Nullable(UInt64)",
            "Float64",
            "Bool",
            "String"
        ]
    );
    let text = text_of(of_every_kind(), Format::Json);
    for written in [
        r#""text": "a \"b\"/\\ é,\n\t\u0001","#,
        r#""nullable \"text\"": "","#,
        r#""time": "1969-12-31 23:59:59.999","#,
        r#""nullable_time": "1970-01-01 00:00:00.001","#,
        r#""integer": 18446744073709551615,"#,
        r#""decimal": 0.5,"#,
        r#""flag": true,"#,
        r#""text": "","#,
        r#""nullable \"text\"": null,"#,
        r#""nullable_time": null,"#,
        r#""nullable_integer": null,"#,
        r#""decimal": 2,"#,
        r#""constant": "own""#,
    ] {
        assert!(text.contains(&format!("\t\t\t{written}\n")), "{written} is not in {text}");
    }
}

#[test]
fn an_empty_answer_has_its_columns_and_no_rows() {
    let text = text_of(without_rows(), Format::Json);
    assert!(text.contains("\t\"data\":\n\t[\n\n\t],\n\n\t\"rows\": 0,\n"), "{text}");
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((body["meta"].as_array().unwrap().len(), &body["data"]), (9, &serde_json::json!([])));
    assert_eq!(text_of(without_rows(), Format::Csv).lines().count(), 1);
    assert_eq!(text_of(without_rows(), Format::Ndjson), "");
    assert_eq!(rows_of(bytes_of(without_rows(), Format::Parquet, false)).1, 0);
}

#[test]
fn small_times_are_decimals_without_an_exponent() {
    let mut writer = JsonWriter::new(&[]);
    let mut out = Vec::new();
    let closing =
        Closing { rows: 0, total: None, elapsed: Duration::from_nanos(12), scanned: Scanned::default() };
    writer.end(&closing, &mut out);
    assert!(String::from_utf8(out).unwrap().contains("\"elapsed\": 0.000000012,"));
}

#[test]
fn csv_has_quoted_names_texts_and_times_and_bare_numbers() {
    assert_eq!(
        text_of(of_every_kind(), Format::Csv),
        concat!(
            r#""text","nullable ""text""","time","nullable_time","integer","nullable_integer","decimal","flag","constant""#,
            "\n",
            "\"a \"\"b\"\"/\\ é,\n\t\u{1}\",\"\",\"1969-12-31 23:59:59.999\",\"1970-01-01 00:00:00.001\",",
            "18446744073709551615,7,0.5,true,\"own\"\n",
            "\"\",\\N,\"1970-01-01 00:00:00.000\",\\N,0,\\N,2,false,\"own\"\n",
        )
    );
}

#[test]
fn ndjson_is_an_object_per_line() {
    assert_eq!(
        text_of(of_every_kind(), Format::Ndjson),
        concat!(
            r#"{"text":"a \"b\"/\\ é,\n\t\u0001","nullable \"text\"":"","time":"1969-12-31 23:59:59.999","#,
            r#""nullable_time":"1970-01-01 00:00:00.001","integer":18446744073709551615,"nullable_integer":7,"#,
            r#""decimal":0.5,"flag":true,"constant":"own"}"#,
            "\n",
            r#"{"text":"","nullable \"text\"":null,"time":"1970-01-01 00:00:00.000","nullable_time":null,"integer":0,"#,
            r#""nullable_integer":null,"decimal":2,"flag":false,"constant":"own"}"#,
            "\n",
        )
    );
}

#[test]
fn what_ends_a_line_for_some_readers_is_escaped_in_json() {
    let mut out = Vec::new();
    super::value::push_json_text("a\u{85}b\u{2028}c\u{2029}d\u{e9}\u{20ac}\n", &mut out);
    let json = String::from_utf8(out).unwrap();
    assert_eq!(json, "\"a\\u0085b\\u2028c\\u2029d\u{e9}\u{20ac}\\n\"");
}

/// The rows of a file, and how many there are.
fn rows_of(file: Bytes) -> (Vec<RecordBatch>, usize) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    (batches, rows)
}

#[test]
fn parquet_has_typed_columns_that_may_be_null_where_the_type_says_so() {
    let (batches, rows) = rows_of(bytes_of(of_every_kind(), Format::Parquet, false));
    assert_eq!((batches.len(), rows), (1, 2));
    let schema = batches[0].schema();
    let nullable: Vec<_> = schema.fields().iter().map(|field| field.is_nullable()).collect();
    assert_eq!(nullable, [false, true, false, true, false, true, false, false, false]);
    let column = |index: usize| batches[0].column(index);
    assert_eq!(
        column(0).as_string::<i32>().iter().collect::<Vec<_>>(),
        [Some("a \"b\"/\\ é,\n\t\u{1}"), Some("")]
    );
    assert_eq!(column(1).as_string::<i32>().iter().collect::<Vec<_>>(), [Some(""), None]);
    let times = |index| column(index).as_primitive::<TimestampMillisecondType>();
    assert_eq!(times(2).iter().collect::<Vec<_>>(), [Some(-1), Some(0)]);
    assert_eq!(
        (times(3).iter().collect::<Vec<_>>(), times(3).timezone()),
        (vec![Some(1), None], Some("UTC"))
    );
    let integers = |index| column(index).as_primitive::<UInt64Type>().iter().collect::<Vec<_>>();
    assert_eq!((integers(4), integers(5)), (vec![Some(u64::MAX), Some(0)], vec![Some(7), None]));
    assert_eq!(column(6).as_primitive::<Float64Type>().values()[..], [0.5, 2.0]);
    assert!(column(7).as_boolean().value(0) && !column(7).as_boolean().value(1));
    assert_eq!(column(8).as_string::<i32>().value(1), "own");
}

#[test]
fn row_groups_are_bounded_and_all_rows_are_there() {
    let mut rendering =
        Rendering::new(NumberedRows::new(140_000, 200).into_answer(), Format::Parquet, false, Instant::now());
    let mut file = Vec::new();
    loop {
        let piece = rendering.next_piece().unwrap();
        file.extend_from_slice(&piece.bytes);
        if piece.is_last {
            break;
        }
    }
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file.clone())).unwrap();
    let groups = reader.metadata().row_groups();
    assert!(groups.len() > 1 && groups.iter().all(|group| group.num_rows() <= 131_072));
    let (batches, rows) = rows_of(file.into());
    assert_eq!(rows, 140_000);
    let mut numbers = batches.iter().flat_map(|batch| batch.column(0).as_string::<i32>().iter());
    assert!((0..140_000_u32).all(|number| numbers.next().unwrap().unwrap().parse() == Ok(number)));
}
