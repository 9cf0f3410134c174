//! The four formats of one answer.

use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::rig::{ALL, PIPE, Rig, documented_session};

#[tokio::test]
async fn every_format_has_its_type_and_is_not_to_be_stored() {
    let rig = Rig::new();
    rig.store("demo_sessions", &[documented_session()]).await;
    for (extension, content_type) in [
        ("json", "application/json; charset=UTF-8"),
        ("csv", "text/csv; charset=UTF-8; header=present"),
        ("csvwithnames", "text/csv; charset=UTF-8; header=present"),
        ("ndjson", "application/x-ndjson"),
        ("parquet", "application/vnd.apache.parquet"),
    ] {
        let reply = rig.get(&format!("{PIPE}.{extension}?{ALL}")).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, Some(content_type)));
        assert_eq!(reply.header("cache-control"), Some("private, no-store"));
    }
}

#[tokio::test]
async fn csv_has_a_header_and_quoted_texts_and_times() {
    let rig = Rig::new();
    rig.store("demo_sessions", &[documented_session()]).await;
    assert_eq!(
        rig.get(&format!("{PIPE}.csv?{ALL}")).await.text(),
        concat!(
            r#""shard_name","client_id","demo_title","demo_published_date","session_date","viewer""#,
            "\n",
            r#""app","abc123","Your Demo's Title","2024-09-23 22:24:33.837","2024-09-23 23:12:56.562","#,
            "\"user@yourprospect.com\"\n"
        )
    );
}

#[tokio::test]
async fn ndjson_has_a_line_per_row_and_nothing_else() {
    let rig = Rig::new();
    assert_eq!(rig.get(&format!("{PIPE}.ndjson?{ALL}")).await.text(), "");
    rig.store("demo_sessions", &[documented_session()]).await;
    assert_eq!(
        rig.get(&format!("{PIPE}.ndjson?{ALL}")).await.text(),
        concat!(
            r#"{"shard_name":"app","client_id":"abc123","demo_title":"Your Demo's Title","#,
            r#""demo_published_date":"2024-09-23 22:24:33.837","session_date":"2024-09-23 23:12:56.562","#,
            r#""viewer":"user@yourprospect.com"}"#,
            "\n"
        )
    );
}

#[tokio::test]
async fn parquet_has_the_columns_and_rows() {
    let rig = Rig::new();
    rig.store("demo_sessions", &[documented_session()]).await;
    let file = Bytes::from(rig.get(&format!("{PIPE}.parquet?{ALL}")).await.bytes);
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let types =
        reader.schema().fields().iter().map(|field| format!("{} {}", field.name(), field.data_type()));
    let types: Vec<_> = types.collect();
    assert_eq!(types[0], "shard_name Utf8");
    assert!(types[4].starts_with("session_date Timestamp(") && types[4].contains("UTC"), "{types:?}");
    let rows: usize = reader.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!((types.len(), rows), (6, 1));
}
