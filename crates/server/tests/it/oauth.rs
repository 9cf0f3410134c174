//! How clients get tokens and what those are good for, through the URLs of a server in a folder of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clients;
mod documented;
mod forged;
mod issuers;
mod keys;
mod narrowing;
mod refresh;
mod revoke;
mod rig;
mod token;
mod told;
