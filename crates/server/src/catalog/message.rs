//! Messages of the sharing family, and where each was published.

use rusqlite::Connection;
use tallyhouse_model::Micros;

use super::{Catalog, CatalogError, Page, Shorturl, SiteNumber};

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
    /// The short URLs that are to be made for it: their tokens and where they lead.
    pub shorturls: Vec<(String, String)>,
}

/// A page of messages, without what they are made of and where they were published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessagePage {
    /// Token, `created_at` and `published_at` of each.
    pub entries: Vec<(String, Micros, Micros)>,
    /// How many the site has in all.
    pub total: u64,
}

impl Catalog {
    /// A message of a site with its publications and their short URLs.
    pub fn message(&self, site: SiteNumber, token: &str) -> Result<Option<Message>, CatalogError> {
        message_in(&self.documents_connection(), site, token)
    }

    /// A page of the messages of a site, by (created, token).
    pub fn messages(&self, site: SiteNumber, page: Page) -> Result<MessagePage, CatalogError> {
        let _ = (site, page);
        Ok(MessagePage::default())
    }
}

/// The same as [`Catalog::message`] over this connection, within its transaction if there is one.
pub(super) fn message_in(
    connection: &Connection,
    site: SiteNumber,
    token: &str,
) -> Result<Option<Message>, CatalogError> {
    let _ = (connection, site, token);
    Ok(None)
}
