//! How the queue of snapshots goes on after a server that ended while it made one.

use rusqlite::Connection;
use tallyhouse_server::jobs::snapshots::{Maker, Outcome};

use super::rig::Rig;

fn catalog_of(rig: &Rig) -> Connection {
    Connection::open(rig.folder.path().join("catalog.db")).unwrap()
}

/// Makes the next one, as the first after a start.
fn make_next(rig: &Rig) -> Option<Outcome> {
    Maker::new(rig.state.clone()).make_next().unwrap()
}

#[tokio::test]
async fn what_may_have_ended_the_server_is_put_aside_before_it_is_tried_again() {
    let rig = Rig::new();
    for message in ["m1", "m2"] {
        rig.keep_message(&rig.demo, message, &[]);
        rig.initiate(message).await;
    }
    // The making ends here, as if the process did: what was noted before stays, and nothing is noted after.
    let end = "CREATE TRIGGER ends BEFORE UPDATE OF finished_at ON snapshots WHEN new.message_token = 'm1'
         BEGIN SELECT RAISE(ABORT, 'the end'); END";
    catalog_of(&rig).execute_batch(end).unwrap();
    let ends = || Maker::new(rig.state.clone()).make_next().is_err();
    assert!(ends());
    assert_eq!(make_next(&rig), Some(Outcome::Made), "the other one does not wait for it");
    for wait in [5, 10, 20] {
        rig.pass(wait - 1);
        assert_eq!(make_next(&rig), None, "{wait}");
        rig.pass(1);
        assert!(ends(), "{wait}");
    }
    catalog_of(&rig).execute_batch("DROP TRIGGER ends").unwrap();
    rig.pass(40);
    assert_eq!(make_next(&rig), Some(Outcome::Made));
}

#[tokio::test]
async fn what_came_since_the_start_is_made_without_a_note() {
    let rig = Rig::new();
    for message in ["m1", "m2"] {
        rig.keep_message(&rig.demo, message, &[]);
    }
    let refuse = "CREATE TRIGGER refused BEFORE UPDATE OF failures, retry_at ON snapshots
         BEGIN SELECT RAISE(ABORT, 'a note'); END";
    catalog_of(&rig).execute_batch(refuse).unwrap();
    let mut maker = Maker::new(rig.state.clone());
    rig.pass(1);
    rig.initiate("m1").await;
    assert_eq!(maker.make_next().unwrap(), Some(Outcome::Made));
    rig.initiate("m2").await;
    // Of a time that is still to come.
    rig.pass(-10);
    maker.make_next().unwrap_err();
    catalog_of(&rig).execute_batch("DROP TRIGGER refused").unwrap();
    assert_eq!(maker.make_next().unwrap(), Some(Outcome::Made));
}
