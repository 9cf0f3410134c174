//! Pieces arrive in order, whole or visibly not.

use std::future::poll_fn;
use std::sync::Arc;

use http_body::Body as _;

use super::*;
use crate::video::sample_store::{SampleStore, all_rows};

type Next = Result<Piece, QueryError>;

fn piece(text: &'static str, is_last: bool) -> Next {
    Ok(Piece { bytes: Bytes::from_static(text.as_bytes()), is_last })
}

fn body(pieces: Vec<Next>) -> Result<Body, QueryError> {
    let mut pieces = pieces.into_iter();
    body_of(move || pieces.next().expect("nothing is asked for behind the end"), &Stop::default())
}

/// Everything that is sent, and how it ended.
async fn sent(mut body: Body) -> (String, bool) {
    let mut text = String::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        match frame {
            Ok(frame) => text += std::str::from_utf8(&frame.into_data().unwrap()).unwrap(),
            Err(_) => return (text, false),
        }
    }
    (text, true)
}

#[tokio::test]
async fn pieces_arrive_in_order() {
    let long = body(vec![piece("a", false), piece("b", false), piece("c", true)]).unwrap();
    assert_eq!(sent(long).await, ("abc".to_owned(), true));
    let empty_end = body(vec![piece("a", false), piece("", true)]).unwrap();
    assert_eq!(sent(empty_end).await, ("a".to_owned(), true));
}

#[tokio::test]
async fn an_answer_of_one_piece_has_a_known_size() {
    let short = body(vec![piece("abc", true)]).unwrap();
    assert_eq!(short.size_hint().exact(), Some(3));
    assert_eq!(sent(short).await, ("abc".to_owned(), true));
}

#[tokio::test]
async fn a_failure_before_anything_was_sent_is_an_error_and_no_body() {
    assert!(matches!(body(vec![Err(QueryError::TookTooLong)]), Err(QueryError::TookTooLong)));
}

#[tokio::test]
async fn a_failure_on_the_way_breaks_the_body_off() {
    let broken = body(vec![piece("a", false), Err(QueryError::Damaged("x".to_owned()))]).unwrap();
    assert_eq!(sent(broken).await, ("a".to_owned(), false));
}

#[tokio::test]
async fn a_panic_on_the_way_breaks_the_body_off() {
    let mut first = Some(piece("a", false));
    let next_piece = move || first.take().expect("the second piece panics");
    assert_eq!(sent(body_of(next_piece, &Stop::default()).unwrap()).await, ("a".to_owned(), false));
}

#[tokio::test]
async fn nothing_is_made_before_it_is_asked_for() {
    let made = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let next_piece = move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        piece("x", false)
    };
    let mut body = body_of(next_piece, &Stop::default()).unwrap();
    for expected in 1..4 {
        assert!(poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await.unwrap().is_ok());
        assert_eq!(made.load(std::sync::atomic::Ordering::Relaxed), expected);
    }
}

#[tokio::test]
async fn a_body_that_is_dropped_stops_its_query() {
    let store = SampleStore::new();
    let stop = Stop::default();
    let snapshot = store.state.store.snapshot();
    let body = body_of(|| piece("a", false), &stop).unwrap();
    assert!(snapshot.rows(&all_rows(store.account), &stop).is_ok());
    drop(body);
    let stopped = snapshot.rows(&all_rows(store.account), &stop);
    assert!(matches!(stopped, Err(QueryError::Cancelled)));
}
