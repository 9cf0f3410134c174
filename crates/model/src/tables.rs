//! The tables there are, a module per family.

mod demos;
mod video;

pub use demos::{
    DEMO_ACTIVITY, DEMO_ACTIVITY_DELETIONS, DEMO_CHANGE_DELETIONS, DEMO_CHANGES, DEMO_SESSION_DELETIONS,
    DEMO_SESSIONS, demo_activity, demo_changes, demo_sessions,
};
pub use video::{PLAYS, VIEW_SEGMENT_DELETIONS, VIEW_SEGMENTS, plays, view_segments};

use crate::{ColumnKind, DictionaryValues};

/// A column of texts that are filtered, grouped or counted.
const fn texts(namespace: &'static str) -> ColumnKind {
    ColumnKind::Dictionary { namespace, values: DictionaryValues::Texts }
}

/// A column of numbers that are filtered, grouped or counted.
const fn integers(namespace: &'static str) -> ColumnKind {
    ColumnKind::Dictionary { namespace, values: DictionaryValues::Integers }
}
