//! What every handler can reach.

use std::sync::Arc;

use tallyhouse_model::Micros;
use tallyhouse_store::Store;

use super::Places;
use crate::auth::Authority;
use crate::catalog::Catalog;
use crate::config::Config;
use crate::ingest::Enricher;
use crate::pipes::{Arrivals, Pipes};

/// What every handler can reach. Clones share it.
#[derive(Clone)]
pub struct AppState {
    /// The rows.
    pub store: Store,
    /// Accounts and credentials.
    pub catalog: Arc<Catalog>,
    /// Who decides about tokens.
    pub authority: Arc<Authority>,
    /// What records are enriched with.
    pub enricher: Enricher,
    /// What can be asked under `/v0/pipes`.
    pub pipes: Arc<Pipes>,
    /// Which rows are on their way.
    pub arrivals: Arc<Arrivals>,
    /// Places for reads.
    pub reads: Arc<Places>,
    /// Settings.
    pub config: Arc<Config>,
    /// The time now; tests bring their own.
    pub clock: fn() -> Micros,
}
