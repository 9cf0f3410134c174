//! Who goes first where more waits than there is room for.

use tallyhouse_model::SECOND;

use super::super::*;
use super::rig::{NOW, Receiver, Rig};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn a_dead_target_with_thousands_waiting_delays_nobody() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    let silent = Receiver::answering(&[""]);
    rig.queue_many("dead", (0..5_000).map(|_| silent.uri()));
    let live = rig.queue_many("live", (0..20).map(|_| receiver.uri()));
    // The attempts at the dead target never end in this test: nothing may wait for them.
    for id in &live {
        rig.until_delivered(id).await;
    }
    assert_eq!(rig.dispatcher.under_way(), 4);
    // What comes later does not wait either.
    let late = rig.queue("late", &receiver.uri());
    rig.until_delivered(&late).await;
    assert!(silent.got().len() <= 4 && receiver.got().len() == 21);
}

#[tokio::test]
async fn a_site_with_many_dead_targets_takes_no_room_from_another() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    let silent = Receiver::answering(&[""]);
    // Each address of this machine is a target of its own; nobody but 127.0.0.1 listens.
    let names: Vec<String> = (0..300).map(|number| format!("silent-{number}.example")).collect();
    for name in &names {
        rig.network.name(name, &[&["127.0.0.1"]]);
    }
    rig.queue_many("dead", names.iter().map(|name| format!("http://{name}:{}/", silent.address.port())));
    rig.dispatcher.step().await.unwrap();
    assert_eq!(rig.dispatcher.under_way(), 32);
    let other = rig.catalog.site_of_harbour("birch");
    let id = rig.queue_of(other, "live", &receiver.uri());
    rig.until_delivered(&id).await;
    assert_eq!(rig.dispatcher.under_way(), 32);
}

#[tokio::test]
async fn all_targets_of_a_site_have_their_turn_however_much_waits_at_others() {
    let mut rig = Rig::new();
    let mut receivers = Vec::new();
    for number in 0..40 {
        let receiver = Receiver::answering(&[OK]);
        rig.queue_many(&number.to_string(), (0..20).map(|_| receiver.uri()));
        receivers.push(receiver);
    }
    // Of 40 targets 32 have their first turn together, one attempt each.
    rig.dispatcher.step().await.unwrap();
    assert_eq!(rig.dispatcher.under_way(), 32);
    let mut least = 0;
    while least < 20 {
        rig.dispatcher.ended().await;
        rig.dispatcher.step().await.unwrap();
        let counts: Vec<usize> = receivers.iter().map(|receiver| receiver.got().len()).collect();
        least = *counts.iter().min().unwrap();
        let most = *counts.iter().max().unwrap();
        assert!(most <= least + 20, "{counts:?}");
    }
    rig.settle().await;
}

#[tokio::test]
async fn a_target_that_cannot_be_reached_is_probed_and_gets_everything_once_it_is_back() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    rig.network.dead.lock().unwrap().push(receiver.address.ip());
    let ids = rig.queue_many("late", (0..100).map(|_| receiver.uri()));
    for second in 0..60 {
        rig.set(NOW + second * SECOND);
        rig.settle().await;
    }
    let attempts: usize = ids.iter().map(|id| rig.log(id).1.len()).sum();
    assert!((8..=16).contains(&attempts), "{attempts}");
    rig.network.dead.lock().unwrap().clear();
    rig.set(NOW + 180 * SECOND);
    rig.settle().await;
    assert!(ids.iter().all(|id| rig.told(id).0 == "delivered"));
    assert_eq!(receiver.got().len(), 100);
}

#[tokio::test]
async fn what_waits_for_a_day_at_a_target_out_of_reach_is_given_up_with_it() {
    let (mut rig, receiver) = (Rig::new(), Receiver::answering(&[OK]));
    rig.network.dead.lock().unwrap().push(receiver.address.ip());
    let ids = rig.queue_many("never", (0..700).map(|_| receiver.uri()));
    for minute in 0..40 {
        rig.set(NOW + minute * 60 * SECOND);
        rig.settle().await;
    }
    assert!(ids.iter().all(|id| rig.told(id).0 == "waiting"));
    // One that is just being tried has its eight attempts, which take some hours.
    for minute in (1..400).step_by(5) {
        rig.set(NOW + DAY + minute * 60 * SECOND);
        rig.settle().await;
    }
    assert!(ids.iter().all(|id| rig.told(id).0 == "failed"));
    assert_eq!(crate::catalog::problems(rig.folder.path()), Vec::<String>::new());
}
