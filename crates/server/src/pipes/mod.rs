//! The pipes family: `/v0`, where records come in and pipes are asked, and the exchange of warehouse keys.
//!
//! A query goes `query` (path, form and token) → `access` (what the token may, and what it fixes) → `arguments` → `respond`
//! (a place, the time limit) → `pipe` (the query of the model, and its rows) → `rendering` and `format` (rows become bytes,
//! once to be measured and once to be sent).

mod access;
mod answer;
mod arguments;
mod arrivals;
mod auth;
mod body;
mod documentation;
mod error;
mod events;
mod export;
mod fixed;
mod form;
mod format;
mod listing;
mod params;
mod pipe;
mod quarantine;
mod query;
mod rate;
mod rendering;
mod resend;
mod respond;
#[cfg(test)]
mod sample_answer;
mod tokens;
mod warehouse;

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{any, get, post};

pub use self::arrivals::Arrivals;
pub use self::pipe::Pipes;
pub use self::quarantine::QuarantineLineBody;
use crate::http::{AppState, Gate};
use error::PipesError;
use form::FormPlaces;

/// What bounds the requests that need much memory or a thread of their own.
#[derive(Debug, Default)]
struct Gates {
    /// Bodies that are being received and stored.
    bodies: Arc<Gate>,
    /// Exports that are being sent.
    exports: Arc<Gate>,
    /// Forms that are being received, whose token is in them at best.
    forms: FormPlaces,
}

/// All URLs of the family.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/v0/events", post(events::post).fallback(method_not_allowed))
        .route(
            "/v0/quarantine",
            get(quarantine::list).delete(quarantine::remove).fallback(method_not_allowed),
        )
        .route("/v0/quarantine/resend", post(resend::post).fallback(method_not_allowed))
        .route("/v0/pipes", get(listing::pipes).fallback(method_not_allowed))
        .route("/v0/pipes/{file}", get(query::get).post(query::post).fallback(method_not_allowed))
        .route("/v0/datasources", get(listing::sources).fallback(method_not_allowed))
        .route("/v0/datasources/{name}", get(listing::source).fallback(method_not_allowed))
        .route("/v0/sql", get(query::sql).post(query::sql).fallback(method_not_allowed))
        .route("/v0/tokens", post(tokens::post).fallback(method_not_allowed))
        .route("/v0/tokens/", post(tokens::post).fallback(method_not_allowed))
        .route("/api/warehouse/token", post(warehouse::post).fallback(method_not_allowed))
        .route("/api/warehouse/token/", post(warehouse::post).fallback(method_not_allowed))
        .route("/v0", any(not_found))
        .route("/v0/", any(not_found))
        .route("/v0/{*rest}", any(not_found))
        .route("/v0/export", get(export::get).fallback(method_not_allowed))
        .layer(Extension(Arc::new(Gates::default())))
        .layer(from_fn(documentation::explain))
}

/// The router adds the `Allow` header.
async fn method_not_allowed() -> PipesError {
    PipesError::MethodNotAllowed
}

async fn not_found() -> PipesError {
    PipesError::NoSuchUrl
}
