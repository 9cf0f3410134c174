//! Places for reads: how many may run at the same time, in all and of one account.
//!
//! A read has its place until its answer was sent, so that clients who read slowly take places from their own account
//! alone. Whoever finds none free waits in a line of the account first and in that of all accounts then, for a while:
//! the places that an account does not have cannot keep others from theirs.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tallyhouse_model::AccountId;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// How long a request waits for a place. Clients and proxies mostly give up after 30 or 60 seconds, and the query
/// itself takes its time as well.
pub const PLACE_WAIT_MAX: Duration = Duration::from_secs(10);

/// The places of all accounts.
pub struct Places {
    all: Arc<Semaphore>,
    per_account: usize,
    wait_max: Duration,
    /// Accounts that have or await places; so there are never more of them than connections.
    accounts: Mutex<HashMap<AccountId, Account>>,
}

/// The places of an account.
struct Account {
    places: Arc<Semaphore>,
    /// Reads that have or await one.
    reads: usize,
}

/// A place; free again when it is dropped.
pub struct Place {
    // In this order: a place is free before the account may be forgotten.
    _in_all: OwnedSemaphorePermit,
    _of_account: OwnedSemaphorePermit,
    _read: Read,
}

/// No place became free in time. Try again.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many reads are running at the same time")]
pub struct NoPlace;

impl Places {
    /// So many places in all and for each account; whoever finds none free waits for at most this long.
    pub fn new(in_all: usize, per_account: usize, wait_max: Duration) -> Arc<Self> {
        let (all, accounts) = (Arc::new(Semaphore::new(in_all)), Mutex::default());
        Arc::new(Self { all, per_account, wait_max, accounts })
    }

    /// Waits for a place. Gives nothing up when it is cancelled in between.
    pub async fn take(self: &Arc<Self>, account: AccountId) -> Result<Place, NoPlace> {
        let read = Read::of(self, account);
        let taken = tokio::time::timeout(self.wait_max, async {
            let of_account = Arc::clone(&read.places).acquire_owned().await?;
            let in_all = Arc::clone(&self.all).acquire_owned().await?;
            Ok::<_, AcquireError>((of_account, in_all))
        });
        let taken = taken.await.map_err(|_| NoPlace)?;
        let (of_account, in_all) = taken.expect("the semaphores are never closed");
        Ok(Place { _in_all: in_all, _of_account: of_account, _read: read })
    }

    /// A panic while the lock was held cannot have left anything half done: counts change in one step.
    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A read that has or awaits a place; as long as there are any, the account is known.
struct Read {
    of: Arc<Places>,
    account: AccountId,
    places: Arc<Semaphore>,
}

impl Read {
    fn of(of: &Arc<Places>, account: AccountId) -> Self {
        let mut accounts = of.lock();
        let entry = accounts
            .entry(account)
            .or_insert_with(|| Account { places: Arc::new(Semaphore::new(of.per_account)), reads: 0 });
        entry.reads += 1;
        Self { of: Arc::clone(of), account, places: Arc::clone(&entry.places) }
    }
}

impl Drop for Read {
    fn drop(&mut self) {
        let mut accounts = self.of.lock();
        if let Some(entry) = accounts.get_mut(&self.account) {
            entry.reads -= 1;
            if entry.reads == 0 {
                accounts.remove(&self.account);
            }
        }
    }
}

impl Place {
    /// Keeps the place until the body was sent, broke off, or was given up.
    pub fn until_sent<B>(self, body: B) -> Body
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + Unpin + 'static,
    {
        Body::new(PlacedBody(Some((body, self))))
    }
}

/// A body that has a place, until it has ended.
struct PlacedBody<B>(Option<(B, Place)>);

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for PlacedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some((body, _)) = &mut self.0 else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(&mut *body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) || body.is_end_stream() {
            self.0 = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|(body, _)| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), |(body, _)| body.size_hint())
    }
}

#[cfg(test)]
mod tests;
