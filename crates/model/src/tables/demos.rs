//! Tables of the demo records. Fields and rules: `docs/API.md`, "Demo records".
//!
//! What their records are named by is text of any form, so keys are digests of it, and the text is a column.

use super::{deletions, texts};
use crate::{Column, ColumnKind, Home, Table, TableId};

/// Sessions, which several tables name.
const SESSION: &str = "demo_session";
/// Titles, descriptions and ids of demos, links and guides.
const DEMO: &str = "demo";
/// Whatever tells who somebody is.
const VISITOR: &str = "demo_visitor";

/// Positions of the columns of [`DEMO_SESSIONS`]. Texts may be absent unless it says otherwise.
pub mod demo_sessions {
    use crate::ColumnIndex;

    /// When the demo was looked at.
    pub const SESSION_DATE: ColumnIndex = 1;
    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 2;
    /// The session, never absent.
    pub const SESSION_ID: ColumnIndex = 3;
    /// The part of the infrastructure, never absent.
    pub const SHARD_NAME: ColumnIndex = 4;
    /// The demo, never absent.
    pub const DEMO_TITLE: ColumnIndex = 5;
    /// When it was published, never absent: 1970 where that is not known.
    pub const DEMO_PUBLISHED_DATE: ColumnIndex = 6;
    /// Their address, or that of their connection; never absent.
    pub const VIEWER: ColumnIndex = 7;
    /// The visitor, never absent.
    pub const VISITOR_KEY: ColumnIndex = 8;
    /// The replay that was shown, never absent.
    pub const PUBLISHED_REPLAY_ID: ColumnIndex = 9;
}

/// Positions of the columns of [`DEMO_ACTIVITY`]. Texts may be absent unless it says otherwise.
pub mod demo_activity {
    use crate::ColumnIndex;

    /// When it was done.
    pub const CREATE_AT: ColumnIndex = 1;
    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 2;
    /// The activity, never absent.
    pub const ACTIVITY_ID: ColumnIndex = 3;
    /// What was done, never absent: `click`, `screen` and whatever else there is.
    pub const ACTIVITY_TYPE: ColumnIndex = 4;
    /// The session, never absent.
    pub const SESSION_ID: ColumnIndex = 5;
    /// When the session began, never absent.
    pub const SESSION_CREATED_AT: ColumnIndex = 6;
    /// The screen.
    pub const SNAPSHOT_ID: ColumnIndex = 7;
    /// Its title.
    pub const SNAPSHOT_TITLE: ColumnIndex = 8;
    /// The guide.
    pub const GUIDE_ID: ColumnIndex = 9;
    /// Which step of it.
    pub const GUIDE_STEP_NUMBER: ColumnIndex = 10;
    /// What the step says.
    pub const GUIDE_TEXT: ColumnIndex = 11;
    /// What showed it.
    pub const GUIDE_TRIGGER: ColumnIndex = 12;
    /// What the button says.
    pub const BUTTON_TEXT: ColumnIndex = 13;
    /// What it does.
    pub const BUTTON_ACTION: ColumnIndex = 14;
    /// The visitor.
    pub const VISITOR_KEY: ColumnIndex = 15;
    /// Their name.
    pub const VISITOR_NAME: ColumnIndex = 16;
    /// Their address.
    pub const VISITOR_EMAIL: ColumnIndex = 17;
    /// Where they work.
    pub const VISITOR_COMPANY: ColumnIndex = 18;
    /// What tells users apart.
    pub const DISTINCT_USER: ColumnIndex = 19;
    /// The link that led there.
    pub const LINK_ID: ColumnIndex = 20;
    /// Its title.
    pub const LINK_TITLE: ColumnIndex = 21;
    /// Its description.
    pub const LINK_DESCRIPTION: ColumnIndex = 22;
    /// Where it leads.
    pub const LINK_URL: ColumnIndex = 23;
    /// Whether it works.
    pub const LINK_IS_ACTIVE: ColumnIndex = 24;
    /// When it was made, or absent.
    pub const LINK_CREATED_AT: ColumnIndex = 25;
    /// When it was deleted, or absent.
    pub const LINK_DELETED_AT: ColumnIndex = 26;
    /// Whether it is the replay's first.
    pub const LINK_IS_DEFAULT: ColumnIndex = 27;
    /// Whether it begins with a welcome screen.
    pub const LINK_SHOW_WELCOME: ColumnIndex = 28;
    /// The title of that.
    pub const LINK_WELCOME_TITLE: ColumnIndex = 29;
    /// The text of that.
    pub const LINK_WELCOME_NOTE: ColumnIndex = 30;
    /// Whether it asks for an address.
    pub const LINK_VIEWER_EMAIL_REQ: ColumnIndex = 31;
    /// Whether it asks for a password.
    pub const LINK_VIEWER_PASSWORD_REQ: ColumnIndex = 32;
    /// The replay that was shown.
    pub const PUBLISHED_REPLAY_ID: ColumnIndex = 33;
    /// Its title.
    pub const PUBLISHED_REPLAY_TITLE: ColumnIndex = 34;
    /// When it was published, or absent.
    pub const PUBLISHED_REPLAY_CREATED_AT: ColumnIndex = 35;
    /// The draft it was published from.
    pub const DRAFT_REPLAY_ID: ColumnIndex = 36;
    /// Its title.
    pub const DRAFT_REPLAY_TITLE: ColumnIndex = 37;
}

