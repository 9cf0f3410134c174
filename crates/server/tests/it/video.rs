//! The video family through its URLs, on a store in a folder of its own. Each disputed reading of the documentation
//! that our contract settles has a test here that names it; `docs/API.md`, "Video", lists them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod distinct;
mod documented;
mod fuzz;
mod paging;
mod peaks;
mod protocol;
mod rig;
mod seconds;
mod segment;
mod total_views;
mod viewers;
mod views;
mod zones;
