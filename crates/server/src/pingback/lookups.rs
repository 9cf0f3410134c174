//! Looking names up, a bounded number at a time. A lookup cannot be broken off: it holds its thread, and so its place, until
//! the system gives up, even if nobody waits for it any more.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::Network;
use crate::catalog::SiteNumber;

/// Lookups at the same time, of all sites.
const LOOKUPS_MAX: usize = 16;

/// The same of one site, so that names which are never answered take no place from other sites.
const LOOKUPS_MAX_PER_SITE: usize = 4;

/// Places for lookups.
pub(super) struct Lookups {
    all: Arc<Semaphore>,
    /// A few bytes for each site that ever had one; operators make sites, so they are few.
    by_site: Mutex<HashMap<SiteNumber, Arc<Semaphore>>>,
}

impl Lookups {
    pub(super) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(LOOKUPS_MAX)), by_site: Mutex::default() }
    }

    /// All addresses of a name.
    pub(super) async fn look_up(
        &self,
        network: &Arc<dyn Network>,
        site: SiteNumber,
        name: &str,
    ) -> io::Result<Vec<IpAddr>> {
        // The site's own first: whoever waits for that keeps no place from others.
        let own = self.of_site(site).acquire_owned().await.map_err(io::Error::other)?;
        let one = Arc::clone(&self.all).acquire_owned().await.map_err(io::Error::other)?;
        let (network, name) = (Arc::clone(network), name.to_owned());
        let looked_up = tokio::task::spawn_blocking(move || {
            let addresses = network.look_up(&name);
            drop((own, one));
            addresses
        });
        looked_up.await.map_err(io::Error::other)?
    }

    fn of_site(&self, site: SiteNumber) -> Arc<Semaphore> {
        let mut by_site = self.by_site.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(by_site.entry(site).or_insert_with(|| Arc::new(Semaphore::new(LOOKUPS_MAX_PER_SITE))))
    }
}
