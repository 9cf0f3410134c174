//! `POST /v0/tokens/`: makes workspace JWTs for those who do not want to sign them themselves.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tallyhouse_model::{Micros, SECOND};

use super::access::shown;
use super::auth::{Checked, check, secret_of};
use super::body::receive;
use super::error::PipesError;
use super::fixed::unkept;
use super::params;
use super::pipe::Pipes;
use crate::auth::{JWT_BYTES_MAX, WorkspaceScope, per_second_of, resources_of, sign_workspace_jwt};
use crate::catalog::{
    Scope, WorkspaceKey, WorkspaceKeyKind, is_data_source, is_pipe_name, known_data_sources,
};
use crate::http::{AppState, blocking};

/// Bytes of a body at most; what becomes a token has to be shorter still.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Scopes of one token at most.
const SCOPES_MAX: usize = 100;

/// The greatest `expiration_time` (the year 5138); a greater one is in milliseconds.
const EXPIRATION_TIME_MAX: i64 = 100_000_000_000;

/// Answers the token. It is signed by the admin token that asks for it and ends with that one.
pub async fn post(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PipesError> {
    let (asker, sent, url) = (state.clone(), headers.clone(), uri.clone());
    let signer = blocking(move || signer(&asker, &sent, &url)).await?;
    let expires_at_s = expiration_time(&uri, (state.clock)())?;
    let body = receive(&headers, body, BODY_BYTES_MAX).await?;
    let claims = claims(&signer, &state.pipes, expires_at_s, &body)?;
    let token = sign_workspace_jwt(&signer, &claims)?;
    if token.len() > JWT_BYTES_MAX {
        return Err(wrong(format!(
            "the token would be longer than {JWT_BYTES_MAX} bytes; name fewer scopes"
        )));
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(json!({ "token": token }))).into_response())
}

/// The admin token that asks. One that has the scope but is no static token has no secret to sign with. Blocks.
fn signer(state: &AppState, headers: &HeaderMap, uri: &Uri) -> Result<WorkspaceKey, PipesError> {
    let secret = secret_of(headers, uri)?;
    let Checked { credential, rate } = check(state, secret)?;
    if !credential.may(Scope::Admin) {
        return Err(PipesError::scope(Scope::Admin).counted(rate));
    }
    let key = state.catalog.workspace_key_of(
        WorkspaceKeyKind::AdminToken,
        secret.unwrap_or_default(),
        (state.clock)(),
    )?;
    key.ok_or(PipesError::NoSigner)
}

#[derive(Debug, Deserialize)]
struct TokensParams {
    expiration_time: Option<String>,
}

fn expiration_time(uri: &Uri, now: Micros) -> Result<i64, PipesError> {
    let params: TokensParams = params::read(uri)?;
    let Some(text) = params.expiration_time else {
        let problem = "expiration_time: is required; `tallyhouse token create` makes tokens that need none";
        return Err(wrong(problem));
    };
    let seconds = text.parse().ok().filter(|seconds| (0..=EXPIRATION_TIME_MAX).contains(seconds));
    let seconds: i64 = seconds.ok_or_else(|| wrong("expiration_time: is no number of seconds since 1970"))?;
    if seconds * SECOND <= now {
        return Err(wrong("expiration_time: is not in the future"));
    }
    Ok(seconds)
}

/// What the token will state, after everything in it was looked at.
fn claims(signer: &WorkspaceKey, pipes: &Pipes, expires_at_s: i64, body: &[u8]) -> Result<Value, PipesError> {
    let body: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| wrong("the body is no JSON object"))?;
    let name = body.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| wrong("name: is required, and a text"))?;
    let scopes = body.get("scopes").and_then(Value::as_array);
    let scopes = scopes.ok_or_else(|| wrong("scopes: is required, and a list"))?;
    check_scopes(scopes, pipes)?;
    per_second_of(body.get("limits")).map_err(wrong)?;
    let mut claims =
        json!({ "workspace_id": signer.account_name, "name": name, "exp": expires_at_s, "scopes": scopes });
    if let Some(limits) = body.get("limits").filter(|limits| !limits.is_null()) {
        claims["limits"] = limits.clone();
    }
    Ok(claims)
}

/// Refuses what would give nothing when the token is used, so that whoever makes it learns about it now. A pipe need not be
/// there yet, as with static tokens; where it is, it has to keep what is fixed.
fn check_scopes(entries: &[Value], pipes: &Pipes) -> Result<(), PipesError> {
    if entries.is_empty() || entries.len() > SCOPES_MAX {
        return Err(wrong(format!("scopes: are 1 to {SCOPES_MAX}")));
    }
    let scopes: Result<Vec<_>, _> = entries.iter().map(WorkspaceScope::of).collect();
    let scopes = scopes.map_err(wrong)?;
    if let Some(problem) = scopes.iter().find_map(|scope| problem_of(scope, pipes)) {
        return Err(wrong(problem));
    }
    resources_of(scopes).map(drop).map_err(wrong)
}

fn problem_of(scope: &WorkspaceScope, pipes: &Pipes) -> Option<String> {
    match scope {
        WorkspaceScope::ReadPipe(pipe) if !is_pipe_name(&pipe.name) => Some(
            "a resource of PIPES:READ is no name of a pipe: 1 to 128 letters, digits and '_', no digit at the start".to_owned(),
        ),
        WorkspaceScope::ReadPipe(pipe) => {
            let (name, problem) = unkept(&pipe.fixed, &pipes.get(&pipe.name)?.parameters)?;
            let (name, pipe) = (shown(name), &pipe.name);
            Some(format!("fixed_params has '{name}' for the pipe '{pipe}', {problem}"))
        }
        WorkspaceScope::Describe { data_source, .. } | WorkspaceScope::AppendTo(data_source)
            if !is_data_source(data_source) =>
        {
            let known = known_data_sources();
            Some(format!("a resource of DATASOURCES is no data source; known are: {known}"))
        }
        WorkspaceScope::Describe { has_filter: true, .. } => {
            Some("a filter is not possible: what DATASOURCES:READ gives here has no rows".to_owned())
        }
        WorkspaceScope::Unknown(_) => {
            Some("a type is none of: PIPES:READ, DATASOURCES:READ, DATASOURCES:APPEND".to_owned())
        }
        _ => None,
    }
}

fn wrong(problem: impl Into<String>) -> PipesError {
    PipesError::TokenRequest(problem.into())
}
