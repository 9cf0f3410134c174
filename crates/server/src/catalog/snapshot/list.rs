//! Pages of the snapshots of a site, by (initiated, token).
//!
//! How many there are is kept, and a page is sought from the nearer end of the list: an index is walked over, and no row is
//! looked at that is not on the page. `every_page_of_a_hundred_thousand_takes_less_than_20_ms` measures it.

use rusqlite::{Connection, OptionalExtension as _};

use super::publishers::{EVERYBODY, of_both, of_identity, of_user};
use super::{COLUMNS, Snapshot, snapshot_of};
use crate::catalog::walk::Walk;
use crate::catalog::{Catalog, CatalogError, Page, SiteNumber};

/// Of whose messages. With both, they have to be of the same publication.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SnapshotFilter<'a> {
    /// Those that were published on behalf of this identity.
    pub identity_token: Option<&'a str>,
    /// Those that were published on behalf of this user.
    pub user_token: Option<&'a str>,
}

/// A page of snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotPage {
    /// Those on the page.
    pub entries: Vec<Snapshot>,
    /// How many there are on all pages.
    pub total: u64,
}

impl SnapshotFilter<'_> {
    /// What the list is under; nothing for all snapshots.
    fn publisher(&self) -> Option<String> {
        match (self.identity_token, self.user_token) {
            (None, None) => None,
            (Some(identity), None) => Some(of_identity(identity)),
            (None, Some(user)) => Some(of_user(user)),
            (Some(identity), Some(user)) => Some(of_both(identity, user)),
        }
    }
}

impl Catalog {
    /// A page of the snapshots of a site, and how many there are, as of one moment.
    pub fn snapshots(
        &self,
        site: SiteNumber,
        filter: SnapshotFilter<'_>,
        page: Page,
    ) -> Result<SnapshotPage, CatalogError> {
        let connection = self.snapshots_connection();
        let moment = connection.unchecked_transaction()?;
        let publisher = filter.publisher();
        let total = total(&moment, site, publisher.as_deref().unwrap_or(EVERYBODY))?;
        let Some(walk) = Walk::to(page, total) else {
            return Ok(SnapshotPage { entries: Vec::new(), total });
        };
        let numbers = walk.numbers(&moment, site, publisher.as_deref())?;
        let sql = format!("SELECT {COLUMNS} FROM snapshots WHERE number = ?1");
        let mut statement = moment.prepare_cached(&sql)?;
        let entries = numbers.iter().map(|number| statement.query_row([number], snapshot_of));
        Ok(SnapshotPage { entries: entries.collect::<rusqlite::Result<_>>()?, total })
    }
}

fn total(connection: &Connection, site: SiteNumber, publisher: &str) -> rusqlite::Result<u64> {
    let mut statement = connection
        .prepare_cached("SELECT snapshots FROM snapshot_counts WHERE site = ?1 AND publisher = ?2")?;
    let total: Option<i64> = statement.query_row((site, publisher), |row| row.get(0)).optional()?;
    Ok(u64::try_from(total.unwrap_or(0)).unwrap_or(0))
}

impl Walk {
    /// The row numbers of the page, in its order.
    fn numbers(
        &self,
        connection: &Connection,
        site: SiteNumber,
        publisher: Option<&str>,
    ) -> rusqlite::Result<Vec<i64>> {
        let (take, pass_over) = (self.take, self.pass_over);
        let mut statement = connection.prepare_cached(self.sql(publisher.is_some()))?;
        let number = |row: &rusqlite::Row<'_>| row.get(0);
        let rows = match publisher {
            None => statement.query_map((site, take, pass_over), number)?,
            Some(publisher) => statement.query_map((site, take, pass_over, publisher), number)?,
        };
        Ok(self.in_order(rows.collect::<rusqlite::Result<_>>()?))
    }

    fn sql(&self, of_publisher: bool) -> &'static str {
        match (of_publisher, self.from_last) {
            (false, false) => {
                "SELECT number FROM snapshots INDEXED BY snapshots_by_site WHERE site = ?1
                 ORDER BY initiated_at, token LIMIT ?2 OFFSET ?3"
            }
            (false, true) => {
                "SELECT number FROM snapshots INDEXED BY snapshots_by_site WHERE site = ?1
                 ORDER BY initiated_at DESC, token DESC LIMIT ?2 OFFSET ?3"
            }
            (true, false) => {
                "SELECT snapshot FROM snapshot_publishers WHERE site = ?1 AND publisher = ?4
                 ORDER BY initiated_at, token LIMIT ?2 OFFSET ?3"
            }
            (true, true) => {
                "SELECT snapshot FROM snapshot_publishers WHERE site = ?1 AND publisher = ?4
                 ORDER BY initiated_at DESC, token DESC LIMIT ?2 OFFSET ?3"
            }
        }
    }
}

/// How pages from this end of a list are found.
#[cfg(test)]
pub fn sql_of(page: Page, of_publisher: bool) -> &'static str {
    let walk = Walk { from_last: page.descending, pass_over: 0, take: 0, is_reversed: false };
    walk.sql(of_publisher)
}
