//! Tables of the video family. Fields and rules: `docs/API.md`, "view_segments".

use super::{deletions, integers, texts};
use crate::{Column, ColumnKind, Derivation, DeviceClass, Home, Table, TableId};

const CONTENT_TYPES: ColumnKind = ColumnKind::Choice(&["live", "recorded"]);
const VIEW_TYPES: ColumnKind = ColumnKind::Choice(&["onsite", "offsite"]);
const DEVICES: ColumnKind = ColumnKind::Choice(&DeviceClass::WORDS);

/// Positions of the columns of [`VIEW_SEGMENTS`].
pub mod view_segments {
    use crate::ColumnIndex;

    /// The UUID of the segment.
    pub const VIEW_ID: ColumnIndex = 0;
    /// When watching began.
    pub const STARTED_AT: ColumnIndex = 1;
    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 2;
    /// When it ended: `finished_at`, else `last_seen_at`, else the start plus the positions watched. Never absent.
    pub const ENDED_AT: ColumnIndex = 3;
    /// Whether the record had a `finished_at`; then it is [`ENDED_AT`].
    pub const FINISHED: ColumnIndex = 4;
    /// `last_seen_at` of the record, or absent.
    pub const LAST_SEEN_AT: ColumnIndex = 5;
    /// `live` or `recorded`, never absent.
    pub const CONTENT_TYPE: ColumnIndex = 6;
    /// The media within its type, never absent.
    pub const CONTENT_ID: ColumnIndex = 7;
    /// The channel, or absent.
    pub const CHANNEL_ID: ColumnIndex = 8;
    /// Position in the video at the start, seconds.
    pub const FROM: ColumnIndex = 9;
    /// Position in the video at the end, seconds.
    pub const TO: ColumnIndex = 10;
    /// The device or browser, never absent.
    pub const CLIENT_ID: ColumnIndex = 11;
    /// The player session.
    pub const VIEW_SESSION_ID: ColumnIndex = 12;
    /// The person, or absent.
    pub const VIEWER_IDENTIFIER: ColumnIndex = 13;
    /// ISO 3166-1 alpha-2, or absent.
    pub const COUNTRY: ColumnIndex = 14;
    /// A region's code or name, or absent.
    pub const REGION: ColumnIndex = 15;
    /// A city's name, or absent.
    pub const CITY: ColumnIndex = 16;
    /// `onsite` or `offsite`, never absent.
    pub const VIEW_TYPE: ColumnIndex = 17;
    /// The class of the device, or absent.
    pub const DEVICE: ColumnIndex = 18;
    /// Watched on a phone or tablet.
    pub const IS_MOBILE_VIEW: ColumnIndex = 19;
    /// The documented `device_info` object as compact JSON, never absent.
    pub const DEVICE_INFO: ColumnIndex = 20;
}

/// Positions of the columns of [`PLAYS`].
pub mod plays {
    use crate::ColumnIndex;

    /// When its first segment started.
    pub const STARTED_AT: ColumnIndex = 1;
    /// The key of its first segment.
    pub const FIRST_SEGMENT: ColumnIndex = 2;
    /// `live` or `recorded`.
    pub const CONTENT_TYPE: ColumnIndex = 3;
    /// The media within its type.
    pub const CONTENT_ID: ColumnIndex = 4;
    /// The channel of the first segment.
    pub const CHANNEL_ID: ColumnIndex = 5;
    /// The country of the first segment.
    pub const COUNTRY: ColumnIndex = 6;
    /// The region of the first segment.
    pub const REGION: ColumnIndex = 7;
    /// `onsite` or `offsite`, of the first segment.
    pub const VIEW_TYPE: ColumnIndex = 8;
    /// The class of the device of the first segment.
    pub const DEVICE: ColumnIndex = 9;
}

/// Stretches of watching; the API calls the row a View.
pub static VIEW_SEGMENTS: Table = Table {
    id: TableId::ViewSegments,
    name: "view_segments",
    columns: &[
        Column { name: "view_id", kind: ColumnKind::Id },
        Column { name: "started_at", kind: ColumnKind::Time },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "ended_at", kind: ColumnKind::Offset },
        Column { name: "finished", kind: ColumnKind::Flag },
        Column { name: "last_seen_at", kind: ColumnKind::Offset },
        Column { name: "content_type", kind: CONTENT_TYPES },
        Column { name: "content_id", kind: integers("content") },
        Column { name: "channel_id", kind: integers("channel") },
        Column { name: "from", kind: ColumnKind::Integer },
        Column { name: "to", kind: ColumnKind::Integer },
        Column { name: "client_id", kind: texts("client") },
        Column { name: "view_session_id", kind: ColumnKind::Text },
        Column { name: "viewer_identifier", kind: texts("viewer") },
        Column { name: "country", kind: texts("country") },
        Column { name: "region", kind: texts("region") },
        Column { name: "city", kind: texts("city") },
        Column { name: "view_type", kind: VIEW_TYPES },
        Column { name: "device", kind: DEVICES },
        Column { name: "is_mobile_view", kind: ColumnKind::Flag },
        Column { name: "device_info", kind: texts("device_info") },
    ],
    version: Some(view_segments::UPDATED_AT),
    deletions: Some(TableId::ViewSegmentDeletions),
    identity: &[],
    end: Some(view_segments::ENDED_AT),
    finished: Some(view_segments::FINISHED),
    derives: Some(&PLAY_OF_SEGMENTS),
    owns: &[],
    home: Home::Store,
};

/// Plays: one row per (content type, content, session), taken from the first segment.
pub static PLAYS: Table = Table {
    id: TableId::Plays,
    name: "plays",
    columns: &[
        Column { name: "play", kind: ColumnKind::Id },
        Column { name: "started_at", kind: ColumnKind::Time },
        Column { name: "first_segment", kind: ColumnKind::Id },
        Column { name: "content_type", kind: CONTENT_TYPES },
        Column { name: "content_id", kind: integers("content") },
        Column { name: "channel_id", kind: integers("channel") },
        Column { name: "country", kind: texts("country") },
        Column { name: "region", kind: texts("region") },
        Column { name: "view_type", kind: VIEW_TYPES },
        Column { name: "device", kind: DEVICES },
    ],
    version: None,
    deletions: None,
    identity: &[],
    end: None,
    finished: None,
    derives: None,
    owns: &[],
    home: Home::Store,
};

/// Deletions of segments: a key and a version, which is also the time that files them under a month.
pub static VIEW_SEGMENT_DELETIONS: Table = deletions(
    TableId::ViewSegmentDeletions,
    "view_segment_deletions",
    &[
        Column { name: "view_id", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
    ],
);

static PLAY_OF_SEGMENTS: Derivation = Derivation {
    table: TableId::Plays,
    group: &[view_segments::CONTENT_TYPE, view_segments::CONTENT_ID, view_segments::VIEW_SESSION_ID],
    columns: &[
        view_segments::STARTED_AT,
        view_segments::VIEW_ID,
        view_segments::CONTENT_TYPE,
        view_segments::CONTENT_ID,
        view_segments::CHANNEL_ID,
        view_segments::COUNTRY,
        view_segments::REGION,
        view_segments::VIEW_TYPE,
        view_segments::DEVICE,
    ],
    source: plays::FIRST_SEGMENT,
};
