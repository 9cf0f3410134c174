//! The URLs of the family. The caller puts them under `/v1` and under nothing; both are documented.

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::authenticated_viewers::AUTHENTICATED_VIEWERS;
use super::error::{VideoError, method_not_allowed};
use super::metric::Metric;
use super::params::{SeriesParams, SweepParams, SweepSummaryParams, ViewersParams, ViewsParams};
use super::request::{Asked, Request};
use super::swept_metric::{PEAK_VIEWER_NUMBERS, SweptMetric, VIEWER_SECONDS};
use super::total_views::TOTAL_VIEWS;
use super::unique_devices::UNIQUE_DEVICES;
use super::{series, sweep, viewers, views};
use crate::http::AppState;

/// All URLs of the family. HEAD is answered like GET, without the body.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/views", get(all_views))
        .route("/views/{content_type}", get(views_of_type))
        .route("/views/{content_type}/channel", get(views_of_channel))
        .route("/viewers", get(all_viewers))
        .route("/viewers/{content_type}", get(viewers_of_type))
        .merge(series_routes(&TOTAL_VIEWS))
        .merge(series_routes(&UNIQUE_DEVICES))
        .merge(series_routes(&AUTHENTICATED_VIEWERS))
        .merge(sweep_routes(&PEAK_VIEWER_NUMBERS))
        .merge(sweep_routes(&VIEWER_SECONDS))
        .method_not_allowed_fallback(method_not_allowed)
}

/// The four documented forms of a counted metric; `summary` stands where a dimension would.
fn series_routes(metric: &'static Metric) -> Router<AppState> {
    let all = move |request, path| series_of_all(metric, request, path);
    let of_type = move |request, path| series_of_type(metric, request, path);
    Router::new()
        .route(&format!("/{}/{{breakdown}}", metric.word), get(all))
        .route(&format!("/{}/{{content_type}}/{{breakdown}}", metric.word), get(of_type))
}

/// The four documented forms of a metric per content and bucket.
fn sweep_routes(metric: &'static SweptMetric) -> Router<AppState> {
    let all = move |request| sweep_of_all(metric, request);
    let of_type = move |request, path| sweep_of_type(metric, request, path);
    let of_channel = move |request, path| sweep_of_channel(metric, request, path);
    let summary = move |request, path| sweep_summary(metric, request, path);
    Router::new()
        .route(&format!("/{}", metric.word), get(all))
        .route(&format!("/{}/{{content_type}}", metric.word), get(of_type))
        .route(&format!("/{}/{{content_type}}/channel", metric.word), get(of_channel))
        .route(&format!("/{}/{{content_type}}/summary", metric.word), get(summary))
}

/// A path whose escapes are not UTF-8 names nothing.
type Segments<T> = Result<Path<T>, PathRejection>;

async fn all_views(request: Request) -> Response {
    let ask = move |Asked { reader, config, query, links }: Asked| {
        views::answer(reader, config, ViewsParams::of_all(query, config)?, links)
    };
    request.answer(ask).await
}

async fn views_of_type(request: Request, path: Segments<String>) -> Response {
    let Ok(Path(content_type)) = path else { return VideoError::NotFound.into_response() };
    let ask = move |Asked { reader, config, query, links }: Asked| {
        views::answer(reader, config, ViewsParams::of_content_type(query, config, &content_type)?, links)
    };
    request.answer(ask).await
}

async fn views_of_channel(request: Request, path: Segments<String>) -> Response {
    if !is_recorded(path) {
        return VideoError::NotFound.into_response();
    }
    let ask = move |Asked { reader, config, query, links }: Asked| {
        views::answer(reader, config, ViewsParams::of_recorded_channel(query, config)?, links)
    };
    request.answer(ask).await
}

async fn all_viewers(request: Request) -> Response {
    let ask = move |Asked { reader, config, query, links }: Asked| {
        viewers::answer(reader, config, ViewersParams::of_all(query, config)?, links)
    };
    request.answer(ask).await
}

async fn viewers_of_type(request: Request, path: Segments<String>) -> Response {
    let Ok(Path(content_type)) = path else { return VideoError::NotFound.into_response() };
    let ask = move |Asked { reader, config, query, links }: Asked| {
        viewers::answer(reader, config, ViewersParams::of_content_type(query, config, &content_type)?, links)
    };
    request.answer(ask).await
}

async fn series_of_all(metric: &'static Metric, request: Request, path: Segments<String>) -> Response {
    let Ok(Path(breakdown)) = path else { return VideoError::NotFound.into_response() };
    // A content type alone is the beginning of a URL, not a bad dimension.
    if breakdown == "live" || breakdown == "recorded" {
        return VideoError::NotFound.into_response();
    }
    let ask = move |Asked { reader, config, query, links }: Asked| {
        series::answer(reader, config, metric, SeriesParams::of_all(query, config, &breakdown)?, links)
    };
    request.answer(ask).await
}

async fn series_of_type(
    metric: &'static Metric,
    request: Request,
    path: Segments<(String, String)>,
) -> Response {
    let Ok(Path((content_type, breakdown))) = path else { return VideoError::NotFound.into_response() };
    let ask = move |Asked { reader, config, query, links }: Asked| {
        let params = SeriesParams::of_content_type(query, config, &content_type, &breakdown)?;
        series::answer(reader, config, metric, params, links)
    };
    request.answer(ask).await
}

async fn sweep_of_all(metric: &'static SweptMetric, request: Request) -> Response {
    let ask = move |Asked { reader, config, query, links }: Asked| {
        let params = SweepParams::of_all(query, config, metric.content_ids_of_all)?;
        sweep::answer(reader, config, metric, params, links)
    };
    request.answer(ask).await
}

async fn sweep_of_type(metric: &'static SweptMetric, request: Request, path: Segments<String>) -> Response {
    let Ok(Path(content_type)) = path else { return VideoError::NotFound.into_response() };
    let ask = move |Asked { reader, config, query, links }: Asked| {
        let params = SweepParams::of_content_type(query, config, &content_type)?;
        sweep::answer(reader, config, metric, params, links)
    };
    request.answer(ask).await
}

async fn sweep_of_channel(
    metric: &'static SweptMetric,
    request: Request,
    path: Segments<String>,
) -> Response {
    if !is_recorded(path) {
        return VideoError::NotFound.into_response();
    }
    let ask = move |Asked { reader, config, query, links }: Asked| {
        let params = SweepParams::of_recorded_channel(query, config)?;
        sweep::answer(reader, config, metric, params, links)
    };
    request.answer(ask).await
}

async fn sweep_summary(metric: &'static SweptMetric, request: Request, path: Segments<String>) -> Response {
    let Ok(Path(content_type)) = path else { return VideoError::NotFound.into_response() };
    let ask = move |Asked { reader, config, query, .. }: Asked| {
        let params = SweepSummaryParams::of(query, config, &content_type)?;
        sweep::answer_summary(reader, config, metric, params)
    };
    request.answer(ask).await
}

/// Only recorded content has channels.
fn is_recorded(content_type: Segments<String>) -> bool {
    content_type.is_ok_and(|Path(content_type)| content_type == "recorded")
}
