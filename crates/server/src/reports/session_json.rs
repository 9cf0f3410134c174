//! A session as it is answered. Every member is always there; what is not known here is null.

use axum::Json;
use axum::http::{HeaderName, header};
use serde::Serialize;
use serde_json::json;

use super::time_text::in_utc;
use crate::catalog::{Login, NewSession, Session};

/// Tokens are in no cache.
const NOT_STORED: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// A body, never to be kept by caches.
pub(super) type Answer<T> = ([(HeaderName, &'static str); 1], Json<T>);

/// The documented shape.
#[derive(Serialize)]
pub(super) struct SessionAnswer {
    session: SessionJson,
}

#[derive(Serialize)]
struct SessionJson {
    access_token: String,
    /// Null where the session is only shown: the catalog does not know it.
    refresh_token: Option<String>,
    token_expire_at: String,
    app_bundle_id: Option<String>,
    /// There are no apps of other brands here.
    branded_app_id: Option<u64>,
    client_uuid: String,
    profile: Profile,
}

#[derive(Serialize)]
struct Profile {
    user_id: Option<u64>,
    /// There are no teams here.
    preferred_team_id: Option<u64>,
    user_uuid: String,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// A session that was made or renewed, with the only copy of its tokens.
pub(super) fn made(new: &NewSession) -> Answer<SessionAnswer> {
    let refresh_token = Some(new.tokens.refresh_token.clone());
    answer(&new.session, new.tokens.access_token.clone(), refresh_token)
}

/// A session of which the request has sent the access token.
pub(super) fn shown(session: &Session, access_token: &str) -> Answer<SessionAnswer> {
    answer(session, access_token.to_owned(), None)
}

/// Where there is no session any more.
pub(super) fn ended() -> Answer<serde_json::Value> {
    (NOT_STORED, Json(json!({})))
}

fn answer(session: &Session, access_token: String, refresh_token: Option<String>) -> Answer<SessionAnswer> {
    let session = SessionJson {
        access_token,
        refresh_token,
        token_expire_at: in_utc(session.expires_at),
        app_bundle_id: session.app_bundle_id.clone(),
        branded_app_id: None,
        client_uuid: session.uuid.clone(),
        profile: Profile::of(&session.login),
    };
    (NOT_STORED, Json(SessionAnswer { session }))
}

impl Profile {
    fn of(login: &Login) -> Self {
        Self {
            user_id: login.user_id,
            preferred_team_id: None,
            user_uuid: login.uuid.clone(),
            email: login.email.clone(),
            first_name: login.first_name.clone(),
            last_name: login.last_name.clone(),
        }
    }
}
