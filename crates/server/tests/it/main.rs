//! Tests against the whole program, one module per concern.

mod catalog;
mod config;
mod http;
mod program;
mod serve;
