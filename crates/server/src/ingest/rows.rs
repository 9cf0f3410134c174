//! The steps from a line to a row, as one list; see the head of this module.

use std::io::{self, BufRead, Read};

use serde_json::value::RawValue;
use tallyhouse_model::limits::BATCH_TEXT_BYTES_MAX;
use tallyhouse_model::{AccountId, Batch, Micros};
use tallyhouse_store::{QuarantinedLine, Submission};

use super::row::judge;
use super::segment::SegmentRows;
use super::undecodable::parse_undecodable;
use super::{
    Enrichment, Fields, Reason, Receipt, RecordType, RowForm, json, render_record, without_address,
    without_address_in_rest,
};

/// Bytes of one line; a longer one goes to quarantine, cut off here.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// What takes records, whatever they are decoded from.
pub trait RecordSink {
    /// A line that should be a JSON object.
    fn line(&mut self, line: &[u8]);

    /// A record of a format with columns.
    fn record(&mut self, fields: &Fields<'_>);

    /// A record that could not be decoded; the text is what is left of it.
    fn undecodable(&mut self, reason: Reason, text: &str);
}

/// Rows of one account and record type on their way in: the valid ones as columns, the others with their reason.
#[derive(Debug)]
pub struct RecordRows {
    record_type: &'static RecordType,
    receipt: Receipt,
    valid: ValidRows,
    quarantined: Vec<QuarantinedLine>,
    quarantined_bytes: usize,
}

/// The valid rows.
#[derive(Debug)]
enum ValidRows {
    Fields { batch: Batch, text_bytes: usize },
    Segments(Box<SegmentRows>),
}

impl RecordRows {
    /// No rows yet; they arrived at this time, and this is what they are enriched with.
    pub fn new(record_type: &'static RecordType, receipt: Receipt, enrichment: Enrichment) -> Self {
        let valid = match record_type.row {
            RowForm::Fields => ValidRows::Fields { batch: Batch::new(record_type.table), text_bytes: 0 },
            RowForm::Segment => ValidRows::Segments(Box::new(SegmentRows::new(enrichment))),
        };
        Self { record_type, receipt, valid, quarantined: Vec::new(), quarantined_bytes: 0 }
    }

    /// What they are records of.
    pub fn record_type(&self) -> &'static RecordType {
        self.record_type
    }

    /// Valid rows so far.
    pub fn valid_rows(&self) -> usize {
        match &self.valid {
            ValidRows::Fields { batch, .. } => batch.rows(),
            ValidRows::Segments(rows) => rows.count(),
        }
    }

    /// Valid rows so far, and those that they own: what they weigh wherever rows are bounded.
    pub fn rows_with_owned(&self) -> usize {
        match &self.valid {
            ValidRows::Fields { batch, .. } => batch.rows_with_owned(),
            ValidRows::Segments(rows) => rows.count(),
        }
    }

    /// Refused rows so far.
    pub fn quarantined(&self) -> &[QuarantinedLine] {
        &self.quarantined
    }

    /// Bytes that the rows take in memory, roughly: of the texts that most of them are, or of the refused lines.
    pub fn bytes(&self) -> usize {
        self.text_bytes().max(self.quarantined_bytes)
    }

    /// Bytes of the texts of no fewer than the longest column. Segments have two or three long columns and tell of
    /// the longest, other records may have dozens and tell of all.
    fn text_bytes(&self) -> usize {
        match &self.valid {
            ValidRows::Fields { text_bytes, .. } => *text_bytes,
            ValidRows::Segments(rows) => rows.text_bytes(),
        }
    }

    /// Counts the rows that follow as received at another time.
    pub fn set_receipt(&mut self, receipt: Receipt) {
        self.receipt = receipt;
    }

    /// Takes NDJSON: a JSON object per line. Blank lines are passed over.
    pub fn take_lines(&mut self, body: impl BufRead) -> io::Result<()> {
        each_line(body, |line| self.line(line))
    }

