//! Sends quarantined lines through the steps again, as they are or mended. Used by the server and the command line.
//!
//! A line that is valid now becomes a row, with the version it would have had when it first arrived, and leaves the
//! quarantine. One that was mended and is still refused takes the place of the old one, under a new id and with its
//! new reason. The rows are stored before anything is removed: after a crash in between, sending again is harmless.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use tallyhouse_model::{AccountId, Micros, TableId};
use tallyhouse_store::{IngestError, QuarantineEntry, Store};

use super::{Enricher, Enrichment, Receipt, RecordRows, record_type_of};
use crate::home::{Homes, TakeError};

/// Lines in one request: each is looked up by itself.
const REQUESTS_MAX: usize = 10_000;

/// A line to send again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ResendRequest {
    /// Its number in quarantine.
    pub id: i64,
    /// The mended line; without one, the line as it is stored.
    pub line: Option<String>,
}

/// What became of the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resent {
    /// Lines that are rows now.
    pub successful_rows: u64,
    /// Lines that are still refused.
    pub quarantined_rows: u64,
    /// Ids that are not in quarantine.
    pub unknown_ids: Vec<i64>,
}

/// Reads a request per line. The error says which line is none.
pub fn read_requests(body: &[u8]) -> Result<Vec<ResendRequest>, String> {
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).enumerate();
    let mut seen = HashSet::new();
    let mut requests = Vec::new();
    for (index, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let request: ResendRequest = serde_json::from_slice(line)
            .map_err(|error| format!("line {} is not {{\"id\": …, \"line\": …}}: {error}", index + 1))?;
        if !seen.insert(request.id) {
            return Err(format!("line {} names the id {} a second time", index + 1, request.id));
        }
        requests.push(request);
        if requests.len() > REQUESTS_MAX {
            return Err(format!("more than {REQUESTS_MAX} lines; send them in several requests"));
        }
    }
    if requests.is_empty() { Err("the body is empty".into()) } else { Ok(requests) }
}

/// Sends lines again. Blocks until the valid ones are on disk.
pub fn resend(
    homes: Homes<'_>,
    enricher: &Enricher,
    account: AccountId,
    requests: Vec<ResendRequest>,
    now: Micros,
) -> Result<Resent, TakeError> {
    let mut rows: Vec<RecordRows> = Vec::new();
    let mut resent = Resent::default();
    let mut done = Vec::new();
    for request in requests {
        let Some(entry) = find(homes.store, account, request.id)? else {
            resent.unknown_ids.push(request.id);
            continue;
        };
        let rows = rows_of(&mut rows, entry.table, || enricher.enrichment(account, now));
        let line = request.line.as_deref().unwrap_or(&entry.line);
        rows.set_receipt(Receipt { version: entry.received_at, ..Receipt::at(now) });
        if rows.try_line(line, line != entry.line) {
            resent.successful_rows += 1;
        } else {
            resent.quarantined_rows += 1;
            if line == entry.line {
                continue;
            }
        }
        done.push(entry.id);
    }
    for rows in rows {
        homes.ingest(rows.into_submission(account, now))?;
    }
    homes.store.quarantine_remove(account, &done)?;
    Ok(resent)
}

/// The rows of the record type that a line was sent as.
fn rows_of(
    rows: &mut Vec<RecordRows>,
    table: TableId,
    enrichment: impl FnOnce() -> Enrichment,
) -> &mut RecordRows {
    let index = rows.iter().position(|rows| rows.record_type().table.id == table).unwrap_or_else(|| {
        let record_type = record_type_of(table).expect("only records are in quarantine");
        // The receipt is set for each line.
        rows.push(RecordRows::new(record_type, Receipt::at(0), enrichment()));
        rows.len() - 1
    });
    &mut rows[index]
}

/// The quarantined line with this id.
fn find(store: &Store, account: AccountId, id: i64) -> Result<Option<QuarantineEntry>, IngestError> {
    let next = store.quarantine(account, None, id.saturating_sub(1), 1)?;
    Ok(next.into_iter().next().filter(|entry| entry.id == id))
}
