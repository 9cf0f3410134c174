//! Tests against the whole program, one module per concern.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod catalog;
mod config;
mod http;
mod program;
mod serve;
