//! Tables of the report records. Fields and rules: `docs/API.md`, "Report records".
//!
//! Their ids are numbers of whoever sends them; a row's key is its id. Ids that are counted or filtered are dictionaries,
//! shared by the tables that mean the same by them.

use super::{deletions, integers, plain, texts};
use crate::{Column, ColumnKind, Table, TableId};

const REPORT: ColumnKind = integers("report");
const CHANNEL: ColumnKind = integers("report_channel");
const USER: ColumnKind = integers("report_user");

/// Positions of the columns of [`REPORTS`].
pub mod reports {
    use crate::ColumnIndex;

    /// When it was made.
    pub const CREATED_AT: ColumnIndex = 1;
    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 2;
    /// What it is filed in, never absent.
    pub const CHANNEL_ID: ColumnIndex = 3;
    /// Who made it; absent where that is not told.
    pub const USER_ID: ColumnIndex = 4;
    /// The state it is in now, or absent.
    pub const STATE_ID: ColumnIndex = 5;
    /// Its images as a JSON list, for exports; empty where there are none.
    pub const IMAGES: ColumnIndex = 6;
    /// What was filled in as a JSON list, for exports; empty where nothing was.
    pub const FORM_FIELDS: ColumnIndex = 7;
    /// The place of [`REPORT_IMAGES`](super::REPORT_IMAGES) among what reports own.
    pub const OWNED_IMAGES: usize = 0;
    /// The place of [`REPORT_SELECTIONS`](super::REPORT_SELECTIONS) among what reports own.
    pub const OWNED_SELECTIONS: usize = 1;
}

/// Positions of the columns of [`REPORT_IMAGES`]. The key is that of the report.
pub mod report_images {
    use crate::ColumnIndex;

    /// When the image was made.
    pub const CREATED_AT: ColumnIndex = 1;
    /// What the report is filed in, never absent.
    pub const CHANNEL_ID: ColumnIndex = 2;
    /// The image. Those of one report and time are sorted by it.
    pub const REPORT_IMAGE_ID: ColumnIndex = 3;
    /// Where a small version is; empty where there is none.
    pub const THUMB: ColumnIndex = 4;
    /// Where a larger version is; empty where there is none.
    pub const MEDIUM: ColumnIndex = 5;
}

/// Positions of the columns of [`REPORT_SELECTIONS`]. The key is that of the report.
pub mod report_selections {
    use crate::ColumnIndex;

    /// When the report was made.
    pub const CREATED_AT: ColumnIndex = 1;
    /// What the report is filed in, never absent.
    pub const CHANNEL_ID: ColumnIndex = 2;
    /// The field of the form, never absent.
    pub const FIELD_ID: ColumnIndex = 3;
    /// What was chosen, never absent.
    pub const VALUE: ColumnIndex = 4;
}

/// Positions of the columns of [`REPORT_READS`], none of them ever absent.
pub mod report_reads {
    use crate::ColumnIndex;

    /// When it was read.
    pub const READ_AT: ColumnIndex = 1;
    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 2;
    /// What was read.
    pub const REPORT_ID: ColumnIndex = 3;
    /// What that was filed in.
    pub const CHANNEL_ID: ColumnIndex = 4;
    /// Who read it.
    pub const USER_ID: ColumnIndex = 5;
}

/// Positions of the columns of [`REPORT_ALERTS`].
pub mod report_alerts {
    use crate::ColumnIndex;

    /// When the alert was sent.
    pub const ALERTED_AT: ColumnIndex = 1;
    /// The version: `updated_at` of the record, else the time of receipt.
    pub const UPDATED_AT: ColumnIndex = 2;
    /// What it is about, never absent.
    pub const REPORT_ID: ColumnIndex = 3;
    /// What that is filed in, never absent.
    pub const CHANNEL_ID: ColumnIndex = 4;
    /// Who was alerted, never absent.
    pub const USER_ID: ColumnIndex = 5;
    /// When the alert was opened, or absent.
    pub const OPENED_AT: ColumnIndex = 6;
}

