//! Tests against the whole program, one module per concern.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod catalog;
mod cli;
mod config;
mod crash;
mod crash_reports;
mod crash_sharing;
mod damage;
mod events;
mod http;
mod ledger;
mod mmdb;
mod oauth;
mod old_formats;
mod own_pipes;
mod pipe_tokens;
mod pipes;
mod process;
mod program;
mod random;
mod receiver;
mod record_ledger;
mod refusals;
mod reports;
mod serve;
mod sessions;
mod sharing;
mod tests_by_name;
mod video;
