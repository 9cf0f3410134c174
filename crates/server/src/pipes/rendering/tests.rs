//! An answer is the same each time it is written, comes in bounded pieces, and is refused when it is too large.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::*;
use crate::pipes::sample_answer::{NumberedRows, of_every_kind};

const FORMATS: [Format; 4] = [Format::Json, Format::Csv, Format::Ndjson, Format::Parquet];

fn rendering(answer: Answer, format: Format) -> Rendering {
    Rendering::new(answer, format, true, Instant::now())
}

fn pieces(rendering: &mut Rendering) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    loop {
        let piece = rendering.next_piece().unwrap();
        pieces.push(piece.bytes);
        if piece.is_last {
            return pieces;
        }
    }
}

#[test]
fn the_second_time_the_same_bytes_come_in_all_formats() {
    for format in FORMATS {
        for answer in [of_every_kind(), NumberedRows::scrambled(5_000).into_answer()] {
            let mut rendering = rendering(answer, format);
            let first = pieces(&mut rendering).concat();
            rendering.rewind();
            assert_eq!(first, pieces(&mut rendering).concat(), "{format:?}");
        }
    }
}

#[test]
fn a_large_answer_comes_in_bounded_pieces() {
    for format in [Format::Json, Format::Csv, Format::Ndjson] {
        let pieces = pieces(&mut rendering(NumberedRows::new(30_000, 100).into_answer(), format));
        assert!(pieces.len() >= 10, "{format:?}");
        assert!(pieces.iter().all(|piece| piece.len() < PIECE_BYTES + 1_000), "{format:?}");
    }
}

#[test]
fn a_small_answer_is_kept_and_a_large_one_is_known_by_its_size() {
    for format in FORMATS {
        let large = NumberedRows::scrambled(80_000).into_answer();
        let Ok(Measured::Sized(bytes, mut again)) = rendering(large, format).measure(u64::MAX) else {
            panic!("{format:?} should be too large to be kept");
        };
        let sent = pieces(&mut again).iter().map(|piece| piece.len() as u64).sum::<u64>();
        assert_eq!((bytes, bytes > KEPT_BYTES_MAX), (sent, true), "{format:?}");
        let small = rendering(of_every_kind(), format).measure(u64::MAX);
        assert!(matches!(small, Ok(Measured::Whole(bytes)) if !bytes.is_empty()), "{format:?}");
    }
}

#[test]
fn a_result_of_exactly_the_limit_passes_and_a_byte_more_does_not() {
    for format in FORMATS {
        for rows in [3, 80_000] {
            let answer = || NumberedRows::scrambled(rows).into_answer();
            let started = Instant::now();
            let size = |bytes_max| {
                // The time that the query took is a part of the body, so it has to be the same.
                let mut rendering = Rendering::new(answer(), format, true, started);
                rendering.closing = Some(Closing {
                    rows,
                    total: None,
                    elapsed: std::time::Duration::from_millis(1),
                    scanned: Scanned::default(),
                });
                match rendering.measure(bytes_max) {
                    Ok(Measured::Whole(bytes)) => Ok(bytes.len() as u64),
                    Ok(Measured::Sized(bytes, _)) => Ok(bytes),
                    Err(PipesError::ResultTooLarge { bytes_max }) => Err(bytes_max),
                    Err(other) => panic!("{other}"),
                }
            };
            let bytes = size(u64::MAX).unwrap();
            assert_eq!(size(bytes), Ok(bytes), "{format:?}");
            assert_eq!(size(bytes - 1), Err(bytes - 1), "{format:?}");
        }
    }
}

#[test]
fn a_result_that_is_too_large_is_not_read_to_its_end() {
    let rows = NumberedRows::new(1_000_000, 100);
    let asked = Arc::clone(&rows.asked);
    let refused = rendering(rows.into_answer(), Format::Csv).measure(1_000_000);
    assert!(matches!(refused, Err(PipesError::ResultTooLarge { bytes_max: 1_000_000 })));
    assert!(asked.load(Ordering::Relaxed) < 200);
}

#[test]
fn an_error_behind_the_rows_is_an_error_of_the_whole() {
    let mut rows = NumberedRows::new(50_000, 100);
    rows.error = Some(QueryError::TooManyGroups(9));
    let refused = rendering(rows.into_answer(), Format::Json).measure(u64::MAX);
    assert!(matches!(refused, Err(PipesError::TooManyGroups(9))));
}
