//! Segments: the one record type whose rows follow from more than one field at a time, from a user agent and from an
//! address. It is also the one that comes in the greatest numbers, so its columns are filled without detours.

mod columns;
mod rows;
mod validate;

pub use columns::{Segment, SegmentColumns};
pub use rows::SegmentRows;
