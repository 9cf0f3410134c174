//! Tables of documents: few, long-lived records that others point at, which are kept in the catalog. Their columns say
//! what a document is made of, in batches and files; fields and rules: `docs/API.md`, "Report records".

use super::{integers, plain, texts};
use crate::{Column, ColumnKind, Home, Table, TableId};

/// Texts of documents may be absent; nothing of them is in a dictionary.
const TEXT: ColumnKind = texts("document");
const NUMBER: ColumnKind = integers("document");

/// Positions of the columns of [`CHANNELS`]. The key is the channel.
pub mod channels {
    use crate::ColumnIndex;

    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 1;
    /// What it is called, or absent.
    pub const NAME: ColumnIndex = 2;
}

/// Positions of the columns of [`REPORT_STATES`]. The key is the state.
pub mod report_states {
    use crate::ColumnIndex;

    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 1;
    /// The channel whose state it is; absent where it is one of all.
    pub const CHANNEL_ID: ColumnIndex = 2;
    /// What it is called, or absent.
    pub const NAME: ColumnIndex = 3;
    /// Its place among the states, or absent.
    pub const POSITION: ColumnIndex = 4;
    /// Who sees reports in it, or absent.
    pub const VISIBILITY: ColumnIndex = 5;
    /// The team, or absent.
    pub const TEAM_ID: ColumnIndex = 6;
}

/// Positions of the columns of [`USERS`]. The key is the user.
pub mod users {
    use crate::ColumnIndex;

    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 1;
    /// Their first name, or absent.
    pub const FIRST_NAME: ColumnIndex = 2;
    /// Their last name, or absent.
    pub const LAST_NAME: ColumnIndex = 3;
    /// Their address, or absent.
    pub const EMAIL: ColumnIndex = 4;
}

/// Positions of the columns of [`FORMS`]. The key is the form.
pub mod forms {
    use crate::ColumnIndex;

    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 1;
    /// What it is called, or absent.
    pub const NAME: ColumnIndex = 2;
    /// Its UUID as its owner writes it, or absent.
    pub const UUID: ColumnIndex = 3;
    /// The team, or absent.
    pub const TEAM_ID: ColumnIndex = 4;
    /// Which version of the form, or absent. Not the version of the document.
    pub const VERSION: ColumnIndex = 5;
    /// Its fields as a JSON list, never absent.
    pub const FIELDS: ColumnIndex = 6;
}

/// What reports are filed in.
pub static CHANNELS: Table = documents(
    TableId::Channels,
    "channels",
    &[
        Column { name: "channel_id", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "name", kind: TEXT },
    ],
);

/// The states that a report can be in.
pub static REPORT_STATES: Table = documents(
    TableId::ReportStates,
    "report_states",
    &[
        Column { name: "id", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "channel_id", kind: NUMBER },
        Column { name: "name", kind: TEXT },
        Column { name: "position", kind: NUMBER },
        Column { name: "visibility", kind: TEXT },
        Column { name: "team_id", kind: NUMBER },
    ],
);

/// Who makes reports, reads them and is alerted to them.
pub static USERS: Table = documents(
    TableId::Users,
    "users",
    &[
        Column { name: "user_id", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "first_name", kind: TEXT },
        Column { name: "last_name", kind: TEXT },
        Column { name: "email", kind: TEXT },
    ],
);

/// What is asked in reports.
pub static FORMS: Table = documents(
    TableId::Forms,
    "forms",
    &[
        Column { name: "id", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "name", kind: TEXT },
        Column { name: "uuid", kind: TEXT },
        Column { name: "team_id", kind: NUMBER },
        Column { name: "version", kind: NUMBER },
        Column { name: "fields", kind: ColumnKind::Text },
    ],
);

/// A table of documents: a key, a version, which is also the time, and what the documents hold.
const fn documents(id: TableId, name: &'static str, columns: &'static [Column]) -> Table {
    Table { version: Some(Table::TIME), home: Home::Catalog, ..plain(id, name, columns) }
}
