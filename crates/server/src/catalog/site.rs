//! Sites of the sharing family: each has a subdomain as its name, belongs to an account, and has a pair of keys.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior};
use tallyhouse_model::{AccountId, Micros};

use super::account::account_id;
use super::secret::{SecretHash, hash_of, is_same, random_uuid};
use super::{Catalog, CatalogError};

/// Bytes of a name at most: those of a label of DNS.
pub const SITE_NAME_BYTES_MAX: usize = 63;

/// Names that hosts often begin with, so that they can name no site.
const NO_NAMES: [&str; 3] = ["api", "www", "localhost"];

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

/// A site with keys that were just made, and the only copy of the private one.
pub struct NewSite {
    /// What the catalog keeps.
    pub site: Site,
    /// What the site has to send as the password of HTTP Basic. Show it once.
    pub private_key: String,
}

/// Sites with the names of their accounts, in the order of [`site_of`].
const SITES: &str =
    "SELECT number, sites.name, account, accounts.name, public_key, sites.created_at, revoked_at,
    private_hash FROM sites JOIN accounts ON accounts.id = account";

impl Catalog {
    /// Makes a site. Its name is 1 to 63 of a to z, 0 to 9 and `-`, begins with a letter, does not end with `-`, and is not
    /// taken.
    pub fn create_site(&self, account: AccountId, name: &str, now: Micros) -> Result<NewSite, CatalogError> {
        check_name(name)?;
        let (public_key, private_key) = (random_uuid()?, random_uuid()?);
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if find(&transaction, name)?.is_some() {
            return Err(CatalogError::SiteExists(name.to_owned()));
        }
        transaction.execute(
            "INSERT INTO sites (name, account, public_key, private_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (name, account.0, public_key, hash_of(&private_key), now),
        )?;
        let site = find(&transaction, name)?;
        let site = site.ok_or_else(|| CatalogError::Damaged(format!("there is no account {}", account.0)))?;
        transaction.commit()?;
        Ok(NewSite { site, private_key })
    }

    /// All sites, revoked ones included, in the order they were made.
    pub fn sites(&self) -> Result<Vec<Site>, CatalogError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!("{SITES} ORDER BY number"))?;
        statement.query_and_then([], site_of)?.collect()
    }

    /// The site of this name, revoked or not. Waits for nobody who changes something.
    pub fn site_by_name(&self, name: &str) -> Result<Option<Site>, CatalogError> {
        find(&self.verifier().connection, name)
    }

    /// The site that these keys belong to; none when either is wrong, or they were revoked, and not which. Sees at once
    /// what was changed, also by another process, and waits for nobody who changes something.
    pub fn site_of_keys(&self, public_key: &str, private_key: &str) -> Result<Option<Site>, CatalogError> {
        let verifier = self.verifier();
        let mut statement = verifier
            .connection
            .prepare_cached(&format!("{SITES} WHERE public_key = ?1 AND revoked_at IS NULL"))?;
        let found = statement
            .query_row([public_key], |row| Ok((site_of(row), row.get::<_, SecretHash>("private_hash")?)))
            .optional()?;
        // Hashed and compared also when there is none, so that the time does not tell public keys.
        let kept = found.as_ref().map_or([0; 32], |(_, hash)| *hash);
        let is_key = is_same(&hash_of(private_key), &kept);
        match found {
            Some((site, _)) if is_key => site.map(Some),
            _ => Ok(None),
        }
    }

    /// Gives a site new keys; the old ones are not accepted any more. A site whose keys were revoked has keys again.
    pub fn rotate_site_keys(&self, name: &str) -> Result<NewSite, CatalogError> {
        let (public_key, private_key) = (random_uuid()?, random_uuid()?);
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE sites SET public_key = ?2, private_hash = ?3, revoked_at = NULL WHERE name = ?1",
            (name, public_key, hash_of(&private_key)),
        )?;
        let site = find(&transaction, name)?.ok_or_else(|| CatalogError::NoSuchSite(name.to_owned()))?;
        transaction.commit()?;
        Ok(NewSite { site, private_key })
    }

    /// Revokes the keys of a site; once more does nothing. What the site has stays.
    pub fn revoke_site(&self, name: &str, now: Micros) -> Result<(), CatalogError> {
        let connection = self.lock();
        let found = connection
            .execute("UPDATE sites SET revoked_at = coalesce(revoked_at, ?2) WHERE name = ?1", (name, now))?;
        if found == 0 { Err(CatalogError::NoSuchSite(name.to_owned())) } else { Ok(()) }
    }
}

fn find(connection: &Connection, name: &str) -> Result<Option<Site>, CatalogError> {
    let mut statement = connection.prepare_cached(&format!("{SITES} WHERE sites.name = ?1"))?;
    statement.query_and_then([name], site_of)?.next().transpose()
}

fn site_of(row: &Row<'_>) -> Result<Site, CatalogError> {
    Ok(Site {
        number: row.get(0)?,
        name: row.get(1)?,
        account: account_id(row.get(2)?)?,
        account_name: row.get(3)?,
        public_key: row.get(4)?,
        created_at: row.get(5)?,
        revoked_at: row.get(6)?,
    })
}

/// Whether a site can have this name.
pub(super) fn is_site_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=SITE_NAME_BYTES_MAX).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(allowed)
        && !NO_NAMES.contains(&name)
}

fn check_name(name: &str) -> Result<(), CatalogError> {
    if is_site_name(name) {
        return Ok(());
    }
    // What is wrong may be its length, so only its beginning is shown.
    Err(CatalogError::SiteName(name.chars().take(SITE_NAME_BYTES_MAX + 1).collect()))
}

#[cfg(test)]
mod tests;
