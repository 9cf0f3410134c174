//! The URLs of the family. The caller puts them under `/api/v4`.

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::ReportsError;
use super::analytics::{ENDPOINTS, Endpoint};
use super::error::{method_not_allowed, not_found};
use super::request::Request;
use super::resource::{self, FORMS, REPORT_STATES, Resource};
use super::session;
use crate::http::AppState;

/// All URLs of the family. HEAD is answered like GET, without the body.
pub fn routes() -> Router<AppState> {
    let mut router = session::routes().merge(resource_routes(&FORMS)).merge(resource_routes(&REPORT_STATES));
    for endpoint in &ENDPOINTS {
        router = router.merge(analytics_routes(endpoint));
    }
    router.method_not_allowed_fallback(method_not_allowed).fallback(not_found)
}

/// How URLs end: public clients ask for some of them with a slash.
const SLASHES: [&str; 2] = ["", "/"];

/// A path whose escapes are not UTF-8 names nothing.
type Segment = Result<Path<String>, PathRejection>;

/// An endpoint of analytics, with the channel in the query or in the path.
fn analytics_routes(endpoint: &'static Endpoint) -> Router<AppState> {
    let of_query = move |request: Request| request.answer(None, endpoint.answer);
    let of_path = move |request: Request, path: Segment| async move {
        match path {
            Ok(Path(channel)) => request.answer(Some(channel), endpoint.answer).await,
            Err(_) => ReportsError::NoSuchUrl.into_response(),
        }
    };
    let mut router = Router::new();
    for slash in SLASHES {
        router = router
            .route(&format!("/analytics/{}{slash}", endpoint.name), get(of_query))
            .route(&format!("/analytics/{{channel_id}}/{}{slash}", endpoint.name), get(of_path));
    }
    router
}

/// The list of a resource, and each of its documents.
fn resource_routes(resource: &'static Resource) -> Router<AppState> {
    let all = move |request: Request| list_of(resource, request);
    let one = move |request: Request, path: Segment| one_of(resource, request, path);
    let mut router = Router::new();
    for slash in SLASHES {
        router = router
            .route(&format!("/{}{slash}", resource.name), get(all))
            .route(&format!("/{}/{{id}}{slash}", resource.name), get(one));
    }
    router
}

async fn list_of(resource: &'static Resource, request: Request) -> Response {
    request.answer(None, move |asked| resource::list(resource, asked)).await
}

async fn one_of(resource: &'static Resource, request: Request, path: Segment) -> Response {
    let Ok(Path(id)) = path else { return ReportsError::NoSuchUrl.into_response() };
    request.answer(None, move |asked| resource::one(resource, asked, &id)).await
}
