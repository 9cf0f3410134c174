//! Short URLs: making, listing, reading, deleting, and following them.

use axum::Router;

use crate::http::AppState;

/// The URLs.
pub fn routes() -> Router<AppState> {
    Router::new()
}
