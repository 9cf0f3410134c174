//! Sessions in the order of their start, and activities of all sessions in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::Peekable;

use tallyhouse_model::Micros;

use super::library::Library;
use super::session::{Activity, Session};
use super::{DemoSample, IdOf, id_of};
use crate::sample::plan::{Rhythm, Slot, slots};

/// Sessions in the order of their start.
pub struct SessionOrder {
    /// Which data.
    pub seed: u64,
    /// What the sessions show.
    pub library: Library,
    visitors: u64,
    slots: Peekable<std::vec::IntoIter<Slot>>,
    /// Sessions that had begun when the hour began.
    begun_before: usize,
    next: usize,
}

impl SessionOrder {
    /// All sessions of a sample.
    pub fn new(sample: &DemoSample) -> Self {
        let slots = slots(sample.sessions, sample.until, sample.days, Rhythm::Business);
        Self {
            seed: sample.seed,
            library: sample.library(),
            visitors: (sample.sessions / 4).max(30) as u64,
            slots: slots.into_iter().peekable(),
            begun_before: 0,
            next: 0,
        }
    }

    /// When the next session begins. Those of an hour share it evenly, each a random way into its share.
    fn next_start(&mut self) -> Option<Micros> {
        while self.next >= self.slots.peek()?.begun_until {
            self.begun_before = self.slots.next()?.begun_until;
        }
        let slot = self.slots.peek()?;
        let bits = id_of(IdOf::Session, !self.seed, self.next as u64);
        let way = f64::from(u16::from_be_bytes([bits[0], bits[1]])) / 65_536.0;
        let share =
            ((self.next - self.begun_before) as f64 + way) / (slot.begun_until - self.begun_before) as f64;
        Some(slot.from + (share * (slot.to - slot.from - 1) as f64) as Micros)
    }
}

impl Iterator for SessionOrder {
    type Item = Session;

    fn next(&mut self) -> Option<Session> {
        let started_at = self.next_start()?;
        let number = self.next as u64;
        self.next += 1;
        Some(Session::new(self.seed, number, started_at, self.visitors, &self.library))
    }
}

/// Activities in the order of time. Keeps those of the sessions that are going on, no others.
pub struct ActivityOrder {
    /// Where they come from.
    pub sessions: SessionOrder,
    until: Micros,
    /// Number of the last session, and how many activities it has at most.
    last: (u64, usize),
    /// The session that begins next.
    coming: Option<Session>,
    going_on: BinaryHeap<Reverse<Activity>>,
}

impl ActivityOrder {
    /// All activities of a sample.
    pub fn new(sample: &DemoSample) -> Self {
        let mut sessions = SessionOrder::new(sample);
        let coming = sessions.next();
        let last = (sample.sessions.saturating_sub(1) as u64, sample.last_activities);
        Self { sessions, until: sample.until, last, coming, going_on: BinaryHeap::new() }
    }

    fn begin(&mut self, session: Session) {
        let mut activities = session.activities(self.sessions.seed, self.until, &self.sessions.library);
        if session.number == self.last.0 {
            activities.truncate(self.last.1);
        }
        self.going_on.extend(activities.into_iter().map(Reverse));
    }
}

impl Iterator for ActivityOrder {
    type Item = Activity;

    fn next(&mut self) -> Option<Activity> {
        while let Some(session) = self.coming {
            if self.going_on.peek().is_some_and(|Reverse(next)| next.at < session.started_at) {
                break;
            }
            self.coming = self.sessions.next();
            self.begin(session);
        }
        self.going_on.pop().map(|Reverse(activity)| activity)
    }
}
