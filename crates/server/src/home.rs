//! Where records are kept: rows in the store, documents in the catalog. Records are taken in and written out through
//! here, so that nobody else has to know which are which.
//!
//! No transaction spans both. What was refused of documents goes to the quarantine, which the store has, once the
//! documents are on disk: after a crash in between, sending the records again is harmless.

mod documents;

use std::io;

use tallyhouse_model::{AccountId, Batch, Home, TableId};
use tallyhouse_store::{Accepted, IngestError, PendingImport, QueryError, Store, Submission};

use crate::catalog::{Catalog, CatalogError};

/// Both places that records are kept in.
#[derive(Clone, Copy)]
pub struct Homes<'a> {
    /// The rows, and all that was refused.
    pub store: &'a Store,
    /// The documents.
    pub catalog: &'a Catalog,
}

/// Why records were not taken. To send them again is harmless, whatever happened to the first of them.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The store did not take them. It says what to do.
    #[error(transparent)]
    Store(#[from] IngestError),
    /// The catalog did not take them: the disk is full, or the file is in use for long. Try again later.
    #[error("the documents could not be written to disk: {0}")]
    Catalog(#[from] CatalogError),
}

/// Why records were not written out.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] QueryError),
    /// The catalog cannot be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A document is no record. Restore the catalog from a backup.
    #[error("catalog.db is damaged: {0}")]
    Document(String),
}

impl<'a> Homes<'a> {
    /// Takes records in; returns once they are synced to disk and visible. Blocks.
    pub fn ingest(self, submission: Submission) -> Result<Accepted, TakeError> {
        let (documents, rows) = self.take_documents(submission)?;
        let rows = rows.map(|rows| self.store.ingest(rows)).transpose()?;
        Ok(sum(documents, rows.unwrap_or_default()))
    }

    /// As [`ingest`](Self::ingest), for many records at once: rows are on disk when the answer has been waited for.
    pub fn begin_import(self, submission: Submission) -> Result<PendingRecords, TakeError> {
        let (documents, rows) = self.take_documents(submission)?;
        let rows = rows.map(|rows| self.store.begin_import(rows)).transpose()?;
        Ok(PendingRecords { documents, rows })
    }

    /// Walks over all records of a table in chunks. Rows are sorted by (time, key), with `deletions` behind them;
    /// documents by their number, with `deletions` among them. Ends at the first error of the sink, which is the inner
    /// result.
    pub fn export(
        self,
        account: AccountId,
        table: TableId,
        deletions: bool,
        sink: &mut dyn FnMut(&Batch) -> io::Result<()>,
    ) -> Result<io::Result<()>, ExportError> {
        match table.table().home {
            Home::Store => Ok(self.store.snapshot().export(account, table, deletions, sink)?),
            Home::Catalog => documents::export(self.catalog, account, table, deletions, sink),
        }
    }

    /// Puts documents into the catalog; answers what became of them, and what is left for the store.
    fn take_documents(self, submission: Submission) -> Result<(Accepted, Option<Submission>), TakeError> {
        let table = submission.batch.table;
        if table.home == Home::Store {
            return Ok((Accepted::default(), Some(submission)));
        }
        let documents = documents::of_batch(&submission.batch);
        let put = self.catalog.put_documents(submission.account, table.id, &documents)?;
        let accepted = Accepted {
            taken: put.taken,
            replaced: put.replaced,
            deleted: put.deleted,
            outdated: put.outdated,
            quarantined: 0,
        };
        let refused = (!submission.quarantined.is_empty())
            .then(|| Submission { batch: Batch::new(table), ..submission });
        Ok((accepted, refused))
    }
}

/// Records of an import that are visible; those that are rows are on their way to disk.
pub struct PendingRecords {
    documents: Accepted,
    rows: Option<PendingImport>,
}

impl PendingRecords {
    /// Waits until all are on disk.
    pub fn wait(self) -> Result<Accepted, TakeError> {
        let rows = self.rows.map(PendingImport::wait).transpose()?;
        Ok(sum(self.documents, rows.unwrap_or_default()))
    }
}

fn sum(one: Accepted, other: Accepted) -> Accepted {
    Accepted {
        taken: one.taken + other.taken,
        replaced: one.replaced + other.replaced,
        deleted: one.deleted + other.deleted,
        outdated: one.outdated + other.outdated,
        quarantined: one.quarantined + other.quarantined,
    }
}
