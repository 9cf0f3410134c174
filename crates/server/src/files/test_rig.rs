//! What tests of formats have in common: rows of anything that the rules allow, and files of them.

use std::fs::File;
use std::io::{Cursor, Seek};

use tallyhouse_model::limits::RECORD_TIME_MIN;
use tallyhouse_model::{AccountId, Batch, Cell, ColumnIndex, Micros, Table, key_of_integer, key_of_row};
use tallyhouse_store::Submission;

use super::*;
use crate::ingest::{Absence, Enrichment, Field, ListOf, Place, Receipt, RecordRows, RecordType, Rule};

pub const NOW: Micros = 1_772_366_400_000_000;
pub const FORMATS: [FileFormat; 3] = [FileFormat::Ndjson, FileFormat::Csv, FileFormat::Parquet];
pub const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// What formats are most likely to get wrong, and the empty text last: names cannot be that.
pub const TEXTS: [&str; 20] = [
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

/// Lists as they are kept.
pub const LISTS: [&str; 4] =
    ["[]", r#"[1,null,"a, \"b\"\n é"]"#, r#"[{"id":9007199254740993,"x":1.50}]"#, r#"[[[]],""]"#];

/// A generator of numbers that are the same in every run.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn cell(&mut self, record_type: &RecordType, field: &Field) -> Cell<'static> {
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
            (Rule::Text(_), Absence::Kept | Absence::Default(_)) => match TEXTS[self.below(TEXTS.len())] {
                "" if field.rule.empty_is_absent() => Cell::Absent,
                text => Cell::Text(text),
            },
            (Rule::Text(_), _) => Cell::Text(TEXTS[self.below(TEXTS.len() - 1)]),
            (Rule::Digits(max), _) => {
                Cell::Integer([0, 1, max, self.below(1 << 30) as u64 * 8_589_934_583][self.below(4)])
            }
            (Rule::Word, _) => Cell::Choice(1 + self.below(record_type.words(field).len()) as u8),
            (Rule::Uuid, _) => Cell::Id(std::array::from_fn(|_| self.below(256) as u8)),
            (Rule::List(ListOf::Anything(_)), _) => Cell::Text(LISTS[self.below(LISTS.len())]),
            (other, _) => panic!("{other:?}"),
        }
    }
}

/// Rows with anything that a rule allows, and deletions among them.
pub fn rows(record_type: &RecordType, count: usize, seed: u64) -> Batch {
    let (table, mut numbers) = (record_type.table, Numbers(seed));
    let mut batch = Batch::new(table);
    for _ in 0..count {
        let mut cells = vec![Cell::Absent; table.columns.len()];
        for field in record_type.fields {
            if let Place::Column(column) = field.place {
                cells[column] = match numbers.cell(record_type, field) {
                    Cell::Integer(id) if column == Table::KEY => Cell::Id(key_of_integer(id)),
                    cell => cell,
                };
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

pub fn written(batch: &Batch, format: FileFormat, deletions: bool) -> File {
    let mut file = tempfile::tempfile().unwrap();
    let output = Output::new(Box::new(file.try_clone().unwrap()), Compression::None).unwrap();
    let mut writer = RecordWriter::new(output, format, batch.table.id, deletions).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    file.rewind().unwrap();
    file
}

pub fn read(record_type: &'static RecordType, mut reader: RecordReader) -> Submission {
    let mut rows = RecordRows::new(record_type, Receipt::at(NOW), Enrichment::off());
    while reader.next(&mut rows).unwrap() {}
    rows.into_submission(AccountId(1), NOW)
}

pub fn open(record_type: &'static RecordType, file: File, format: FileFormat) -> RecordReader {
    match format {
        FileFormat::Ndjson => RecordReader::lines(decompressed(file).unwrap()).unwrap(),
        FileFormat::Csv => RecordReader::csv(record_type, decompressed(file).unwrap()).unwrap(),
        FileFormat::Parquet => RecordReader::parquet(record_type, file).unwrap(),
    }
}

pub fn csv(record_type: &'static RecordType, text: &str) -> Submission {
    read(record_type, RecordReader::csv(record_type, Box::new(Cursor::new(text.to_string()))).unwrap())
}

pub fn lines(record_type: &'static RecordType, text: &str) -> Submission {
    read(record_type, RecordReader::lines(Box::new(Cursor::new(text.to_string()))).unwrap())
}
