//! The tables there are, a module per family.

mod demos;
mod documents;
mod field_reports;
mod sharing;
mod video;

pub use demos::{
    DEMO_ACTIVITY, DEMO_ACTIVITY_DELETIONS, DEMO_CHANGE_DELETIONS, DEMO_CHANGES, DEMO_SESSION_DELETIONS,
    DEMO_SESSIONS, demo_activity, demo_changes, demo_sessions,
};
pub use documents::{CHANNELS, FORMS, REPORT_STATES, USERS, channels, forms, report_states, users};
pub use field_reports::{
    REPORT_ALERT_DELETIONS, REPORT_ALERTS, REPORT_DELETIONS, REPORT_IMAGES, REPORT_READ_DELETIONS,
    REPORT_READS, REPORT_SELECTIONS, REPORTS, report_alerts, report_images, report_reads, report_selections,
    reports,
};
pub use sharing::{REACTION_DELETIONS, REACTIONS, REFERRAL_DELETIONS, REFERRALS, reactions, referrals};
pub use video::{PLAYS, VIEW_SEGMENT_DELETIONS, VIEW_SEGMENTS, plays, view_segments};

use crate::{Column, ColumnKind, DictionaryValues, Home, Table, TableId};

/// A table in the store that nobody writes to and nothing follows from; others are this one and what they have besides.
const fn plain(id: TableId, name: &'static str, columns: &'static [Column]) -> Table {
    Table {
        id,
        name,
        columns,
        version: None,
        deletions: None,
        identity: &[],
        end: None,
        finished: None,
        derives: None,
        owns: &[],
        home: Home::Store,
    }
}

/// A table of deletions: a key and a version, which is also the time that files them under a month; behind them what the
/// key is a digest of.
const fn deletions(id: TableId, name: &'static str, columns: &'static [Column]) -> Table {
    Table { version: Some(Table::TIME), ..plain(id, name, columns) }
}

/// A column of texts that are filtered, grouped or counted.
const fn texts(namespace: &'static str) -> ColumnKind {
    ColumnKind::Dictionary { namespace, values: DictionaryValues::Texts }
}

/// A column of numbers that are filtered, grouped or counted.
const fn integers(namespace: &'static str) -> ColumnKind {
    ColumnKind::Dictionary { namespace, values: DictionaryValues::Integers }
}
