//! Records whose columns hold one field each go through every format and come back as the same rows.

use std::fs::File;
use std::io::{Cursor, Seek};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray,
};
use tallyhouse_model::limits::RECORD_TIME_MIN;
use tallyhouse_model::{ABSENT_TIME, AccountId, Batch, Cell, ColumnIndex, Micros, Table, Values, key_of_row};
use tallyhouse_store::Submission;

use super::*;
use crate::ingest::{
    Absence, DEMO_ACTIVITY, DEMO_CHANGES, DEMO_SESSIONS, Enrichment, Field, Place, Receipt, RecordRows,
    RecordType, Rule,
};

const NOW: Micros = 1_772_366_400_000_000;
const FORMATS: [FileFormat; 3] = [FileFormat::Ndjson, FileFormat::Csv, FileFormat::Parquet];
const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// What formats are most likely to get wrong, and the empty text last: names cannot be that.
const TEXTS: [&str; 20] = [
    "x",
    "5",
    "-5",
    "007",
    "true",
    "TRUE",
    "null",
    "NULL",
    "\"",
    "\"\"",
    "\"\"\"",
    "a,\"b\"\r\nc",
    " x ",
    "\t",
    "\u{0}",
    "é😀",
    "\\N",
    "2026-01-01",
    UUID,
    "",
];

/// A generator of numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn cell(&mut self, field: &Field) -> Cell<'static> {
        if field.is_nullable() && self.below(3) == 0 {
            return Cell::Absent;
        }
        match (field.rule, field.absence) {
            (Rule::Receipt, _) => Cell::Time(NOW),
            (Rule::Time(_), Absence::Default(default)) if self.below(2) == 0 => default,
            (Rule::Time(_), _) => Cell::Time(match self.below(4) {
                0 => RECORD_TIME_MIN,
                1 => NOW + 86_400_000_000,
                2 => 1_700_000_000_000_000,
                _ => RECORD_TIME_MIN + self.below(1 << 30) as Micros * 1_000_003,
            }),
            (Rule::Text(_), Absence::Kept | Absence::Default(_)) => {
                Cell::Text(TEXTS[self.below(TEXTS.len())])
            }
            (Rule::Text(_), _) => Cell::Text(TEXTS[self.below(TEXTS.len() - 1)]),
            (other, _) => panic!("{other:?}"),
        }
    }
}

/// Rows with anything that a rule allows, and deletions among them.
fn rows(record_type: &RecordType, count: usize, seed: u64) -> Batch {
    let (table, mut numbers) = (record_type.table, Numbers(seed));
    let mut batch = Batch::new(table);
    for _ in 0..count {
        let mut cells = vec![Cell::Absent; table.columns.len()];
        for field in record_type.fields {
            if let Place::Column(column) = field.place {
                cells[column] = numbers.cell(field);
            }
        }
        let key = key_of_row(table, &cells);
        if numbers.below(5) > 0 {
            cells[Table::KEY] = Cell::Id(key);
            batch.push_row(&cells);
        } else {
            let Cell::Time(version) = cells[table.version.unwrap()] else { panic!() };
            let identity: Vec<(ColumnIndex, Cell<'_>)> =
                table.identity.iter().map(|column| (*column, cells[*column])).collect();
            batch.push_deletion_of(key, version, &identity);
        }
    }
    batch
}

fn written(batch: &Batch, format: FileFormat, deletions: bool) -> File {
    let mut file = tempfile::tempfile().unwrap();
    let output = Output::new(Box::new(file.try_clone().unwrap()), Compression::None).unwrap();
    let mut writer = RecordWriter::new(output, format, batch.table.id, deletions).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    file.rewind().unwrap();
    file
}

fn read(record_type: &'static RecordType, mut reader: RecordReader) -> Submission {
    let mut rows = RecordRows::new(record_type, Receipt::at(NOW), Enrichment::off());
    while reader.next(&mut rows).unwrap() {}
    rows.into_submission(AccountId(1), NOW)
}

fn open(record_type: &'static RecordType, file: File, format: FileFormat) -> RecordReader {
    match format {
        FileFormat::Ndjson => RecordReader::lines(decompressed(file).unwrap()).unwrap(),
        FileFormat::Csv => RecordReader::csv(record_type, decompressed(file).unwrap()).unwrap(),
        FileFormat::Parquet => RecordReader::parquet(record_type, file).unwrap(),
    }
}

fn csv(record_type: &'static RecordType, text: &str) -> Submission {
    read(record_type, RecordReader::csv(record_type, Box::new(Cursor::new(text.to_string()))).unwrap())
}

fn lines(record_type: &'static RecordType, text: &str) -> Submission {
    read(record_type, RecordReader::lines(Box::new(Cursor::new(text.to_string()))).unwrap())
}

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
