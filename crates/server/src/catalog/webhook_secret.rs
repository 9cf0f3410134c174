//! Webhook secrets: what pingbacks of a site are signed with. A receiver has to know them, so they are kept as they are.

use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior};
use tallyhouse_model::Micros;

use super::secret::random_hex;
use super::{Catalog, CatalogError, SiteNumber};
use crate::pingback::{SECRET_BYTES, SigningSecret};

/// What ids begin with.
const ID_PREFIX: &str = "whs_";

/// Random bytes of an id.
const ID_BYTES: usize = 8;

/// Secrets of a site that sign at the same time: each adds a signature to every pingback.
pub const WEBHOOK_SECRETS_MAX: usize = 8;

/// A webhook secret as the catalog lists it: without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    /// Its public id.
    pub id: String,
    /// The name of the site whose pingbacks it signs.
    pub site_name: String,
    /// When it was made.
    pub created_at: Micros,
    /// From when on it does not sign any more, if that is known.
    pub expires_at: Option<Micros>,
}

/// A webhook secret that was just made. The receiver is told the secret; it is shown once.
#[derive(Debug)]
pub struct NewWebhookSecret {
    /// What is listed.
    pub listed: WebhookSecret,
    /// The secret.
    pub secret: SigningSecret,
}

impl Catalog {
    /// Makes a secret for a site. Those it has sign until then, unless they end sooner.
    pub fn create_webhook_secret(
        &self,
        site: &str,
        others_until: Micros,
        now: Micros,
    ) -> Result<NewWebhookSecret, CatalogError> {
        let mut bytes = vec![0; SECRET_BYTES];
        getrandom::fill(&mut bytes).map_err(CatalogError::Random)?;
        let id = format!("{ID_PREFIX}{}", random_hex::<ID_BYTES>()?);
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number: Option<SiteNumber> = transaction
            .query_row("SELECT number FROM sites WHERE name = ?1", [site], |row| row.get(0))
            .optional()?;
        let number = number.ok_or_else(|| CatalogError::NoSuchSite(site.to_owned()))?;
        transaction.execute(
            "UPDATE webhook_secrets SET expires_at = min(coalesce(expires_at, ?2), ?2) WHERE site = ?1",
            (number, others_until),
        )?;
        // What signs nothing any more is not kept either.
        transaction.execute(
            "UPDATE webhook_secrets SET secret = x'' WHERE site = ?1 AND expires_at <= ?2",
            (number, now),
        )?;
        if secrets_in(&transaction, number, now)?.len() >= WEBHOOK_SECRETS_MAX {
            return Err(CatalogError::TooManyWebhookSecrets(site.to_owned()));
        }
        transaction.execute(
            "INSERT INTO webhook_secrets (id, site, secret, created_at) VALUES (?1, ?2, ?3, ?4)",
            (&id, number, &bytes, now),
        )?;
        transaction.commit()?;
        let listed = WebhookSecret { id, site_name: site.to_owned(), created_at: now, expires_at: None };
        Ok(NewWebhookSecret { listed, secret: SigningSecret::new(bytes) })
    }

    /// All webhook secrets, also those that do not sign any more, in the order they were made.
    pub fn webhook_secrets(&self) -> Result<Vec<WebhookSecret>, CatalogError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT id, name, webhook_secrets.created_at, expires_at
             FROM webhook_secrets JOIN sites ON sites.number = site ORDER BY webhook_secrets.number",
        )?;
        let secrets = statement.query_map([], secret_of)?;
        Ok(secrets.collect::<rusqlite::Result<_>>()?)
    }

    /// Lets a secret sign nothing more, from now on; once more does nothing.
    pub fn revoke_webhook_secret(&self, id: &str, now: Micros) -> Result<(), CatalogError> {
        let found = self.lock().execute(
            "UPDATE webhook_secrets SET expires_at = min(coalesce(expires_at, ?2), ?2), secret = x'' WHERE id = ?1",
            (id, now),
        )?;
        if found == 0 { Err(CatalogError::NoSuchWebhookSecret(id.to_owned())) } else { Ok(()) }
    }
}

/// What a site signs with now, the newest first. What is blank has ended, also if the clock was set back behind its end.
pub(super) fn secrets_in(
    connection: &Connection,
    site: SiteNumber,
    now: Micros,
) -> Result<Vec<SigningSecret>, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT secret FROM webhook_secrets
         WHERE site = ?1 AND (expires_at IS NULL OR expires_at > ?2) AND secret <> x'' ORDER BY number DESC",
    )?;
    let secrets = statement.query_map((site, now), |row| Ok(SigningSecret::new(row.get(0)?)))?;
    Ok(secrets.collect::<rusqlite::Result<_>>()?)
}

fn secret_of(row: &Row<'_>) -> rusqlite::Result<WebhookSecret> {
    Ok(WebhookSecret {
        id: row.get(0)?,
        site_name: row.get(1)?,
        created_at: row.get(2)?,
        expires_at: row.get(3)?,
    })
}
