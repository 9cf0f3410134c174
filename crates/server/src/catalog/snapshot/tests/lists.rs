//! Lists of snapshots against plain ones, and how SQLite finds them. How long a page takes is measured over HTTP.

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
    let queue = super::super::queue::first_sql();
    assert_eq!(plan(&connection, &queue), "SEARCH snapshots USING INDEX snapshots_queue (site>?)");
}
