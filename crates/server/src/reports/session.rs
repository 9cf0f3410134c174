//! `/api/v4/session`: signing in with an address and a password.

use axum::Router;

use crate::http::AppState;

/// The URLs of sessions.
pub fn routes() -> Router<AppState> {
    Router::new()
}
