//! Receives the bodies of requests within bounds of bytes and time.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, header};

/// Why a body was not received. Families turn it into an error of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReceived {
    /// It has, or announces, more bytes than it may.
    TooLarge,
    /// It took longer than it may.
    TooSlow,
    /// The connection ended before it did, or paused for too long.
    BrokeOff,
}

/// Receives a body of at most so many bytes within so much time.
pub async fn receive(
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
    time_max: Duration,
) -> Result<Vec<u8>, NotReceived> {
    if announced_bytes(headers).is_some_and(|bytes| bytes > bytes_max) {
        return Err(NotReceived::TooLarge);
    }
    let received = tokio::time::timeout(time_max, collect(body, bytes_max)).await;
    received.unwrap_or(Err(NotReceived::TooSlow))
}

/// How many bytes a body is said to have; none where that is not said. The server lets no body have more.
pub fn announced_bytes(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok())
}

async fn collect(mut body: Body, bytes_max: usize) -> Result<Vec<u8>, NotReceived> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| NotReceived::BrokeOff)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Err(NotReceived::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}
