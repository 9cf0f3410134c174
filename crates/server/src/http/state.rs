//! What every handler can reach.

use std::sync::Arc;

use tallyhouse_model::Micros;
use tallyhouse_store::Store;

use super::{Gate, PLACE_WAIT_MAX, Places};
use crate::auth::Authority;
use crate::catalog::Catalog;
use crate::config::Config;
use crate::home::Homes;
use crate::ids::{self, Ids};
use crate::ingest::Enricher;
use crate::jobs::Wakeups;
use crate::pipes::{Arrivals, Pipes};
use crate::reports::UserNames;
use crate::sharing::Clicks;

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
    /// What users are called.
    pub names: Arc<UserNames>,
    /// Places for reads.
    pub reads: Arc<Places>,
    /// Who sends large messages.
    pub large_bodies: Arc<Gate>,
    /// Who follows short URLs.
    pub clicks: Arc<Clicks>,
    /// Settings.
    pub config: Arc<Config>,
    /// What wakes the duties of the server.
    pub wakeups: Arc<Wakeups>,
    /// The time now; tests bring their own.
    pub clock: fn() -> Micros,
    /// Where ids come from; tests bring their own.
    pub ids: Ids,
}

impl AppState {
    /// Where records are kept.
    pub fn homes(&self) -> Homes<'_> {
        Homes { store: &self.store, catalog: &self.catalog }
    }

    /// What a server has when it starts: nothing is on its way, and there are as many places as the settings say.
    pub fn new(
        store: Store,
        catalog: Arc<Catalog>,
        enricher: Enricher,
        pipes: Pipes,
        config: Config,
        clock: fn() -> Micros,
    ) -> Self {
        let server = &config.server;
        Self {
            store,
            authority: Arc::new(Authority::new(Arc::clone(&catalog), &config)),
            catalog,
            enricher,
            pipes: Arc::new(pipes),
            arrivals: Arc::default(),
            names: Arc::default(),
            reads: Places::new(server.reads_max, server.reads_max_per_account, PLACE_WAIT_MAX),
            large_bodies: Arc::default(),
            clicks: Arc::default(),
            config: Arc::new(config),
            wakeups: Arc::default(),
            clock,
            ids: ids::random,
        }
    }
}
