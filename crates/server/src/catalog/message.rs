//! Messages of the sharing family, and where each was published.

mod broken;
mod publish;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior};
use tallyhouse_model::Micros;

pub(super) use self::broken::broken_messages;
use super::walk::Walk;
use super::{Catalog, CatalogError, Page, Shorturl, SiteNumber};

/// Publications that a message may have: each answer about it shows them all, and each snapshot of it is put under all
/// their publishers while no other writes to the catalog.
pub const PUBLICATIONS_MAX: u32 = 500;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its token, a UUID in lower case.
    pub token: String,
    /// When it was first published.
    pub created_at: Micros,
    /// When it was last published.
    pub published_at: Micros,
    /// What it is made of, as a JSON object.
    pub parts: String,
    /// Where it was published, in the order in which that was first done.
    pub publications: Vec<Publication>,
}

/// That a message was published in one social network on behalf of one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The social network; none where the identity is one nobody has heard of.
    pub provider: Option<String>,
    /// On behalf of which user, if that is known.
    pub user_token: Option<String>,
    /// On behalf of which identity.
    pub identity_token: String,
    /// When it was last published there.
    pub published_at: Micros,
    /// The short URLs that were made for it, in the order in which they were made.
    pub shorturls: Vec<Shorturl>,
}

/// Where a message is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPublication {
    /// The social network, if it is known.
    pub provider: Option<String>,
    /// On behalf of which user, if that is known.
    pub user_token: Option<String>,
    /// On behalf of which identity.
    pub identity_token: String,
    /// Where short URLs that are to be made for it lead, unless the message was published there before.
    pub shorturls: Vec<String>,
}

/// What came of publishing a message again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Republished {
    /// This is the message now.
    Done(Message),
    /// The site has no such message.
    NoSuchMessage,
    /// It would have more than [`PUBLICATIONS_MAX`] publications.
    TooMany,
}

/// A message in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageEntry {
    /// Its token.
    pub token: String,
    /// When it was first published.
    pub created_at: Micros,
    /// When it was last published.
    pub published_at: Micros,
}

/// Whose identity it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownIdentity {
    /// The social network.
    pub provider: String,
    /// The user, if that is known.
    pub user_token: Option<String>,
}

/// A page of messages, without what they are made of and where they were published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages.
    pub entries: Vec<MessageEntry>,
    /// How many the site has in all.
    pub total: u64,
}

impl Catalog {
    /// A message of a site with its publications and their short URLs.
    pub fn message(&self, site: SiteNumber, token: &str) -> Result<Option<Message>, CatalogError> {
        let connection = self.bulk_connection();
        let moment = connection.unchecked_transaction()?;
        message_in(&moment, site, token)
    }

    /// What a message of a site is made of.
    pub fn message_parts(&self, site: SiteNumber, token: &str) -> Result<Option<String>, CatalogError> {
        let connection = self.documents_connection();
        let mut statement =
            connection.prepare_cached("SELECT parts FROM messages WHERE token = ?1 AND site = ?2")?;
        Ok(statement.query_row((token, site), |row| row.get(0)).optional()?)
    }

    /// A page of the messages of a site, by (created, token).
    pub fn messages(&self, site: SiteNumber, page: Page) -> Result<MessagePage, CatalogError> {
        let connection = self.bulk_connection();
        let moment = connection.unchecked_transaction()?;
        let total: i64 = moment
            .prepare_cached("SELECT messages FROM site_counts WHERE site = ?1")?
            .query_row([site], |row| row.get(0))?;
        let total = total.unsigned_abs();
        let Some(walk) = Walk::to(page, total) else {
            return Ok(MessagePage { entries: Vec::new(), total });
        };
        let mut statement = moment.prepare_cached(if walk.from_last {
            "SELECT token, created_at, published_at FROM messages WHERE site = ?1
             ORDER BY created_at DESC, token DESC LIMIT ?2 OFFSET ?3"
        } else {
            "SELECT token, created_at, published_at FROM messages WHERE site = ?1
             ORDER BY created_at, token LIMIT ?2 OFFSET ?3"
        })?;
        let rows = statement.query_map((site, walk.take, walk.pass_over), |row| {
            Ok(MessageEntry { token: row.get(0)?, created_at: row.get(1)?, published_at: row.get(2)? })
        })?;
        Ok(MessagePage { entries: walk.in_order(rows.collect::<rusqlite::Result<_>>()?), total })
    }

