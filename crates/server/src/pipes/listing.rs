//! What there is: `/v0/pipes`, `/v0/pipes/NAME`, `/v0/datasources` and `/v0/datasources/NAME`.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::error::PipesError;
use crate::http::AppState;

pub async fn pipes() -> Result<Response, PipesError> {
    Err(PipesError::NoSuchUrl)
}
pub async fn sources() -> Result<Response, PipesError> {
    Err(PipesError::NoSuchUrl)
}
pub async fn source() -> Result<Response, PipesError> {
    Err(PipesError::NoSuchUrl)
}
pub async fn pipe(_: State<AppState>, _: Uri, _: HeaderMap, name: String) -> Result<Response, PipesError> {
    Err(PipesError::NoSuchPipe(name))
}
