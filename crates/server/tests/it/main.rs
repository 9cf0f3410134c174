//! Tests against the whole program, one module per concern.

mod catalog;
mod cli;
mod config;
mod crash;
mod damage;
mod events;
mod http;
mod ledger;
mod process;
mod program;
mod random;
mod refusals;
mod serve;
mod video;