    /// Deletes a message with its publications and those of its snapshots that are not finished; its short URLs stay.
    /// Whether it was there.
    pub fn delete_message(&self, site: SiteNumber, token: &str) -> Result<bool, CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let deleted =
            transaction.execute("DELETE FROM messages WHERE token = ?1 AND site = ?2", (token, site))?;
        if deleted > 0 {
            delete_pending_snapshots(&transaction, site, token)?;
        }
        transaction.commit()?;
        Ok(deleted > 0)
    }

    /// Whose identity this is, as far as a publication of the site told: the social network and the user.
    pub fn identity(
        &self,
        site: SiteNumber,
        identity_token: &str,
    ) -> Result<Option<KnownIdentity>, CatalogError> {
        let connection = self.documents_connection();
        let mut statement = connection.prepare_cached(
            "SELECT provider, user_token FROM publications
             WHERE site = ?1 AND identity_token = ?2 AND provider IS NOT NULL ORDER BY number LIMIT 1",
        )?;
        let found = statement.query_row((site, identity_token), |row| {
            Ok(KnownIdentity { provider: row.get(0)?, user_token: row.get(1)? })
        });
        Ok(found.optional()?)
    }
}

/// The same as [`Catalog::message`] over this connection, within its transaction if there is one.
pub(super) fn message_in(
    connection: &Connection,
    site: SiteNumber,
    token: &str,
) -> Result<Option<Message>, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, created_at, published_at, parts FROM messages WHERE token = ?1 AND site = ?2",
    )?;
    let found = statement
        .query_row((token, site), |row| {
            let message = Message {
                token: token.to_owned(),
                created_at: row.get(1)?,
                published_at: row.get(2)?,
                parts: row.get(3)?,
                publications: Vec::new(),
            };
            Ok((row.get(0)?, message))
        })
        .optional()?;
    let Some((number, mut message)) = found else { return Ok(None) };
    message.publications = publications_of(connection, number, token)?;
    Ok(Some(message))
}

/// The publications of a message with their short URLs, in the order in which they were made.
fn publications_of(
    connection: &Connection,
    message: i64,
    message_token: &str,
) -> Result<Vec<Publication>, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT publications.number, publications.provider, user_token, identity_token, published_at,
             shorturls.token, shorturls.original_url, shorturls.created_at, shorturls.provider
         FROM publications LEFT JOIN shorturls ON shorturls.publication = publications.number
         WHERE message = ?1 ORDER BY publications.number, shorturls.number",
    )?;
    let mut rows = statement.query([message])?;
    let (mut publications, mut last) = (Vec::<Publication>::new(), None);
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        if last.replace(number) != Some(number) {
            publications.push(publication_of(row)?);
        }
        let publication = publications.last_mut().expect("one was just put there");
        if let Some(token) = row.get(5)? {
            publication.shorturls.push(Shorturl {
                token,
                original_url: row.get(6)?,
                created_at: row.get(7)?,
                message_token: Some(message_token.to_owned()),
                provider: row.get(8)?,
            });
        }
    }
    Ok(publications)
}

fn publication_of(row: &Row<'_>) -> rusqlite::Result<Publication> {
    Ok(Publication {
        provider: row.get(1)?,
        user_token: row.get(2)?,
        identity_token: row.get(3)?,
        published_at: row.get(4)?,
        shorturls: Vec::new(),
    })
}

/// Deletes the snapshots of a message that are still to be made.
fn delete_pending_snapshots(
    transaction: &Transaction<'_>,
    site: SiteNumber,
    message_token: &str,
) -> Result<(), CatalogError> {
    transaction.execute(
        "DELETE FROM snapshots WHERE message_token = ?1 AND site = ?2 AND finished_at IS NULL",
        (message_token, site),
    )?;
    Ok(())
}

#[cfg(test)]
pub(super) mod tests;
