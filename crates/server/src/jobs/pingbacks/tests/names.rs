//! Where names lead to, and that nothing else is connected to than what was checked.

use std::net::SocketAddr;

use super::super::*;
use super::rig::{NOW, Receiver, Rig, Settings};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

/// A rig where no network is allowed, and public addresses lead to this receiver.
fn strict(receiver: &Receiver) -> Rig {
    let rig = Rig::with(Settings { networks: "", ..Settings::default() });
    *rig.network.receiver.lock().unwrap() = Some(receiver.address);
    rig
}

fn connected(rig: &Rig) -> Vec<String> {
    rig.network.connected.lock().unwrap().iter().map(SocketAddr::to_string).collect()
}

#[tokio::test]
async fn a_name_is_resolved_once_per_attempt_and_what_was_checked_is_connected_to() {
    let receiver = Receiver::answering(&[BROKEN]);
    let mut rig = strict(&receiver);
    rig.network.name("turning.example", &[&["93.184.215.14"], &["127.0.0.1"], &["93.184.215.15"]]);
    let id = rig.queue("1", "http://Turning.example:8080/");
    rig.settle().await;
    assert_eq!(rig.network.looked_up.lock().unwrap().as_slice(), ["turning.example"]);
    assert_eq!(connected(&rig), ["93.184.215.14:8080"]);
    rig.next().await;
    // The second answer was forbidden, so nothing was connected to.
    assert_eq!((connected(&rig).len(), receiver.got().len()), (1, 1));
    rig.next().await;
    assert_eq!(rig.network.looked_up.lock().unwrap().len(), 3);
    assert_eq!(connected(&rig), ["93.184.215.14:8080", "93.184.215.15:8080"]);
    let (state, told) = rig.told(&id);
    assert!(state == "waiting" && told[1].contains("127.0.0.1, which is not public"), "{told:?}");
    assert_eq!(rig.log(&id).1[1].address.as_deref(), Some("127.0.0.1"));
    assert_eq!(receiver.got()[0].header("host"), Some("turning.example:8080"));
}

