//! The video family: the documented video analytics API under `/v1`. URLs, quirks and disputed readings: `docs/API.md`.
//!
//! A request goes `routes` → `respond` (who asks, off the async threads) → `params` (texts become valid types, or
//! one error per bad parameter) → `views`, `viewers`, `series` or `sweep` (the query of the model, and its rows) →
//! `reader` (the query confined to what the credential may see) → `body` or `http::pieces` (rows become JSON while they are
//! sent). A further counted metric is a `metric::Metric` and a line in `routes`.

mod access;
mod authenticated_viewers;
mod body;
mod content;
mod dimension;
mod error;
mod links;
mod metric;
mod page;
mod params;
mod reader;
mod request;
mod respond;
mod routes;
#[cfg(test)]
mod sample_store;
mod segment_json;
mod series;
mod sweep;
mod swept_metric;
mod time_text;
mod total_views;
mod unique_devices;
mod viewers;
mod viewers_json;
mod views;

pub use error::{VideoError, not_found};
pub use routes::routes;
