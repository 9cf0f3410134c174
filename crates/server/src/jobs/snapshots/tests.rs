//! What becomes of a snapshot that is deleted or broken off while it is made.

use std::sync::Arc;

use tallyhouse_store::{Store, StoreOptions};
use tempfile::TempDir;

use super::*;
use crate::catalog::{Catalog, NewPublication};
use crate::config::Config;
use crate::ids;
use crate::ingest::Enricher;
use crate::pipes::Pipes;

const NOW: Micros = 1_327_676_917_000_000;

/// A server with a message whose snapshot was asked for before it was started.
struct Rig {
    maker: Maker,
    site: SiteNumber,
    _folder: TempDir,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("first", NOW).unwrap().id;
        let site = catalog.create_site(account, "alpha", NOW).unwrap().site.number;
        let publications: [NewPublication; 0] = [];
        catalog.publish_message(site, "m1", "{}", &publications, NOW, &mut ids::random).unwrap();
        catalog.initiate_snapshot(site, "s1", "m1", None, 10, NOW).unwrap();
        let (enricher, config) = (Enricher::start(None).unwrap(), Config::default());
        let state = AppState::new(store, Arc::new(catalog), enricher, Pipes::default(), config, || NOW);
        Self { maker: Maker::new(state), site, _folder: folder }
    }

    fn next(&self) -> Option<PendingSnapshot> {
        self.maker.state.catalog.next_snapshot(SiteNumber(0), NOW).unwrap()
    }
}

#[test]
fn a_message_that_is_deleted_while_its_snapshot_is_begun_is_no_failure() {
    let rig = Rig::new();
    let pending = rig.next().unwrap();
    assert!(rig.maker.state.catalog.delete_message(rig.site, "m1").unwrap());
    assert_eq!(rig.maker.make(&pending).unwrap(), Outcome::Gone);
}

#[test]
fn a_stop_of_the_server_is_no_failure_of_what_it_breaks_off() {
    let mut rig = Rig::new();
    let before = rig.next();
    assert_eq!(before.as_ref().map(|pending| pending.failures), Some(0));
    rig.maker.stop.stop();
    assert_eq!(rig.maker.make_next().unwrap(), None);
    assert_eq!(rig.next(), before);
}

#[test]
fn what_fails_again_and_again_waits_longer_each_time_and_an_hour_at_most_or_a_day() {
    let seconds = |wait_max| {
        [0, 1, 2, 9, 10, 14, 15, u32::MAX].map(|failures| retry_after(failures, wait_max) / SECOND)
    };
    assert_eq!(seconds(RETRY_MAX), [5, 10, 20, 2_560, 3_600, 3_600, 3_600, 3_600]);
    assert_eq!(seconds(RETRY_AFTER_END_MAX), [5, 10, 20, 2_560, 5_120, 81_920, 86_400, 86_400]);
}
