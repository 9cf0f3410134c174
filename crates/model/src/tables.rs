//! The tables there are, a module per family.

mod demos;
mod video;

pub use demos::{
    DEMO_ACTIVITY, DEMO_ACTIVITY_DELETIONS, DEMO_CHANGE_DELETIONS, DEMO_CHANGES, DEMO_SESSION_DELETIONS,
    DEMO_SESSIONS, demo_activity, demo_changes, demo_sessions,
};
pub use video::{PLAYS, VIEW_SEGMENT_DELETIONS, VIEW_SEGMENTS, plays, view_segments};

use crate::{Column, ColumnKind, DictionaryValues, Table, TableId};

/// A table of deletions: a key and a version, which is also the time that files them under a month; behind them what the
/// key is a digest of.
const fn deletions(id: TableId, name: &'static str, columns: &'static [Column]) -> Table {
    Table {
        id,
        name,
        columns,
        version: Some(Table::TIME),
        deletions: None,
        identity: &[],
        end: None,
        finished: None,
        derives: None,
    }
}

/// A column of texts that are filtered, grouped or counted.
const fn texts(namespace: &'static str) -> ColumnKind {
    ColumnKind::Dictionary { namespace, values: DictionaryValues::Texts }
}

/// A column of numbers that are filtered, grouped or counted.
const fn integers(namespace: &'static str) -> ColumnKind {
    ColumnKind::Dictionary { namespace, values: DictionaryValues::Integers }
}
