//! One player session on one content, cut into segments at every pause and seek.

use tallyhouse_model::{Key, Micros, SECOND};

use super::plan::Slot;
use super::random::Random;
use super::world::{Client, Content};

/// Segments of a session at most.
const SEGMENTS_MAX: usize = 40;

/// A segment in a form that is cheap to keep; texts are made when it becomes a row.
#[derive(Debug, Clone, Copy)]
pub struct Draft {
    /// Its UUID.
    pub view_id: Key,
    /// When it began.
    pub started_at: Micros,
    /// When it ended, or was last heard of.
    pub ended_at: Micros,
    /// Its version.
    pub updated_at: Micros,
    /// Whether its end is known.
    pub finished: bool,
    /// Whether it sent heartbeats.
    pub heartbeats: bool,
    /// Position at its start, in seconds.
    pub from: u64,
    /// Position at its end.
    pub to: u64,
    /// The content.
    pub content: Content,
    /// Who watches.
    pub client: Client,
    /// What the session's identifier is made of.
    pub session: u64,
    /// Embedded in somebody's page.
    pub offsite: bool,
}

/// Adds the segments of a session that begins in this hour; none begins at or after `until`.
pub fn draft(random: &mut Random, slot: &Slot, client: Client, until: Micros, drafts: &mut Vec<Draft>) {
    let content = choose_content(random, slot);
    let (session, offsite) = (random.next(), random.percent(30));
    let mut at = begin(random, slot, content.live);
    let mut position = 0;
    for _ in 0..SEGMENTS_MAX {
        let mut length = SECOND / 2 + random.duration(if content.live { 400 } else { 150 } * SECOND);
        // Now and then somebody leaves at once.
        if random.one_in(100) {
            length = 0;
        }
        let (from, to) = positions(&content, position, length);
        let mut segment = Draft {
            view_id: uuid(random),
            started_at: at,
            ended_at: at + length,
            updated_at: at + length + SECOND,
            finished: true,
            heartbeats: false,
            from,
            to,
            content,
            client,
            session,
            offsite,
        };
        leave_open(random, &mut segment, until);
        drafts.push(segment);
        at += length + random.duration(20 * SECOND);
        position = if random.percent(20) { random.below(content.seconds()) } else { to };
        if at >= until || position >= content.seconds() || random.one_in(4) {
            return;
        }
    }
}

fn choose_content(random: &mut Random, slot: &Slot) -> Content {
    match slot.event {
        Some(day) if random.percent(65) => Content::event(day),
        _ if random.percent(10) => Content::always_on(),
        _ => Content::recorded(random),
    }
}

/// Viewers of something live are there when it begins; the others come any time.
fn begin(random: &mut Random, slot: &Slot, live: bool) -> Micros {
    let share = if live { random.fraction() * random.fraction() } else { random.fraction() };
    slot.from + (share * (slot.to - slot.from - 1) as f64) as Micros
}

fn positions(content: &Content, from: u64, length: Micros) -> (u64, u64) {
    if content.live { (0, 0) } else { (from, (from + (length / SECOND) as u64).min(content.seconds())) }
}

/// What is still being watched has no end yet; and some players never tell.
fn leave_open(random: &mut Random, segment: &mut Draft, until: Micros) {
    let lost = random.one_in(60);
    if segment.ended_at <= until && !lost {
        return;
    }
    segment.finished = false;
    segment.heartbeats = !lost || random.percent(50);
    segment.ended_at = segment.ended_at.min(until);
    segment.updated_at = segment.ended_at;
    if !segment.content.live {
        segment.to = segment.to.min(segment.from + ((segment.ended_at - segment.started_at) / SECOND) as u64);
    }
}

/// A random UUID (version 4).
fn uuid(random: &mut Random) -> Key {
    let mut key = Key::default();
    key[..8].copy_from_slice(&random.next().to_be_bytes());
    key[8..].copy_from_slice(&random.next().to_be_bytes());
    key[6] = key[6] & 0x0f | 0x40;
    key[8] = key[8] & 0x3f | 0x80;
    key
}
