//! The demo records: sessions, what was done in them, and what changed about demos and links.

use tallyhouse_model::Cell;
use tallyhouse_model::limits::TEXT_BYTES_MAX;
use tallyhouse_model::tables::{self, demo_activity, demo_changes, demo_sessions};

use crate::ingest::{Empty, Field, RecordType, RowForm, Rule, TextFrom, TextRule, Zoneless};

/// Whoever sends these has their times in UTC and writes no offset.
const TIME: Rule = Rule::Time(Zoneless::Utc);

/// What names something. 256 bytes, as for the names in segments, are too few for some.
const NAME: Rule = Rule::name(TEXT_BYTES_MAX);

const TEXT: Rule = Rule::text(TEXT_BYTES_MAX);

/// The id of something that a row may lack.
const ID: Rule =
    Rule::Text(TextRule { from: TextFrom::Integers, bytes_max: TEXT_BYTES_MAX, empty: Empty::Kept });

/// Whatever somebody's exporter made of a text, a flag or a number of a step.
const SCALAR: Rule =
    Rule::Text(TextRule { from: TextFrom::Scalars, bytes_max: TEXT_BYTES_MAX, empty: Empty::Kept });

/// What sort of thing was done.
const SORT: Rule =
    Rule::Text(TextRule { from: TextFrom::Strings, bytes_max: TEXT_BYTES_MAX, empty: Empty::Refused });

const EMPTY: Cell<'static> = Cell::Text("");

/// When a demo was published whose date is not known.
const UNKNOWN_DATE: Cell<'static> = Cell::Time(0);

/// Sessions in which somebody looked at a demo.
pub static DEMO_SESSIONS: RecordType = RecordType {
    table: &tables::DEMO_SESSIONS,
    row: RowForm::Fields,
    fields: &[
        Field::required("session_id", NAME, demo_sessions::SESSION_ID),
        Field::required("session_date", TIME, demo_sessions::SESSION_DATE),
        Field::or("shard_name", TEXT, demo_sessions::SHARD_NAME, Cell::Text("app")),
        Field::or("demo_title", TEXT, demo_sessions::DEMO_TITLE, EMPTY),
        Field::or("demo_published_date", TIME, demo_sessions::DEMO_PUBLISHED_DATE, UNKNOWN_DATE),
        Field::or("viewer", TEXT, demo_sessions::VIEWER, EMPTY),
        Field::or("visitor_key", ID, demo_sessions::VISITOR_KEY, EMPTY),
        Field::or("published_replay_id", ID, demo_sessions::PUBLISHED_REPLAY_ID, EMPTY),
        Field::derived("updated_at", TIME, demo_sessions::UPDATED_AT),
        Field::deleted(),
    ],
};

/// What was done in sessions, step by step.
pub static DEMO_ACTIVITY: RecordType = RecordType {
    table: &tables::DEMO_ACTIVITY,
    row: RowForm::Fields,
    fields: &[
        Field::required("activity_id", NAME, demo_activity::ACTIVITY_ID),
        Field::required("activity_type", SORT, demo_activity::ACTIVITY_TYPE),
        Field::optional("snapshot_id", SCALAR, demo_activity::SNAPSHOT_ID),
        Field::optional("snapshot_title", SCALAR, demo_activity::SNAPSHOT_TITLE),
        Field::optional("guide_id", SCALAR, demo_activity::GUIDE_ID),
        Field::optional("guide_step_number", SCALAR, demo_activity::GUIDE_STEP_NUMBER),
        Field::optional("guide_text", SCALAR, demo_activity::GUIDE_TEXT),
        Field::optional("guide_trigger", SCALAR, demo_activity::GUIDE_TRIGGER),
        Field::optional("button_text", SCALAR, demo_activity::BUTTON_TEXT),
        Field::optional("button_action", SCALAR, demo_activity::BUTTON_ACTION),
        Field::required("create_at", TIME, demo_activity::CREATE_AT),
        Field::required("session_id", NAME, demo_activity::SESSION_ID),
        Field::required("session_created_at", TIME, demo_activity::SESSION_CREATED_AT),
        Field::optional("visitor_key", SCALAR, demo_activity::VISITOR_KEY),
        Field::optional("visitor_name", SCALAR, demo_activity::VISITOR_NAME),
        Field::optional("visitor_email", SCALAR, demo_activity::VISITOR_EMAIL),
        Field::optional("visitor_company", SCALAR, demo_activity::VISITOR_COMPANY),
        Field::optional("distinct_user", SCALAR, demo_activity::DISTINCT_USER),
        Field::optional("link_id", SCALAR, demo_activity::LINK_ID),
        Field::optional("link_title", SCALAR, demo_activity::LINK_TITLE),
        Field::optional("link_description", SCALAR, demo_activity::LINK_DESCRIPTION),
        Field::optional("link_url", SCALAR, demo_activity::LINK_URL),
        Field::optional("link_is_active", SCALAR, demo_activity::LINK_IS_ACTIVE),
        Field::optional("link_created_at", TIME, demo_activity::LINK_CREATED_AT),
        Field::optional("link_deleted_at", TIME, demo_activity::LINK_DELETED_AT),
        Field::optional("link_is_default", SCALAR, demo_activity::LINK_IS_DEFAULT),
        Field::optional("link_show_welcome", SCALAR, demo_activity::LINK_SHOW_WELCOME),
        Field::optional("link_welcome_title", SCALAR, demo_activity::LINK_WELCOME_TITLE),
        Field::optional("link_welcome_note", SCALAR, demo_activity::LINK_WELCOME_NOTE),
        Field::optional("link_viewer_email_req", SCALAR, demo_activity::LINK_VIEWER_EMAIL_REQ),
        Field::optional("link_viewer_password_req", SCALAR, demo_activity::LINK_VIEWER_PASSWORD_REQ),
        Field::optional("published_replay_id", SCALAR, demo_activity::PUBLISHED_REPLAY_ID),
        Field::optional("published_replay_title", SCALAR, demo_activity::PUBLISHED_REPLAY_TITLE),
        Field::optional("published_replay_created_at", TIME, demo_activity::PUBLISHED_REPLAY_CREATED_AT),
        Field::optional("draft_replay_id", SCALAR, demo_activity::DRAFT_REPLAY_ID),
        Field::optional("draft_replay_title", SCALAR, demo_activity::DRAFT_REPLAY_TITLE),
        Field::derived("updated_at", TIME, demo_activity::UPDATED_AT),
        Field::deleted(),
    ],
};

/// What has changed about demos and their links, in the order of arrival.
pub static DEMO_CHANGES: RecordType = RecordType {
    table: &tables::DEMO_CHANGES,
    row: RowForm::Fields,
    fields: &[
        Field::required("entity_type", NAME, demo_changes::ENTITY_TYPE),
        Field::required("entity_id", NAME, demo_changes::ENTITY_ID),
        Field::required("change_type", NAME, demo_changes::CHANGE_TYPE),
        Field::required("changed_at", TIME, demo_changes::CHANGED_AT),
        Field::derived("ingested_at", Rule::Receipt, demo_changes::INGESTED_AT),
        Field::optional("published_replay_id", ID, demo_changes::PUBLISHED_REPLAY_ID),
        Field::derived("updated_at", TIME, demo_changes::UPDATED_AT),
        Field::deleted(),
    ],
};
