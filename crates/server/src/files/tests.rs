//! What a format writes it reads back as the same rows, and all formats are judged alike.

use std::fs::File;
use std::io::{Cursor, Read, Seek, Write};
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Int16Array, RecordBatch, StringArray, StructArray, TimestampNanosecondArray,
};
use arrow_schema::{DataType, Field as ArrowField};
use tallyhouse_model::{AccountId, Batch, Micros};
use tallyhouse_store::Submission;

use super::*;
use crate::ingest::{Enrichment, Receipt, RecordRows, VIEW_SEGMENTS, parse_uuid};
use crate::sample::{SampleOptions, batches};

const UNTIL: Micros = 1_772_366_400_000_000;
const FORMATS: [FileFormat; 3] = [FileFormat::Ndjson, FileFormat::Csv, FileFormat::Parquet];
const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn written(batch: &Batch, format: FileFormat, compression: Compression) -> File {
    let mut file = tempfile::tempfile().unwrap();
    let output = Output::new(Box::new(file.try_clone().unwrap()), compression).unwrap();
    let mut writer = RecordWriter::new(output, format, batch.table.id, true).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    file.rewind().unwrap();
    file
}

fn read(mut reader: RecordReader) -> Submission {
    let mut rows = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(UNTIL), Enrichment::off());
    while reader.next(&mut rows).unwrap() {}
    rows.into_submission(AccountId(1), UNTIL)
}

fn open(file: File, format: FileFormat) -> RecordReader {
    match format {
        FileFormat::Ndjson => RecordReader::lines(decompressed(file).unwrap()).unwrap(),
        FileFormat::Csv => RecordReader::csv(&VIEW_SEGMENTS, decompressed(file).unwrap()).unwrap(),
        FileFormat::Parquet => RecordReader::parquet(&VIEW_SEGMENTS, file).unwrap(),
    }
}

fn csv(text: &str) -> Submission {
    read(RecordReader::csv(&VIEW_SEGMENTS, Box::new(Cursor::new(text.to_string()))).unwrap())
}

/// Sample rows, the rare values that it lacks, and a deletion.
fn rows() -> Batch {
    let options = SampleOptions { segments: 3_000, until: UNTIL, ..SampleOptions::default() };
    let mut batch = batches(&options).next().unwrap();
    let odd = format!(
        concat!(
            r#"{{"view_id":"{id}","content_type":"recorded","content_id":9223372036854775807,"client_id":"\"\"","#,
            r#""started_at":"1990-01-01T00:00:00.000001Z","from":1,"to":2147483647,"view_session_id":"a,\"b\"\nc","#,
            r#""city":"","region":"\"","viewer_identifier":"ÿ\u0000","country":"hu","channel_id":0,"#,
            r#""updated_at":"2025-12-31T23:59:59.999999Z","is_mobile_view":true,"device":"tv","#,
            r#""device_info":{{"browser":{{"family":"","major":"\"x\\"}}}}}}"#
        ),
        id = ID
    );
    let mut odd_rows = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(UNTIL), Enrichment::off());
    odd_rows.take_lines(Cursor::new(odd)).unwrap();
    assert_eq!(odd_rows.quarantined(), []);
    batch.append(&odd_rows.into_submission(AccountId(1), UNTIL).batch);
    batch.push_deletion(parse_uuid(ID).unwrap(), UNTIL - 1);
    batch
}

#[test]
fn every_format_reads_back_what_it_wrote() {
    let batch = rows();
    for format in FORMATS {
        let back = read(open(written(&batch, format, Compression::None), format));
        assert_eq!(back.quarantined, [], "{format:?}");
        assert!(back.batch == batch, "{format:?}");
    }
}

#[test]
fn compressed_files_are_recognised_by_their_first_bytes() {
    let batch = rows();
    for format in [FileFormat::Ndjson, FileFormat::Csv] {
        for compression in [Compression::Gzip, Compression::Zstd] {
            let mut file = written(&batch, format, compression);
            let mut head = [0; 8];
            file.read_exact(&mut head).unwrap();
            assert!(!head.is_ascii());
            file.rewind().unwrap();
            assert!(read(open(file, format)).batch == batch, "{format:?} {compression:?}");
        }
    }
}

#[test]
fn a_deletion_in_csv_needs_only_its_key() {
    let taken = csv(&format!("view_id,deleted\n{ID},true\n"));
    let mut expected = Batch::new(&tallyhouse_model::tables::VIEW_SEGMENTS);
    expected.push_deletion(parse_uuid(ID).unwrap(), UNTIL);
    assert_eq!(taken.batch, expected);
}

