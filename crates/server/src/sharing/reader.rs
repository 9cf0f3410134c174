//! The only way from this family to the store: every query is about the reader's account.

use std::sync::Arc;

use tallyhouse_model::AccountId;
use tallyhouse_store::{Snapshot, Stop};

/// What may be read: one moment of the store, as far as one account reaches.
pub struct Reader {
    snapshot: Arc<Snapshot>,
    account: AccountId,
    stop: Stop,
}

impl Reader {
    /// Reads this snapshot for an account until it is stopped.
    pub fn new(account: AccountId, snapshot: Arc<Snapshot>, stop: Stop) -> Self {
        Self { snapshot, account, stop }
    }
}
