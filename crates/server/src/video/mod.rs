//! The video module.
/// Stub.
pub fn routes() -> axum::Router<crate::http::AppState> {
    axum::Router::new()
}
