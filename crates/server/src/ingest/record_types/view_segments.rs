//! `view_segments`: stretches of watching. What follows from several fields is in `segment/`.

use tallyhouse_model::Cell;
use tallyhouse_model::limits::TEXT_BYTES_MAX;
use tallyhouse_model::tables::{self, view_segments as at};

use crate::ingest::{
    Absence, Empty, Field, ID_MAX, Place, RecordType, RowForm, Rule, TextFrom, TextRule, Zoneless,
};

/// Bytes of a `client_id` or `view_session_id`.
const NAME_BYTES_MAX: usize = 256;

/// Bytes of a `user_agent`.
const USER_AGENT_BYTES_MAX: usize = 2_048;

const ID: Rule = Rule::Digits(ID_MAX);

/// A position in a video, in seconds.
const POSITION: Rule = Rule::Integer(i32::MAX as u64);

const TIME: Rule = Rule::Time(Zoneless::Refused);
const TEXT: Rule = Rule::text(TEXT_BYTES_MAX);
const SESSION: Rule =
    Rule::Text(TextRule { from: TextFrom::Strings, bytes_max: NAME_BYTES_MAX, empty: Empty::Refused });
const VIEWER: Rule =
    Rule::Text(TextRule { from: TextFrom::Strings, bytes_max: TEXT_BYTES_MAX, empty: Empty::Absent });

/// `onsite`, as its column stores it.
const ONSITE: Cell<'static> = Cell::Choice(1);

/// Stretches of watching; the API calls the row a View.
pub static VIEW_SEGMENTS: RecordType = RecordType {
    table: &tables::VIEW_SEGMENTS,
    row: RowForm::Segment,
    fields: &[
        Field::required("view_id", Rule::Uuid, at::VIEW_ID),
        Field::required("content_type", Rule::Word, at::CONTENT_TYPE),
        Field::required("content_id", ID, at::CONTENT_ID),
        Field::required("started_at", TIME, at::STARTED_AT),
        Field { name: "finished_at", rule: TIME, place: Place::FinalEnd, absence: Absence::Kept },
        Field::optional("last_seen_at", TIME, at::LAST_SEEN_AT),
        Field::or("from", POSITION, at::FROM, Cell::Integer(0)),
        Field::or("to", POSITION, at::TO, Cell::Integer(0)),
        Field::required("client_id", Rule::name(NAME_BYTES_MAX), at::CLIENT_ID),
        Field::required("view_session_id", SESSION, at::VIEW_SESSION_ID),
        Field::optional("viewer_identifier", VIEWER, at::VIEWER_IDENTIFIER),
        Field::optional("country", Rule::Country, at::COUNTRY),
        Field::optional("region", TEXT, at::REGION),
        Field::optional("city", TEXT, at::CITY),
        Field::or("view_type", Rule::Word, at::VIEW_TYPE, ONSITE),
        Field::optional("device", Rule::Word, at::DEVICE),
        Field::derived("is_mobile_view", Rule::Flag, at::IS_MOBILE_VIEW),
        Field::derived("device_info", Rule::Object, at::DEVICE_INFO),
        Field::not_kept("user_agent", Rule::text(USER_AGENT_BYTES_MAX)),
        Field::not_kept("ip", Rule::Address),
        Field::optional("channel_id", ID, at::CHANNEL_ID),
        Field::derived("updated_at", TIME, at::UPDATED_AT),
        Field::deleted(),
    ],
};

/// Positions of the fields of [`VIEW_SEGMENTS`].
#[expect(missing_docs, reason = "each is the field of that name; `docs/API.md` has the rules")]
pub mod field {
    pub const VIEW_ID: usize = 0;
    pub const CONTENT_TYPE: usize = 1;
    pub const CONTENT_ID: usize = 2;
    pub const STARTED_AT: usize = 3;
    pub const FINISHED_AT: usize = 4;
    pub const LAST_SEEN_AT: usize = 5;
    pub const FROM: usize = 6;
    pub const TO: usize = 7;
    pub const CLIENT_ID: usize = 8;
    pub const VIEW_SESSION_ID: usize = 9;
    pub const VIEWER_IDENTIFIER: usize = 10;
    pub const COUNTRY: usize = 11;
    pub const REGION: usize = 12;
    pub const CITY: usize = 13;
    pub const VIEW_TYPE: usize = 14;
    pub const DEVICE: usize = 15;
    pub const IS_MOBILE_VIEW: usize = 16;
    pub const DEVICE_INFO: usize = 17;
    pub const USER_AGENT: usize = 18;
    pub const IP: usize = 19;
    pub const CHANNEL_ID: usize = 20;
    pub const UPDATED_AT: usize = 21;
    pub const DELETED: usize = 22;
}
