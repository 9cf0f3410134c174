//! Activities as rows of `demo_activity`.

use tallyhouse_model::tables::{DEMO_ACTIVITY, demo_activity as at};
use tallyhouse_model::{Batch, Cell, Micros, Table, key_of_row, render_uuid};

use super::BATCH_ROWS;
use super::library::{Link, Replay};
use super::order::ActivityOrder;
use super::session::{Activity, Kind};
use super::visitor::VisitorTexts;

/// What the steps of a guide say; after the last it begins again.
const STEPS: [(&str, &str); 8] = [
    ("1", "Welcome! This is where everything begins."),
    ("2", "Open the report of last month."),
    ("3", "Filter it by team."),
    ("4", "Here is what has changed."),
    ("5", "Share it with one click."),
    ("6", "Set a reminder, if you like."),
    ("7", "Invite others to the board."),
    ("8", "That is all. Try it yourself!"),
];

/// What can be clicked: what the button says and does.
const BUTTONS: [(&str, &str); 5] = [
    ("Open", "open_screen"),
    ("Save", "none"),
    ("Share", "open_link"),
    ("Next", "next_step"),
    ("Contact us", "open_form"),
];

/// What cells have room for.
type Cells<'a> = [Cell<'a>; DEMO_ACTIVITY.columns.len()];

/// Rows of `demo_activity`.
pub struct ActivityBatches {
    activities: ActivityOrder,
    visitor: VisitorTexts,
}

impl ActivityBatches {
    /// A row per activity.
    pub fn new(activities: ActivityOrder) -> Self {
        Self { activities, visitor: VisitorTexts::default() }
    }

    fn push(&mut self, batch: &mut Batch, activity: &Activity) {
        let (seed, library) = (self.activities.sessions.seed, &self.activities.sessions.library);
        let session = &activity.session;
        let replay = &library.replays[session.replay];
        self.visitor.set(seed, session.visitor);
        let (id, session_id) = (render_uuid(&activity.id(seed)), render_uuid(&session.id));
        let mut cells = [Cell::Absent; DEMO_ACTIVITY.columns.len()];
        cells[at::CREATE_AT] = Cell::Time(activity.at);
        cells[at::UPDATED_AT] = Cell::Time(activity.at);
        cells[at::ACTIVITY_ID] = Cell::Text(&id);
        cells[at::ACTIVITY_TYPE] = Cell::Text(activity.kind.name());
        cells[at::SESSION_ID] = Cell::Text(&session_id);
        cells[at::SESSION_CREATED_AT] = Cell::Time(session.started_at);
        set_step(&mut cells, activity, replay);
        set_visitor(&mut cells, activity, &self.visitor);
        set_replay(&mut cells, replay);
        if let Some(link) = session.link {
            set_link(&mut cells, &library.links[link]);
        }
        cells[Table::KEY] = Cell::Id(key_of_row(&DEMO_ACTIVITY, &cells));
        batch.push_row(&cells);
    }
}

impl Iterator for ActivityBatches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::new(&DEMO_ACTIVITY);
        while batch.rows() < BATCH_ROWS {
            let Some(activity) = self.activities.next() else { break };
            self.push(&mut batch, &activity);
        }
        (batch.rows() > 0).then_some(batch)
    }
}

fn set_step<'a>(cells: &mut Cells<'a>, activity: &Activity, replay: &'a Replay) {
    if activity.kind == Kind::Welcome {
        return;
    }
    let (id, title) = &replay.screens[activity.screen];
    cells[at::SNAPSHOT_ID] = Cell::Text(id);
    cells[at::SNAPSHOT_TITLE] = Cell::Text(title);
    let button = match activity.kind {
        Kind::Guide => {
            let (number, text) = STEPS[(activity.step - 1) % STEPS.len()];
            cells[at::GUIDE_ID] = Cell::Text(&replay.guide_id);
            cells[at::GUIDE_STEP_NUMBER] = Cell::Text(number);
            cells[at::GUIDE_TEXT] = Cell::Text(text);
            cells[at::GUIDE_TRIGGER] = Cell::Text(if activity.step == 1 { "load" } else { "button" });
            ("Next", "next_step")
        }
        Kind::Click => BUTTONS[activity.index as usize % BUTTONS.len()],
        Kind::Form => ("Send", "submit"),
        Kind::Welcome | Kind::Screen => return,
    };
    cells[at::BUTTON_TEXT] = Cell::Text(button.0);
    cells[at::BUTTON_ACTION] = Cell::Text(button.1);
}

fn set_visitor<'a>(cells: &mut Cells<'a>, activity: &Activity, visitor: &'a VisitorTexts) {
    cells[at::VISITOR_KEY] = Cell::Text(&visitor.key);
    cells[at::DISTINCT_USER] = Cell::Text(&visitor.key);
    if !activity.session.is_known {
        return;
    }
    cells[at::VISITOR_EMAIL] = Cell::Text(&visitor.email);
    cells[at::DISTINCT_USER] = Cell::Text(&visitor.email);
    cells[at::VISITOR_COMPANY] = Cell::Text(&visitor.company);
    if activity.session.visitor.is_multiple_of(2) {
        cells[at::VISITOR_NAME] = Cell::Text(&visitor.name);
    }
}

fn set_replay<'a>(cells: &mut Cells<'a>, replay: &'a Replay) {
    cells[at::PUBLISHED_REPLAY_ID] = Cell::Text(&replay.id);
    cells[at::PUBLISHED_REPLAY_TITLE] = Cell::Text(replay.title);
    cells[at::PUBLISHED_REPLAY_CREATED_AT] = time(replay.known_publications().first().copied());
    cells[at::DRAFT_REPLAY_ID] = Cell::Text(&replay.draft_id);
    cells[at::DRAFT_REPLAY_TITLE] = Cell::Text(replay.title);
}

/// The link as it is when the sample data ends.
fn set_link<'a>(cells: &mut Cells<'a>, link: &'a Link) {
    cells[at::LINK_ID] = Cell::Text(&link.id);
    cells[at::LINK_TITLE] = Cell::Text(&link.title);
    cells[at::LINK_DESCRIPTION] = link.description.as_deref().map_or(Cell::Absent, Cell::Text);
    cells[at::LINK_URL] = Cell::Text(&link.url);
    cells[at::LINK_IS_ACTIVE] = flag(link.deleted_at.is_none());
    cells[at::LINK_CREATED_AT] = Cell::Time(link.created_at);
    cells[at::LINK_DELETED_AT] = time(link.deleted_at);
    cells[at::LINK_IS_DEFAULT] = flag(link.is_default);
    cells[at::LINK_SHOW_WELCOME] = flag(link.shows_welcome);
    if link.shows_welcome {
        cells[at::LINK_WELCOME_TITLE] = Cell::Text("Welcome");
        cells[at::LINK_WELCOME_NOTE] =
            Cell::Text("It takes five minutes.\nNothing you do here can break anything.");
    }
    cells[at::LINK_VIEWER_EMAIL_REQ] = flag(link.asks_email);
    cells[at::LINK_VIEWER_PASSWORD_REQ] = flag(link.asks_password);
}

fn time(at: Option<Micros>) -> Cell<'static> {
    at.map_or(Cell::Absent, Cell::Time)
}

fn flag(flag: bool) -> Cell<'static> {
    Cell::Text(if flag { "true" } else { "false" })
}
