//! What a snapshot is made of, for `jobs/snapshots.rs`, which keeps it. The order in here is what "frozen" rests on.

use tallyhouse_model::{AccountId, Micros};
use tallyhouse_store::{QueryError, Stop};

use super::publication::shorturl_prefix;
use super::publication_snapshots::{Wording, publication_snapshots};
use super::reader::Reader;
use super::snapshot_body::pingback_body;
use crate::catalog::{Message, PendingSnapshot, Snapshot};
use crate::http::AppState;

/// What a snapshot has found.
pub struct Found {
    /// `publication_snapshots` as JSON.
    pub json: Vec<u8>,
    /// When: nothing is in it that arrived later.
    pub finished_at: Micros,
    /// What is told to whoever wants to know that it is finished.
    pub pingback_body: String,
}

impl Found {
    /// Finds out how people have reacted to a message, as of now.
    ///
    /// 1. The message was read before this is called, so that no publication is in it that was made after `finished_at`.
    /// 2. The rows of the store are those of one moment before `finished_at`.
    /// 3. Dates are written as the settings have it now.
    pub fn of(
        state: &AppState,
        pending: &PendingSnapshot,
        message: &Message,
        account: AccountId,
        stop: Stop,
    ) -> Result<Self, QueryError> {
        stop.check()?;
        let rows = state.store.snapshot();
        let finished_at = (state.clock)().max(pending.snapshot.initiated_at);
        let reader = Reader::new(account, rows, stop);
        let (zone, shorturl_prefix) = (state.config.sharing.zone.as_str(), shorturl_prefix(state));
        let wording = Wording { zone, shorturl_prefix: &shorturl_prefix };
        let json = publication_snapshots(&reader, message, finished_at, wording)?;
        let snapshot = Snapshot {
            message_created_at: message.created_at,
            message_published_at: message.published_at,
            ..pending.snapshot.clone()
        };
        Ok(Self { json, finished_at, pingback_body: pingback_body(&snapshot, finished_at, zone) })
    }
}
