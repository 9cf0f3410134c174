//! `/v0/events`, the quarantine and the export through their URLs, on a store in a folder of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod demos;
mod documented;
mod documents;
pub mod enrichment;
mod export;
mod quarantine;
mod reports;
mod requests;
mod rig;
mod sharing;
