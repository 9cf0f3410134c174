//! `POST /v0/events`: the way in for every record.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use tallyhouse_model::AccountId;

use crate::http::{AppState, blocking};
use crate::ingest::{Receipt, RecordRows, RecordType};
use crate::pipes::body::{Encoding, decompress, receive};
use crate::pipes::error::PipesError;
use crate::pipes::params::{EventsFormat, EventsParams};
use crate::pipes::{Gates, access, params};

/// The two counts of every answer.
#[derive(Debug, Serialize)]
pub struct EventsBody {
    /// Rows that were understood; one that came later than a newer version of itself is among them.
    pub successful_rows: usize,
    /// Rows that went to quarantine.
    pub quarantined_rows: usize,
}

/// Takes a body of events. The answer comes when they are synced to disk, with or without `wait`.
pub async fn post(
    State(state): State<AppState>,
    Extension(gates): Extension<Arc<Gates>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let named = params::read(&uri).and_then(|params: EventsParams| Ok(params.name()?.table.id));
    let (asker, sent, url) = (state.clone(), headers.clone(), uri.clone());
    let access = match blocking(move || access::to_append(&asker, &sent, &url, named)).await {
        Ok(access) => access,
        Err(error) => return error.into_response(),
    };
    let answer = receive_and_take(state, &gates, access.credential.account, &uri, &headers, body).await;
    access.answer(answer)
}

async fn receive_and_take(
    state: AppState,
    gates: &Gates,
    account: AccountId,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<EventsBody>), PipesError> {
    let params: EventsParams = params::read(uri)?;
    let record_type = params.name()?;
    let (format, wait, encoding) = (params.format()?, params.wait()?, Encoding::of(headers)?);
    let bytes_max = state.config.ingest.body_bytes_max;

    let inside = gates.bodies.enter(account, state.config.ingest.requests_max)?;
    let body = receive(headers, body, bytes_max).await?;
    // The place is given back by the work itself: it goes on when the client leaves.
    let taken = blocking(move || {
        let _inside = inside;
        let body = decompress(body, encoding, bytes_max)?;
        take(&state, account, record_type, &body, format)
    });
    let status = if wait { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(taken.await?)))
}

/// Decodes, validates and stores a body. Blocks.
fn take(
    state: &AppState,
    account: AccountId,
    record_type: &'static RecordType,
    body: &[u8],
    format: EventsFormat,
) -> Result<EventsBody, PipesError> {
    // Let go of when the rows are visible, which is when this returns.
    let arrival = state.arrivals.stamp(state.clock);
    let received_at = arrival.at();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Err(PipesError::Body("the body is empty".into()));
    }
    let enrichment = state.enricher.enrichment(account, received_at);
    let mut rows = RecordRows::new(record_type, Receipt::at(received_at), enrichment);
    match format {
        EventsFormat::Lines => rows.take_lines(body).expect("reading from memory never fails"),
        EventsFormat::Json => rows.take_json(body),
    }
    let answer =
        EventsBody { successful_rows: rows.valid_rows(), quarantined_rows: rows.quarantined().len() };
    state.homes().ingest(rows.into_submission(account, received_at))?;
    Ok(answer)
}
