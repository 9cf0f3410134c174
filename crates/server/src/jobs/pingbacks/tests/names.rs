//! Where names lead to, and that nothing else is connected to than what was checked.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex};

use super::super::*;
use super::rig::{NOW, Receiver, Rig, Settings};
use crate::catalog::SiteNumber;
use crate::pingback::{Connecting, Network, Networks};

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

/// Looks names up, but those that begin with `hang` only once that is over.
struct SlowNames {
    is_over: Mutex<bool>,
    changed: Condvar,
    hanging: Mutex<usize>,
    receiver: SocketAddr,
}

impl Network for SlowNames {
    fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        if name.starts_with("hang") {
            *self.hanging.lock().unwrap() += 1;
            let is_over = self.is_over.lock().unwrap();
            drop(self.changed.wait_while(is_over, |is_over| !*is_over).unwrap());
        }
        Ok(vec![self.receiver.ip()])
    }

    fn connect(&self, _: SocketAddr) -> Connecting<'_> {
        Box::pin(tokio::net::TcpStream::connect(self.receiver))
    }
}

#[tokio::test]
async fn names_that_are_never_answered_take_no_place_from_other_sites() {
    let (rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    let network = Arc::new(SlowNames {
        is_over: Mutex::new(false),
        changed: Condvar::new(),
        hanging: Mutex::new(0),
        receiver: receiver.address,
    });
    let sender = Arc::new(Sender::new(SenderOptions {
        networks: Networks::parse("127.0.0.0/8").unwrap(),
        network: Arc::clone(&network) as Arc<dyn Network>,
        roots: roots(),
        time_max: Duration::from_secs(120),
    }));
    let letter = |site: SiteNumber, name: &str| Letter {
        id: "id".to_owned(),
        site,
        uri: format!("http://{name}/"),
        body: "{}".to_owned(),
        now: NOW,
        secrets: Vec::new(),
    };
    let mut hanging = JoinSet::new();
    for number in 0..30 {
        let (sender, letter) = (Arc::clone(&sender), letter(rig.site, &format!("hang{number}")));
        hanging.spawn(async move { sender.send(&letter).await.result.is_ok() });
    }
    let other = rig.catalog.site_of_harbour("birch");
    let sent = sender.send(&letter(other, "quick")).await;
    assert_eq!(sent.result.unwrap().status, 200);
    assert!(*network.hanging.lock().unwrap() <= 4);
    *network.is_over.lock().unwrap() = true;
    network.changed.notify_all();
    while let Some(ended) = hanging.join_next().await {
        assert!(ended.unwrap());
    }
    assert_eq!(receiver.got().len(), 31);
}
