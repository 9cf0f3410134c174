//! What changed about replays and links, as rows of `demo_changes`.

use tallyhouse_model::tables::{DEMO_CHANGES, demo_changes as at};
use tallyhouse_model::{Batch, Cell, DAY, Micros, SECOND, Table, key_of_row};

use super::library::{Library, Link, Replay};
use super::{BATCH_ROWS, DemoSample};
use crate::sample::random::{Random, mix};

/// Something that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// Position among the replays.
    Replay(usize),
    /// Position among the links.
    Link(usize),
}

/// A change: when, of what, and how.
pub type Change = (Micros, Entity, &'static str);

/// The changes that sessions can tell of, in the order of time.
pub fn needed(library: &Library) -> Vec<Change> {
    let replays = library.replays.iter().enumerate();
    let links = library.links.iter().enumerate();
    let mut changes: Vec<Change> = replays.flat_map(|(index, replay)| of_replay(index, replay)).collect();
    changes.extend(links.flat_map(|(index, link)| of_link(index, link)));
    changes.sort_unstable();
    changes
}

fn of_replay(index: usize, replay: &Replay) -> impl Iterator<Item = Change> + '_ {
    let publications = replay.known_publications().iter().map(|at| (*at, "published"));
    let deletion = replay.deleted_at.map(|at| (at, "deleted"));
    let changes = [(replay.created_at, "created")].into_iter().chain(publications).chain(deletion);
    changes.map(move |(at, how)| (at, Entity::Replay(index), how))
}

fn of_link(index: usize, link: &Link) -> impl Iterator<Item = Change> {
    let deletion = link.deleted_at.map(|at| (at, "deleted"));
    let changes = [(link.created_at, "created")].into_iter().chain(deletion);
    changes.map(move |(at, how)| (at, Entity::Link(index), how))
}

/// Rows of `demo_changes`.
pub struct ChangeBatches {
    library: Library,
    random: Random,
    until: Micros,
    days: u32,
    needed: std::iter::Peekable<std::vec::IntoIter<Change>>,
    /// How many further updates there are, and how many of them were given out.
    updates: (usize, usize),
    next_update: Option<Change>,
    /// Rows that are still to be given out.
    rows_left: usize,
}

impl ChangeBatches {
    /// So many changes.
    pub fn new(sample: &DemoSample, rows: usize) -> Self {
        let library = sample.library();
        let needed = needed(&library);
        let updates = (rows.saturating_sub(needed.len()), 0);
        let mut batches = Self {
            library,
            random: Random::new(mix(sample.seed ^ 0xc4a6)),
            until: sample.until,
            days: sample.days,
            needed: needed.into_iter().peekable(),
            updates,
            next_update: None,
            rows_left: rows,
        };
        batches.next_update = batches.update();
        batches
    }

    /// The next further update. They share the days evenly, so no two of them are at the same time.
    fn update(&mut self) -> Option<Change> {
        let (updates, made) = self.updates;
        if made == updates {
            return None;
        }
        self.updates.1 += 1;
        let span = i128::from(self.days.max(1)) * i128::from(DAY);
        let share = i64::try_from(span * made as i128 / updates as i128).expect("less than all days");
        let at = self.until - i64::from(self.days.max(1)) * DAY + share;
        let link = self.library.choose(&mut self.random, at);
        let of_replay = self.random.percent(40);
        let entity =
            if of_replay { Entity::Replay(self.library.links[link].replay) } else { Entity::Link(link) };
        Some((at, entity, "updated"))
    }

    fn next_change(&mut self) -> Option<Change> {
        self.rows_left = self.rows_left.checked_sub(1)?;
        match (self.next_update, self.needed.peek()) {
            (Some(update), needed) if needed.is_none_or(|needed| update < *needed) => {
                self.next_update = self.update();
                Some(update)
            }
            _ => self.needed.next(),
        }
    }

    fn push(&mut self, batch: &mut Batch, (changed_at, entity, how): Change) {
        let ingested_at = (changed_at + self.random.duration(20 * SECOND)).min(self.until);
        let (kind, id, replay) = match entity {
            Entity::Replay(replay) => ("replay", &self.library.replays[replay].id, replay),
            Entity::Link(link) => ("link", &self.library.links[link].id, self.library.links[link].replay),
        };
        let mut cells = [Cell::Absent; DEMO_CHANGES.columns.len()];
        cells[at::INGESTED_AT] = Cell::Time(ingested_at);
        cells[at::UPDATED_AT] = Cell::Time(ingested_at);
        cells[at::ENTITY_TYPE] = Cell::Text(kind);
        cells[at::ENTITY_ID] = Cell::Text(id);
        cells[at::CHANGED_AT] = Cell::Time(changed_at);
        cells[at::CHANGE_TYPE] = Cell::Text(how);
        cells[at::PUBLISHED_REPLAY_ID] = Cell::Text(&self.library.replays[replay].id);
        cells[Table::KEY] = Cell::Id(key_of_row(&DEMO_CHANGES, &cells));
        batch.push_row(&cells);
    }
}

impl Iterator for ChangeBatches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::new(&DEMO_CHANGES);
        while batch.rows() < BATCH_ROWS {
            let Some(change) = self.next_change() else { break };
            self.push(&mut batch, change);
        }
        (batch.rows() > 0).then_some(batch)
    }
}
