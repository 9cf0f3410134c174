//! Snapshots in the catalog: asking, queueing, finishing, deleting. What reads lists is in `tests/lists.rs`.

mod lists;

use rusqlite::Connection;
use tallyhouse_model::{AccountId, DAY};
use tempfile::TempDir;

use super::*;
use crate::catalog::{Message, Page, Publication};

const PENDING_MAX: u32 = 1_000;

/// A catalog with accounts, sites and messages whose rows are written by hand.
struct Rig {
    folder: TempDir,
    catalog: Catalog,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        for name in ["first", "second"] {
            catalog.create_account(name, 1).unwrap();
        }
        Self { folder, catalog }
    }

    fn connection(&self) -> Connection {
        Connection::open(self.folder.path().join("catalog.db")).unwrap()
    }

    fn site(&self, account: u32, name: &str) -> SiteNumber {
        self.catalog.create_site(AccountId(account), name, 1).unwrap().site.number
    }

    /// A message with a publication per identity and user.
    fn message(&self, site: SiteNumber, token: &str, publishers: &[(&str, &str)]) {
        let connection = self.connection();
        let sql = "INSERT INTO messages (token, site, created_at, published_at, parts) VALUES (?1, ?2, 10, 20, '{}')";
        connection.execute(sql, (token, site)).unwrap();
        let message = connection.last_insert_rowid();
        for (identity, user) in publishers {
            let sql = "INSERT INTO publications (message, site, user_token, identity_token, published_at)
                 VALUES (?1, ?2, ?3, ?4, 20)";
            connection.execute(sql, (message, site, user, identity)).unwrap();
        }
    }

    fn initiate(&self, site: SiteNumber, token: &str, message: &str, now: Micros) -> Initiated {
        self.catalog.initiate_snapshot(site, token, message, None, PENDING_MAX, now).unwrap()
    }

    fn next(&self, behind: SiteNumber, now: Micros) -> Option<PendingSnapshot> {
        self.catalog.next_snapshot(behind, now).unwrap()
    }

    fn finish(&self, pending: &PendingSnapshot, now: Micros) -> bool {
        let message = message_published(&pending.snapshot.message_token, 30, &[]);
        self.catalog.finish_snapshot(pending, &message, b"[1]", None, now).unwrap()
    }

    fn tokens(&self, site: SiteNumber, filter: SnapshotFilter<'_>) -> Vec<String> {
        let page = Page { offset: 0, limit: 500, descending: false };
        let list = self.catalog.snapshots(site, filter, page).unwrap();
        assert_eq!(list.total, list.entries.len() as u64);
        list.entries.into_iter().map(|entry| entry.token).collect()
    }
}

/// A message as it is read to make a snapshot, with a publication per identity and user.
fn message_published(token: &str, published_at: Micros, publishers: &[(&str, &str)]) -> Message {
    let publication = |(identity, user): &(&str, &str)| Publication {
        provider: None,
        user_token: Some((*user).to_owned()),
        identity_token: (*identity).to_owned(),
        published_at,
        shorturls: Vec::new(),
    };
    Message {
        token: token.to_owned(),
        created_at: 10,
        published_at,
        parts: "{}".to_owned(),
        publications: publishers.iter().map(publication).collect(),
    }
}

#[test]
fn a_message_has_one_pending_snapshot_at_a_time() {
    let rig = Rig::new();
    let site = rig.site(1, "alpha");
    rig.message(site, "m1", &[]);
    let Initiated::Scheduled(first) = rig.initiate(site, "s1", "m1", 100) else { panic!("not scheduled") };
    assert_eq!((first.message_created_at, first.message_published_at, first.initiated_at), (10, 20, 100));
    assert_eq!(rig.initiate(site, "s2", "m1", 101), Initiated::Pending(first.clone()));
    let pending = rig.next(SiteNumber(0), 200).unwrap();
    assert_eq!(pending.snapshot, first);
    assert!(rig.finish(&pending, 300));
    assert!(matches!(rig.initiate(site, "s3", "m1", 400), Initiated::Scheduled(_)));
    assert_eq!(rig.tokens(site, SnapshotFilter::default()), ["s1", "s3"]);
}

#[test]
fn only_messages_of_the_site_have_snapshots_and_only_the_site_sees_them() {
    let rig = Rig::new();
    let (site, sister) = (rig.site(1, "alpha"), rig.site(1, "beta"));
    rig.message(site, "m1", &[]);
    assert_eq!(rig.initiate(site, "s1", "m2", 100), Initiated::NoSuchMessage);
    assert_eq!(rig.initiate(sister, "s1", "m1", 100), Initiated::NoSuchMessage);
    rig.initiate(site, "s1", "m1", 100);
    assert!(rig.catalog.snapshot(site, "s1").unwrap().is_some());
    assert!(rig.catalog.snapshot(sister, "s1").unwrap().is_none());
    assert!(!rig.catalog.delete_snapshot(sister, "s1", 200).unwrap());
    assert_eq!(rig.tokens(sister, SnapshotFilter::default()), [""; 0]);
    assert_eq!(rig.tokens(site, SnapshotFilter::default()), ["s1"]);
}

