//! Pieces arrive in order, whole or visibly not.

use std::future::poll_fn;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use http_body::Body as _;
use tallyhouse_model::AccountId;
use tokio::sync::oneshot;

use super::*;
use crate::http::{PLACE_WAIT_MAX, Places};

type Next = Result<Piece, QueryError>;

/// A place of an account that has no other reads.
async fn place() -> Place {
    Places::new(1, 1, PLACE_WAIT_MAX).take(AccountId(1)).await.unwrap()
}

/// Sends what was begun.
fn body_in(begun: Begun, place: Place) -> Body {
    match begun {
        Begun::Whole(bytes) => Body::from(bytes),
        Begun::Pieces(pieces) => pieces.into_body(place),
    }
}

fn piece(text: &'static str, is_last: bool) -> Next {
    Ok(Piece { bytes: Bytes::from_static(text.as_bytes()), is_last })
}

async fn body(pieces: Vec<Next>) -> Result<Body, QueryError> {
    let mut pieces = pieces.into_iter();
    let next_piece = move || pieces.next().expect("nothing is asked for behind the end");
    Ok(body_in(begin(next_piece, &Stop::default())?, place().await))
}

async fn next(body: &mut Body) -> Option<bool> {
    poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await.map(|frame| frame.is_ok())
}

/// One place, which nobody waits for.
fn one_place() -> Arc<Places> {
    Places::new(1, 1, Duration::ZERO)
}

async fn is_free(places: &Arc<Places>) -> bool {
    places.take(AccountId(1)).await.is_ok()
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
    let long = body(vec![piece("a", false), piece("b", false), piece("c", true)]).await.unwrap();
    assert_eq!(sent(long).await, ("abc".to_owned(), true));
    let empty_end = body(vec![piece("a", false), piece("", true)]).await.unwrap();
    assert_eq!(sent(empty_end).await, ("a".to_owned(), true));
}

#[tokio::test]
async fn an_answer_of_one_piece_has_a_known_size() {
    let short = body(vec![piece("abc", true)]).await.unwrap();
    assert_eq!(short.size_hint().exact(), Some(3));
    assert_eq!(sent(short).await, ("abc".to_owned(), true));
}

#[tokio::test]
async fn a_failure_before_anything_was_sent_is_an_error_and_no_body() {
    assert!(matches!(body(vec![Err(QueryError::TookTooLong)]).await, Err(QueryError::TookTooLong)));
}

#[tokio::test]
async fn a_failure_on_the_way_breaks_the_body_off() {
    let broken = body(vec![piece("a", false), Err(QueryError::Damaged("x".to_owned()))]).await.unwrap();
    assert_eq!(sent(broken).await, ("a".to_owned(), false));
}

#[tokio::test]
async fn a_panic_on_the_way_breaks_the_body_off() {
    let mut first = Some(piece("a", false));
    let next_piece = move || first.take().expect("the second piece panics");
    assert_eq!(
        sent(body_in(begin(next_piece, &Stop::default()).unwrap(), place().await)).await,
        ("a".to_owned(), false)
    );
}

#[tokio::test]
async fn nothing_is_made_before_it_is_asked_for() {
    let made = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let next_piece = move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        piece("x", false)
    };
    let mut body = body_in(begin(next_piece, &Stop::default()).unwrap(), place().await);
    for expected in 1..4 {
        assert!(poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await.unwrap().is_ok());
        assert_eq!(made.load(std::sync::atomic::Ordering::Relaxed), expected);
    }
}

#[tokio::test]
async fn a_body_that_is_dropped_stops_its_query() {
    let is_stopped = |stop: &Stop| format!("{stop:?}").contains("stopped: true");
    for of_known_size in [false, true] {
        let stop = Stop::default();
        let body = if of_known_size {
            Pieces::of_size(2, || piece("a", false), &stop).into_body(place().await)
        } else {
            body_in(begin(|| piece("a", false), &stop).unwrap(), place().await)
        };
        assert!(!is_stopped(&stop));
        drop(body);
        assert!(is_stopped(&stop));
    }
}

#[tokio::test]
async fn a_body_of_known_size_tells_what_is_left() {
    let mut pieces = [piece("ab", false), piece("c", true)].into_iter();
    let next_piece = move || pieces.next().expect("nothing is asked for behind the end");
    let mut body = Pieces::of_size(3, next_piece, &Stop::default()).into_body(place().await);
    for left in [3, 1] {
        assert_eq!(body.size_hint().exact(), Some(left));
        assert_eq!(next(&mut body).await, Some(true));
    }
    assert_eq!((body.size_hint().exact(), next(&mut body).await), (Some(0), None));
}

#[tokio::test]
async fn a_place_comes_back_when_the_pieces_have_ended_or_failed_or_panicked() {
    for end in [Some(piece("b", true)), Some(Err(QueryError::TookTooLong)), None] {
        let places = one_place();
        let mut pieces = [Some(piece("a", false)), end].into_iter();
        let next_piece = move || pieces.next().flatten().expect("without an end it panics");
        let pieces = begin(next_piece, &Stop::default()).unwrap();
        let mut body = body_in(pieces, places.take(AccountId(1)).await.unwrap());
        assert_eq!(next(&mut body).await, Some(true));
        assert!(!is_free(&places).await);
        assert!(next(&mut body).await.is_some());
        assert!(is_free(&places).await);
        assert_eq!(next(&mut body).await, None);
    }
}

#[tokio::test]
async fn a_place_is_taken_until_the_thread_of_a_dropped_body_is_done() {
    let places = Places::new(1, 1, crate::http::PLACE_WAIT_MAX);
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let mut started = Some(started);
    let mut first = Some(piece("a", false));
    let next_piece = move || match first.take() {
        Some(piece) => piece,
        None => {
            started.take().unwrap().send(()).unwrap();
            may_go_on.recv().unwrap();
            piece("b", false)
        }
    };
    let pieces = begin(next_piece, &Stop::default()).unwrap();
    let mut body = body_in(pieces, places.take(AccountId(1)).await.unwrap());
    assert_eq!(next(&mut body).await, Some(true));
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(Pin::new(&mut body).poll_frame(&mut context).is_pending());
    has_started.await.unwrap();
    drop(body);
    let mut waiting = std::pin::pin!(places.take(AccountId(1)));
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    go_on.send(()).unwrap();
    assert!(waiting.await.is_ok());
}
