//! Attempts that fail: what is told of them, and how long the next one has to wait.

use std::future::Future as _;
use std::task::{Context, Poll, Waker};

use tallyhouse_server::catalog::PasswordHash;

use super::rig::{EMAIL, PASSWORD, Reply, Rig, after};

const UNKNOWN: &str = "nobody@example.com";

fn assert_too_many(reply: &Reply, seconds: &str) {
    reply.assert_credentials_error(420, "too_many_attempts");
    assert_eq!(reply.headers["retry-after"], seconds);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_told_in_the_same_words() {
    let rig = Rig::new();
    let wrong = rig.sign_in_at(after::<0>, EMAIL, "wrong harbour").await;
    let unknown = rig.sign_in_at(after::<0>, UNKNOWN, PASSWORD).await;
    wrong.assert_credentials_error(401, "bad_credentials");
    assert_eq!(wrong.headers["x-status-reason"], "the address or the password is wrong");
    assert_eq!((wrong.status, &wrong.text), (unknown.status, &unknown.text));
    for password in [format!("{PASSWORD} "), "QUIET HARBOUR".to_owned(), "a".repeat(2_000)] {
        let reply = rig.sign_in_at(after::<0>, EMAIL, &password).await;
        reply.assert_credentials_error(401, "bad_credentials");
    }
}

#[tokio::test]
async fn after_five_failures_each_attempt_waits_longer_for_known_and_unknown_addresses_alike() {
    let rig = Rig::new();
    for email in [EMAIL, UNKNOWN] {
        for _ in 0..5 {
            let reply = rig.sign_in_at(after::<0>, email, "wrong harbour").await;
            reply.assert_credentials_error(401, "bad_credentials");
        }
        assert_too_many(&rig.sign_in_at(after::<0>, email, "wrong harbour").await, "1");
        assert_too_many(&rig.sign_in_at(after::<0>, email, PASSWORD).await, "1");
        let sixth = rig.sign_in_at(after::<1>, email, "wrong harbour").await;
        sixth.assert_credentials_error(401, "bad_credentials");
        assert_too_many(&rig.sign_in_at(after::<1>, email, PASSWORD).await, "2");
        assert_too_many(&rig.sign_in_at(after::<2>, email, PASSWORD).await, "1");
        assert_eq!(rig.sign_in_at(after::<3>, email, "wrong harbour").await.status, 401);
        assert_too_many(&rig.sign_in_at(after::<3>, &email.to_uppercase(), PASSWORD).await, "4");
    }
}

#[tokio::test]
async fn a_password_that_is_too_long_for_any_is_wrong_and_not_counted() {
    let rig = Rig::new();
    for email in [EMAIL, UNKNOWN] {
        for _ in 0..9 {
            let reply = rig.sign_in_at(after::<0>, email, &"a".repeat(1_025)).await;
            reply.assert_credentials_error(401, "bad_credentials");
            assert_eq!(reply.headers["x-status-reason"], "the address or the password is wrong");
        }
        for _ in 0..5 {
            assert_eq!(rig.sign_in_at(after::<0>, email, &"a".repeat(1_024)).await.status, 401);
        }
        assert_too_many(&rig.sign_in_at(after::<0>, email, &"a".repeat(1_025)).await, "1");
    }
}

#[tokio::test]
async fn a_success_forgives_the_failures_before_it() {
    let rig = Rig::new();
    for round in 0..2 {
        for _ in 0..4 {
            assert_eq!(rig.sign_in_at(after::<0>, EMAIL, "wrong harbour").await.status, 401, "{round}");
        }
        assert_eq!(rig.sign_in().await.status, 200, "{round}");
    }
}

#[tokio::test]
async fn a_new_password_from_the_command_line_ends_the_wait() {
    let rig = Rig::new();
    for _ in 0..5 {
        assert_eq!(rig.sign_in_at(after::<0>, EMAIL, "wrong harbour").await.status, 401);
    }
    assert_too_many(&rig.sign_in().await, "1");
    rig.other().set_password(EMAIL, &PasswordHash::new("another harbour").unwrap()).unwrap();
    assert_eq!(rig.sign_in_at(after::<0>, EMAIL, "another harbour").await.status, 200);
    assert_eq!(rig.sign_in().await.status, 401, "the old one is wrong now, and is looked at");
}

#[tokio::test]
async fn whoever_finds_too_many_waiting_is_told_to_come_again() {
    let rig = Rig::new();
    let mut context = Context::from_waker(Waker::noop());
    let mut entered = Vec::new();
    loop {
        let mut entering = Box::pin(rig.state.authority.passwords.enter());
        match entering.as_mut().poll(&mut context) {
            Poll::Ready(Err(_)) => break,
            polled => entered.push((polled, entering)),
        }
    }
    let reply = rig.sign_in().await;
    assert_eq!((reply.status.as_u16(), reply.headers["retry-after"].to_str().unwrap()), (503, "1"));
    assert!(reply.body["errors"]["base"].is_array(), "{reply:?}");
    drop(entered);
    assert_eq!(rig.sign_in().await.status, 200, "it was not counted as a failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_attempts_at_the_same_time_only_five_are_looked_at() {
    let rig = std::sync::Arc::new(Rig::bare());
    let attempts: Vec<_> = (0..20)
        .map(|_| {
            let rig = rig.clone();
            tokio::spawn(async move { rig.sign_in_at(after::<0>, UNKNOWN, PASSWORD).await.status.as_u16() })
        })
        .collect();
    let mut statuses = Vec::new();
    for attempt in attempts {
        statuses.push(attempt.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![401; 5], vec![420; 15]].concat());
}

#[tokio::test]
async fn requests_without_a_password_are_no_attempts() {
    let rig = Rig::new();
    for _ in 0..20 {
        assert_eq!(rig.sign_in_at(after::<0>, EMAIL, "").await.status, 422);
    }
    assert_eq!(rig.sign_in().await.status, 200);
}
