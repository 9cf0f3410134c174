//! Documents: few, long-lived records that rows point at by number. The newest version of each is kept, as the JSON
//! object that it is exported as; a deletion is a version without one.
//!
//! What is asked here has connections of its own: no question waits while documents are synced to disk, and looking a few
//! documents up does not wait for those who read or count many.

pub(super) mod form_fields;
mod put;

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Row};
use tallyhouse_model::{AccountId, Micros, TableId};

use super::{Catalog, CatalogError};

/// One version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number, within its account and table; at most 2^63 - 1.
    pub id: u64,
    /// Its version: the greater one wins, on a tie the later arrival.
    pub version: Micros,
    /// The record as a JSON object; `None` where it is deleted.
    pub body: Option<String>,
}

/// What became of documents that were put.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DocumentsPut {
    /// Documents that were taken in, without deletions.
    pub taken: u64,
    /// Documents that gave way to a newer version.
    pub replaced: u64,
    /// Deletions that were taken in.
    pub deleted: u64,
    /// Documents and deletions that came too late: a newer version was there already.
    pub outdated: u64,
}

/// How much there is of a table of documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DocumentsSize {
    /// Documents, without deletions.
    pub documents: u64,
    /// Bytes of their JSON objects.
    pub bytes: u64,
}

/// What the forms of an account know of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormField {
    /// The account has no forms at all.
    NoForms,
    /// It has forms, and none has this field.
    Unknown,
    /// A field, by its type and its options: values and what they are called.
    Known {
        /// `field_type` of the form.
        field_type: String,
        /// Labels by values.
        labels: HashMap<String, String>,
    },
}

impl Catalog {
    /// Documents of a table in the order of their numbers, from behind one on; deletions among them if asked for.
    pub fn documents(
        &self,
        account: AccountId,
        table: TableId,
        after: Option<u64>,
        limit: usize,
        deletions: bool,
    ) -> Result<Vec<Document>, CatalogError> {
        self.documents_page(account, table, after, limit, usize::MAX, deletions)
    }

