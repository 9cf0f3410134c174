//! `/v0/quarantine`: what was refused, for the operator to read, mend and remove.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tallyhouse_model::render_record_time;
use tallyhouse_store::QuarantineEntry;

use crate::catalog::Scope;
use crate::http::{AppState, blocking};
use crate::pipes::error::PipesError;
use crate::pipes::params::{EventsFormat, QuarantineParams, RemoveParams};
use crate::pipes::{auth, params};

/// A quarantined line as it is shown; sent back to `resend`, everything but `id` and `line` is ignored.
#[derive(Debug, Serialize, Deserialize)]
pub struct QuarantineLineBody {
    /// Its number.
    pub id: i64,
    /// The record type it was sent as.
    pub name: String,
    /// When it arrived.
    pub received_at: String,
    /// Why it was refused.
    pub reason: String,
    /// What was sent, less the address.
    pub line: String,
}

impl From<QuarantineEntry> for QuarantineLineBody {
    fn from(entry: QuarantineEntry) -> Self {
        Self {
            id: entry.id,
            name: entry.table.table().name.to_string(),
            received_at: render_record_time(entry.received_at),
            reason: entry.reason,
            line: entry.line,
        }
    }
}

/// Lists quarantined lines, oldest first; `after` the last id shown gives the next ones.
pub async fn list(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, PipesError> {
    let credential = auth::require(&state, &headers, &uri, Scope::Admin).await?;
    let params: QuarantineParams = params::read(&uri)?;
    let table = params.name()?.map(|record_type| record_type.table.id);
    let (after, limit, format) = (params.after()?, params.limit()?, params.format()?);
    let entries = blocking(move || {
        Ok::<_, PipesError>(state.store.quarantine(credential.account, table, after, limit)?)
    })
    .await?;
    let lines = entries.into_iter().map(QuarantineLineBody::from);
    Ok(match format {
        EventsFormat::Json => Json(serde_json::json!({ "data": lines.collect::<Vec<_>>() })).into_response(),
        EventsFormat::Lines => {
            let mut body = String::new();
            for line in lines {
                body.push_str(&serde_json::to_string(&line).expect("strings and numbers are always JSON"));
                body.push('\n');
            }
            ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
        }
    })
}

/// How many lines were removed.
#[derive(Debug, Serialize)]
pub struct RemovedBody {
    /// Ids that are not in quarantine are not counted.
    pub removed_rows: u64,
}

/// Removes quarantined lines for good.
pub async fn remove(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<RemovedBody>, PipesError> {
    let credential = auth::require(&state, &headers, &uri, Scope::Admin).await?;
    let ids = params::read::<RemoveParams>(&uri)?.ids()?;
    let removed_rows =
        blocking(move || Ok::<_, PipesError>(state.store.quarantine_remove(credential.account, &ids)?))
            .await?;
    Ok(Json(RemovedBody { removed_rows }))
}
