//! The URLs of the family. The caller puts them under `/v1` and under nothing; both are documented.

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::error::{VideoError, method_not_allowed};
use super::links::Links;
use super::metric::Metric;
use super::params::{SeriesParams, ViewsParams};
use super::query_string::QueryString;
use super::respond::respond;
use super::total_views::TOTAL_VIEWS;
use super::{series, views};
use crate::http::AppState;

/// All URLs of the family. HEAD is answered like GET, without the body.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/views", get(all_views))
        .route("/views/{content_type}", get(views_of_type))
        .route("/views/{content_type}/channel", get(views_of_channel))
        .merge(series_routes(&TOTAL_VIEWS))
        .method_not_allowed_fallback(method_not_allowed)
}

/// The four documented forms of a metric; `summary` stands where a dimension would.
fn series_routes(metric: &'static Metric) -> Router<AppState> {
    let all = move |State(state), headers, uri, path| series_of_all(metric, state, headers, uri, path);
    let of_type = move |State(state), headers, uri, path| series_of_type(metric, state, headers, uri, path);
    Router::new()
        .route(&format!("/{}/{{breakdown}}", metric.word), get(all))
        .route(&format!("/{}/{{content_type}}/{{breakdown}}", metric.word), get(of_type))
}

/// A path whose escapes are not UTF-8 names nothing.
type Segments<T> = Result<Path<T>, PathRejection>;

async fn all_views(State(state): State<AppState>, headers: HeaderMap, uri: Uri) -> Response {
    let query = QueryString::of(&uri);
    respond(state, headers, move |state, account| {
        views::answer(
            state,
            account,
            ViewsParams::of_all(&query, &state.config.video)?,
            &Links::of(&uri, &query),
        )
    })
    .await
}

async fn views_of_type(
    State(state): State<AppState>,
    headers: HeaderMap,
    uri: Uri,
    path: Segments<String>,
) -> Response {
    let Ok(Path(content_type)) = path else { return VideoError::NotFound.into_response() };
    let query = QueryString::of(&uri);
    respond(state, headers, move |state, account| {
        let params = ViewsParams::of_content_type(&query, &state.config.video, &content_type)?;
        views::answer(state, account, params, &Links::of(&uri, &query))
    })
    .await
}

/// Only recorded content has channels.
async fn views_of_channel(
    State(state): State<AppState>,
    headers: HeaderMap,
    uri: Uri,
    path: Segments<String>,
) -> Response {
    if !path.is_ok_and(|Path(content_type)| content_type == "recorded") {
        return VideoError::NotFound.into_response();
    }
    let query = QueryString::of(&uri);
    respond(state, headers, move |state, account| {
        views::answer(
            state,
            account,
            ViewsParams::of_recorded_channel(&query, &state.config.video)?,
            &Links::of(&uri, &query),
        )
    })
    .await
}

async fn series_of_all(
    metric: &'static Metric,
    state: AppState,
    headers: HeaderMap,
    uri: Uri,
    path: Segments<String>,
) -> Response {
    let Ok(Path(breakdown)) = path else { return VideoError::NotFound.into_response() };
    // A content type alone is the beginning of a URL, not a bad dimension.
    if breakdown == "live" || breakdown == "recorded" {
        return VideoError::NotFound.into_response();
    }
    let query = QueryString::of(&uri);
    respond(state, headers, move |state, account| {
        let params = SeriesParams::of_all(&query, &state.config.video, &breakdown)?;
        series::answer(state, account, metric, params, &Links::of(&uri, &query))
    })
    .await
}

async fn series_of_type(
    metric: &'static Metric,
    state: AppState,
    headers: HeaderMap,
    uri: Uri,
    path: Segments<(String, String)>,
) -> Response {
    let Ok(Path((content_type, breakdown))) = path else { return VideoError::NotFound.into_response() };
    let query = QueryString::of(&uri);
    respond(state, headers, move |state, account| {
        let params = SeriesParams::of_content_type(&query, &state.config.video, &content_type, &breakdown)?;
        series::answer(state, account, metric, params, &Links::of(&uri, &query))
    })
    .await
}
