//! Taking documents in, some at a time: nobody else who writes to the catalog waits until all are on disk.

use std::time::{Duration, Instant};

use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior};
use tallyhouse_model::{AccountId, Micros, TableId};

use super::{Catalog, CatalogError, Document, DocumentsPut, form_fields, number};

/// Documents of one transaction at most, and about how many bytes of them. Such a transaction takes some ten
/// milliseconds.
const TRANSACTION_DOCUMENTS: usize = 1_000;
const TRANSACTION_BYTES: usize = 1 << 20;

/// Between two transactions others have a turn, for this part of the time that one took. Other processes ask for it
/// again and again, up to 100 ms apart, so that a gap of no length would never be theirs.
const TURN_OF_OTHERS: u32 = 4;

/// What putting a document wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Written {
    /// Nothing: it was there already, or something newer.
    Nothing,
    /// Its version. Whoever remembers what documents say need not know.
    Version,
    /// What it says.
    Body,
}

impl Catalog {
    /// Takes documents in, in this order. They are on disk when this returns. Many are several transactions: after an
    /// error the first of them may be there, and to send all again is harmless. What is there already is counted as
    /// taken and not written again.
    pub fn put_documents(
        &self,
        account: AccountId,
        table: TableId,
        documents: &[Document],
    ) -> Result<DocumentsPut, CatalogError> {
        let mut put = DocumentsPut::default();
        let mut rest = documents;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(transaction_len(rest));
            let started = Instant::now();
            self.put_at_once(account, table, now, &mut put)?;
            rest = later;
            if !rest.is_empty() {
                give_way(started.elapsed() / TURN_OF_OTHERS);
            }
        }
        Ok(put)
    }

    /// Puts documents in one transaction. Without anything to write there is none: a commit would empty the cache of
    /// verified tokens.
    fn put_at_once(
        &self,
        account: AccountId,
        table: TableId,
        documents: &[Document],
        put: &mut DocumentsPut,
    ) -> Result<(), CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut written = Written::Nothing;
        for document in documents {
            written = written.max(put_one(&transaction, account, table, document, put)?);
        }
        if written == Written::Body {
            transaction.execute(
                "INSERT INTO document_changes (account, table_number, changes) VALUES (?1, ?2, 1)
                 ON CONFLICT DO UPDATE SET changes = changes + 1",
                (account.0, table as u8),
            )?;
        }
        match written {
            Written::Nothing => transaction.rollback()?,
            Written::Version | Written::Body => transaction.commit()?,
        }
        Ok(())
    }
}

/// How many of these documents make one transaction: at least one.
fn transaction_len(documents: &[Document]) -> usize {
    let mut bytes = 0;
    let fits = |document: &&Document| {
        let has_room = bytes < TRANSACTION_BYTES;
        bytes += document.body.as_ref().map_or(0, String::len);
        has_room
    };
    documents.iter().take(TRANSACTION_DOCUMENTS).take_while(fits).count()
}

#[expect(
    clippy::disallowed_methods,
    reason = "others ask again after some time, in other processes as well, and tell nobody that they wait"
)]
fn give_way(turn: Duration) {
    std::thread::sleep(turn.max(Duration::from_millis(1)));
}

/// Puts a document in its place, unless what is there is newer.
fn put_one(
    transaction: &Transaction<'_>,
    account: AccountId,
    table: TableId,
    document: &Document,
    put: &mut DocumentsPut,
) -> Result<Written, CatalogError> {
    let id = number(document.id);
    let there: Option<(i64, Micros, bool, bool)> = transaction
        .prepare_cached(
            "SELECT number, version, body IS NOT NULL, body IS ?4 FROM documents
             WHERE account = ?1 AND table_number = ?2 AND id = ?3",
        )?
        .query_row((account.0, table as u8, id, &document.body), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let written = match there {
        Some((_, version, ..)) if version > document.version => {
            put.outdated += 1;
            return Ok(Written::Nothing);
        }
        Some((number, version, is_there, is_same)) => {
            put.replaced += u64::from(is_there);
            if version != document.version || !is_same {
                transaction
                    .prepare_cached(
                        "UPDATE documents SET version = ?2, body = ?3, bytes = octet_length(?3) WHERE number = ?1",
                    )?
                    .execute((number, document.version, &document.body))?;
            }
            match (is_same, version == document.version) {
                (false, _) => Written::Body,
                (true, false) => Written::Version,
                (true, true) => Written::Nothing,
            }
        }
        None => {
            transaction
                .prepare_cached(
                    "INSERT INTO documents (account, table_number, id, version, body, bytes)
                     VALUES (?1, ?2, ?3, ?4, ?5, octet_length(?5))",
                )?
                .execute((account.0, table as u8, id, document.version, &document.body))?;
            if document.body.is_some() { Written::Body } else { Written::Version }
        }
    };
    match document.body {
        Some(_) => put.taken += 1,
        None => put.deleted += 1,
    }
    if table == TableId::Forms && written == Written::Body {
        form_fields::replace(transaction, account, id, document.body.as_deref())?;
    }
    Ok(written)
}
