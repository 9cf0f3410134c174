//! Lists of snapshots against plain ones, how SQLite finds them, and how long a page takes.

use std::time::Instant;

use super::*;

/// Numbers that look random and follow from a seed (SplitMix64).
struct Course(u64);

impl Course {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Identities and users of the publications of a message; an identity publishes it once.
    fn publishers(&mut self) -> Vec<(String, String)> {
        let identities = (0..3).filter(|_| self.below(2) == 0).collect::<Vec<u64>>();
        identities.into_iter().map(|it| (format!("i{it}"), format!("u{}", self.below(3)))).collect()
    }
}

/// A snapshot of the plain list: when it was asked for, its token, and on whose behalf.
type Plain = (Micros, String, Vec<(String, String)>);

#[test]
fn pages_are_those_of_a_plain_list() {
    for seed in 0..24 {
        let mut course = Course(seed);
        let rig = Rig::new();
        let site = rig.site(1, "alpha");
        let mut plain: Vec<Plain> = Vec::new();
        for index in 0..course.below(14) {
            let publishers = course.publishers();
            let pairs = publishers.iter().map(|(one, other)| (one.as_str(), other.as_str()));
            let message = format!("m{index}");
            rig.message(site, &message, &pairs.collect::<Vec<_>>());
            // Tokens descend while numbers ascend, so that the tie-break shows.
            let (token, initiated_at) = (format!("s{:02}", 99 - index), course.below(5).cast_signed());
            rig.initiate(site, &token, &message, initiated_at);
            plain.push((initiated_at, token, publishers));
        }
        for _ in 0..plain.len() / 4 {
            let (_, token, _) = plain.remove(course.below(plain.len() as u64) as usize);
            assert!(rig.catalog.delete_snapshot(site, &token, 9).unwrap());
        }
        plain.sort();
        assert_lists(&rig, site, &plain);
    }
}

/// The list of every filter.
fn assert_lists(rig: &Rig, site: SiteNumber, plain: &[Plain]) {
    for identity in [None, Some("i0"), Some("i1"), Some("i9")] {
        for user in [None, Some("u0"), Some("u2")] {
            let is_of = |(one, other): &(String, String)| {
                identity.is_none_or(|wanted| one == wanted) && user.is_none_or(|wanted| other == wanted)
            };
            let wanted = plain.iter().filter(|(_, _, publishers)| {
                (identity.is_none() && user.is_none()) || publishers.iter().any(is_of)
            });
            let wanted: Vec<String> = wanted.map(|(_, token, _)| token.clone()).collect();
            assert_pages(rig, site, SnapshotFilter { identity_token: identity, user_token: user }, wanted);
        }
    }
}

/// Every page of every size, in both orders.
fn assert_pages(rig: &Rig, site: SiteNumber, filter: SnapshotFilter<'_>, ascending: Vec<String>) {
    let descending: Vec<String> = ascending.iter().rev().cloned().collect();
    for (is_descending, wanted) in [(false, &ascending), (true, &descending)] {
        for limit in [1, 3, 50] {
            for offset in 0..=wanted.len() + 1 {
                let page = Page { offset: offset as u64, limit, descending: is_descending };
                let found = rig.catalog.snapshots(site, filter, page).unwrap();
                let tokens: Vec<String> = found.entries.into_iter().map(|entry| entry.token).collect();
                let end = wanted.len().min(offset + limit as usize);
                assert_eq!(tokens, wanted.get(offset..end).unwrap_or_default(), "{filter:?} {page:?}");
                assert_eq!(found.total, wanted.len() as u64, "{filter:?}");
            }
        }
    }
}

/// How SQLite goes about a statement.
fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    steps.join("; ")
}

#[test]
fn pages_and_the_queue_are_found_by_their_indexes_without_sorting() {
    let rig = Rig::new();
    let connection = rig.connection();
    for of_publisher in [false, true] {
        for descending in [false, true] {
            let page = Page { offset: 0, limit: 1, descending };
            let sql = super::super::list::sql_of(page, of_publisher);
            let plan = plan(&connection, sql);
            let wanted = if of_publisher {
                "SEARCH snapshot_publishers USING PRIMARY KEY (site=? AND publisher=?)"
            } else {
                "SEARCH snapshots USING COVERING INDEX snapshots_by_site (site=?)"
            };
            assert_eq!(plan, wanted);
        }
    }
    let queue = "SELECT body FROM snapshots INDEXED BY snapshots_queue
         WHERE finished_at IS NULL AND site > 1 AND retry_at <= 2 ORDER BY site, retry_at, number LIMIT 1";
    assert_eq!(plan(&connection, queue), "SEARCH snapshots USING INDEX snapshots_queue (site>?)");
}

/// Run by hand, in a release build, before and after a change: it prints how long pages of 100,000 snapshots take.
#[test]
#[ignore = "measures, and takes a while"]
fn how_long_pages_of_a_hundred_thousand_take() {
    let rig = Rig::new();
    let site = rig.site(1, "alpha");
    let mut connection = rig.connection();
    let transaction = connection.transaction().unwrap();
    let sql = "INSERT INTO snapshots (token, site, message_token, message_created_at, message_published_at,
             initiated_at, finished_at, body) VALUES (?1, ?2, ?1, 10, 20, ?3, 30, zeroblob(3000))";
    for index in 0..100_000_i64 {
        let token =
            format!("{:08x}-0000-4000-8000-{index:012x}", index.wrapping_mul(0x9e37_79b9) & 0xffff_ffff);
        transaction.execute(sql, (&token, site, index / 3)).unwrap();
        let number = transaction.last_insert_rowid();
        for publisher in ["i09d593eb-7f50-4da9-bcb9-b36dd30f650e", "u221c7bdf-d2b7-4ee4-99f4-34d0d550ecf6"] {
            let row = (site, publisher, index / 3, &token, number);
            transaction.execute("INSERT INTO snapshot_publishers VALUES (?1, ?2, ?3, ?4, ?5)", row).unwrap();
        }
    }
    transaction.commit().unwrap();
    for user_token in [None, Some("221c7bdf-d2b7-4ee4-99f4-34d0d550ecf6")] {
        for offset in [0, 25_000, 49_500, 50_000, 75_000, 99_500] {
            let page = Page { offset, limit: 500, descending: false };
            let started = Instant::now();
            let found = rig
                .catalog
                .snapshots(site, SnapshotFilter { identity_token: None, user_token }, page)
                .unwrap();
            println!("{offset} {:?}: {:?}", user_token.is_some(), started.elapsed());
            assert_eq!((found.total, found.entries.len()), (100_000, 500));
        }
    }
}
