//! Places are bounded, come back, and are not anybody's for ever.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Waker;

use super::*;

const FIRST: AccountId = AccountId(1);
const SECOND: AccountId = AccountId(2);

/// Turns away at once instead of after a while.
fn without_waiting(in_all: usize, per_account: usize) -> Arc<Places> {
    Places::new(in_all, per_account, Duration::ZERO)
}

/// Whether an account has no place to give; takes none itself.
async fn is_full(places: &Arc<Places>, account: AccountId) -> bool {
    places.take(account).await.is_err()
}

/// Two chunks, then this end.
struct Chunks(usize, Option<&'static str>);

impl HttpBody for Chunks {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        self.0 += 1;
        Poll::Ready(match self.0 {
            1 | 2 => Some(Ok(Frame::data(Bytes::from_static(b"chunk")))),
            _ => self.1.take().map(Err),
        })
    }
}

async fn next(body: &mut Body) -> Option<bool> {
    poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await.map(|frame| frame.is_ok())
}

#[tokio::test]
async fn a_full_account_is_turned_away_while_another_is_served() {
    let places = without_waiting(10, 2);
    let _taken = (places.take(FIRST).await.unwrap(), places.take(FIRST).await.unwrap());
    assert_eq!(places.take(FIRST).await.err(), Some(NoPlace));
    assert!(places.take(SECOND).await.is_ok());
}

#[tokio::test]
async fn all_accounts_together_have_no_more_than_all_places() {
    let places = without_waiting(2, 2);
    let first = places.take(FIRST).await.unwrap();
    let _second = places.take(SECOND).await.unwrap();
    assert!(is_full(&places, FIRST).await && is_full(&places, SECOND).await);
    drop(first);
    assert!(!is_full(&places, SECOND).await);
}

#[tokio::test]
async fn a_request_that_waits_is_served_when_a_place_is_free() {
    // Once the own account is full, once all places are taken.
    for (in_all, account) in [(2, FIRST), (1, SECOND)] {
        let places = Places::new(in_all, 1, PLACE_WAIT_MAX);
        let taken = places.take(FIRST).await.unwrap();
        let mut waiting = pin!(places.take(account));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(taken);
        assert!(waiting.await.is_ok());
    }
}

#[tokio::test]
async fn who_waits_for_the_own_account_is_in_nobody_elses_way() {
    let places = Places::new(2, 1, PLACE_WAIT_MAX);
    let _taken = places.take(FIRST).await.unwrap();
    let mut waiting = pin!(places.take(FIRST));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(places.take(SECOND).await.is_ok());
}

#[tokio::test]
async fn an_account_without_reads_is_forgotten_and_one_with_reads_is_not() {
    let places = without_waiting(10, 1);
    let taken = places.take(FIRST).await.unwrap();
    assert!(is_full(&places, FIRST).await);
    drop(places.take(SECOND).await);
    assert_eq!(places.lock().keys().collect::<Vec<_>>(), [&FIRST]);
    assert!(is_full(&places, FIRST).await);
    drop(taken);
    assert!(places.lock().is_empty());
}

#[tokio::test]
async fn a_request_that_gives_up_waiting_leaves_nothing_behind() {
    let places = Places::new(1, 1, PLACE_WAIT_MAX);
    let taken = places.take(FIRST).await.unwrap();
    for account in [FIRST, SECOND] {
        let mut waiting = Box::pin(places.take(account));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(places.lock().len(), 1);
    drop(taken);
    assert!(places.lock().is_empty());
    assert!(places.take(SECOND).await.is_ok());
}

#[tokio::test]
async fn a_body_has_its_place_until_it_has_ended_or_broken_off() {
    for (end, last) in [(None, None), (Some("broken"), Some(false))] {
        let places = without_waiting(1, 1);
        let mut body = places.take(FIRST).await.unwrap().until_sent(Chunks(0, end));
        for _ in 0..2 {
            assert_eq!(next(&mut body).await, Some(true));
            assert!(is_full(&places, FIRST).await);
        }
        assert_eq!(next(&mut body).await, last);
        assert!(!is_full(&places, FIRST).await);
        assert_eq!(next(&mut body).await, None);
    }
}

#[tokio::test]
async fn a_body_that_is_dropped_gives_its_place_back() {
    let places = without_waiting(1, 1);
    let mut body = places.take(FIRST).await.unwrap().until_sent(Chunks(0, None));
    assert_eq!(next(&mut body).await, Some(true));
    assert!(is_full(&places, FIRST).await);
    drop(body);
    assert!(!is_full(&places, FIRST).await);
}

#[tokio::test]
async fn a_body_that_knows_its_end_gives_its_place_back_with_its_last_chunk() {
    let places = without_waiting(1, 1);
    let mut body = places.take(FIRST).await.unwrap().until_sent(Body::from("whole"));
    assert_eq!(body.size_hint().exact(), Some(5));
    assert_eq!(next(&mut body).await, Some(true));
    assert!(body.is_end_stream() && !is_full(&places, FIRST).await);
}
