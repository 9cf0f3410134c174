//! The sharing family: envelopes, keys, paging, and errors, at times and with ids of the tests' choice.

mod clock;
mod command_line;
mod documented;
mod keys;
mod lists;
mod messages;
mod pingbacks;
mod protocol;
mod published;
mod readings;
mod redirects;
mod rig;
mod shell;
mod shorturls;
mod snapshot_counts;
mod snapshot_pingbacks;
mod snapshot_queue;
mod snapshots;
mod snapshots_found;
