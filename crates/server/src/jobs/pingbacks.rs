//! Delivers the pingbacks that are due.

use crate::http::AppState;

/// Runs until it is dropped.
pub async fn run(state: AppState) {
    state.wakeups.pingbacks.notified().await;
}
