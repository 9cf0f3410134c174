//! Query parameters of `/v0`, typed. Unknown ones are ignored: SDKs append their own.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::catalog::known_data_sources;
use crate::ingest::{RecordType, record_type_named};
use crate::pipes::error::PipesError;

/// Lines of quarantine in one answer, unless asked otherwise, and at most.
const LINES_DEFAULT: usize = 100;
const LINES_MAX: usize = 1_000;

/// Reads the query string; of a parameter that is sent twice, or has no readable value, none is taken.
pub fn read<T: DeserializeOwned>(uri: &Uri) -> Result<T, PipesError> {
    match Query::<T>::try_from_uri(uri) {
        Ok(Query(params)) => Ok(params),
        Err(rejection) => Err(PipesError::parameter("query", rejection.body_text())),
    }
}

/// `POST /v0/events`.
#[derive(Debug, Deserialize)]
pub struct EventsParams {
    name: Option<String>,
    format: Option<String>,
    wait: Option<String>,
}

/// How a body of events is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventsFormat {
    /// A JSON object per line.
    Lines,
    /// One JSON object, or an array of them.
    Json,
}

impl EventsParams {
    /// Which record type.
    pub fn name(&self) -> Result<&'static RecordType, PipesError> {
        required_name(self.name.as_deref())
    }

    /// The layout of the body.
    pub fn format(&self) -> Result<EventsFormat, PipesError> {
        match self.format.as_deref() {
            None | Some("ndjson") => Ok(EventsFormat::Lines),
            Some("json") => Ok(EventsFormat::Json),
            Some(_) => Err(PipesError::parameter("format", "is neither ndjson nor json")),
        }
    }

    /// Whether the answer has to wait until the rows are visible.
    pub fn wait(&self) -> Result<bool, PipesError> {
        flag("wait", self.wait.as_deref())
    }
}

/// `GET /v0/export`.
#[derive(Debug, Deserialize)]
pub struct ExportParams {
    name: Option<String>,
    deletions: Option<String>,
}

impl ExportParams {
    /// Which record type.
    pub fn name(&self) -> Result<&'static RecordType, PipesError> {
        required_name(self.name.as_deref())
    }

    /// Whether deletions are exported, too.
    pub fn deletions(&self) -> Result<bool, PipesError> {
        flag("deletions", self.deletions.as_deref())
    }
}

/// `GET /v0/quarantine`.
#[derive(Debug, Deserialize)]
pub struct QuarantineParams {
    name: Option<String>,
    after: Option<String>,
    limit: Option<String>,
    format: Option<String>,
}

impl QuarantineParams {
    /// Lines of which record type; `None` for all.
    pub fn name(&self) -> Result<Option<&'static RecordType>, PipesError> {
        name(self.name.as_deref())
    }

    /// Lines behind which.
    pub fn after(&self) -> Result<i64, PipesError> {
        let after = self.after.as_deref().unwrap_or("0").parse().ok().filter(|after| *after >= 0);
        after.ok_or_else(|| PipesError::parameter("after", "is not the id of a line"))
    }

    /// How many lines at most.
    pub fn limit(&self) -> Result<usize, PipesError> {
        let Some(limit) = &self.limit else { return Ok(LINES_DEFAULT) };
        let limit = limit.parse().ok().filter(|limit| (1..=LINES_MAX).contains(limit));
        limit.ok_or_else(|| PipesError::parameter("limit", format!("is not a number from 1 to {LINES_MAX}")))
    }

    /// The layout of the answer.
    pub fn format(&self) -> Result<EventsFormat, PipesError> {
        EventsParams { name: None, format: self.format.clone(), wait: None }.format()
    }
}

/// `DELETE /v0/quarantine`.
#[derive(Debug, Deserialize)]
pub struct RemoveParams {
    ids: Option<String>,
}

impl RemoveParams {
    /// Which lines.
    pub fn ids(&self) -> Result<Vec<i64>, PipesError> {
        let ids: Option<Vec<i64>> =
            self.ids.as_deref().and_then(|ids| ids.split(',').map(|id| id.trim().parse().ok()).collect());
        ids.ok_or_else(|| PipesError::parameter("ids", "is not a list of ids with commas between them"))
    }
}

fn required_name(sent: Option<&str>) -> Result<&'static RecordType, PipesError> {
    name(sent)?.ok_or_else(|| {
        PipesError::parameter(
            "name",
            format!("is required; it names the record type: {}", known_data_sources()),
        )
    })
}

fn flag(name: &'static str, sent: Option<&str>) -> Result<bool, PipesError> {
    match sent.map(str::to_ascii_lowercase).as_deref() {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(PipesError::parameter(name, "is neither true nor false")),
    }
}

fn name(name: Option<&str>) -> Result<Option<&'static RecordType>, PipesError> {
    match name {
        None | Some("") => Ok(None),
        Some(name) => match record_type_named(name) {
            Some(record_type) => Ok(Some(record_type)),
            None => Err(PipesError::UnknownName(name.to_string())),
        },
    }
}
