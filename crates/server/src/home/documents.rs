//! Documents as batches of their table, and batches as documents. A document is kept as the line of its export, so that
//! whatever reads records reads documents, and every format that records have is one of documents.

use std::io;

use tallyhouse_model::{AccountId, Batch, Cell, Micros, Table, TableId, integer_of_key, render_record_time};

use super::ExportError;
use crate::catalog::{Catalog, Document};
use crate::files::{StoredRecords, push_json_row};
use crate::ingest::{Enrichment, Receipt, RecordRows, RecordSink as _, RecordType, record_type_of};

/// Documents that are held in memory at once, and about how many bytes of them.
const PAGE_DOCUMENTS: usize = 10_000;
const PAGE_BYTES: usize = 8 << 20;

/// The documents of a batch of their table, in its order.
pub fn of_batch(batch: &Batch) -> Vec<Document> {
    let records = StoredRecords::of(batch);
    let version = batch.table.version.expect("operators write to this table");
    let document = |row: usize| {
        let Cell::Id(key) = batch.columns[Table::KEY].cell(row) else { unreachable!("a key is an id") };
        let Cell::Time(version) = batch.columns[version].cell(row) else {
            unreachable!("versions are times")
        };
        let body = (!records.is_deletion(row)).then(|| {
            let mut line = String::new();
            push_json_row(&mut line, &records, row);
            line.truncate(line.trim_end().len());
            line
        });
        Document { id: integer_of_key(&key), version, body }
    };
    (0..batch.rows()).map(document).collect()
}

/// Walks over all documents of a table in the order of their numbers, page by page.
pub fn export(
    catalog: &Catalog,
    account: AccountId,
    table: TableId,
    deletions: bool,
    sink: &mut dyn FnMut(&Batch) -> io::Result<()>,
) -> Result<io::Result<()>, ExportError> {
    let record_type = record_type_of(table).expect("documents are records");
    let mut after = None;
    loop {
        let page = catalog.documents_page(account, table, after, PAGE_DOCUMENTS, PAGE_BYTES, deletions)?;
        let Some(last) = page.last() else { return Ok(Ok(())) };
        after = Some(last.id);
        if let Err(error) = sink(&batch_of(record_type, &page)?) {
            return Ok(Err(error));
        }
    }
}

/// Documents as a batch of their table.
fn batch_of(record_type: &'static RecordType, documents: &[Document]) -> Result<Batch, ExportError> {
    // They were held against the clock when they arrived; it may have been set back since then.
    let mut rows = RecordRows::new(record_type, Receipt::of_export(Micros::MAX), Enrichment::off());
    for document in documents {
        match &document.body {
            Some(body) => rows.line(body.as_bytes()),
            None => rows.line(deletion_line(record_type, document).as_bytes()),
        }
        if let Some(refused) = rows.quarantined().first() {
            let name = record_type.name();
            return Err(ExportError::Document(format!("{} of {name}: {}", document.id, refused.reason)));
        }
    }
    Ok(rows.into_submission(AccountId(0), 0).batch)
}

/// A deletion as the record that deletes.
fn deletion_line(record_type: &RecordType, document: &Document) -> String {
    let key = record_type.naming_fields().next().expect("documents are named by their number").name;
    let version = render_record_time(document.version);
    format!(r#"{{"{key}":{},"deleted":true,"updated_at":"{version}"}}"#, document.id)
}
