//! The URLs of the family.

use axum::Router;

use super::{messages, shorturls, snapshots};
use crate::http::AppState;

/// All URLs of the family.
pub fn routes() -> Router<AppState> {
    Router::new().merge(snapshots::routes()).merge(messages::routes()).merge(shorturls::routes())
}