/// Positions of the columns of [`DEMO_CHANGES`]. Texts may be absent unless it says otherwise.
pub mod demo_changes {
    use crate::ColumnIndex;

    /// When it arrived.
    pub const INGESTED_AT: ColumnIndex = 1;
    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 2;
    /// The kind of thing that changed, never absent.
    pub const ENTITY_TYPE: ColumnIndex = 3;
    /// The thing, never absent.
    pub const ENTITY_ID: ColumnIndex = 4;
    /// When it changed, never absent.
    pub const CHANGED_AT: ColumnIndex = 5;
    /// How, never absent.
    pub const CHANGE_TYPE: ColumnIndex = 6;
    /// The replay it belongs to, or absent.
    pub const PUBLISHED_REPLAY_ID: ColumnIndex = 7;
}

/// Sessions in which somebody looked at a demo.
pub static DEMO_SESSIONS: Table = Table {
    id: TableId::DemoSessions,
    name: "demo_sessions",
    columns: &[
        Column { name: "session", kind: ColumnKind::Id },
        Column { name: "session_date", kind: ColumnKind::Time },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "session_id", kind: texts(SESSION) },
        Column { name: "shard_name", kind: texts(DEMO) },
        Column { name: "demo_title", kind: texts(DEMO) },
        Column { name: "demo_published_date", kind: ColumnKind::Time },
        Column { name: "viewer", kind: texts(VISITOR) },
        Column { name: "visitor_key", kind: texts(VISITOR) },
        Column { name: "published_replay_id", kind: texts(DEMO) },
    ],
    version: Some(demo_sessions::UPDATED_AT),
    deletions: Some(TableId::DemoSessionDeletions),
    identity: &[demo_sessions::SESSION_ID],
    end: None,
    finished: None,
    derives: None,
    owns: &[],
    home: Home::Store,
};

/// Deletions of demo sessions.
pub static DEMO_SESSION_DELETIONS: Table = deletions(
    TableId::DemoSessionDeletions,
    "demo_session_deletions",
    &[
        Column { name: "session", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "session_id", kind: texts(SESSION) },
    ],
);

