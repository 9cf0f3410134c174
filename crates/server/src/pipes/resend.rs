//! `POST /v0/quarantine/resend`: takes mended lines in, or those that an upgrade or a passing day has made valid.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::{Extension, Json};

use crate::catalog::Scope;
use crate::http::{AppState, blocking};
use crate::ingest::resend::{Resent, resend};
use crate::pipes::body::{Encoding, decompress, receive};
use crate::pipes::error::PipesError;
use crate::pipes::{Gates, auth};

/// Takes lines of `{"id": …}` or `{"id": …, "line": …}`.
pub async fn post(
    State(state): State<AppState>,
    Extension(gates): Extension<Arc<Gates>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Resent>, PipesError> {
    let credential = auth::require(&state, &headers, &uri, Scope::Admin).await?;
    let encoding = Encoding::of(&headers)?;
    let bytes_max = state.config.ingest.body_bytes_max;
    let inside = gates.bodies.enter(credential.account, state.config.ingest.requests_max)?;
    let body = receive(&headers, body, bytes_max).await?;
    let resent = blocking(move || {
        let _inside = inside;
        let body = decompress(body, encoding, bytes_max)?;
        let requests = crate::ingest::resend::read_requests(&body).map_err(PipesError::Body)?;
        let arrival = state.arrivals.stamp(state.clock);
        Ok::<_, PipesError>(resend(
            state.homes(),
            &state.enricher,
            credential.account,
            requests,
            arrival.at(),
        )?)
    });
    Ok(Json(resent.await?))
}
