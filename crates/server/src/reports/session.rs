//! `/api/v4/session`: signing in with an address and a password, and what becomes of the session.
//!
//! Passwords are compared on a thread of their own, a few at a time, whether there is a login or not. What the body of a
//! request says and which tokens come of it is never logged.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tallyhouse_model::{Micros, SECOND};

use super::ReportsError;
use super::auth::{app_of, check_app};
use super::authorization::secret_of;
use super::error::method_not_allowed;
use super::session_body::SessionBody;
use super::session_json::{ended, made, shown};
use crate::auth::{Attempted, PasswordPlace, TooSoon};
use crate::catalog::{
    AuthError, Login, NewSession, PASSWORD_BYTES_MAX, PasswordHash, Session, SessionLifetimes, SignInError,
};
use crate::http::{AppState, blocking};

/// The URLs of sessions; a public client asks with a slash at the end.
pub fn routes() -> Router<AppState> {
    let methods = || get(show).post(sign_in).patch(renew).put(renew).delete(end).fallback(method_not_allowed);
    Router::new().route("/session", methods()).route("/session/", methods())
}

/// Makes a session for an address and a password.
async fn sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ReportsError> {
    check_app(&state, &headers)?;
    let body = SessionBody::read(&headers, body).await?;
    if !body.is_there {
        return Err(ReportsError::Missing("session"));
    }
    let email = body.email.ok_or(ReportsError::Missing("email"))?;
    let password = body.password.ok_or(ReportsError::Missing("password"))?;
    let app = body.app_bundle_id.or_else(|| app_of(&headers).map(str::to_owned));
    let attempt = Attempt { email, password, app };
    // First, so that nobody waits for a turn who has to wait longer anyway.
    let checked = blocking(move || attempt.check(&state).map(|()| (state, attempt)));
    let (state, attempt) = checked.await?;
    // No login has it, whatever the address is, so this tells nothing. Not counted: it costs nothing, and many of them would
    // push out what is counted of others.
    if attempt.password.len() > PASSWORD_BYTES_MAX {
        return Err(ReportsError::WrongPassword);
    }
    let place = state.authority.passwords.enter().await.map_err(|_| ReportsError::Busy)?;
    let new = blocking(move || attempt.run(&state, place)).await?;
    Ok(made(&new).into_response())
}

/// An attempt to sign in.
struct Attempt {
    email: String,
    password: String,
    app: Option<String>,
}

impl Attempt {
    /// Whether it comes too soon after others that failed. Counts nothing.
    fn check(&self, state: &AppState) -> Result<(), ReportsError> {
        let (_, attempted) = self.find(state)?;
        Ok(state.authority.attempts.check(&attempted, (state.clock)())?)
    }

    /// The login with the address and its password; and what a failure counts for.
    fn find(&self, state: &AppState) -> Result<(Option<(Login, PasswordHash)>, Attempted), ReportsError> {
        let found = state.catalog.login_of_email(&self.email)?;
        let attempted = Attempted::of(&self.email, found.as_ref().map(|(_, password)| password));
        Ok((found, attempted))
    }

    /// Compares the password, and makes a session if it is right.
    fn run(self, state: &AppState, place: PasswordPlace) -> Result<NewSession, ReportsError> {
        let now = (state.clock)();
        let (found, attempted) = self.find(state)?;
        state.authority.attempts.begin(&attempted, now)?;
        // As much work where there is no such login, so that the time does not tell.
        let (login, password) = match found {
            Some((login, password)) => (Some(login), password),
            None => (None, PasswordHash::of_nobody()),
        };
        let is_right = password.is_of(&self.password);
        drop(place);
        let login = login.filter(|_| is_right).ok_or(ReportsError::WrongPassword)?;
        state.authority.attempts.succeeded(&attempted);
        if login.disabled_at.is_some() {
            return Err(ReportsError::AccountLocked);
        }
        let made = state.catalog.create_session(login, &password, self.app, lifetimes(state), now);
        made.map_err(|error| match error {
            SignInError::Changed => ReportsError::WrongPassword,
            SignInError::Catalog(error) => error.into(),
        })
    }
}

/// Shows the session of the access token.
async fn show(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, ReportsError> {
    check_app(&state, &headers)?;
    let token = secret_of(&headers)?.to_owned();
    let answer = blocking(move || {
        let session = session_of_access_token(&state, &token)?;
        if session.expires_at <= (state.clock)() {
            return Err(ReportsError::BadCredentials);
        }
        Ok(shown(&session, &token))
    });
    Ok(answer.await?.into_response())
}

/// Gives a session new tokens, for its refresh token or else for its access token.
async fn renew(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ReportsError> {
    check_app(&state, &headers)?;
    let refresh_token = SessionBody::read(&headers, body).await?.refresh_token;
    let access_token = match secret_of(&headers) {
        Ok(token) => Some(token.to_owned()),
        Err(AuthError::Missing) => None,
        Err(error) => return Err(error.into()),
    };
    let new = blocking(move || renewed(&state, access_token, refresh_token)).await?;
    Ok(made(&new).into_response())
}

/// A refresh token decides alone, also where the access token has expired; but both have to be of one session.
fn renewed(
    state: &AppState,
    access_token: Option<String>,
    refresh_token: Option<String>,
) -> Result<NewSession, ReportsError> {
    let now = (state.clock)();
    let by_access = access_token.as_deref().map(|token| session_of_access_token(state, token)).transpose()?;
    let refused =
        if refresh_token.is_some() { ReportsError::BadRefreshToken } else { ReportsError::BadCredentials };
    let (session, token) = match refresh_token {
        Some(token) => {
            let found = state.catalog.session_of_refresh_token(&token)?;
            let found = found.ok_or_else(|| refused.clone())?;
            let is_other = by_access.is_some_and(|session| session.uuid != found.uuid);
            if is_other || found.refresh_expires_at <= now {
                return Err(refused);
            }
            (found, token)
        }
        None => {
            let session = by_access.filter(|session| now < session.expires_at);
            session.zip(access_token).ok_or_else(|| refused.clone())?
        }
    };
    let renewed = state.catalog.renew_session(session, &token, lifetimes(state), now)?;
    renewed.ok_or(refused)
}

/// Ends the session of the access token, which may have expired.
async fn end(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, ReportsError> {
    check_app(&state, &headers)?;
    let token = secret_of(&headers)?.to_owned();
    blocking(move || {
        let session = session_of_access_token(&state, &token)?;
        Ok::<_, ReportsError>(state.catalog.end_session(&session)?)
    })
    .await?;
    Ok(ended().into_response())
}

fn session_of_access_token(state: &AppState, token: &str) -> Result<Session, ReportsError> {
    state.catalog.session_of_access_token(token)?.ok_or(ReportsError::BadCredentials)
}

fn lifetimes(state: &AppState) -> SessionLifetimes {
    let sessions = &state.config.sessions;
    SessionLifetimes {
        access: Micros::from(sessions.access_token_s) * SECOND,
        refresh: Micros::from(sessions.refresh_token_s) * SECOND,
    }
}

impl From<TooSoon> for ReportsError {
    fn from(TooSoon { wait_s }: TooSoon) -> Self {
        ReportsError::TooManyAttempts(wait_s)
    }
}
