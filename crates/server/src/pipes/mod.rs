//! The pipes family: for now the endpoint that takes every event in, and the quarantine of what it refused.

#[expect(dead_code, reason = "the parts of this family are being put together")]
mod access;
mod answer;
mod auth;
mod body;
mod error;
mod events;
mod export;
mod gate;
mod params;
mod pipe;
mod quarantine;
mod resend;

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::routing::{any, get, post};

pub use self::pipe::Pipes;
pub use self::quarantine::QuarantineLineBody;
use crate::http::AppState;
use error::PipesError;
use gate::Gate;

/// What bounds the requests that need much memory or a thread of their own.
#[derive(Debug, Default)]
struct Gates {
    /// Bodies that are being received and stored.
    bodies: Arc<Gate>,
    /// Exports that are being sent.
    exports: Arc<Gate>,
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
        .route("/v0", any(not_found))
        .route("/v0/", any(not_found))
        .route("/v0/{*rest}", any(not_found))
        .route("/v0/export", get(export::get).fallback(method_not_allowed))
        .layer(Extension(Arc::new(Gates::default())))
}

/// The router adds the `Allow` header.
async fn method_not_allowed() -> PipesError {
    PipesError::MethodNotAllowed
}

async fn not_found() -> PipesError {
    PipesError::NoSuchUrl
}
