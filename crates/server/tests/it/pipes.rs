//! Pipes and listings through their URLs, on a store in a folder of its own. Each disputed reading of the documentation
//! is a test by that name.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod documented;
mod formats;
mod limits;
mod listings;
mod queries;
mod refusals;
mod rig;
mod secrets;
