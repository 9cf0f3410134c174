//! Looks up and counts what is followed, many at once: however many follow short URLs at the same time, they take two
//! threads, and a sync of the disk per turn.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tallyhouse_model::tables::REFERRALS;
use tallyhouse_model::{AccountId, Batch, Cell, Micros};
use tallyhouse_store::{IngestError, Submission};
use tokio::sync::oneshot;

use super::COUNT_WAIT_MAX;
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

/// The clicks of an account.
struct Group {
    account: AccountId,
    counts: Vec<Count>,
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

/// Counts clicks, those of an account together, and those of all accounts with one sync. Those that the store refuses are
/// let go, unless it has no room at this moment: then they are tried again for as long as anybody waits.
fn count_all(state: &AppState, counts: Vec<Count>) {
    let mut of_accounts: HashMap<AccountId, Vec<Count>> = HashMap::new();
    for count in counts {
        of_accounts.entry(count.click.found.account).or_default().push(count);
    }
    let now = (state.clock)();
    let groups = of_accounts.into_iter().map(|(account, counts)| Group { account, counts }).collect();
    let left = try_for(COUNT_WAIT_MAX, groups, |groups| submit(state, groups, now), pause);
    for Group { counts, .. } in left {
        tracing::error!(clicks = counts.len(), "the store had no room for clicks");
    }
}

/// Tries again with what is left, with the pauses that are asked for, until nothing is left or the pauses would be longer
/// than `time_max`. What is left then.
fn try_for<T>(
    time_max: Duration,
    mut left: Vec<T>,
    mut attempt: impl FnMut(Vec<T>) -> (Vec<T>, Duration),
    mut pause: impl FnMut(Duration),
) -> Vec<T> {
    let mut waited = Duration::ZERO;
    loop {
        let (refused, retry_after) = attempt(left);
        waited += retry_after;
        if refused.is_empty() || waited > time_max {
            return refused;
        }
        left = refused;
        pause(retry_after);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "there is nothing to wait for but the time that the store asks for"
)]
fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

/// Hands the clicks of all accounts to the store before it waits for any. Those for which it has no room now, and after
/// what time they may be tried again.
fn submit(state: &AppState, groups: Vec<Group>, now: Micros) -> (Vec<Group>, Duration) {
    let (mut pending, mut refused, mut pause) = (Vec::new(), Vec::new(), Duration::ZERO);
    for group in groups {
        let batch = match batch_of(state, &group.counts, now) {
            Ok(batch) => batch,
            Err(error) => {
                let_go(&group.counts, &error);
                continue;
            }
        };
        let Group { account, .. } = group;
        let submission = Submission { account, batch, quarantined: Vec::new(), received_at: now };
        match state.store.begin_ingest(submission) {
            Ok(ingest) => pending.push((group.counts, ingest)),
            Err(IngestError::QueueFull { retry_after }) => {
                pause = retry_after;
                refused.push(group);
            }
            Err(error) => let_go(&group.counts, &error),
        }
    }
    for (counts, ingest) in pending {
        match ingest.wait() {
            Ok(_) => counts.into_iter().for_each(Count::tell),
            Err(error) => let_go(&counts, &error),
        }
    }
    (refused, pause)
}

fn let_go(counts: &[Count], error: &dyn std::error::Error) {
    tracing::error!(%error, clicks = counts.len(), "clicks are not counted");
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Tries with a store that takes one at each attempt from `full` refusals on; what is left and what pauses were made.
    fn tried(clicks: usize, full: usize) -> (usize, Vec<Duration>) {
        let (mut attempts, mut pauses) = (0, Vec::new());
        let attempt = |mut left: Vec<usize>| {
            attempts += 1;
            if attempts > full {
                left.pop();
            }
            (left, SECOND)
        };
        let left = try_for(5 * SECOND, (0..clicks).collect(), attempt, |pause| pauses.push(pause));
        (left.len(), pauses)
    }

    #[test]
    fn clicks_for_which_the_store_has_no_room_are_tried_again_for_as_long_as_anybody_waits() {
        assert_eq!(tried(1, 0), (0, vec![]));
        assert_eq!(tried(1, 2), (0, vec![SECOND; 2]));
        assert_eq!(tried(3, 0), (0, vec![SECOND; 2]));
        assert_eq!(tried(1, 5), (0, vec![SECOND; 5]));
        assert_eq!(tried(2, 5), (1, vec![SECOND; 5]));
        assert_eq!(tried(1, 99), (1, vec![SECOND; 5]));
    }
}
