//! The video family: the documented video analytics API under `/v1`. URLs, quirks and disputed readings: `docs/API.md`.
//!
//! A request goes `routes` → `respond` (who asks, off the async threads) → `params` (texts become valid types, or
//! one error per bad parameter) → `views` or `series` (the query of the model, and its rows) → `body` (rows become
//! JSON while they are sent). A further counted metric is a `metric::Metric` and a line in `routes`.

mod access;
mod body;
mod dimension;
mod error;
mod links;
mod metric;
mod page;
mod params;
mod query_string;
mod respond;
mod routes;
mod series;
mod time_text;
mod total_views;
mod view_json;
mod views;

pub use error::{VideoError, not_found};
pub use routes::routes;
