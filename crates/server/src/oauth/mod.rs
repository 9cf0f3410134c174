//! The endpoints where OAuth clients fetch and revoke tokens, and where the public keys of JWTs are. Answers and errors are
//! those of RFC 6749 and RFC 7009 as the vendor documents them; `docs/API.md`, "Authentication", has the oddities.
//!
//! A request goes `form` (a bounded body, its parameters once each) → `client` (who asks) → `token` or `revoke`.

mod client;
mod error;
mod form;
mod keys;
mod revoke;
mod scope;
mod token;

use axum::Router;
use axum::routing::{get, post};

use crate::http::AppState;
use error::OauthError;

/// All URLs, at the root of the server: clients change nothing but the host.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/oauth2/token", post(token::post).fallback(method_not_allowed))
        .route("/oauth2/token/revoke", post(revoke::post).fallback(method_not_allowed))
        .route("/.well-known/jwks.json", get(keys::get).fallback(method_not_allowed))
}

/// The router adds the `Allow` header.
async fn method_not_allowed() -> OauthError {
    OauthError::MethodNotAllowed
}
