//! Sample segments as batches, roughly in the order of time.

use std::fmt::Write;

use tallyhouse_model::{Batch, Micros, SECOND};

use super::plan::{Rhythm, Slot, slots};
use super::random::{Random, mix};
use super::session::{Draft, draft};
use super::world::{Client, World};
use crate::ingest::{Segment, SegmentColumns};

/// Rows per batch.
const BATCH_ROWS: usize = 100_000;

/// Earlier rows that a replacement is chosen from: a sample of all of them.
const REPLACEABLE: usize = 65_536;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct SampleOptions {
    /// The same seed gives the same rows.
    pub seed: u64,
    /// Rows, replacements included.
    pub segments: usize,
    /// When it ends: usually now.
    pub until: Micros,
    /// How many days before that it begins.
    pub days: u32,
    /// How many of a hundred rows replace an earlier one; at most 90.
    pub replacements_percent: u32,
}

impl Default for SampleOptions {
    fn default() -> Self {
        Self { seed: 1, segments: 200_000, until: 0, days: 90, replacements_percent: 0 }
    }
}

/// Makes sample segments, at most 100,000 to a batch.
pub fn batches(options: &SampleOptions) -> impl Iterator<Item = Batch> + use<> {
    let replacements_percent = options.replacements_percent.min(90);
    let fresh = options.segments - options.segments * replacements_percent as usize / 100;
    Sample {
        options: SampleOptions { replacements_percent, ..*options },
        random: Random::new(mix(options.seed)),
        world: World::new(),
        clients: (options.segments / 12).max(50) as u64,
        slots: slots(fresh, options.until, options.days, Rhythm::Leisure).into_iter(),
        waiting: Vec::new().into_iter(),
        drafted: 0,
        rows: 0,
        replaceable: Vec::new(),
        texts: RowTexts::default(),
    }
}

struct Sample {
    options: SampleOptions,
    random: Random,
    world: World,
    clients: u64,
    slots: std::vec::IntoIter<Slot>,
    waiting: std::vec::IntoIter<Draft>,
    /// Fresh segments that were drafted.
    drafted: usize,
    /// Rows that were given out.
    rows: usize,
    replaceable: Vec<Draft>,
    texts: RowTexts,
}

impl Iterator for Sample {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut columns = SegmentColumns::default();
        while columns.rows() < BATCH_ROWS && self.rows < self.options.segments {
            let Some(draft) = self.next_draft() else { break };
            columns.push(&self.texts.segment(&draft, &self.world));
            self.rows += 1;
        }
        (columns.rows() > 0).then(|| columns.into_batch())
    }
}

impl Sample {
    fn next_draft(&mut self) -> Option<Draft> {
        let percent = self.options.replacements_percent as usize;
        let due = (self.rows + 1) * percent / 100 > self.rows * percent / 100;
        if due && !self.replaceable.is_empty() {
            return Some(self.replacement());
        }
        while self.waiting.as_slice().is_empty() {
            let slot = self.slots.next()?;
            self.waiting = self.draft_slot(&slot).into_iter();
        }
        let draft = self.waiting.next()?;
        self.remember(draft);
        Some(draft)
    }

    /// The sessions of an hour, in the order of their segments' starts.
    fn draft_slot(&mut self, slot: &Slot) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let wanted = slot.begun_until.saturating_sub(self.drafted);
        while drafts.len() < wanted {
            // Squared, so that some clients return often and most seldom.
            let share = self.random.fraction();
            let client = Client::new(self.options.seed, (share * share * self.clients as f64) as u64);
            draft(&mut self.random, slot, client, self.options.until, &mut drafts);
        }
        drafts.truncate(wanted);
        drafts.sort_by_key(|draft| (draft.started_at, draft.view_id));
        self.drafted += drafts.len();
        drafts
    }

    /// Keeps a fair sample of the rows so far.
    fn remember(&mut self, draft: Draft) {
        if self.options.replacements_percent == 0 {
            return;
        }
        if self.replaceable.len() < REPLACEABLE {
            self.replaceable.push(draft);
        } else {
            let place = self.random.below(self.rows as u64 + 1) as usize;
            if place < REPLACEABLE {
                self.replaceable[place] = draft;
            }
        }
    }

    /// An earlier row once more: newer, finished, and a little longer.
    fn replacement(&mut self) -> Draft {
        let index = self.random.below(self.replaceable.len() as u64) as usize;
        let draft = &mut self.replaceable[index];
        draft.updated_at += SECOND + self.random.duration(60 * SECOND);
        draft.ended_at = (draft.ended_at + self.random.duration(5 * SECOND)).min(self.options.until);
        draft.finished = true;
        *draft
    }
}

/// The texts of the row at hand; their memory is used again for the next.
#[derive(Debug, Default)]
struct RowTexts {
    client: String,
    session: String,
    viewer: String,
}

impl RowTexts {
    fn segment<'a>(&'a mut self, draft: &Draft, world: &World) -> Segment<'a> {
        self.client.clear();
        self.session.clear();
        self.viewer.clear();
        let (high, low) = (draft.session >> 32, draft.session & 0xffff_ffff);
        let viewer = draft.client.viewer;
        write!(self.client, "{}", draft.client.number)
            .and_then(|()| write!(self.session, "{high:08x}:{low:08x}"))
            .and_then(|()| write!(self.viewer, "viewer-{}@example.com", viewer.unwrap_or(0)))
            .expect("writing to a string never fails");
        let (device, device_info) = &world.devices[draft.client.device];
        let (country, region, city) = draft.client.place();
        let ended_at = match (draft.finished, draft.heartbeats) {
            (false, false) => draft.started_at + (draft.to.saturating_sub(draft.from) as Micros) * SECOND,
            _ => draft.ended_at,
        };
        Segment {
            view_id: draft.view_id,
            started_at: draft.started_at,
            updated_at: draft.updated_at,
            ended_at,
            finished: draft.finished,
            last_seen_at: draft.heartbeats.then_some(draft.ended_at),
            content_type: if draft.content.live { 1 } else { 2 },
            content_id: draft.content.id,
            channel_id: draft.content.channel,
            from: draft.from,
            to: draft.to,
            client_id: self.client.as_str().into(),
            view_session_id: self.session.as_str().into(),
            viewer_identifier: viewer.is_some().then_some(&self.viewer),
            country,
            region,
            city,
            view_type: if draft.offsite { 2 } else { 1 },
            device: (*device > 0).then_some(*device),
            is_mobile_view: None,
            device_info: Some(device_info.clone()),
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
