//! What the server does without being asked: making snapshots and delivering pingbacks.

pub mod pingbacks;
pub mod snapshots;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::http::AppState;

/// What tells the duties that there may be something to do before they would look for it by themselves.
#[derive(Debug, Default)]
pub struct Wakeups {
    /// A snapshot was put into the queue.
    pub snapshots: Notify,
    /// A pingback was put into the queue, or is due at once.
    pub pingbacks: Notify,
}

/// Starts all duties on the current runtime; they end when what is returned is dropped.
pub fn start(state: &AppState) -> JoinSet<()> {
    let mut duties = JoinSet::new();
    duties.spawn(snapshots::run(state.clone()));
    duties.spawn(pingbacks::run(state.clone()));
    duties
}
