//! `/health` and `/ready`, for whatever watches over the server. Neither needs a token, and neither tells anything
//! about the data.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::AppState;

/// Seconds after which it is worth asking again.
const RETRY_AFTER: &str = "5";

/// 200 as long as the process answers.
pub async fn health() -> Response {
    answer(StatusCode::OK, json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// 200 while the store accepts rows, else 503 with the reason. Reads go on in both cases.
pub async fn ready(State(state): State<AppState>) -> Response {
    readiness(state.store.is_writable())
}

fn readiness(is_writable: bool) -> Response {
    if is_writable {
        return answer(StatusCode::OK, json!({ "status": "ready" }));
    }
    let reason = "rows cannot be written to disk at the moment; is it full?";
    let body = json!({ "status": "unavailable", "reason": reason });
    ([(header::RETRY_AFTER, RETRY_AFTER)], answer(StatusCode::SERVICE_UNAVAILABLE, body)).into_response()
}

fn answer(status: StatusCode, body: serde_json::Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_takes_no_rows_is_not_ready_and_says_when_to_ask_again() {
        assert_eq!(readiness(true).status(), StatusCode::OK);
        let unavailable = readiness(false);
        assert_eq!(unavailable.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(unavailable.headers()[header::RETRY_AFTER], RETRY_AFTER);
    }
}
