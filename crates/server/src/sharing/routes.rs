//! The URLs of the family.

use axum::Router;
use axum::routing::any;

use super::error::{method_not_allowed, not_found};
use super::{messages, redirect, shorturls, snapshots};
use crate::http::AppState;

/// Where nothing else is, so that what is missing there is told in the shape of this family.
const NOTHING: [&str; 8] = [
    "/sharing",
    "/sharing/",
    "/sharing/{*rest}",
    "/shorturls",
    "/shorturls/",
    "/shorturls/{token}/",
    "/shorturls/{token}/{*rest}",
    "/shorturls.xml",
];

/// All URLs of the family. HEAD is answered like GET, without the body.
pub fn routes() -> Router<AppState> {
    let mut router = Router::new()
        .merge(snapshots::routes())
        .merge(messages::routes())
        .merge(shorturls::routes())
        .merge(redirect::routes());
    for path in NOTHING {
        router = router.route(path, any(not_found));
    }
    router.method_not_allowed_fallback(method_not_allowed)
}
