//! Places by address, from a file in MaxMind's format that the operator brings.
//!
//! `database` is one such file in memory, `file` watches it on disk and reads it again when it has changed, `places`
//! remembers what the rows of one batch were told.

mod database;
mod file;
mod places;
#[cfg(test)]
mod tests;

pub use database::{GeoDatabase, GeoError, Place};
pub use file::GeoFile;
pub use places::Places;