    /// Takes a line that has been in quarantine. False when it is refused again; then it goes back there if asked.
    pub fn try_line(&mut self, line: &str, keep_refused: bool) -> bool {
        let before = self.quarantined.len();
        RecordSink::line(self, line.as_bytes());
        let taken = self.quarantined.len() == before;
        if !keep_refused {
            self.quarantined.truncate(before);
        }
        taken
    }

    /// Takes one JSON object, or an array of them.
    pub fn take_json(&mut self, body: &[u8]) {
        let text = body.trim_ascii();
        match serde_json::from_slice::<Vec<&RawValue>>(text) {
            Ok(records) => records.into_iter().for_each(|record| self.line(record.get().as_bytes())),
            Err(_) => self.line(text),
        }
    }

    /// The rows for the store.
    pub fn into_submission(self, account: AccountId, received_at: Micros) -> Submission {
        let batch = match self.valid {
            ValidRows::Fields { batch, .. } => batch,
            ValidRows::Segments(rows) => rows.into_batch(),
        };
        Submission { account, batch, quarantined: self.quarantined, received_at }
    }

    /// Steps 2 to 4.
    fn take(&mut self, fields: &Fields<'_>) -> Result<(), Reason> {
        // Offsets of texts are 32 bits wide. Requests and chunks of an import are cut long before.
        if self.text_bytes() > BATCH_TEXT_BYTES_MAX {
            return Err(Reason::record("came in a batch that is too large; send it again in a smaller one"));
        }
        match &mut self.valid {
            ValidRows::Fields { batch, text_bytes } => {
                let row = judge(fields, self.receipt)?;
                row.push_to(batch);
                *text_bytes += row.text_bytes();
                Ok(())
            }
            ValidRows::Segments(rows) => rows.take(fields, self.receipt),
        }
    }

    /// Step 5.
    fn quarantine(&mut self, reason: &Reason, mut line: String) {
        if line.len() > LINE_BYTES_MAX {
            line.truncate(line.floor_char_boundary(LINE_BYTES_MAX));
        }
        self.quarantined_bytes += line.len();
        self.quarantined.push(QuarantinedLine { reason: reason.to_string(), line });
    }
}

impl RecordSink for RecordRows {
    fn line(&mut self, line: &[u8]) {
        let taken = match std::str::from_utf8(line) {
            Ok(text) if line.len() <= LINE_BYTES_MAX => {
                json::decode(self.record_type, text).and_then(|fields| self.take(&fields))
            }
            // A line that was cut may have lost half of its last character.
            _ if line.len() > LINE_BYTES_MAX => {
                Err(Reason::record(format!("is longer than {LINE_BYTES_MAX} bytes")))
            }
            _ => Err(Reason::record("is not valid UTF-8")),
        };
        let Err(reason) = taken else { return };
        match std::str::from_utf8(line).ok().and_then(parse_undecodable) {
            Some((told, text)) => self.undecodable(told, &text),
            None => self.quarantine(&reason, without_address(&String::from_utf8_lossy(line))),
        }
    }

    fn record(&mut self, fields: &Fields<'_>) {
        if let Err(reason) = self.take(fields) {
            self.quarantine(&reason, render_record(fields, false));
        }
    }

    fn undecodable(&mut self, reason: Reason, text: &str) {
        self.quarantine(&reason, without_address_in_rest(text));
    }
}

/// Calls back with every line that is not blank, without its line break. Of a line that is too long only the
/// first [`LINE_BYTES_MAX`] bytes and a few more are given, so that memory stays bounded.
pub fn each_line(mut body: impl BufRead, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut line = Vec::new();
    while next_line(&mut body, &mut line)? {
        let text = line.trim_ascii();
        if !text.is_empty() {
            take(text);
        }
    }
    Ok(())
}

/// Reads the next line over the last one. False at the end.
pub fn next_line(body: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let bytes = body.by_ref().take(LINE_BYTES_MAX as u64 + 2).read_until(b'\n', line)?;
    if bytes > LINE_BYTES_MAX && line.last() != Some(&b'\n') {
        body.skip_until(b'\n')?;
    }
    Ok(bytes > 0)
}
