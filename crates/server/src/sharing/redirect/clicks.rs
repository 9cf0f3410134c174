//! Looks up and counts what is followed, many at once: however many follow short URLs at the same time, they take two
//! threads, and a sync of the disk per account and turn.

use std::collections::HashMap;
use std::sync::Arc;

use tallyhouse_model::tables::REFERRALS;
use tallyhouse_model::{AccountId, Batch, Cell, Micros};
use tallyhouse_store::Submission;
use tokio::sync::oneshot;

use crate::catalog::{CatalogError, FollowedShorturl};
use crate::http::AppState;
use crate::http::gathering::Gathering;
use crate::sharing::SharingError;

/// How many may wait to be looked up, and as many to be counted. More than there are connections by default.
const WAITING_MAX: usize = 10_000;

/// Those who follow short URLs at this moment.
pub struct Clicks {
    lookups: Arc<Gathering<Lookup>>,
    counts: Arc<Gathering<Count>>,
}

/// That somebody follows a short URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Click {
    /// Which one.
    pub(super) found: FollowedShorturl,
    /// The page that it was on; empty where that is not known.
    pub(super) page: String,
    /// Who it is; empty where that is not known or not kept.
    pub(super) address: String,
}

struct Lookup {
    token: String,
    found: oneshot::Sender<Result<Option<FollowedShorturl>, CatalogError>>,
}

struct Count {
    click: Click,
    counted: oneshot::Sender<()>,
}

impl Count {
    /// Tells whoever waits; they may have gone away.
    fn tell(self) {
        let _ = self.counted.send(());
    }
}

impl Default for Clicks {
    fn default() -> Self {
        Self { lookups: Gathering::new(WAITING_MAX), counts: Gathering::new(WAITING_MAX) }
    }
}

impl Clicks {
    /// The short URL of this token, if there is one.
    pub(super) async fn look_up(
        state: &AppState,
        token: &str,
    ) -> Result<Option<FollowedShorturl>, SharingError> {
        let (found, finds) = oneshot::channel();
        let catalog = Arc::clone(&state.catalog);
        let lookup = Lookup { token: token.to_owned(), found };
        let look_up = move |lookups: Vec<Lookup>| {
            for Lookup { token, found } in lookups {
                // Whoever asked may have gone away.
                let _ = found.send(catalog.followed_shorturl(&token));
            }
        };
        state.clicks.lookups.add(lookup, look_up).map_err(|_| SharingError::Busy)?;
        Ok(finds.await.map_err(|_| SharingError::Busy)??)
    }

    /// Counts a click. Whether that is on disk now.
    pub(super) async fn count(state: &AppState, click: Click) -> bool {
        let (counted, counts) = oneshot::channel();
        let worker = state.clone();
        let added =
            state.clicks.counts.add(Count { click, counted }, move |counts| count_all(&worker, counts));
        added.is_ok() && counts.await.is_ok()
    }
}

/// Counts clicks, those of an account together. Those that the store refuses are let go.
fn count_all(state: &AppState, counts: Vec<Count>) {
    let mut of_accounts: HashMap<AccountId, Vec<Count>> = HashMap::new();
    for count in counts {
        of_accounts.entry(count.click.found.account).or_default().push(count);
    }
    let now = (state.clock)();
    for (account, counts) in of_accounts {
        match batch_of(state, &counts, now) {
            Ok(batch) => {
                let submission = Submission { account, batch, quarantined: Vec::new(), received_at: now };
                match state.store.ingest(submission) {
                    Ok(_) => counts.into_iter().for_each(Count::tell),
                    Err(error) => tracing::error!(%error, clicks = counts.len(), "the store took no clicks"),
                }
            }
            Err(error) => tracing::error!(%error, clicks = counts.len(), "there are no ids for clicks"),
        }
    }
}

fn batch_of(state: &AppState, counts: &[Count], now: Micros) -> Result<Batch, CatalogError> {
    let mut batch = Batch::new(&REFERRALS);
    for Count { click, .. } in counts {
        let shorturl = &click.found.shorturl;
        batch.push_row(&[
            Cell::Id((state.ids)()?),
            Cell::Time(now),
            Cell::Time(now),
            Cell::Text(&shorturl.token),
            shorturl.message_token.as_deref().map_or(Cell::Absent, Cell::Text),
            shorturl.provider.as_deref().map_or(Cell::Absent, Cell::Text),
            Cell::Text(&shorturl.original_url),
            Cell::Text(&click.page),
            Cell::Text(&click.address),
        ]);
    }
    Ok(batch)
}
