//! Documents: few, long-lived records that rows point at by number. The newest version of each is kept, as the JSON
//! object that it is exported as; a deletion is a version without one.
//!
//! What is asked here has a connection of its own: no question waits while documents are synced to disk.

mod form_fields;

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, Row, Transaction, TransactionBehavior};
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
    /// Takes documents in, all or none of them, in this order. They are on disk when this returns.
    pub fn put_documents(
        &self,
        account: AccountId,
        table: TableId,
        documents: &[Document],
    ) -> Result<DocumentsPut, CatalogError> {
        let mut put = DocumentsPut::default();
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for document in documents {
            put_one(&transaction, account, table, document, &mut put)?;
        }
        if put.taken + put.deleted > 0 {
            transaction.execute(
                "INSERT INTO document_changes (account, table_number, changes) VALUES (?1, ?2, 1)
                 ON CONFLICT DO UPDATE SET changes = changes + 1",
                (account.0, table as u8),
            )?;
        }
        transaction.commit()?;
        Ok(put)
    }

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
        let connection = self.documents_connection();
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
        let connection = self.documents_connection();
        let mut statement = connection.prepare_cached(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM documents
             WHERE account = ?1 AND table_number = ?2 AND bytes IS NOT NULL",
        )?;
        let (documents, bytes): (i64, i64) =
            statement.query_row((account.0, table as u8), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(DocumentsSize { documents: documents.unsigned_abs(), bytes: bytes.unsigned_abs() })
    }

    /// How often documents of a table were changed. As long as that stays the same, so do they.
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
        if let Some((field_type, labels)) = form_fields::find(&connection, account, number(field_id))? {
            return Ok(FormField::Known { field_type, labels });
        }
        let mut statement = connection.prepare_cached(
            "SELECT 1 FROM documents WHERE account = ?1 AND table_number = ?2 AND bytes IS NOT NULL LIMIT 1",
        )?;
        let any = statement.exists((account.0, TableId::Forms as u8))?;
        Ok(if any { FormField::Unknown } else { FormField::NoForms })
    }
}

/// Puts a document in its place, unless what is there is newer.
fn put_one(
    transaction: &Transaction<'_>,
    account: AccountId,
    table: TableId,
    document: &Document,
    put: &mut DocumentsPut,
) -> Result<(), CatalogError> {
    let id = number(document.id);
    let there: Option<(i64, Micros, bool)> = transaction
        .prepare_cached(
            "SELECT number, version, body IS NOT NULL FROM documents
             WHERE account = ?1 AND table_number = ?2 AND id = ?3",
        )?
        .query_row((account.0, table as u8, id), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match there {
        Some((_, version, _)) if version > document.version => {
            put.outdated += 1;
            return Ok(());
        }
        Some((number, _, is_there)) => {
            put.replaced += u64::from(is_there);
            transaction
                .prepare_cached("UPDATE documents SET version = ?2, body = ?3, bytes = octet_length(?3) WHERE number = ?1")?
                .execute((number, document.version, &document.body))?;
        }
        None => {
            transaction
                .prepare_cached(
                    "INSERT INTO documents (account, table_number, id, version, body, bytes)
                     VALUES (?1, ?2, ?3, ?4, ?5, octet_length(?5))",
                )?
                .execute((account.0, table as u8, id, document.version, &document.body))?;
        }
    }
    match document.body {
        Some(_) => put.taken += 1,
        None => put.deleted += 1,
    }
    if table == TableId::Forms {
        form_fields::replace(transaction, account, id, document.body.as_deref())?;
    }
    Ok(())
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
