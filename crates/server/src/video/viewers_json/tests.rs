//! Viewers out of batches: the documented shape, what follows from the segments, and bounded pieces.

use std::sync::Arc;

use serde_json::{Value, json};
use tallyhouse_model::tables::{VIEW_SEGMENTS, view_segments as column};
use tallyhouse_model::{SECOND, Texts, Values, Zone};

use super::*;

/// Segments of (content type, content, end), with ids and starts that count up from 1.
fn rows(segments: &[(u8, u64, Micros)]) -> Batch {
    let mut batch = Batch::new(&VIEW_SEGMENTS);
    for (index, (content_type, content_id, ended_at)) in segments.iter().enumerate() {
        let number = index as u128 + 1;
        for (position, values) in batch.columns.iter_mut().enumerate() {
            match values {
                Values::Ids(ids) => ids.push(number.to_be_bytes()),
                Values::Times(times) if position == column::ENDED_AT => times.push(*ended_at),
                Values::Times(times) => times.push(number as i64 * SECOND),
                Values::Flags(flags) => flags.push(position == column::FINISHED),
                Values::Choices(codes) if position == column::CONTENT_TYPE => codes.push(*content_type),
                Values::Choices(codes) => codes.push(1),
                Values::Integers(integers) if position == column::CONTENT_ID => integers.push(*content_id),
                Values::Integers(integers) => integers.push(0),
                Values::Texts(texts) => push_text(texts, position),
            }
        }
        batch.deleted.push(false);
    }
    assert!(batch.is_consistent());
    batch
}

fn push_text(texts: &mut Texts, position: usize) {
    texts.push((position != column::DEVICE_INFO && position != column::CITY).then_some("x"));
}

fn group(text: &str, segments: &[(u8, u64, Micros)], is_last: bool) -> GroupRows {
    let (batch, rows) = (Arc::new(rows(segments)), 0..segments.len());
    GroupRows { text: text.to_owned(), batch, rows, is_last }
}

/// The pieces that a page of these batches becomes.
fn pieces(batches: Vec<GroupRows>) -> Vec<Bytes> {
    let mut batches = batches.into_iter();
    let mut writer = ViewersWriter::new(br#"{"data":["#.to_vec(), SegmentWriter::new(Zone::UTC, false));
    let mut pieces = Vec::new();
    loop {
        let piece = writer.next_piece(|| Ok(batches.next())).unwrap();
        pieces.push(piece.bytes);
        if piece.is_last {
            return pieces;
        }
    }
}

fn viewers(batches: Vec<GroupRows>) -> Value {
    let body: Value = serde_json::from_slice(&pieces(batches).concat()).unwrap();
    body["data"].clone()
}

#[test]
fn a_viewer_has_exactly_the_documented_attributes() {
    assert_eq!(
        viewers(vec![group("some \"viewer\"", &[(1, 7, 42 * SECOND)], true)]),
        json!([{
            "attributes": {
                "last_activity": "1970-01-01T00:00:42+00:00",
                "segments": [{
                    "city": null,
                    "client_id": "x",
                    "content_id": 7,
                    "content_type": "live",
                    "country": "x",
                    "finished_at": "1970-01-01T00:00:42+00:00",
                    "from": 0,
                    "id": "00000000-0000-0000-0000-000000000001",
                    "is_mobile_view": false,
                    "started_at": "1970-01-01T00:00:01+00:00",
                    "to": 0,
                    "view_session_id": "x",
                    "view_type": "onsite",
                    "device_info": null
                }],
                "videos_watched": 1,
                "viewer_identifier": "some \"viewer\""
            },
            "type": "Viewer"
        }])
    );
}

#[test]
fn the_segments_tell_the_last_activity_and_the_different_contents() {
    // Live 7 and recorded 7 are two; the greatest end is neither that of the last segment nor that of the first.
    let first = [(1, 7, 50 * SECOND), (2, 7, 90 * SECOND)];
    let second = [(1, 7, 60 * SECOND), (2, 8, 10 * SECOND)];
    let both =
        viewers(vec![group("a", &first, false), group("a", &second, true), group("b", &first[..1], true)]);
    let [a, b] = both.as_array().unwrap().as_slice() else { panic!("two viewers, not {both}") };
    assert_eq!(a["attributes"]["segments"].as_array().unwrap().len(), 4);
    assert_eq!(a["attributes"]["videos_watched"], 3);
    assert_eq!(a["attributes"]["last_activity"], "1970-01-01T00:01:30+00:00");
    assert_eq!(b["attributes"]["videos_watched"], 1);
    assert_eq!(b["attributes"]["last_activity"], "1970-01-01T00:00:50+00:00");
    assert_eq!(
        (&a["attributes"]["viewer_identifier"], &b["attributes"]["viewer_identifier"]),
        (&json!("a"), &json!("b"))
    );
}

#[test]
fn without_viewers_the_list_is_empty() {
    assert_eq!(viewers(Vec::new()), json!([]));
}

#[test]
fn a_viewer_of_any_number_of_segments_is_sent_in_bounded_pieces() {
    let batch = [(1, 7, SECOND); 1_000];
    let batches = (0..5).map(|index| group("a", &batch, index == 4)).collect();
    let pieces = pieces(batches);
    assert!(pieces.len() > 10);
    assert!(pieces.iter().all(|piece| piece.len() < CHUNK_BYTES + 1_000), "a piece is too large");
    let body: Value = serde_json::from_slice(&pieces.concat()).unwrap();
    assert_eq!(body["data"][0]["attributes"]["segments"].as_array().unwrap().len(), 5_000);
}

#[test]
fn a_failure_is_handed_on() {
    let mut writer = ViewersWriter::new(Vec::new(), SegmentWriter::new(Zone::UTC, false));
    let failed = writer.next_piece(|| Err(QueryError::Cancelled));
    assert!(matches!(failed, Err(QueryError::Cancelled)));
}
