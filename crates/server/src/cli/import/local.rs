//! Imports into the data folder: one thread decodes the next chunk while the store writes the last one.

use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::Context as _;
use tallyhouse_model::AccountId;
use tallyhouse_store::{Store, Submission};

use super::inputs::Inputs;
use super::summary::{Shown, Summary};
use crate::catalog::Catalog;
use crate::clock;
use crate::config::Config;
use crate::home::{Homes, PendingRecords};
use crate::ingest::{Enricher, Receipt, RecordRows};

/// Rows of a chunk, those that others own included: what the store makes into parts at once.
const CHUNK_ROWS: usize = 200_000;

/// Bytes of a chunk's longest column, or of its refused lines.
const CHUNK_BYTES: usize = 64 << 20;

/// Imports everything for an account.
pub(super) fn import(inputs: Inputs, config: &Config, account: &str) -> anyhow::Result<Summary> {
    let catalog = Catalog::open_existing(&config.data)?;
    let account = catalog.account_by_name(account)?.id;
    let enricher = Enricher::start(config.geo.database())?;
    let (store, _) = Store::open(&config.data, config.store_options())?;
    let summary = import_into(Homes { store: &store, catalog: &catalog }, &enricher, inputs, account);
    store.close();
    summary
}

fn import_into(
    homes: Homes<'_>,
    enricher: &Enricher,
    inputs: Inputs,
    account: AccountId,
) -> anyhow::Result<Summary> {
    let bar = inputs.bar().clone();
    let (sender, chunks) = sync_channel::<Submission>(1);
    let summary = std::thread::scope(|scope| {
        let decoder = scope.spawn(move || decode(inputs, enricher, account, &sender));
        let summary = write(homes, chunks.into_iter());
        decoder.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        summary
    });
    bar.finish_and_clear();
    summary
}

/// Hands chunks to the store: while one is on its way to disk, the next is put in its place in memory.
fn write(homes: Homes<'_>, chunks: impl Iterator<Item = Submission>) -> anyhow::Result<Summary> {
    let broke_off = "the import broke off; once that is mended, run it again";
    let mut summary = Summary::default();
    let mut pending: Option<PendingRecords> = None;
    for chunk in chunks {
        let next = homes.begin_import(chunk).context(broke_off)?;
        if let Some(before) = pending.replace(next) {
            summary += before.wait().context(broke_off)?.into();
        }
    }
    if let Some(last) = pending {
        summary += last.wait().context(broke_off)?.into();
    }
    Ok(summary)
}

/// Decodes all files, chunk by chunk, until the store has no more use for them.
fn decode(
    mut inputs: Inputs,
    enricher: &Enricher,
    account: AccountId,
    chunks: &SyncSender<Submission>,
) -> anyhow::Result<()> {
    let bar = inputs.bar().clone();
    let mut shown = Shown::default();
    loop {
        let received_at = clock::now();
        let mut rows = RecordRows::new(
            inputs.record_type(),
            Receipt::at(received_at),
            enricher.enrichment(account, received_at),
        );
        let mut refused = 0;
        let more = inputs.fill(&mut rows, |rows, file, position| {
            for line in &rows.quarantined()[refused..] {
                shown.refusal(&bar, file, position, &line.reason);
            }
            refused = rows.quarantined().len();
            is_full(rows)
        })?;
        // The rows before an error are lost with it; they are imported when the file is imported again.
        if chunks.send(rows.into_submission(account, received_at)).is_err() || !more {
            return Ok(());
        }
    }
}

fn is_full(rows: &RecordRows) -> bool {
    rows.rows_with_owned() + rows.quarantined().len() >= CHUNK_ROWS || rows.bytes() >= CHUNK_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Enrichment, REPORTS, RecordSink};

    #[test]
    fn a_chunk_is_bounded_in_rows_with_those_that_they_own() {
        let created_at = "2026-01-01T00:00:00Z";
        let received_at = tallyhouse_model::parse_record_time(created_at).expect("it is a time");
        let mut rows = RecordRows::new(&REPORTS, Receipt::at(received_at), Enrichment::off());
        let image = |id| serde_json::json!({"report_image_id": id, "created_at": created_at});
        let images: Vec<_> = (0..1_000).map(image).collect();
        for report in 0..CHUNK_ROWS / 1_000 {
            assert!(!is_full(&rows), "with {} rows", rows.rows_with_owned());
            let report = serde_json::json!({
                "report_id": report, "channel_id": 1, "created_at": created_at, "images": images,
            });
            rows.line(report.to_string().as_bytes());
        }
        assert_eq!((rows.valid_rows(), rows.quarantined()), (200, &[][..]));
        assert!(is_full(&rows), "with {} rows", rows.rows_with_owned());
    }
}
