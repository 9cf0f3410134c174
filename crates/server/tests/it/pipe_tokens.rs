//! Tokens of single pipes and data sources, workspace JWTs, warehouse keys and limits, through the URLs of a server in a
//! folder of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod command_line;
mod documented;
mod endpoint;
mod fixed;
mod forged;
mod limits;
mod rig;
mod warehouse;
mod workspace;