#[test]
fn a_bad_csv_record_stops_nothing_and_can_be_sent_again() {
    let header = "\u{feff}view_id,content_type,content_id,started_at,client_id,view_session_id,from,is_mobile_view,ip,x";
    let good = format!("{ID},live,5,2026-01-01T00:00:00Z,7,s,3,TRUE,,");
    let bad = format!("{ID},live,5,2026-01-01T00:00:00,7,s,3,TRUE,203.0.113.7,");
    let short = format!("{ID},live,203.0.113.7");
    let taken = csv(&format!("{header}\n{good}\r\n{bad}\n{short}\n{good}\n"));
    assert_eq!(taken.batch.rows(), 2);
    let [bad, short] = &taken.quarantined[..] else { panic!("{:?}", taken.quarantined) };
    assert_eq!(bad.reason, "started_at: has no UTC offset; write Z or an offset such as +01:00");
    assert_eq!(short.reason, "has 3 cells where the header has 10");
    assert!(!short.line.contains("203.0") && !bad.line.contains("203.0"));

    let mended = bad.line.replace("00:00:00\"", "00:00:00Z\"");
    let mut again = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(UNTIL), Enrichment::off());
    again.take_lines(Cursor::new(mended)).unwrap();
    let again = again.into_submission(AccountId(1), UNTIL);
    assert_eq!(again.quarantined, []);
    assert_eq!(again.batch, csv(&format!("{header}\n{good}\n")).batch);
}

#[test]
fn a_csv_file_without_a_usable_header_is_refused() {
    for text in ["", "a,b\n1,2\n", "view_id,view_id\n1,2\n"] {
        let opened = RecordReader::csv(&VIEW_SEGMENTS, Box::new(Cursor::new(text)));
        assert!(matches!(opened, Err(ReadError::Layout(_))), "{text}");
    }
}

#[test]
fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
    let endless = std::io::repeat(b'x').take(1 << 30);
    let text = Cursor::new("view_id\n\"").chain(endless);
    let mut reader = RecordReader::csv(&VIEW_SEGMENTS, Box::new(std::io::BufReader::new(text))).unwrap();
    let read = reader.next(&mut RecordRows::new(&VIEW_SEGMENTS, Receipt::at(UNTIL), Enrichment::off()));
    assert!(matches!(read, Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::InvalidData));
}

#[test]
fn parquet_of_other_writers_is_understood() {
    let text = |values: &[Option<&str>]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let family = Arc::new(ArrowField::new("family", DataType::Utf8, true));
    let browser = StructArray::from(vec![(family, text(&[Some("Chrome"), None]))]);
    let info = StructArray::from(vec![(
        Arc::new(ArrowField::new("browser", browser.data_type().clone(), true)),
        Arc::new(browser) as ArrayRef,
    )]);
    let batch = RecordBatch::try_from_iter([
        ("view_id", text(&[Some(ID), Some("no")])),
        ("content_type", text(&[Some("live"), Some("live")])),
        ("content_id", Arc::new(Int16Array::from(vec![5, 5])) as ArrayRef),
        (
            "started_at",
            Arc::new(TimestampNanosecondArray::from(vec![1_700_000_000_000_001_999, 0])) as ArrayRef,
        ),
        ("client_id", Arc::new(Int16Array::from(vec![-7, 7])) as ArrayRef),
        ("view_session_id", text(&[Some("s"), Some("s")])),
        ("device_info", Arc::new(info) as ArrayRef),
        ("ip", text(&[Some("203.0.113.7"), Some("203.0.113.7")])),
        ("unknown", text(&[Some("x"), Some("y")])),
    ])
    .unwrap();
    let mut file = tempfile::tempfile().unwrap();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(file.try_clone().unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file.rewind().unwrap();

    let taken = read(RecordReader::parquet(&VIEW_SEGMENTS, file).unwrap());
    let line = concat!(
        r#"{"view_id":"0f8fad5b-d9cb-469f-a165-70867728950e","content_type":"live","content_id":5,"#,
        r#""started_at":"2023-11-14T22:13:20.000001Z","client_id":"-7","view_session_id":"s","#,
        r#""device_info":{"browser":{"family":"Chrome"}}}"#
    );
    let mut expected = RecordRows::new(&VIEW_SEGMENTS, Receipt::at(UNTIL), Enrichment::off());
    expected.take_lines(Cursor::new(line)).unwrap();
    assert_eq!(taken.batch, expected.into_submission(AccountId(1), UNTIL).batch);
    assert_eq!(taken.quarantined[0].reason, "view_id: is not a UUID of five groups with hyphens");
    assert!(taken.quarantined[0].line.contains(r#""started_at":"1970-01-01T00:00:00Z""#));
    assert!(!taken.quarantined[0].line.contains("203.0"));
}

#[test]
fn what_is_not_parquet_is_refused() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"{\"view_id\":1}\n{\"view_id\":1}\n").unwrap();
    file.rewind().unwrap();
    assert!(matches!(RecordReader::parquet(&VIEW_SEGMENTS, file), Err(ReadError::Parquet(_))));
}
