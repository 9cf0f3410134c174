//! Publishing a message, and publishing it again.

use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior};
use tallyhouse_model::{Key, Micros};

use super::{Message, NewPublication, PUBLICATIONS_MAX, Republished};
use crate::catalog::shorturl::{MadeFor, insert_shorturl};
use crate::catalog::{Catalog, CatalogError, SiteNumber};

impl Catalog {
    /// Keeps a message and publishes it. `parts` is a JSON object; `ids` names the short URLs. Nothing comes back where
    /// somebody has deleted it at once.
    pub fn publish_message(
        &self,
        site: SiteNumber,
        token: &str,
        parts: &str,
        publications: &[NewPublication],
        now: Micros,
        ids: &mut dyn FnMut() -> Result<Key, CatalogError>,
    ) -> Result<Option<Message>, CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "INSERT INTO messages (token, site, created_at, published_at, parts) VALUES (?1, ?2, ?3, ?3, ?4)",
            (token, site, now, parts),
        )?;
        let message = MessageRow { number: transaction.last_insert_rowid(), token, site };
        message.publish(&transaction, publications, now, ids)?;
        transaction.commit()?;
        // Others may write while a long answer is read.
        drop(connection);
        self.message(site, token)
    }

    /// Publishes a message again: publications that it has are dated anew and keep their short URLs, others are added.
    pub fn republish_message(
        &self,
        site: SiteNumber,
        token: &str,
        publications: &[NewPublication],
        now: Micros,
        ids: &mut dyn FnMut() -> Result<Key, CatalogError>,
    ) -> Result<Republished, CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number = transaction
            .query_row(
                "UPDATE messages SET published_at = max(published_at, ?3) WHERE token = ?1 AND site = ?2
                 RETURNING number",
                (token, site, now),
                |row| row.get(0),
            )
            .optional()?;
        let Some(number) = number else { return Ok(Republished::NoSuchMessage) };
        MessageRow { number, token, site }.publish(&transaction, publications, now, ids)?;
        let count: u32 = transaction.query_row(
            "SELECT count(*) FROM publications WHERE message = ?1",
            [number],
            |row| row.get(0),
        )?;
        if count > PUBLICATIONS_MAX {
            return Ok(Republished::TooMany);
        }
        transaction.commit()?;
        drop(connection);
        Ok(self.message(site, token)?.map_or(Republished::NoSuchMessage, Republished::Done))
    }
}

/// A row of the table of messages that is being published.
struct MessageRow<'a> {
    number: i64,
    token: &'a str,
    site: SiteNumber,
}

impl MessageRow<'_> {
    fn publish(
        &self,
        transaction: &Transaction<'_>,
        publications: &[NewPublication],
        now: Micros,
        ids: &mut dyn FnMut() -> Result<Key, CatalogError>,
    ) -> Result<(), CatalogError> {
        for publication in publications {
            if self.publish_again(transaction, publication, now)? {
                continue;
            }
            let NewPublication { provider, user_token, identity_token, shorturls } = publication;
            transaction
                .prepare_cached(
                    "INSERT INTO publications (message, site, provider, user_token, identity_token, published_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute((self.number, self.site, provider, user_token, identity_token, now))?;
            let number = transaction.last_insert_rowid();
            let made_for = MadeFor {
                message_token: Some(self.token),
                publication: Some(number),
                provider: provider.as_deref(),
            };
            for original_url in shorturls {
                insert_shorturl(transaction, self.site, original_url, made_for, now, ids)?;
            }
        }
        Ok(())
    }

    /// Dates a publication anew, and completes what was not known of it. Whether the message has it.
    fn publish_again(
        &self,
        transaction: &Transaction<'_>,
        publication: &NewPublication,
        now: Micros,
    ) -> Result<bool, CatalogError> {
        let NewPublication { provider, user_token, identity_token, .. } = publication;
        let mut statement = transaction.prepare_cached(
            "UPDATE publications SET published_at = max(published_at, ?3), provider = coalesce(provider, ?4),
                 user_token = coalesce(user_token, ?5)
             WHERE message = ?1 AND identity_token = ?2 RETURNING number",
        )?;
        let number: Option<i64> = statement
            .query_row((self.number, identity_token, now, provider, user_token), |row| row.get(0))
            .optional()?;
        let Some(number) = number else { return Ok(false) };
        transaction
            .prepare_cached("UPDATE shorturls SET provider = ?2 WHERE publication = ?1 AND provider IS NULL")?
            .execute((number, provider))?;
        Ok(true)
    }
}
