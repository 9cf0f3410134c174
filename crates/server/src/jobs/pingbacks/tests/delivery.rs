//! What receivers get, and what follows from what they answer.

use std::time::Duration;

use tallyhouse_model::SECOND;

use super::super::*;
use super::rig::{BODY, NOW, Receiver, Rig, Settings, UNFINISHED};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const BROKEN: &str = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn a_pingback_is_posted_with_these_headers_and_its_body() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    let id = rig.queue("1", &receiver.uri());
    assert_eq!(rig.settle().await, None);
    let got = receiver.got();
    assert_eq!(got.len(), 1);
    assert_eq!((got[0].line.as_str(), got[0].body.as_str()), ("POST /hook?x=1 HTTP/1.1", BODY));
    let mut headers = got[0].headers.clone();
    headers.sort();
    let expected = [
        ("content-length", BODY.len().to_string()),
        ("content-type", "application/json".to_owned()),
        ("host", receiver.address.to_string()),
        ("user-agent", format!("tallyhouse/{}", env!("CARGO_PKG_VERSION"))),
        ("webhook-id", id.clone()),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value)));
    let (pingback, attempts) = rig.log(&id);
    assert_eq!((pingback.attempts, pingback.next_attempt_at, pingback.finished_at), (1, None, Some(NOW)));
    assert_eq!((attempts.len(), attempts[0].address.as_deref()), (1, Some("127.0.0.1")));
    assert_eq!(rig.told(&id), ("delivered", vec!["200".to_owned()]));
}

#[tokio::test]
async fn every_2xx_delivers_whatever_follows_the_head() {
    for answer in [
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\nthen the connection ends",
        "HTTP/1.0 299 Odd\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk",
    ] {
        let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[answer]));
        let id = rig.queue("1", &receiver.uri());
        rig.settle().await;
        assert_eq!(rig.told(&id).0, "delivered", "{answer}");
    }
}

#[tokio::test]
async fn a_receiver_that_fails_is_tried_again_with_the_same_id_at_growing_intervals() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[BROKEN, BROKEN, OK]));
    let id = rig.queue("1", &receiver.uri());
    assert!((rig.settle().await.unwrap() - NOW - 5 * SECOND).abs() < SECOND);
    rig.settle().await;
    assert_eq!(receiver.got().len(), 1);
    rig.next().await;
    let second = rig.now();
    rig.next().await;
    assert!((second - NOW - 5 * SECOND).abs() < SECOND && (rig.now() - second - 30 * SECOND).abs() < SECOND);
    assert_eq!(rig.told(&id), ("delivered", ["500", "500", "200"].map(str::to_owned).to_vec()));
    let got = receiver.got();
    assert!(
        got.len() == 3 && got.iter().all(|got| got.header("webhook-id") == Some(&id) && got.body == BODY)
    );
}

#[tokio::test]
async fn a_receiver_that_never_takes_it_is_given_up_after_a_day() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[BROKEN]));
    let id = rig.queue("1", &receiver.uri());
    while rig.settle().await.is_some() {
        rig.next().await;
    }
    let (pingback, attempts) = rig.log(&id);
    assert_eq!(pingback.state.name(), "failed");
    assert_eq!((pingback.attempts as usize, receiver.got().len()), (attempts.len(), attempts.len()));
    let last = attempts[attempts.len() - 1].started_at - NOW;
    assert!(attempts.len() > 12 && last <= DAY && last > DAY - 3 * HOUR, "{last}");
}

#[tokio::test]
async fn a_clock_that_was_days_behind_for_a_moment_gives_nothing_up() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[BROKEN, BROKEN, OK]));
    let id = rig.queue("1", &receiver.uri());
    rig.set(NOW - 300 * DAY);
    rig.settle().await;
    assert_eq!(rig.told(&id).0, "waiting");
    rig.set(NOW + 60 * SECOND);
    rig.settle().await;
    assert_eq!(rig.told(&id), ("waiting", ["500", "500"].map(str::to_owned).to_vec()));
    rig.set(NOW + 3_600 * SECOND);
    rig.settle().await;
    assert_eq!(rig.told(&id).0, "delivered");
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_where_it_leads_gets_nothing() {
    let other = Receiver::answering(&[OK]);
    for status in ["301", "302", "303", "307", "308"] {
        let answer =
            format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.uri());
        let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[&answer]));
        let id = rig.queue("1", &receiver.uri());
        rig.settle().await;
        assert_eq!(rig.told(&id), ("waiting", vec![status.to_owned()]));
        assert_eq!(rig.network.connected.lock().unwrap().as_slice(), [receiver.address]);
    }
    assert!(other.got().is_empty());
}