#[test]
fn as_many_wait_as_may_of_all_sites_of_an_account() {
    let rig = Rig::new();
    let sites = [rig.site(1, "alpha"), rig.site(1, "beta"), rig.site(2, "gamma")];
    for (site, message) in [(0, "m1"), (0, "m2"), (1, "m3"), (2, "m4")] {
        rig.message(sites[site], message, &[]);
    }
    let initiate = |site: usize, token: &str, message: &str| {
        rig.catalog.initiate_snapshot(sites[site], token, message, None, 2, 100).unwrap()
    };
    assert!(matches!(initiate(0, "s1", "m1"), Initiated::Scheduled(_)));
    assert!(matches!(initiate(1, "s3", "m3"), Initiated::Scheduled(_)));
    assert_eq!(initiate(0, "s2", "m2"), Initiated::TooMany);
    assert!(matches!(initiate(0, "s5", "m1"), Initiated::Pending(_)), "it would be no further one");
    assert!(matches!(initiate(2, "s4", "m4"), Initiated::Scheduled(_)), "another account has its own bound");
    let pending = rig.next(SiteNumber(0), 200).unwrap();
    assert!(rig.finish(&pending, 200));
    assert!(matches!(initiate(0, "s2", "m2"), Initiated::Scheduled(_)));
}

#[test]
fn sites_take_turns_and_the_oldest_of_each_comes_first() {
    let rig = Rig::new();
    let sites = [rig.site(1, "alpha"), rig.site(2, "beta")];
    for (index, site, message) in [(0, 0, "a"), (1, 0, "b"), (2, 0, "c"), (3, 1, "d")] {
        rig.message(sites[site], message, &[]);
        rig.initiate(sites[site], &format!("s{index}"), message, 100);
    }
    let (mut made, mut behind) = (Vec::new(), SiteNumber(0));
    while let Some(pending) = rig.next(behind, 200) {
        behind = pending.site;
        assert!(rig.finish(&pending, 200));
        made.push(pending.snapshot.token);
    }
    assert_eq!(made, ["s0", "s3", "s1", "s2"]);
}

#[test]
fn one_that_fails_waits_for_its_time_and_holds_up_no_other() {
    let rig = Rig::new();
    let site = rig.site(1, "alpha");
    for message in ["m1", "m2"] {
        rig.message(site, message, &[]);
        rig.initiate(site, &message.replace('m', "s"), message, 100);
    }
    rig.catalog.postpone_snapshot("s1", 1, 1_000).unwrap();
    let pending = rig.next(SiteNumber(0), 999).unwrap();
    assert_eq!(pending.snapshot.token, "s2");
    assert!(rig.finish(&pending, 999));
    assert_eq!(rig.next(SiteNumber(0), 999), None);
    let again = rig.next(SiteNumber(0), 1_000).unwrap();
    assert_eq!((again.snapshot.token.as_str(), again.failures), ("s1", 1));
}

#[test]
fn a_site_whose_snapshots_all_wait_for_their_time_is_passed_over() {
    let rig = Rig::new();
    let sites = ["alpha", "beta", "gamma"].map(|name| rig.site(1, name));
    for (site, number) in [(0, 0), (1, 1), (1, 2), (2, 3)] {
        let message = format!("m{number}");
        rig.message(sites[site], &message, &[]);
        rig.initiate(sites[site], &format!("s{number}"), &message, 100);
    }
    for (token, retry_at) in [("s1", 900), ("s2", 500)] {
        rig.catalog.postpone_snapshot(token, 1, retry_at).unwrap();
    }
    let next = |behind, now| rig.next(behind, now).map(|pending| pending.snapshot.token);
    assert_eq!(next(sites[0], 499).as_deref(), Some("s3"));
    assert_eq!(next(sites[0], 500).as_deref(), Some("s2"));
    assert_eq!(next(sites[2], 499).as_deref(), Some("s0"), "the first site's turn comes again");
    for (token, retry_at) in [("s0", 600), ("s3", 700)] {
        rig.catalog.postpone_snapshot(token, 1, retry_at).unwrap();
    }
    assert_eq!(next(sites[0], 499), None);
    assert_eq!(next(sites[1], 600).as_deref(), Some("s0"));
}

#[test]
fn a_snapshot_that_a_clock_which_was_ahead_put_aside_does_not_wait_for_that_time() {
    let rig = Rig::new();
    let site = rig.site(1, "alpha");
    rig.message(site, "m1", &[]);
    rig.initiate(site, "s1", "m1", 100);
    rig.catalog.postpone_snapshot("s1", 1, 300 * DAY).unwrap();
    assert!(rig.next(SiteNumber(0), 200).is_some());
    rig.catalog.postpone_snapshot("s1", 1, DAY).unwrap();
    assert!(rig.next(SiteNumber(0), 200).is_none());
}

