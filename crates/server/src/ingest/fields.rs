//! The fields of a `view_segments` record as they were sent: by name, with their type, not yet judged.
//!
//! Three decoders fill them (JSON lines, CSV records, Parquet rows); `validate.rs` is the only judge.

use std::borrow::Cow;

use tallyhouse_model::{Key, Micros};

/// A field of a `view_segments` record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of that name; `docs/API.md` has the rules")]
pub enum Field {
    ViewId,
    ContentType,
    ContentId,
    StartedAt,
    FinishedAt,
    LastSeenAt,
    From,
    To,
    ClientId,
    ViewSessionId,
    ViewerIdentifier,
    Country,
    Region,
    City,
    ViewType,
    Device,
    IsMobileView,
    DeviceInfo,
    UserAgent,
    Ip,
    ChannelId,
    UpdatedAt,
    Deleted,
}

impl Field {
    /// Every field, in the order of `docs/API.md`.
    pub const ALL: [Field; 23] = [
        Field::ViewId,
        Field::ContentType,
        Field::ContentId,
        Field::StartedAt,
        Field::FinishedAt,
        Field::LastSeenAt,
        Field::From,
        Field::To,
        Field::ClientId,
        Field::ViewSessionId,
        Field::ViewerIdentifier,
        Field::Country,
        Field::Region,
        Field::City,
        Field::ViewType,
        Field::Device,
        Field::IsMobileView,
        Field::DeviceInfo,
        Field::UserAgent,
        Field::Ip,
        Field::ChannelId,
        Field::UpdatedAt,
        Field::Deleted,
    ];

    /// Its name in JSON, in CSV headers and in Parquet schemas.
    pub const fn name(self) -> &'static str {
        match self {
            Field::ViewId => "view_id",
            Field::ContentType => "content_type",
            Field::ContentId => "content_id",
            Field::StartedAt => "started_at",
            Field::FinishedAt => "finished_at",
            Field::LastSeenAt => "last_seen_at",
            Field::From => "from",
            Field::To => "to",
            Field::ClientId => "client_id",
            Field::ViewSessionId => "view_session_id",
            Field::ViewerIdentifier => "viewer_identifier",
            Field::Country => "country",
            Field::Region => "region",
            Field::City => "city",
            Field::ViewType => "view_type",
            Field::Device => "device",
            Field::IsMobileView => "is_mobile_view",
            Field::DeviceInfo => "device_info",
            Field::UserAgent => "user_agent",
            Field::Ip => "ip",
            Field::ChannelId => "channel_id",
            Field::UpdatedAt => "updated_at",
            Field::Deleted => "deleted",
        }
    }

    /// The field of this name; `None` for one that is not known and therefore ignored.
    pub fn named(name: &str) -> Option<Field> {
        // A match, not a search through `ALL`: this is asked for every member of every record.
        Some(match name {
            "view_id" => Field::ViewId,
            "content_type" => Field::ContentType,
            "content_id" => Field::ContentId,
            "started_at" => Field::StartedAt,
            "finished_at" => Field::FinishedAt,
            "last_seen_at" => Field::LastSeenAt,
            "from" => Field::From,
            "to" => Field::To,
            "client_id" => Field::ClientId,
            "view_session_id" => Field::ViewSessionId,
            "viewer_identifier" => Field::ViewerIdentifier,
            "country" => Field::Country,
            "region" => Field::Region,
            "city" => Field::City,
            "view_type" => Field::ViewType,
            "device" => Field::Device,
            "is_mobile_view" => Field::IsMobileView,
            "device_info" => Field::DeviceInfo,
            "user_agent" => Field::UserAgent,
            "ip" => Field::Ip,
            "channel_id" => Field::ChannelId,
            "updated_at" => Field::UpdatedAt,
            "deleted" => Field::Deleted,
            _ => return None,
        })
    }
}

/// A value as it was sent. `null` is the same as absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Raw<'a> {
    /// Not there, or null.
    #[default]
    Absent,
    /// A string.
    Text(Cow<'a, str>),
    /// A JSON number as it was written, so that no digit is lost.
    Number(&'a str),
    /// An integer of a binary format.
    Integer(i128),
    /// True or false.
    Boolean(bool),
    /// A JSON object or array as text.
    Json(Cow<'a, str>),
    /// A cell of a format without types; it may mean a string, a number or a truth value.
    Cell(&'a str),
    /// An instant of a binary format.
    Time(Micros),
    /// 16 bytes of a binary format.
    Id(Key),
    /// A value that fits no field, and what is wrong with it.
    Unusable(&'static str),
}

/// The fields of one record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SegmentFields<'a>([Raw<'a>; Field::ALL.len()]);

impl<'a> SegmentFields<'a> {
    /// What was sent for a field.
    pub fn get(&self, field: Field) -> &Raw<'a> {
        &self.0[field as usize]
    }

    /// Sets what was sent for a field; a field that is sent twice keeps its last value.
    pub fn set(&mut self, field: Field, value: Raw<'a>) {
        self.0[field as usize] = value;
    }
}
