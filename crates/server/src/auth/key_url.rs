//! A key set behind a URL, fetched by a thread of its own, so that no request ever waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tallyhouse_model::{Micros, SECOND};

use super::issuer::Keys;
use super::key_set::{KEY_SET_BYTES_MAX, KeySet};

/// How old keys may become while they are in use.
const AGE_MAX: Micros = 300 * SECOND;

/// The least time between two fetches, also when tokens come with keys nobody knows: anybody can send those.
const PAUSE: Micros = 30 * SECOND;

/// How long a fetch may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A key set behind a URL.
pub(super) struct KeyUrl(Arc<Shared>);

struct Shared {
    url: String,
    fetched: Mutex<Fetched>,
}

#[derive(Default)]
struct Fetched {
    keys: Keys,
    /// When the last fetch began.
    tried_at: Option<Micros>,
    is_fetching: bool,
}

impl KeyUrl {
    /// Begins to fetch the keys.
    pub(super) fn new(url: String) -> Self {
        let fetched = Fetched { is_fetching: true, ..Fetched::default() };
        let source = Self(Arc::new(Shared { url, fetched: Mutex::new(fetched) }));
        source.start();
        source
    }

    /// The keys of the last fetch that succeeded; begins another one when that is a while ago.
    pub(super) fn keys(&self, now: Micros) -> Keys {
        {
            let mut fetched = self.0.lock();
            // The first fetch knew no time; it was when the server started.
            if fetched.keys.1 > 0 {
                fetched.tried_at.get_or_insert(now);
            }
        }
        self.fetch_after(AGE_MAX, now);
        self.0.lock().keys.clone()
    }

    /// Looks for keys that are not among those of this generation; whether such a fetch is under way, or has just brought
    /// others.
    pub(super) fn look_for_new(&self, generation: u64, now: Micros) -> bool {
        // In this order: a fetch that is over by now has left its keys before.
        self.fetch_after(PAUSE, now) || self.0.lock().keys.1 != generation
    }

    fn fetch_after(&self, pause: Micros, now: Micros) -> bool {
        let mut fetched = self.0.lock();
        if fetched.is_fetching {
            return true;
        }
        if fetched.tried_at.is_some_and(|at| now.saturating_sub(at) < pause) {
            return false;
        }
        fetched.tried_at = Some(now);
        fetched.is_fetching = true;
        drop(fetched);
        self.start();
        true
    }

    fn start(&self) {
        let shared = Arc::clone(&self.0);
        let started = std::thread::Builder::new().name("key set".to_owned()).spawn(move || shared.fetch());
        if let Err(problem) = started {
            self.0.finish(Err(problem.to_string()));
        }
    }
}

impl Shared {
    fn fetch(&self) {
        let answer = self.download();
        let set = answer.and_then(|json| KeySet::parse(&json).map_err(|problem| problem.to_string()));
        self.finish(set);
    }

    /// Redirects are not followed: the operator named the place.
    fn download(&self) -> Result<Vec<u8>, String> {
        let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0).build();
        let answer = ureq::Agent::from(config).get(&self.url).call();
        let mut answer = answer.map_err(|problem| problem.to_string())?;
        let body = answer.body_mut().with_config().limit(KEY_SET_BYTES_MAX).read_to_vec();
        body.map_err(|problem| problem.to_string())
    }

    fn finish(&self, set: Result<KeySet, String>) {
        let mut fetched = self.lock();
        fetched.is_fetching = false;
        match set {
            Ok(set) => fetched.keys = (Arc::new(set), fetched.keys.1 + 1),
            // What was fetched before stays.
            Err(problem) => {
                tracing::warn!(url = self.url, problem, "the keys of an issuer of tokens were not fetched");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Fetched> {
        self.fetched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_came_while_a_token_was_looked_at_are_not_missed() {
        let fetched = Fetched { tried_at: Some(0), ..Fetched::default() };
        let url = KeyUrl(Arc::new(Shared { url: String::new(), fetched: Mutex::new(fetched) }));
        let (_, generation) = url.keys(0);
        assert!(!url.look_for_new(generation, 0), "the last fetch is not long ago");
        url.0.finish(Ok(KeySet::default()));
        assert!(url.look_for_new(generation, 0));
        assert!(!url.look_for_new(generation + 1, 0));
    }
}
