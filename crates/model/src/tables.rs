//! The tables there are, a module per family.

mod video;

pub use video::{PLAYS, VIEW_SEGMENT_DELETIONS, VIEW_SEGMENTS, plays, view_segments};
