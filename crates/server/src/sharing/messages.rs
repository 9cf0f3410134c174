//! Messages: publishing, listing, reading, publishing again, deleting.

use axum::Router;

use crate::http::AppState;

/// The URLs.
pub fn routes() -> Router<AppState> {
    Router::new()
}