#[test]
fn a_finished_snapshot_says_of_its_message_what_was_true_then() {
    let rig = Rig::new();
    let site = rig.site(1, "alpha");
    rig.message(site, "m1", &[("i1", "u1"), ("i2", "u1")]);
    rig.initiate(site, "s1", "m1", 100);
    let of_identity =
        |identity_token| SnapshotFilter { identity_token: Some(identity_token), user_token: None };
    assert_eq!(rig.tokens(site, of_identity("i2")), ["s1"], "a pending one is in the lists too");
    let pending = rig.next(SiteNumber(0), 200).unwrap();
    let message = message_published("m1", 150, &[("i1", "u1"), ("i3", "u2")]);
    assert!(rig.catalog.finish_snapshot(&pending, &message, b"[1]", None, 200).unwrap());
    let found = rig.catalog.snapshot(site, "s1").unwrap().unwrap();
    assert_eq!(found.found.clone().unwrap().json().unwrap(), b"[1]");
    assert_eq!(
        (found.snapshot.message_published_at, found.snapshot.state),
        (150, SnapshotState::Processed(200))
    );
    assert_eq!(rig.tokens(site, of_identity("i3")), ["s1"]);
    assert_eq!(rig.tokens(site, of_identity("i2")), [""; 0]);
    assert!(!rig.catalog.finish_snapshot(&pending, &message, b"[2]", None, 300).unwrap(), "it is finished");
    assert_eq!(rig.catalog.snapshot(site, "s1").unwrap().unwrap(), found);
}

#[test]
fn finishing_writes_the_lists_of_publishers_only_where_these_have_changed() {
    let rig = Rig::new();
    let site = rig.site(1, "alpha");
    rig.message(site, "m1", &[("i1", "u1"), ("i2", "u1")]);
    let refuse =
        "CREATE TRIGGER refused BEFORE DELETE ON snapshot_publishers BEGIN SELECT RAISE(ABORT, 'x'); END";
    let finish = |token, publishers: &[(&str, &str)]| {
        rig.initiate(site, token, "m1", 100);
        let pending = rig.next(SiteNumber(0), 200).unwrap();
        rig.connection().execute_batch(refuse).unwrap();
        let message = message_published("m1", 150, publishers);
        let finished = rig.catalog.finish_snapshot(&pending, &message, b"[1]", None, 200);
        rig.connection().execute_batch("DROP TRIGGER refused").unwrap();
        finished
    };
    assert!(finish("s1", &[("i2", "u1"), ("i1", "u1")]).unwrap());
    assert!(finish("s2", &[("i1", "u1")]).is_err(), "lists that have changed are written");
    let of_user = SnapshotFilter { identity_token: None, user_token: Some("u1") };
    assert_eq!(rig.tokens(site, of_user), ["s1", "s2"]);
}

#[test]
fn a_snapshot_that_was_deleted_is_not_finished_and_leaves_nothing() {
    let rig = Rig::new();
    let site = rig.site(1, "alpha");
    rig.message(site, "m1", &[("i1", "u1")]);
    rig.initiate(site, "s1", "m1", 100);
    let pending = rig.next(SiteNumber(0), 200).unwrap();
    assert!(rig.catalog.delete_snapshot(site, "s1", 150).unwrap());
    assert!(!rig.catalog.delete_snapshot(site, "s1", 150).unwrap());
    assert!(!rig.finish(&pending, 200));
    for table in ["snapshots", "snapshot_publishers", "snapshot_counts", "pingbacks"] {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: i64 = rig.connection().query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[test]
fn a_check_finds_what_cannot_be_answered_and_lists_of_another_length() {
    let rig = Rig::new();
    let site = rig.site(1, "alpha");
    rig.message(site, "m1", &[("i1", "u1")]);
    rig.initiate(site, "s1", "m1", 100);
    let pending = rig.next(SiteNumber(0), 200).unwrap();
    let message = message_published("m1", 30, &[("i1", "u1")]);
    assert!(
        rig.catalog.finish_snapshot(&pending, &message, b"{\"count\":0,\"entries\":[]}", None, 200).unwrap()
    );
    let problems = || crate::catalog::problems(rig.folder.path());
    assert_eq!(problems(), [""; 0]);
    let repaired = {
        let sql = "SELECT 'UPDATE snapshots SET body = x''' || hex(body) || '''' FROM snapshots";
        rig.connection().query_row(sql, [], |row| row.get::<_, String>(0)).unwrap()
    };
    for (damage, repair) in [
        ("UPDATE snapshots SET body = x'28b52ffd'", repaired.as_str()),
        ("UPDATE snapshots SET body = NULL", &repaired),
        ("UPDATE snapshot_counts SET snapshots = 2", "UPDATE snapshot_counts SET snapshots = 1"),
        (
            "INSERT INTO snapshot_counts VALUES (1, 'x', 1)",
            "DELETE FROM snapshot_counts WHERE publisher = 'x'",
        ),
        (
            "DELETE FROM snapshot_counts WHERE publisher = 'uu1'",
            "INSERT INTO snapshot_counts VALUES (1, 'uu1', 1)",
        ),
    ] {
        rig.connection().execute_batch(damage).unwrap();
        assert_eq!(problems().len(), 1, "{damage}: {:?}", problems());
        rig.connection().execute_batch(repair).unwrap();
        assert_eq!(problems(), [""; 0], "{damage}");
    }
}