    /// The same, ending as soon as the page has this many bytes as well. It is empty only where nothing is left.
    pub fn documents_page(
        &self,
        account: AccountId,
        table: TableId,
        after: Option<u64>,
        limit: usize,
        bytes_max: usize,
        deletions: bool,
    ) -> Result<Vec<Document>, CatalogError> {
        let connection = self.bulk_connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, version, body FROM documents
             WHERE account = ?1 AND table_number = ?2 AND id > ?3 AND (?4 OR body IS NOT NULL) ORDER BY id",
        )?;
        let after = after.map_or(-1, number);
        let mut rows = statement.query((account.0, table as u8, after, deletions))?;
        let (mut page, mut bytes) = (Vec::new(), 0);
        while page.len() < limit && bytes < bytes_max {
            let Some(row) = rows.next()? else { break };
            let document = document_of(row)?;
            bytes += document.body.as_ref().map_or(0, String::len);
            page.push(document);
        }
        Ok(page)
    }

    /// Numbers and versions of the documents that there are, as [`documents`](Self::documents) but without their JSON
    /// objects, which are not read either.
    pub fn document_versions(
        &self,
        account: AccountId,
        table: TableId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, Micros)>, CatalogError> {
        let connection = self.bulk_connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, version, NULL FROM documents
             WHERE account = ?1 AND table_number = ?2 AND id > ?3 AND body IS NOT NULL ORDER BY id LIMIT ?4",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query((account.0, table as u8, after.map_or(-1, number), limit))?;
        let versions = rows.and_then(|row| document_of(row).map(|document| (document.id, document.version)));
        versions.collect()
    }

    /// Those of these documents that there are, in this order, each as of one moment.
    pub fn documents_by_id(
        &self,
        account: AccountId,
        table: TableId,
        ids: &[u64],
    ) -> Result<Vec<Document>, CatalogError> {
        let connection = self.bulk_connection();
        let found = ids.iter().filter_map(|id| find(&connection, account, table, *id).transpose());
        found.collect()
    }

    /// One document, if it is there.
    pub fn document(
        &self,
        account: AccountId,
        table: TableId,
        id: u64,
    ) -> Result<Option<Document>, CatalogError> {
        find(&self.documents_connection(), account, table, id)
    }

    /// The JSON objects of those of these documents that there are.
    pub fn documents_of(
        &self,
        account: AccountId,
        table: TableId,
        ids: &[u64],
    ) -> Result<HashMap<u64, String>, CatalogError> {
        let connection = self.documents_connection();
        let mut statement = connection.prepare_cached(
            "SELECT body FROM documents
             WHERE account = ?1 AND table_number = ?2 AND id = ?3 AND body IS NOT NULL",
        )?;
        let mut found = HashMap::new();
        for id in ids {
            let body =
                statement.query_row((account.0, table as u8, number(*id)), |row| row.get(0)).optional()?;
            found.extend(body.map(|body| (*id, body)));
        }
        Ok(found)
    }

    /// How much there is of a table.
    pub fn documents_size(&self, account: AccountId, table: TableId) -> Result<DocumentsSize, CatalogError> {
        let connection = self.bulk_connection();
        let mut statement = connection.prepare_cached(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM documents
             WHERE account = ?1 AND table_number = ?2 AND bytes IS NOT NULL",
        )?;
        let (documents, bytes): (i64, i64) =
            statement.query_row((account.0, table as u8), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(DocumentsSize { documents: documents.unsigned_abs(), bytes: bytes.unsigned_abs() })
    }

    /// How often documents of a table were changed. Many that are put together are one change, counted when the last of
    /// them is there: whoever reads this, then documents, and later the same again has missed no change that was over.
    pub fn document_changes(&self, account: AccountId, table: TableId) -> Result<u64, CatalogError> {
        let connection = self.documents_connection();
        let mut statement = connection.prepare_cached(
            "SELECT changes FROM document_changes WHERE account = ?1 AND table_number = ?2",
        )?;
        let changes: Option<i64> =
            statement.query_row((account.0, table as u8), |row| row.get(0)).optional()?;
        Ok(changes.unwrap_or(0).unsigned_abs())
    }

    /// What is known of a field of a form. Where several forms have it, the one with the least number answers.
    pub fn form_field(&self, account: AccountId, field_id: u64) -> Result<FormField, CatalogError> {
        let connection = self.documents_connection();
        if let Some(known) = form_fields::find(&connection, account, number(field_id))? {
            return Ok(known);
        }
        let mut statement = connection.prepare_cached(
            "SELECT 1 FROM documents WHERE account = ?1 AND table_number = ?2 AND bytes IS NOT NULL LIMIT 1",
        )?;
        let any = statement.exists((account.0, TableId::Forms as u8))?;
        Ok(if any { FormField::Unknown } else { FormField::NoForms })
    }
}

fn find(
    connection: &Connection,
    account: AccountId,
    table: TableId,
    id: u64,
) -> Result<Option<Document>, CatalogError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, version, body FROM documents
         WHERE account = ?1 AND table_number = ?2 AND id = ?3 AND body IS NOT NULL",
    )?;
    let found = statement.query_and_then((account.0, table as u8, number(id)), document_of)?.next();
    found.transpose()
}

fn document_of(row: &Row<'_>) -> Result<Document, CatalogError> {
    let id: i64 = row.get(0)?;
    let id =
        u64::try_from(id).map_err(|_| CatalogError::Damaged(format!("a document has the number {id}")))?;
    Ok(Document { id, version: row.get(1)?, body: row.get(2)? })
}

/// A number as SQLite keeps it. Numbers of documents end at 2^63 - 1, which the rules of records make sure of; a greater
/// one that is asked for stands for the last one there can be.
fn number(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
