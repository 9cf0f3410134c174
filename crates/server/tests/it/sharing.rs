//! The sharing family: envelopes, keys, paging, and errors, at times and with ids of the tests' choice.

mod clock;
mod messages;
mod protocol;
mod published;
mod redirects;
mod rig;
mod shorturls;
mod snapshot_counts;
mod snapshot_pingbacks;
mod snapshots;
mod snapshots_found;
