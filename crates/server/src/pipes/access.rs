//! What the token of a request lets it do with pipes and data sources.
//!
//! In this order: a token that is not valid is 403; one that was used too often is 429; a pipe that there is not is 404; and
//! one that the token may not read is 403, as is one that cannot keep what the token fixes.

use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use tallyhouse_model::TableId;

use super::auth::{Checked, check, secret_of};
use super::error::PipesError;
use super::pipe::Parameter;
use super::{fixed, rate};
use crate::auth::{Rate, RateKey};
use crate::catalog::{Credential, Scope};
use crate::http::AppState;

/// Characters of a name that messages show at most.
const SHOWN_MAX: usize = 128;

/// A request whose token was checked.
pub struct Access {
    /// Whose request it is.
    pub credential: Credential,
    /// Arguments that the token fixes; they win over those of the request. [`Access::arguments`] sees to that.
    ///
    /// Tokens made from a warehouse key fix no `client_id`, though their claims name one: it is the name of their account,
    /// which every row that they read has anyway. So a request that asks for another `client_id` gets nothing.
    pub fixed: Vec<(String, String)>,
    /// Headers to put on the answer: `X-RateLimit-…`, where the token has a limit.
    pub headers: HeaderMap,
}

/// A request that reads a pipe, which has these parameters, or none where there is no such pipe. Blocks.
pub fn to_pipe(
    state: &AppState,
    headers: &HeaderMap,
    uri: &Uri,
    pipe: &str,
    parameters: Option<&[Parameter]>,
) -> Result<Access, PipesError> {
    to_pipe_by(state, secret_of(headers, uri)?, pipe, parameters)
}

/// The same with the token that was found in a form, or none. Blocks.
pub fn to_pipe_by(
    state: &AppState,
    secret: Option<&str>,
    pipe: &str,
    parameters: Option<&[Parameter]>,
) -> Result<Access, PipesError> {
    let Checked { credential, rate } = check(state, secret)?;
    let Some(parameters) = parameters else {
        return Err(PipesError::NoSuchPipe(shown(pipe)).counted(rate));
    };
    let Some(fixed) = credential.fixed_for(pipe).map(<[_]>::to_vec) else {
        return Err(PipesError::PipeScope(shown(pipe)).counted(rate));
    };
    match fixed::unkept(&fixed, parameters) {
        None => Ok(Access::new(credential, fixed, rate)),
        Some((name, problem)) => {
            let (name, pipe) = (shown(name), shown(pipe));
            Err(PipesError::FixedParameter { name, pipe, problem }.counted(rate))
        }
    }
}

/// A request that brings events for a data source. It may have named none, or one that there is not: that is told to whoever
/// has a token. Requests for one data source are counted. Blocks.
pub fn to_append(
    state: &AppState,
    headers: &HeaderMap,
    uri: &Uri,
    named: Result<TableId, PipesError>,
) -> Result<Access, PipesError> {
    let Checked { credential, rate } = check(state, secret_of(headers, uri)?)?;
    if !credential.may(Scope::Append) && credential.resources.append_to.is_empty() {
        return Err(PipesError::scope(Scope::Append).counted(rate));
    }
    let table = named.map_err(|error| error.counted(rate))?;
    let name = table.table().name;
    if !credential.may_append_to(name) {
        return Err(PipesError::AppendScope(name).counted(rate));
    }
    let limit = state.config.pipes.events_per_second_max;
    let counted = (limit > 0).then(|| {
        let key = RateKey::Events(credential.account, table);
        state.authority.rates.count(key, limit, (state.clock)())
    });
    if let Some(exceeded) = counted.filter(|counted| counted.is_exceeded) {
        return Err(PipesError::RateExceeded(exceeded));
    }
    let rate = match (rate, counted) {
        (Some(own), Some(counted)) => Some(own.stricter(counted)),
        (own, counted) => own.or(counted),
    };
    Ok(Access::new(credential, Vec::new(), rate))
}

/// A request for what there is. What it gets to see is up to [`Access::sees_pipe`] and [`Access::sees_data_source`].
/// Blocks.
pub fn to_list(state: &AppState, headers: &HeaderMap, uri: &Uri) -> Result<Access, PipesError> {
    let Checked { credential, rate } = check(state, secret_of(headers, uri)?)?;
    Ok(Access::new(credential, Vec::new(), rate))
}

impl Access {
    fn new(credential: Credential, fixed: Vec<(String, String)>, rate: Option<Rate>) -> Self {
        Self { credential, fixed, headers: rate.map(rate::headers).unwrap_or_default() }
    }

    /// The arguments that count, of those that were sent in query string and form (decoded, so that no spelling of a name
    /// gets around it): what the token fixes stands in the place of everything that was sent under its name.
    pub fn arguments(&self, mut sent: Vec<(String, String)>) -> Vec<(String, String)> {
        sent.retain(|(name, _)| !self.fixed.iter().any(|(fixed, _)| fixed == name));
        sent.extend(self.fixed.iter().cloned());
        sent
    }

    /// Whether a pipe may be listed and described: to those who read it, and to those who look after the account.
    pub fn sees_pipe(&self, name: &str) -> bool {
        self.credential.may(Scope::Admin) || self.credential.fixed_for(name).is_some()
    }

    /// Whether a data source may be listed and described: to those who read everything or look after the account, to
    /// those who append to it, and to those whose token says so.
    pub fn sees_data_source(&self, name: &str) -> bool {
        let credential = &self.credential;
        credential.may(Scope::Admin)
            || credential.may(Scope::Read)
            || credential.may_append_to(name)
            || credential.resources.describe.iter().any(|known| known == name)
    }

    /// Puts the headers on an answer, whatever it is.
    pub fn answer(&self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        response.headers_mut().extend(self.headers.clone());
        response
    }
}

/// A name as messages show it: what is wrong with it may be its length.
pub fn shown(name: &str) -> String {
    name.chars().take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests;