#[tokio::test]
async fn a_name_that_leads_to_any_forbidden_address_gets_nothing() {
    let receiver = Receiver::answering(&[OK]);
    for addresses in [
        &["127.0.0.1"][..],
        &["93.184.215.14", "10.0.0.1"],
        &["10.0.0.1", "93.184.215.14"],
        &["2606:4700::1111", "::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::a00:1"],
        &["169.254.169.254"],
        &["100.64.0.1"],
        &["224.0.0.1"],
        &["0.0.0.0"],
    ] {
        let mut rig = strict(&receiver);
        rig.network.name("mixed.example", &[addresses]);
        let id = rig.queue("1", "http://mixed.example/");
        rig.settle().await;
        let (state, told) = rig.told(&id);
        assert!(state == "waiting" && told[0].contains("is not public"), "{addresses:?}: {told:?}");
        assert_eq!(connected(&rig), [""; 0]);
    }
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn a_literal_address_that_is_not_allowed_any_more_gets_nothing() {
    let receiver = Receiver::answering(&[OK]);
    let mut rig = strict(&receiver);
    let id = rig.queue("1", &receiver.uri());
    rig.settle().await;
    assert!(rig.told(&id).1[0].contains("is not public"));
    assert!(receiver.got().is_empty() && connected(&rig).is_empty());
}

#[tokio::test]
async fn the_next_address_is_tried_where_one_lets_nobody_in() {
    let receiver = Receiver::answering(&[OK]);
    let mut rig = strict(&receiver);
    rig.network.name("two.example", &[&["2606:4700::1111", "93.184.215.14"]]);
    rig.network.dead.lock().unwrap().push("2606:4700::1111".parse().unwrap());
    let id = rig.queue("1", "http://two.example/");
    rig.settle().await;
    assert_eq!(connected(&rig), ["[2606:4700::1111]:80", "93.184.215.14:80"]);
    assert_eq!(rig.log(&id).1[0].address.as_deref(), Some("93.184.215.14"));
    assert_eq!(rig.told(&id).0, "delivered");
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_a_failure() {
    let receiver = Receiver::answering(&[OK]);
    let mut rig = strict(&receiver);
    rig.network.name("empty.example", &[&[]]);
    for name in ["unknown", "empty"] {
        let id = rig.queue(name, &format!("http://{name}.example/"));
        rig.settle().await;
        let (state, told) = rig.told(&id);
        assert!(state == "waiting" && told[0].contains("could not be looked up"), "{told:?}");
    }
    assert!(connected(&rig).is_empty());
}

/// A rig whose names all lead to a receiver, those that begin with `hang` once they are answered.
fn slow(receiver: &Receiver, names: impl IntoIterator<Item = String>, time_max: Duration) -> Rig {
    let rig = Rig::with(Settings { networks: "", time_max, ..Settings::default() });
    *rig.network.receiver.lock().unwrap() = Some(receiver.address);
    names.into_iter().for_each(|name| rig.network.name(&name, &[&["93.184.215.14"]]));
    rig
}

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(120);

/// Five names of which four at most are looked up, and one more.
fn names() -> impl Iterator<Item = String> {
    (0..5).map(|number| format!("hang{number}.example")).chain(["quick.example".to_owned()])
}

#[tokio::test]
async fn names_that_are_never_answered_take_no_place_from_other_sites() {
    let receiver = Receiver::answering(&[OK]);
    let mut rig = slow(&receiver, names(), LONG);
    let hanging = rig.queue_many("hanging", names().take(5).map(|name| format!("http://{name}/")));
    rig.dispatcher.step().await.unwrap();
    rig.network.until_hanging(4).await;
    let other = rig.catalog.site_of_harbour("birch");
    let quick = rig.queue_of(other, "quick", "http://quick.example/");
    rig.until_delivered(&quick).await;
    assert_eq!((rig.network.hanging(), receiver.got().len()), (4, 1));
    rig.network.answer_all();
    rig.settle().await;
    assert!(hanging.iter().all(|id| rig.told(id).0 == "delivered"));
}

#[tokio::test]
async fn a_name_that_is_never_answered_takes_one_place_of_its_site() {
    let receiver = Receiver::answering(&[OK]);
    let mut rig = slow(&receiver, names(), LONG);
    let hanging = rig.queue_many("hanging", (0..10).map(|_| "http://hang0.example/".to_owned()));
    rig.dispatcher.step().await.unwrap();
    rig.network.until_hanging(1).await;
    assert_eq!(rig.dispatcher.under_way(), 4);
    let quick = rig.queue("quick", "http://quick.example/");
    rig.until_delivered(&quick).await;
    assert_eq!((rig.network.hanging(), receiver.got().len()), (1, 1));
    rig.network.answer_all();
    rig.settle().await;
    assert!(hanging.iter().all(|id| rig.told(id).0 == "delivered"));
}

#[tokio::test]
async fn an_attempt_that_gets_no_place_to_look_its_name_up_is_neither_an_attempt_nor_a_failure() {
    let receiver = Receiver::answering(&[OK]);
    let mut rig = slow(&receiver, names(), Duration::from_millis(400));
    rig.queue_many("hanging", names().take(4).map(|name| format!("http://{name}/")));
    rig.dispatcher.step().await.unwrap();
    rig.network.until_hanging(4).await;
    let quick = rig.queue("quick", "http://quick.example/");
    assert_eq!(rig.settle().await, Some(NOW + SECOND));
    let (pingback, attempts) = rig.log(&quick);
    assert_eq!((pingback.state.name(), pingback.attempts, attempts.len()), ("waiting", 0, 0));
    assert_eq!(pingback.next_attempt_at, Some(NOW + SECOND));
    // Nor does its target rest: what comes for it is tried at once.
    rig.network.answer_all();
    rig.network.until_hanging(0).await;
    let late = rig.queue("late", "http://quick.example/");
    rig.settle().await;
    assert_eq!((rig.told(&late).0, rig.told(&quick).0), ("delivered", "waiting"));
    rig.set(NOW + SECOND);
    rig.settle().await;
    assert_eq!(rig.told(&quick), ("delivered", vec!["200".to_owned()]));
}
