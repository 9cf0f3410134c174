//! Who asks under `/v0`: finds the token of a request and checks it.

use axum::http::{HeaderMap, Uri};

use crate::auth::{Rate, RateKey, authenticate};
use crate::catalog::{AuthError, Credential, Scope};
use crate::http::{AppState, blocking, secret};
use crate::pipes::error::PipesError;

/// A token that is valid, and was not used too often.
pub struct Checked {
    /// What it proves.
    pub credential: Credential,
    /// What is left of its limit, where it has one.
    pub rate: Option<Rate>,
}

/// The token in the header, else in the query string.
pub fn secret_of<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Result<Option<&'a str>, PipesError> {
    Ok(secret::from_header(headers)?.or_else(|| secret::from_query(uri)))
}

/// Checks a token and counts its use. Whatever comes of the request, it was used. Blocks.
pub fn check(state: &AppState, secret: Option<&str>) -> Result<Checked, PipesError> {
    let credential = authenticate(state, secret.ok_or(AuthError::Missing)?)?;
    let rate = credential.limit.map(|limit| {
        let key = RateKey::Name(credential.account, limit.name);
        state.authority.rates.count(key, limit.per_second, (state.clock)())
    });
    if let Some(exceeded) = rate.filter(|rate| rate.is_exceeded) {
        return Err(PipesError::RateExceeded(exceeded));
    }
    // Nothing here can be confined to contents or channels.
    if !credential.narrowing.is_everything() {
        return Err(PipesError::Narrowed.counted(rate));
    }
    Ok(Checked { credential, rate })
}

/// The credential of a request, which has to have this scope. What a token may do with single pipes and data sources is
/// no scope, so none of that gets here.
pub async fn require(
    state: &AppState,
    headers: &HeaderMap,
    uri: &Uri,
    scope: Scope,
) -> Result<Credential, PipesError> {
    let (state, secret) = (state.clone(), secret_of(headers, uri)?.map(str::to_owned));
    blocking(move || {
        let Checked { credential, rate } = check(&state, secret.as_deref())?;
        if credential.may(scope) { Ok(credential) } else { Err(PipesError::scope(scope).counted(rate)) }
    })
    .await
}
