//! Looking names up, a bounded number at a time. A lookup cannot be broken off: it holds its thread, and so its place, until
//! the system gives up, even if nobody waits for it any more.

use std::collections::HashMap;
use std::hash::Hash;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Network;

/// Lookups at the same time, of all sites.
const LOOKUPS_MAX: usize = 16;

/// The same of one site, so that names which are never answered take no place from other sites.
const LOOKUPS_MAX_PER_SITE: usize = 4;

/// The same of one name of a site, so that one which is never answered takes no place from its others.
const LOOKUPS_MAX_PER_NAME: usize = 1;

/// Places for lookups.
pub(super) struct Lookups {
    all: Arc<Semaphore>,
    by_site: InUse<i64>,
    /// By site too: a site that waits for a place holds up nobody else who asks for the same name.
    by_name: InUse<(i64, String)>,
}

/// What a name may be looked up with, once.
pub(super) struct LookupPlace {
    name: String,
    /// Given back when the lookup has ended, or this is dropped before it.
    _permits: [OwnedSemaphorePermit; 3],
}

impl Lookups {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(LOOKUPS_MAX)),
            by_site: InUse::default(),
            by_name: InUse::default(),
        }
    }

    /// Waits for a place to look a name up for a site.
    pub(super) async fn place(&self, site: i64, name: &str) -> LookupPlace {
        // The scarcest last: whoever waits for one that others wait for too holds none of theirs.
        let name_permit = permit(self.by_name.of((site, name.to_owned()), LOOKUPS_MAX_PER_NAME)).await;
        let site_permit = permit(self.by_site.of(site, LOOKUPS_MAX_PER_SITE)).await;
        let all_permit = permit(Arc::clone(&self.all)).await;
        LookupPlace { name: name.to_owned(), _permits: [name_permit, site_permit, all_permit] }
    }
}

impl LookupPlace {
    /// All addresses of the name.
    pub(super) async fn look_up(self, network: &Arc<dyn Network>) -> io::Result<Vec<IpAddr>> {
        let network = Arc::clone(network);
        let looked_up = tokio::task::spawn_blocking(move || {
            // The whole of it, with its permits: a closure takes only what it names.
            let place = self;
            network.look_up(&place.name)
        });
        looked_up.await.map_err(io::Error::other)?
    }
}

async fn permit(semaphore: Arc<Semaphore>) -> OwnedSemaphorePermit {
    semaphore.acquire_owned().await.expect("nobody closes these semaphores")
}

/// Semaphores that somebody waits for or holds; others are forgotten.
struct InUse<K> {
    semaphores: Mutex<HashMap<K, Weak<Semaphore>>>,
}

impl<K> Default for InUse<K> {
    fn default() -> Self {
        Self { semaphores: Mutex::default() }
    }
}

impl<K: Eq + Hash> InUse<K> {
    /// The one of this key, which lets so many in.
    fn of(&self, key: K, permits: usize) -> Arc<Semaphore> {
        let mut semaphores = self.semaphores.lock().unwrap_or_else(PoisonError::into_inner);
        // They are as few as attempts and lookups under way.
        semaphores.retain(|_, semaphore| semaphore.strong_count() > 0);
        let known = semaphores.get(&key).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let semaphore = Arc::new(Semaphore::new(permits));
            semaphores.insert(key, Arc::downgrade(&semaphore));
            semaphore
        })
    }
}
