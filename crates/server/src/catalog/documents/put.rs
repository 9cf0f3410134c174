//! Taking documents in, some at a time: nobody else who writes to the catalog waits until all are on disk.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
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
        let mut putting = Putting { account, table, put: DocumentsPut::default(), has_uncounted: false };
        let result = self.put_in_turns(&mut putting, documents);
        if putting.has_uncounted {
            // After an error. If the disk takes nothing any more, the first error says so.
            let counted = count_change(&self.lock(), account, table);
            result.and(counted)?;
            return Ok(putting.put);
        }
        result.map(|()| putting.put)
    }

    fn put_in_turns(&self, putting: &mut Putting, documents: &[Document]) -> Result<(), CatalogError> {
        let mut rest = documents;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(transaction_len(rest));
            rest = later;
            let held = self.put_at_once(putting, now, rest.is_empty())?;
            if !rest.is_empty() {
                give_way(held / TURN_OF_OTHERS);
            }
        }
        Ok(())
    }

    /// Puts documents in one transaction, and says for how long others could not write. Without anything to write there
    /// is none: a commit would empty the cache of verified tokens. The last one counts the change for all: whoever
    /// remembers documents reads them once then, and not again and again while many are put.
    fn put_at_once(
        &self,
        putting: &mut Putting,
        documents: &[Document],
        is_last: bool,
    ) -> Result<Duration, CatalogError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Not before: waiting for others is no reason to let them wait less.
        let started = Instant::now();
        let mut written = Written::Nothing;
        for document in documents {
            written = written.max(put_one(&transaction, putting, document)?);
        }
        let has_uncounted = putting.has_uncounted || written == Written::Body;
        let counts = is_last && has_uncounted;
        if counts {
            count_change(&transaction, putting.account, putting.table)?;
        }
        if counts || written > Written::Nothing {
            transaction.commit()?;
        } else {
            transaction.rollback()?;
        }
        putting.has_uncounted = has_uncounted && !counts;
        Ok(started.elapsed())
    }
}

/// Documents on their way in.
struct Putting {
    account: AccountId,
    table: TableId,
    put: DocumentsPut,
    /// Whether a transaction has changed what a document says, and none has counted that.
    has_uncounted: bool,
}

fn count_change(connection: &Connection, account: AccountId, table: TableId) -> Result<(), CatalogError> {
    connection.execute(
        "INSERT INTO document_changes (account, table_number, changes) VALUES (?1, ?2, 1)
         ON CONFLICT DO UPDATE SET changes = changes + 1",
        (account.0, table as u8),
    )?;
    Ok(())
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
    putting: &mut Putting,
    document: &Document,
) -> Result<Written, CatalogError> {
    let Putting { account, table, put, .. } = putting;
    let (account, table) = (*account, *table);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turn_of_others_is_part_of_the_time_that_they_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let account = catalog.create_account("acme", 1).unwrap().id;
        let document = Document { id: 1, version: 1, body: Some("{}".to_owned()) };
        let mut putting =
            Putting { account, table: TableId::Users, put: DocumentsPut::default(), has_uncounted: false };
        let others = catalog.lock();
        let begun = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                begun.wait();
                let held = catalog.put_at_once(&mut putting, &[document], true).unwrap();
                (held, Instant::now())
            });
            begun.wait();
            let waited = Instant::now();
            while waited.elapsed() < Duration::from_millis(50) {
                std::thread::yield_now();
            }
            let free_at = Instant::now();
            drop(others);
            let (held, ended_at) = thread.join().unwrap();
            assert!(held <= ended_at - free_at, "{held:?}");
        });
    }

    #[test]
    fn transactions_end_at_their_documents_and_at_their_bytes() {
        let documents =
            |count, bytes| vec![Document { id: 1, version: 1, body: Some("x".repeat(bytes)) }; count];
        assert_eq!(transaction_len(&documents(1_500, 2)), 1_000);
        assert_eq!(transaction_len(&documents(5, 600_000)), 2, "two of them have more than enough bytes");
        assert_eq!(transaction_len(&documents(2, TRANSACTION_BYTES)), 1);
    }
}
