//! Short URLs of the sharing family: each leads somewhere, and may belong to a publication of a message.

use rusqlite::{OptionalExtension as _, Row, Transaction, TransactionBehavior};
use tallyhouse_model::{AccountId, Key, Micros};

use super::walk::Walk;
use super::{Catalog, CatalogError, Page, SiteNumber};

/// Letters and digits of a token.
pub const SHORTURL_TOKEN_LENGTH: usize = 8;

/// What tokens are made of, by the value of a digit.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How many tokens are tried before giving up. There are 62^8 of them, so that even with a thousand million in use the
/// eighth is taken as well once in 10^42 times.
const TOKENS_TRIED_MAX: u32 = 8;

/// A short URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shorturl {
    /// Its token, unique in all sites: letters and digits.
    pub token: String,
    /// Where it leads.
    pub original_url: String,
    /// When it was made.
    pub created_at: Micros,
    /// The message that it was made for, if it was.
    pub message_token: Option<String>,
    /// The social network that it was made for, if that is known.
    pub provider: Option<String>,
}

/// A page of short URLs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShorturlPage {
    /// The short URLs.
    pub entries: Vec<Shorturl>,
    /// How many the site has in all.
    pub total: u64,
}

/// A short URL as whoever follows it needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedShorturl {
    /// Whose it is.
    pub account: AccountId,
    /// The short URL.
    pub shorturl: Shorturl,
}

impl Catalog {
    /// Makes a short URL that belongs to no message. `ids` names it.
    pub fn create_shorturl(
        &self,
        site: SiteNumber,
        original_url: &str,
        now: Micros,
        ids: &mut dyn FnMut() -> Result<Key, CatalogError>,
    ) -> Result<Shorturl, CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let token = insert_shorturl(&transaction, site, original_url, MadeFor::default(), now, ids)?;
        transaction.commit()?;
        let original_url = original_url.to_owned();
        Ok(Shorturl { token, original_url, created_at: now, message_token: None, provider: None })
    }

    /// A short URL of a site.
    pub fn shorturl(&self, site: SiteNumber, token: &str) -> Result<Option<Shorturl>, CatalogError> {
        let connection = self.documents_connection();
        let mut statement = connection.prepare_cached(
            "SELECT token, original_url, created_at, message_token, provider FROM shorturls
             WHERE token = ?1 AND site = ?2",
        )?;
        Ok(statement.query_row((token, site), shorturl_of).optional()?)
    }

    /// A short URL of any site.
    pub fn followed_shorturl(&self, token: &str) -> Result<Option<FollowedShorturl>, CatalogError> {
        let connection = self.documents_connection();
        let mut statement = connection.prepare_cached(
            "SELECT token, original_url, shorturls.created_at, message_token, provider, account
             FROM shorturls JOIN sites ON sites.number = shorturls.site WHERE token = ?1",
        )?;
        let found = statement.query_row([token], |row| {
            Ok(FollowedShorturl { account: AccountId(row.get(5)?), shorturl: shorturl_of(row)? })
        });
        Ok(found.optional()?)
    }

    /// A page of the short URLs of a site, by (created, token).
    pub fn shorturls(&self, site: SiteNumber, page: Page) -> Result<ShorturlPage, CatalogError> {
        let connection = self.bulk_connection();
        let moment = connection.unchecked_transaction()?;
        let total: i64 = moment
            .prepare_cached("SELECT shorturls FROM site_counts WHERE site = ?1")?
            .query_row([site], |row| row.get(0))?;
        let total = total.unsigned_abs();
        let Some(walk) = Walk::to(page, total) else {
            return Ok(ShorturlPage { entries: Vec::new(), total });
        };
        let mut statement = moment.prepare_cached(if walk.from_last {
            "SELECT token, original_url, created_at, message_token, provider FROM shorturls
             WHERE site = ?1 ORDER BY created_at DESC, token DESC LIMIT ?2 OFFSET ?3"
        } else {
            "SELECT token, original_url, created_at, message_token, provider FROM shorturls
             WHERE site = ?1 ORDER BY created_at, token LIMIT ?2 OFFSET ?3"
        })?;
        let rows = statement.query_map((site, walk.take, walk.pass_over), shorturl_of)?;
        Ok(ShorturlPage { entries: walk.in_order(rows.collect::<rusqlite::Result<_>>()?), total })
    }

    /// Deletes a short URL, which then leads nowhere. Whether it was there.
    pub fn delete_shorturl(&self, site: SiteNumber, token: &str) -> Result<bool, CatalogError> {
        let deleted =
            self.lock().execute("DELETE FROM shorturls WHERE token = ?1 AND site = ?2", (token, site))?;
        Ok(deleted > 0)
    }
}

/// What a short URL is made for, as far as it is for anything.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MadeFor<'a> {
    /// The message.
    pub(super) message_token: Option<&'a str>,
    /// The number of its publication.
    pub(super) publication: Option<i64>,
    /// The social network.
    pub(super) provider: Option<&'a str>,
}

/// Makes a short URL. Its token.
pub(super) fn insert_shorturl(
    transaction: &Transaction<'_>,
    site: SiteNumber,
    original_url: &str,
    made_for: MadeFor<'_>,
    now: Micros,
    ids: &mut dyn FnMut() -> Result<Key, CatalogError>,
) -> Result<String, CatalogError> {
    let MadeFor { message_token, publication, provider } = made_for;
    let mut statement = transaction.prepare_cached(
        "INSERT INTO shorturls (token, site, message_token, publication, provider, original_url, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (token) DO NOTHING",
    )?;
    for _ in 0..TOKENS_TRIED_MAX {
        let token = shorturl_token(&ids()?);
        let made =
            statement.execute((&token, site, message_token, publication, provider, original_url, now))?;
        if made == 1 {
            return Ok(token);
        }
    }
    Err(CatalogError::NoShorturlToken)
}

/// The token that an id makes: its remainder in base 62.
pub fn shorturl_token(id: &Key) -> String {
    let mut rest = u128::from_be_bytes(*id);
    let mut digits = [0; SHORTURL_TOKEN_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

fn shorturl_of(row: &Row<'_>) -> rusqlite::Result<Shorturl> {
    Ok(Shorturl {
        token: row.get(0)?,
        original_url: row.get(1)?,
        created_at: row.get(2)?,
        message_token: row.get(3)?,
        provider: row.get(4)?,
    })
}

#[cfg(test)]
mod tests;
