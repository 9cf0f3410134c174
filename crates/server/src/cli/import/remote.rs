//! Imports into a running server, through `/v0/events`.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};

use anyhow::Context as _;

use super::inputs::Inputs;
use super::summary::Summary;
use crate::cli::server_client::ServerClient;
use crate::ingest::{Fields, Reason, RecordSink, RecordType, render_record, render_undecodable};

/// Bytes of a body before it is compressed: with one more line still below the 10 MB that a server accepts.
const BODY_BYTES: usize = 8_000_000;

/// The quality of zstd: the fastest, as the network is seldom slower than that.
const ZSTD_LEVEL: i32 = 1;

/// Records as NDJSON. What could not be decoded goes with its reason, for the server to put into quarantine.
#[derive(Default)]
struct Lines(Vec<u8>);

impl RecordSink for Lines {
    fn line(&mut self, line: &[u8]) {
        self.0.extend_from_slice(line);
        self.0.push(b'\n');
    }

    /// A value that fits no field has no JSON that says so: the record is not sent as one.
    fn record(&mut self, fields: &Fields<'_>) {
        match fields.unusable() {
            None => self.line(render_record(fields, true).as_bytes()),
            Some(reason) => self.undecodable(reason, &render_record(fields, false)),
        }
    }

    fn undecodable(&mut self, reason: Reason, text: &str) {
        self.line(render_undecodable(&reason, text).as_bytes());
    }
}

/// How far the requests have come.
struct Progress {
    summary: Summary,
    error: Option<anyhow::Error>,
}

/// Sends everything to a server.
pub(super) fn import(
    mut inputs: Inputs,
    client: &ServerClient,
    table: &RecordType,
    in_flight: u8,
) -> anyhow::Result<Summary> {
    let bar = inputs.bar().clone();
    let path = format!("/v0/events?name={}&wait=true", table.name());
    let progress = Mutex::new(Progress { summary: Summary::default(), error: None });
    let (sender, bodies) = sync_channel(usize::from(in_flight));
    let bodies = Mutex::new(bodies);
    std::thread::scope(|scope| {
        for _ in 0..in_flight {
            scope.spawn(|| send_all(client, &path, &bodies, &progress));
        }
        let sender = sender;
        loop {
            let mut lines = Lines::default();
            let more = inputs.fill(&mut lines, |lines, _, _| lines.0.len() >= BODY_BYTES)?;
            let failed = progress.lock().map_or(true, |progress| progress.error.is_some());
            if failed || sender.send(lines.0).is_err() || !more {
                return anyhow::Ok(());
            }
        }
    })?;
    bar.finish_and_clear();
    let progress =
        progress.into_inner().map_err(|_| anyhow::anyhow!("a request failed in an unforeseen way"))?;
    match progress.error {
        Some(error) => Err(error.context("the import broke off; once that is mended, run it again")),
        None => Ok(progress.summary),
    }
}

/// Sends bodies until there are no more. After a failure it goes on taking them, so that nobody waits for ever.
fn send_all(
    client: &ServerClient,
    path: &str,
    bodies: &Mutex<Receiver<Vec<u8>>>,
    progress: &Mutex<Progress>,
) {
    loop {
        let Some(body) = bodies.lock().ok().and_then(|bodies| bodies.recv().ok()) else { return };
        let failed = progress.lock().map_or(true, |progress| progress.error.is_some());
        if failed || body.is_empty() {
            continue;
        }
        let sent = send(client, path, &body);
        let Ok(mut progress) = progress.lock() else { return };
        match sent {
            Ok(summary) => progress.summary += summary,
            Err(error) => progress.error = progress.error.take().or(Some(error)),
        }
    }
}

fn send(client: &ServerClient, path: &str, body: &[u8]) -> anyhow::Result<Summary> {
    let compressed = zstd::bulk::compress(body, ZSTD_LEVEL)?;
    let answer = client.post_zstd(path, &compressed)?;
    let count =
        |name: &str| answer[name].as_u64().with_context(|| format!("the server's answer has no {name}"));
    Ok(Summary::of_server(count("successful_rows")?, count("quarantined_rows")?))
}

#[cfg(test)]
mod tests {
    use tallyhouse_model::AccountId;
    use tallyhouse_store::Submission;

    use super::*;
    use crate::ingest::{Enrichment, Raw, Receipt, RecordRows, Rule, record_types};

    const NOW: i64 = 1_772_366_400_000_000;
    const UNUSABLE: Raw<'static> = Raw::Unusable("is of no use");

    fn naming(rule: Rule) -> Raw<'static> {
        match rule {
            Rule::Uuid => Raw::Id([7; 16]),
            Rule::Text(_) => Raw::Text("x".into()),
            Rule::Time(_) => Raw::Time(NOW),
            _ => Raw::Integer(7),
        }
    }

    /// What becomes of a record in a local import, and what of the line that is sent to a server.
    fn local_and_remote(fields: &Fields<'_>) -> [Submission; 2] {
        let rows = || RecordRows::new(fields.record_type(), Receipt::at(NOW), Enrichment::off());
        let (mut local, mut remote, mut lines) = (rows(), rows(), Lines::default());
        local.record(fields);
        lines.record(fields);
        remote.take_lines(lines.0.as_slice()).unwrap();
        [local, remote].map(|rows| rows.into_submission(AccountId(1), NOW))
    }

    #[test]
    fn deletions_with_unusable_values_are_the_same_with_and_without_a_server() {
        for record_type in record_types() {
            let mut taken = 0;
            for (unusable, field) in record_type.fields.iter().enumerate() {
                let mut fields = Fields::new(record_type);
                for (position, field) in record_type.fields.iter().enumerate() {
                    if record_type.names(field) {
                        fields.set(position, naming(field.rule));
                    }
                    if field.name == "deleted" {
                        fields.set(position, Raw::Boolean(true));
                    }
                }
                fields.set(unusable, UNUSABLE);
                let [local, remote] = local_and_remote(&fields);
                let name = format!("{} {}", record_type.name(), field.name);
                assert_eq!(local.quarantined, remote.quarantined, "{name}");
                assert!(local.batch == remote.batch, "{name}");
                let is_read = record_type.is_read_of_deletions(field) && field.rule != Rule::Receipt;
                assert_eq!(local.quarantined.is_empty(), !is_read, "{name}");
                taken += usize::from(local.quarantined.is_empty());
            }
            assert!(taken > 0, "{}", record_type.name());
        }
    }

    #[test]
    fn a_time_of_receipt_is_not_looked_at_with_and_without_a_server() {
        let mut seen = 0;
        for record_type in record_types() {
            for (position, _) in
                record_type.fields.iter().enumerate().filter(|(_, field)| field.rule == Rule::Receipt)
            {
                let mut fields = Fields::new(record_type);
                fields.set(position, UNUSABLE);
                let reasons = local_and_remote(&fields).map(|rows| rows.quarantined[0].reason.clone());
                assert_eq!(reasons[0], reasons[1], "{}", record_type.name());
                seen += 1;
            }
        }
        assert!(seen > 0);
    }
}
