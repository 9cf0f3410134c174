//! Answers from a store are written twice, first to be measured: both times the same bytes come, in every format, and
//! pages together are the whole.

use std::time::Instant;

use arrow_array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tallyhouse_model::{Cell, TableId};

use super::rig::{Rig, at, pipe};
use crate::pipes::format::Format;
use crate::pipes::pipe::Pipe;
use crate::pipes::rendering::Rendering;

const ROWS: usize = 4_500;

/// Rows of one instant that are more than a chunk of rows.
const TOGETHER: usize = 1_300;

/// Sessions in three parts, each of which has some of every instant: one that is longer than a chunk, before and
/// behind it many of 20 rows, so that chunks and pages end amid them.
fn sessions() -> Rig {
    let rig = Rig::new();
    let ids: Vec<_> = (0..ROWS).map(|number| format!("session {}", number * 7_919 % 10_007)).collect();
    let instant = |number: usize| match number {
        ..1_000 => number / 20,
        1_000..2_300 => 50,
        _ => 51 + (number - 1_000 - TOGETHER) / 20,
    };
    for part in 0..3 {
        let rows = ids.iter().enumerate().filter(|(number, _)| number % 3 == part).map(|(number, id)| {
            let date = at("2026-07-01") + instant(number) as i64 * 61_000_000;
            let title = if number % 5 == 0 { "A \"tour\",\n" } else { "Another" };
            vec![
                ("session_date", Cell::Time(date)),
                ("session_id", Cell::Text(id)),
                ("demo_title", Cell::Text(title)),
            ]
        });
        rig.add_many(TableId::DemoSessions, rows);
        rig.flush();
    }
    rig
}

const ROW: &str = "[[columns]]\nname = \"session_id\"\n[[columns]]\nname = \"session_date\"\n\
                   [[columns]]\nname = \"demo_title\"\n[[columns]]\nname = \"account\"\naccount = true\n";
const GROUP: &str = "[[columns]]\nname = \"session_id\"\n[[columns]]\nname = \"title\"\nmeasure = \"first\"\nof = \"demo_title\"\n\
                     [[columns]]\nname = \"at\"\nmeasure = \"least\"\nof = \"session_date\"\n[[columns]]\nname = \"count\"\nmeasure = \"rows\"\n";
const POINT: &str =
    "[[columns]]\nname = \"minute\"\nunit = \"minute\"\n[[columns]]\nname = \"count\"\nmeasure = \"rows\"\n";

fn pipe_of(order: &str, columns: &str) -> Pipe {
    pipe(&format!("description = \"x\"\ntable = \"demo_sessions\"\n{order}\n{columns}"))
}

fn written(rendering: &mut Rendering) -> Bytes {
    let mut written = Vec::new();
    loop {
        let piece = rendering.next_piece().unwrap();
        written.extend_from_slice(&piece.bytes);
        if piece.is_last {
            return written.into();
        }
    }
}

/// The body of an answer, which is the same both times.
fn body(rig: &Rig, pipe: &Pipe, query: &str, format: Format) -> Bytes {
    let answer = rig.answer(pipe, query).unwrap();
    let mut rendering = Rendering::new(answer, format, false, Instant::now());
    let first = written(&mut rendering);
    rendering.rewind();
    assert!(first == written(&mut rendering), "{format:?} {query}");
    first
}

/// What a body says about rows, without what stands around them.
#[derive(Debug, PartialEq)]
enum Rows {
    Text(String),
    Batch(RecordBatch),
}

fn rows_of(body: Bytes, format: Format) -> Rows {
    if format == Format::Parquet {
        let reader = ParquetRecordBatchReaderBuilder::try_new(body).unwrap().with_batch_size(ROWS);
        let mut batches = reader.build().unwrap();
        let batch = batches.next().unwrap().unwrap();
        assert!(batches.next().is_none());
        return Rows::Batch(batch);
    }
    let text = String::from_utf8(body.to_vec()).unwrap();
    Rows::Text(match format {
        Format::Json => {
            let (_, data) = text.split_once("\t\"data\":\n\t[\n").unwrap();
            format!("{},\n", data.split_once("\n\t],\n").unwrap().0)
        }
        Format::Csv => text.split_once('\n').unwrap().1.to_owned(),
        _ => text,
    })
}

/// Compares the rows from one place to another with those of pages.
fn assert_pages_are_the_whole(
    rig: &Rig,
    pipe: &Pipe,
    format: Format,
    places: std::ops::Range<usize>,
    limit: usize,
) {
    let query = |from: usize, rows: usize| format!("offset={from}&limit={rows}");
    let whole = body(rig, pipe, &query(places.start, places.len()), format);
    let pages = places.clone().step_by(limit).map(|from| {
        let rows = limit.min(places.end - from);
        (from - places.start, rows, rows_of(body(rig, pipe, &query(from, rows), format), format))
    });
    match rows_of(whole, format) {
        Rows::Text(whole) => {
            let texts = pages.map(|(.., page)| match page {
                Rows::Text(text) => text,
                Rows::Batch(_) => unreachable!("one format has one form"),
            });
            assert!(whole == texts.collect::<String>(), "{format:?} by {limit}");
        }
        Rows::Batch(whole) => {
            for (from, rows, page) in pages {
                assert!(page == Rows::Batch(whole.slice(from, rows)), "{format:?} by {limit} at {from}");
            }
        }
    }
}

const FORMATS: [Format; 4] = [Format::Json, Format::Csv, Format::Ndjson, Format::Parquet];

#[test]
fn both_passes_over_rows_are_the_same_and_pages_are_the_whole() {
    let rig = sessions();
    for order in ["", "descending = true"] {
        let rows = pipe_of(order, ROW);
        for format in FORMATS {
            assert_pages_are_the_whole(&rig, &rows, format, 0..ROWS, 451);
            // Around the end of the first chunk, amid the longest instant.
            assert_pages_are_the_whole(&rig, &rows, format, 1_010..1_040, 3);
        }
    }
}

#[test]
fn both_passes_over_groups_and_points_are_the_same_and_pages_are_the_whole() {
    let rig = sessions();
    for order in ["", "order = \"count\"\ndescending = true"] {
        let (groups, points) = (pipe_of(order, GROUP), pipe_of(order, POINT));
        for format in FORMATS {
            assert_pages_are_the_whole(&rig, &groups, format, 0..ROWS, 1_451);
            assert_pages_are_the_whole(&rig, &groups, format, 4_090..4_100, 5);
            assert_pages_are_the_whole(&rig, &points, format, 0..160, 37);
        }
    }
}

#[test]
fn rows_backwards_are_the_rows_turned_round() {
    let rig = sessions();
    let forwards = rig.ask_of(&pipe_of("", ROW), "").rows;
    let mut backwards = rig.ask_of(&pipe_of("descending = true", ROW), "").rows;
    assert_eq!((forwards.len(), forwards[0] == backwards[0]), (ROWS, false));
    backwards.reverse();
    assert!(forwards == backwards);
    // Instants of 20 rows are sorted by the id, byte by byte.
    let names: Vec<_> = forwards.iter().map(|row| (&row[1], &row[0])).collect();
    assert!(names[..1_000].is_sorted() && names[1_000 + TOGETHER..].is_sorted());
}
