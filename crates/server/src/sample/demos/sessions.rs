//! Sessions as rows of `demo_sessions`.

use tallyhouse_model::tables::{DEMO_SESSIONS, demo_sessions as at};
use tallyhouse_model::{Batch, Cell, Table, key_of_row, render_uuid};

use super::BATCH_ROWS;
use super::order::SessionOrder;
use super::session::Session;
use super::visitor::VisitorTexts;

/// The part of the infrastructure that all of it ran on.
const SHARD: &str = "app";

/// Rows of `demo_sessions`.
pub struct SessionBatches {
    sessions: SessionOrder,
    visitor: VisitorTexts,
}

impl SessionBatches {
    /// A row per session.
    pub fn new(sessions: SessionOrder) -> Self {
        Self { sessions, visitor: VisitorTexts::default() }
    }

    fn push(&mut self, batch: &mut Batch, session: &Session) {
        let replay = &self.sessions.library.replays[session.replay];
        self.visitor.set(self.sessions.seed, session.visitor);
        let visitor = &self.visitor;
        let id = render_uuid(&session.id);
        let mut cells = [Cell::Absent; DEMO_SESSIONS.columns.len()];
        cells[at::SESSION_DATE] = Cell::Time(session.started_at);
        cells[at::UPDATED_AT] = Cell::Time(session.started_at);
        cells[at::SESSION_ID] = Cell::Text(&id);
        cells[at::SHARD_NAME] = Cell::Text(SHARD);
        cells[at::DEMO_TITLE] = Cell::Text(replay.title);
        cells[at::DEMO_PUBLISHED_DATE] = Cell::Time(replay.published_before(session.started_at).unwrap_or(0));
        cells[at::VIEWER] = Cell::Text(if session.is_known { &visitor.email } else { &visitor.address });
        cells[at::VISITOR_KEY] = Cell::Text(&visitor.key);
        cells[at::PUBLISHED_REPLAY_ID] = Cell::Text(&replay.id);
        cells[Table::KEY] = Cell::Id(key_of_row(&DEMO_SESSIONS, &cells));
        batch.push_row(&cells);
    }
}

impl Iterator for SessionBatches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::new(&DEMO_SESSIONS);
        while batch.rows() < BATCH_ROWS {
            let Some(session) = self.sessions.next() else { break };
            self.push(&mut batch, &session);
        }
        (batch.rows() > 0).then_some(batch)
    }
}
