//! A line in the log per request. It has the path but never the query, which may hold a token and the e-mail address
//! of a viewer, and no header.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// Bytes of the path that are logged at most.
const PATH_BYTES_MAX: usize = 512;

/// Handles the request and logs how that went. The time is that until the answer begins; its body may still stream.
pub(super) async fn write(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = shortened(request.uri().path()).to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let method = shortened(method.as_str());
    // Whatever watches over the server asks every few seconds.
    if matches!(path.as_str(), "/health" | "/ready") {
        tracing::debug!(method, path, status, duration_us, "answered");
    } else {
        tracing::info!(method, path, status, duration_us, "answered");
    }
    response
}

/// Paths and methods are ASCII, but a slice in the middle of a character would be a panic, so that is not relied on.
fn shortened(text: &str) -> &str {
    text.get(..PATH_BYTES_MAX).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;

    use super::*;
    use crate::config::ServerConfig;
    use crate::http::layered;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_request_is_logged_without_its_secrets() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        let router = layered(Router::new().route("/v1/views", get(async || "")), &ServerConfig::default());
        let request = Request::get("/v1/views?token=tally_1&viewer_identifier=a%40b")
            .header("authorization", "Bearer tally_2")
            .header("x-request-id", "proxy-7")
            .body(Body::empty())
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        tracing::subscriber::with_default(subscriber, || {
            runtime.block_on(TowerToHyperService::new(router).call(request)).unwrap();
        });
        let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let line: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
        assert_eq!((&line["method"], &line["path"]), (&"GET".into(), &"/v1/views".into()));
        assert_eq!(line["status"], 200);
        assert!(line["duration_us"].is_u64());
        assert_eq!(line["span"]["id"], "proxy-7");
        for secret in ["tally_", "a%40b", "a@b"] {
            assert!(!log.contains(secret), "{log}");
        }
    }

    #[test]
    fn only_the_beginning_of_a_long_path_is_logged() {
        assert_eq!(shortened("/v1/views"), "/v1/views");
        assert_eq!(shortened(&"a".repeat(10_000)).len(), PATH_BYTES_MAX);
    }
}