/// Reports from the field.
pub static REPORTS: Table = Table {
    owns: &[TableId::ReportImages, TableId::ReportSelections],
    ..records(
        TableId::Reports,
        "reports",
        TableId::ReportDeletions,
        &[
            Column { name: "report_id", kind: ColumnKind::Id },
            Column { name: "created_at", kind: ColumnKind::Time },
            Column { name: "updated_at", kind: ColumnKind::Time },
            Column { name: "channel_id", kind: CHANNEL },
            Column { name: "user_id", kind: USER },
            Column { name: "state_id", kind: integers("report_state") },
            Column { name: "images", kind: ColumnKind::Text },
            Column { name: "form_fields", kind: ColumnKind::Text },
        ],
    )
};

/// Deletions of reports.
pub static REPORT_DELETIONS: Table = deletions(
    TableId::ReportDeletions,
    "report_deletions",
    &[
        Column { name: "report_id", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
    ],
);

/// Images of reports.
pub static REPORT_IMAGES: Table = plain(
    TableId::ReportImages,
    "report_images",
    &[
        Column { name: "report_id", kind: ColumnKind::Id },
        Column { name: "created_at", kind: ColumnKind::Time },
        Column { name: "channel_id", kind: CHANNEL },
        Column { name: "report_image_id", kind: ColumnKind::Integer },
        Column { name: "thumb", kind: ColumnKind::Text },
        Column { name: "medium", kind: ColumnKind::Text },
    ],
);

/// What was chosen in reports: a row per report, field and option.
pub static REPORT_SELECTIONS: Table = plain(
    TableId::ReportSelections,
    "report_selections",
    &[
        Column { name: "report_id", kind: ColumnKind::Id },
        Column { name: "created_at", kind: ColumnKind::Time },
        Column { name: "channel_id", kind: CHANNEL },
        Column { name: "field_id", kind: integers("report_field") },
        Column { name: "value", kind: texts("report_option") },
    ],
);

/// That somebody read a report.
pub static REPORT_READS: Table = records(
    TableId::ReportReads,
    "report_reads",
    TableId::ReportReadDeletions,
    &[
        Column { name: "read_id", kind: ColumnKind::Id },
        Column { name: "read_at", kind: ColumnKind::Time },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "report_id", kind: REPORT },
        Column { name: "channel_id", kind: CHANNEL },
        Column { name: "user_id", kind: USER },
    ],
);

/// Deletions of reads.
pub static REPORT_READ_DELETIONS: Table = deletions(
    TableId::ReportReadDeletions,
    "report_read_deletions",
    &[
        Column { name: "read_id", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
    ],
);

/// That somebody was alerted to a report.
pub static REPORT_ALERTS: Table = records(
    TableId::ReportAlerts,
    "report_alerts",
    TableId::ReportAlertDeletions,
    &[
        Column { name: "alert_id", kind: ColumnKind::Id },
        Column { name: "alerted_at", kind: ColumnKind::Time },
        Column { name: "updated_at", kind: ColumnKind::Time },
        Column { name: "report_id", kind: REPORT },
        Column { name: "channel_id", kind: CHANNEL },
        Column { name: "user_id", kind: USER },
        Column { name: "opened_at", kind: ColumnKind::Time },
    ],
);

/// Deletions of alerts.
pub static REPORT_ALERT_DELETIONS: Table = deletions(
    TableId::ReportAlertDeletions,
    "report_alert_deletions",
    &[
        Column { name: "alert_id", kind: ColumnKind::Id },
        Column { name: "updated_at", kind: ColumnKind::Time },
    ],
);

/// A table of records whose third column is their version.
const fn records(id: TableId, name: &'static str, deletions: TableId, columns: &'static [Column]) -> Table {
    Table { version: Some(reports::UPDATED_AT), deletions: Some(deletions), ..plain(id, name, columns) }
}
