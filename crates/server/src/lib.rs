//! The program Tallyhouse: command line, HTTP, catalog and the API families, as a library that the binary and the
//! tests share.

pub mod auth;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod files;
pub mod home;
pub mod http;
pub mod ids;
pub mod ingest;
pub mod jobs;
pub mod oauth;
pub mod pingback;
pub mod pipes;
pub mod reports;
pub mod sample;
pub mod sharing;
pub mod telemetry;
pub mod video;
