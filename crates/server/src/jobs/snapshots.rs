//! Makes the snapshots that wait in the queue, one after the other, the oldest first.

use crate::http::AppState;

/// Runs until it is dropped.
pub async fn run(state: AppState) {
    state.wakeups.snapshots.notified().await;
}
