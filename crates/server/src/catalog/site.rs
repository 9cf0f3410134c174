//! Sites of the sharing family: each has a subdomain as its name, belongs to an account, and has a pair of keys.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use tallyhouse_model::{AccountId, Micros};

use super::{Catalog, CatalogError};

/// The number of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteNumber(pub i64);

impl FromSql for SiteNumber {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(SiteNumber)
    }
}

impl ToSql for SiteNumber {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

/// A site as the catalog knows it: without its private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its number.
    pub number: SiteNumber,
    /// Its subdomain, unique: a to z, digits and hyphens, beginning with a letter, up to 63.
    pub name: String,
    /// Whose data.
    pub account: AccountId,
    /// The name of that account.
    pub account_name: String,
    /// What requests name it by: the user of HTTP Basic.
    pub public_key: String,
    /// When it was made.
    pub created_at: Micros,
    /// From when on its keys are not accepted any more, if they were revoked.
    pub revoked_at: Option<Micros>,
}

/// A site that was just made, with the only copy of its private key.
pub struct NewSite {
    /// What the catalog keeps.
    pub site: Site,
    /// What the site has to send as the password of HTTP Basic. Show it once.
    pub private_key: String,
}

impl Catalog {
    /// Makes a site.
    pub fn create_site(&self, account: AccountId, name: &str, now: Micros) -> Result<NewSite, CatalogError> {
        let _ = (account, name, now);
        Err(CatalogError::Damaged("not written yet".to_owned()))
    }

    /// The site of this name, revoked or not.
    pub fn site_by_name(&self, name: &str) -> Result<Option<Site>, CatalogError> {
        let _ = name;
        Ok(None)
    }

    /// The site that these keys belong to; none when either is wrong, or they were revoked.
    pub fn site_of_keys(&self, public_key: &str, private_key: &str) -> Result<Option<Site>, CatalogError> {
        let _ = (public_key, private_key);
        Ok(None)
    }
}
