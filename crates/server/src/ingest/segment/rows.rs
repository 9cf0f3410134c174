//! Segments on their way from a record to a batch.

use tallyhouse_model::Batch;

use super::SegmentColumns;
use super::validate::{Record, validate};
use crate::ingest::{DeviceInfos, Enrichment, Fields, Reason, Receipt};

/// The valid segments of one batch.
#[derive(Debug)]
pub struct SegmentRows {
    columns: SegmentColumns,
    enrichment: Enrichment,
    device_infos: DeviceInfos,
}

impl SegmentRows {
    /// None yet, and what they are enriched with.
    pub fn new(enrichment: Enrichment) -> Self {
        Self { columns: SegmentColumns::default(), enrichment, device_infos: DeviceInfos::default() }
    }

    /// How many, deletions included.
    pub fn count(&self) -> usize {
        self.columns.rows()
    }

    /// Bytes of the longest column of texts.
    pub fn text_bytes(&self) -> usize {
        self.columns.text_bytes()
    }

    /// Validates, enriches and collects a record.
    pub fn take(&mut self, fields: &Fields<'_>, receipt: Receipt) -> Result<(), Reason> {
        match validate(fields, receipt, &mut self.device_infos)? {
            Record::Segment(mut segment, origin) => {
                let found = self.enrichment.find(&segment, origin);
                found.fill(&mut segment);
                self.columns.push(&segment);
            }
            Record::Deletion { view_id, updated_at } => self.columns.push_deletion(view_id, updated_at),
        }
        Ok(())
    }

    /// The batch.
    pub fn into_batch(self) -> Batch {
        self.columns.into_batch()
    }
}