/// What was done in sessions, step by step.
pub static DEMO_ACTIVITY: Table = Table {
    id: TableId::DemoActivity,
    name: "demo_activity",
    columns: &[
        Column { name: "activity", kind: ColumnKind::Id },
        Column { name: "create_at", kind: ColumnKind::Time },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "activity_id", kind: ColumnKind::Text },
        Column { name: "activity_type", kind: texts(DEMO) },
        Column { name: "session_id", kind: texts(SESSION) },
        Column { name: "session_created_at", kind: ColumnKind::Time },
        Column { name: "snapshot_id", kind: texts(DEMO) },
        Column { name: "snapshot_title", kind: texts(DEMO) },
        Column { name: "guide_id", kind: texts(DEMO) },
        Column { name: "guide_step_number", kind: texts(DEMO) },
        Column { name: "guide_text", kind: texts(DEMO) },
        Column { name: "guide_trigger", kind: texts(DEMO) },
        Column { name: "button_text", kind: texts(DEMO) },
        Column { name: "button_action", kind: texts(DEMO) },
        Column { name: "visitor_key", kind: texts(VISITOR) },
        Column { name: "visitor_name", kind: texts(VISITOR) },
        Column { name: "visitor_email", kind: texts(VISITOR) },
        Column { name: "visitor_company", kind: texts(VISITOR) },
        Column { name: "distinct_user", kind: texts(VISITOR) },
        Column { name: "link_id", kind: texts(DEMO) },
        Column { name: "link_title", kind: texts(DEMO) },
        Column { name: "link_description", kind: texts(DEMO) },
        Column { name: "link_url", kind: texts(DEMO) },
        Column { name: "link_is_active", kind: texts(DEMO) },
        Column { name: "link_created_at", kind: ColumnKind::Time },
        Column { name: "link_deleted_at", kind: ColumnKind::Time },
        Column { name: "link_is_default", kind: texts(DEMO) },
        Column { name: "link_show_welcome", kind: texts(DEMO) },
        Column { name: "link_welcome_title", kind: texts(DEMO) },
        Column { name: "link_welcome_note", kind: texts(DEMO) },
        Column { name: "link_viewer_email_req", kind: texts(DEMO) },
        Column { name: "link_viewer_password_req", kind: texts(DEMO) },
        Column { name: "published_replay_id", kind: texts(DEMO) },
        Column { name: "published_replay_title", kind: texts(DEMO) },
        Column { name: "published_replay_created_at", kind: ColumnKind::Time },
        Column { name: "draft_replay_id", kind: texts(DEMO) },
        Column { name: "draft_replay_title", kind: texts(DEMO) },
    ],
    version: Some(demo_activity::UPDATED_AT),
    deletions: Some(TableId::DemoActivityDeletions),
    identity: &[demo_activity::ACTIVITY_ID],
    end: None,
    finished: None,
    derives: None,
    owns: &[],
    home: Home::Store,
};

/// Deletions of activities.
pub static DEMO_ACTIVITY_DELETIONS: Table = deletions(
    TableId::DemoActivityDeletions,
    "demo_activity_deletions",
    &[
        Column { name: "activity", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "activity_id", kind: ColumnKind::Text },
    ],
);

/// What has changed about demos and their links, in the order of arrival.
pub static DEMO_CHANGES: Table = Table {
    id: TableId::DemoChanges,
    name: "demo_changes",
    columns: &[
        Column { name: "change", kind: ColumnKind::Id },
        Column { name: "ingested_at", kind: ColumnKind::Time },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "entity_type", kind: texts(DEMO) },
        Column { name: "entity_id", kind: texts(DEMO) },
        Column { name: "changed_at", kind: ColumnKind::Time },
        Column { name: "change_type", kind: texts(DEMO) },
        Column { name: "published_replay_id", kind: texts(DEMO) },
    ],
    version: Some(demo_changes::UPDATED_AT),
    deletions: Some(TableId::DemoChangeDeletions),
    identity: &[
        demo_changes::ENTITY_TYPE,
        demo_changes::ENTITY_ID,
        demo_changes::CHANGED_AT,
        demo_changes::CHANGE_TYPE,
    ],
    end: None,
    finished: None,
    derives: None,
    owns: &[],
    home: Home::Store,
};

/// Deletions of changes.
pub static DEMO_CHANGE_DELETIONS: Table = deletions(
    TableId::DemoChangeDeletions,
    "demo_change_deletions",
    &[
        Column { name: "change", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "entity_type", kind: texts(DEMO) },
        Column { name: "entity_id", kind: texts(DEMO) },
        Column { name: "changed_at", kind: ColumnKind::Time },
        Column { name: "change_type", kind: texts(DEMO) },
    ],
);