#[tokio::test]
async fn a_receiver_that_answers_410_gets_nothing_more() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&["HTTP/1.1 410 Gone\r\n\r\n"]));
    let id = rig.queue("1", &receiver.uri());
    assert_eq!(rig.settle().await, None);
    assert_eq!(rig.told(&id), ("gone", vec!["410".to_owned()]));
    rig.set(NOW + 2 * DAY);
    rig.settle().await;
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn retry_after_counts_of_429_and_503_alone() {
    for (answer, seconds) in [
        ("429 Too Many Requests\r\nRetry-After: 120", 120),
        ("503 Service Unavailable\r\nRetry-After: 60", 60),
        ("503 Service Unavailable\r\nRetry-After: 1", 5),
        ("429 Too Many Requests\r\nRetry-After: 99999999999999999999", 7_200),
        ("429 Too Many Requests\r\nRetry-After: Fri, 31 Dec 2100 23:59:59 GMT", 5),
        ("429 Too Many Requests\r\nRetry-After: -1", 5),
        ("429 Too Many Requests\r\nRetry-After:", 5),
        ("500 Internal Server Error\r\nRetry-After: 120", 5),
    ] {
        let answer = format!("HTTP/1.1 {answer}\r\n\r\n");
        let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[&answer]));
        rig.queue("1", &receiver.uri());
        let next = rig.settle().await.unwrap() - NOW;
        assert!((next - seconds * SECOND).abs() < SECOND, "{answer}: {next}");
    }
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_is_left_after_the_limit() {
    let mut rig = Rig::with(Settings { time_max: Duration::from_millis(400), ..Settings::default() });
    let silent = Receiver::answering(&[""]);
    let slow = rig.queue("slow", &silent.uri());
    // This head is whole, so it counts; what never comes behind it is left after the limit too.
    let unfinished = format!("HTTP/1.1 200 OK\r\n{UNFINISHED}Content-Length: 9\r\n\r\n");
    let unfinished = Receiver::answering(&[&unfinished]);
    let cut = rig.queue("cut", &unfinished.uri());
    rig.settle().await;
    assert_eq!(rig.told(&slow), ("waiting", vec!["no answer within 400 ms".to_owned()]));
    assert_eq!(rig.log(&slow).1[0].address.as_deref(), Some("127.0.0.1"));
    assert_eq!((rig.told(&cut).0, silent.got().len()), ("delivered", 1));
}

#[tokio::test]
async fn a_receiver_that_is_not_there_or_speaks_no_http_is_a_failure_like_any_other() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&["SSH-2.0-x\r\n"]));
    let babble = rig.queue("babble", &receiver.uri());
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    let endless = Receiver::answering(&[&endless]);
    let long = rig.queue("long", &endless.uri());
    rig.network.dead.lock().unwrap().push("127.0.0.9".parse().unwrap());
    let refused = rig.queue("refused", "http://127.0.0.9:9/");
    let nowhere = rig.queue("nowhere", "http://127.1/");
    rig.settle().await;
    for (id, problem) in [
        (babble, "no answer"),
        (long, "no answer"),
        (refused, "no connection"),
        (nowhere, "cannot be sent to"),
    ] {
        let (state, told) = rig.told(&id);
        assert!(state == "waiting" && told.len() == 1 && told[0].contains(problem), "{id}: {told:?}");
    }
}

#[tokio::test]
async fn what_was_sent_but_not_noted_before_a_crash_is_sent_again_with_the_same_id() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    let id = rig.queue("1", &receiver.uri());
    rig.dispatcher.step().await.unwrap();
    rig.dispatcher.ended().await;
    assert_eq!((receiver.got().len(), rig.told(&id).0), (1, "waiting"));
    rig.restart();
    rig.settle().await;
    assert_eq!(rig.told(&id).0, "delivered");
    rig.restart();
    rig.settle().await;
    let ids: Vec<_> = receiver.got().iter().map(|got| got.header("webhook-id").unwrap().to_owned()).collect();
    assert_eq!(ids, [id.clone(), id]);
}

#[tokio::test]
async fn an_attempt_that_panics_is_a_failure_and_not_the_end() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    // The rig's network panics where a test has not said what an address leads to.
    rig.network.name("defect.example", &[&["93.184.215.14"]]);
    let (defect, fine) = (rig.queue("defect", "http://defect.example/"), rig.queue("fine", &receiver.uri()));
    rig.settle().await;
    assert_eq!(rig.told(&defect), ("waiting", vec!["a defect of the server".to_owned()]));
    assert_eq!(rig.told(&fine).0, "delivered");
}

#[tokio::test]
async fn a_replay_sends_what_ended_again_with_the_same_id_and_a_day_of_attempts() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK, BROKEN, BROKEN, OK]));
    let id = rig.queue("1", &receiver.uri());
    rig.settle().await;
    rig.set(NOW + 5 * DAY);
    // As the command line does it: in another process.
    let other = Catalog::open_existing(rig.folder.path()).unwrap();
    other.replay_pingback(&id, rig.now()).unwrap();
    assert_eq!(rig.told(&id).0, "waiting");
    rig.settle().await;
    rig.next().await;
    rig.next().await;
    assert_eq!(rig.told(&id), ("delivered", ["200", "500", "500", "200"].map(str::to_owned).to_vec()));
    assert!(receiver.got().iter().all(|got| got.header("webhook-id") == Some(&id)));
    assert!(matches!(other.replay_pingback("id-2", NOW), Err(CatalogError::NoSuchPingback(_))));
}

#[tokio::test]
async fn what_was_cancelled_is_not_tried_again_even_if_it_was_under_way() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[BROKEN]));
    let [tried, waiting, under_way] = ["1", "2", "3"].map(|name| rig.queue(name, &receiver.uri()));
    rig.catalog.cancel_pingbacks_of("snapshot-2", NOW);
    rig.dispatcher.step().await.unwrap();
    rig.catalog.cancel_pingbacks_of("snapshot-3", NOW);
    rig.settle().await;
    rig.catalog.cancel_pingbacks_of("snapshot-1", NOW);
    assert_eq!(rig.settle().await, None);
    rig.set(NOW + DAY);
    rig.settle().await;
    for id in [&tried, &under_way] {
        assert_eq!(rig.told(id), ("cancelled", vec!["500".to_owned()]));
    }
    assert_eq!((rig.told(&waiting), receiver.got().len()), (("cancelled", vec![]), 2));
}

#[tokio::test]
async fn the_log_forgets_what_ended_long_ago() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    let old = rig.queue("old", &receiver.uri());
    rig.settle().await;
    rig.set(NOW + 20 * DAY);
    let young = rig.queue("young", &receiver.uri());
    rig.settle().await;
    rig.set(NOW + 30 * DAY);
    rig.settle().await;
    assert_eq!(rig.told(&old).0, "delivered");
    // It is looked for once an hour.
    rig.set(NOW + 30 * DAY + HOUR);
    rig.settle().await;
    assert!(matches!(rig.catalog.pingback(&old), Err(CatalogError::NoSuchPingback(_))));
    assert_eq!(rig.told(&young), ("delivered", vec!["200".to_owned()]));
}

#[tokio::test]
async fn nothing_is_written_while_nothing_is_due() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[BROKEN]));
    rig.queue("1", &receiver.uri());
    rig.settle().await;
    let connection = rusqlite::Connection::open(rig.folder.path().join("catalog.db")).unwrap();
    // Changes whenever anybody else commits.
    let version =
        || -> i64 { connection.pragma_query_value(None, "data_version", |row| row.get(0)).unwrap() };
    let before = version();
    for second in 0..4 {
        rig.set(NOW + second * SECOND);
        rig.settle().await;
    }
    assert_eq!(version(), before);
    rig.set(NOW + 10 * SECOND);
    rig.settle().await;
    assert_ne!(version(), before);
}

#[tokio::test]
async fn a_clock_that_is_set_back_stops_neither_pingbacks_nor_the_cleaning_of_the_log() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    let old = rig.queue("old", &receiver.uri());
    rig.settle().await;
    rig.network.dead.lock().unwrap().push(receiver.address.ip());
    // For a while the clock is a year ahead, and the receiver is out of reach. The log has just been cleaned.
    rig.set(NOW + 365 * DAY);
    rig.dispatcher.cleaned_at = rig.now();
    let tried = rig.queue("tried", &receiver.uri());
    rig.settle().await;
    rig.network.dead.lock().unwrap().clear();
    rig.set(NOW + 31 * DAY);
    let new = rig.queue("new", &receiver.uri());
    rig.settle().await;
    assert_eq!((rig.told(&new).0, rig.told(&tried).0), ("delivered", "delivered"));
    assert!(matches!(rig.catalog.pingback(&old), Err(CatalogError::NoSuchPingback(_))));
}
