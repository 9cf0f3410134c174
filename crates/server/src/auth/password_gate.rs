//! Bounds how many passwords are compared at the same time: each takes 19 MiB and tens of milliseconds of a core.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests that wait for their turn: some seconds of work. Further ones are refused at once.
const WAITING_MAX: usize = 64;

/// Too many others are waiting already.
#[derive(Debug, PartialEq, Eq)]
pub struct Busy;

/// The right to compare a password; over when it is dropped. Take it along to the thread that compares.
pub struct PasswordPlace {
    _permit: OwnedSemaphorePermit,
}

/// Lets requests in, a few at a time.
pub struct PasswordGate {
    compared: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Default for PasswordGate {
    fn default() -> Self {
        Self::of_cores(available_parallelism().map_or(1, NonZeroUsize::get))
    }
}

impl PasswordGate {
    /// Of a machine with so many cores. Half of them compare at most, and one at least: whoever knocks needs no token, and
    /// must not be able to take the whole machine.
    fn of_cores(cores: usize) -> Self {
        let compared = Arc::new(Semaphore::new((cores / 2).max(1)));
        Self { compared, waiting: Semaphore::new(WAITING_MAX) }
    }

    /// Waits for a turn. Gives its place in the line up when it is cancelled.
    pub async fn enter(&self) -> Result<PasswordPlace, Busy> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Busy)?;
        let permit = Arc::clone(&self.compared).acquire_owned().await.map_err(|_| Busy)?;
        Ok(PasswordPlace { _permit: permit })
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn half_of_the_cores_compare_and_one_at_least() {
        for (cores, places) in [(1, 1), (2, 1), (3, 1), (4, 2), (8, 4)] {
            assert_eq!(PasswordGate::of_cores(cores).compared.available_permits(), places, "{cores}");
        }
    }

    #[test]
    fn a_few_are_let_in_some_wait_and_the_rest_is_refused() {
        let gate = PasswordGate::of_cores(4);
        let mut context = Context::from_waker(Waker::noop());
        let mut entered = Vec::new();
        for _ in 0..2 {
            match pin!(gate.enter()).poll(&mut context) {
                Poll::Ready(Ok(place)) => entered.push(place),
                _ => panic!("there is a place"),
            }
        }
        let mut waiting: Vec<_> = (0..WAITING_MAX).map(|_| Box::pin(gate.enter())).collect();
        for one in &mut waiting {
            assert!(one.as_mut().poll(&mut context).is_pending());
        }
        assert!(matches!(pin!(gate.enter()).poll(&mut context), Poll::Ready(Err(Busy))));
        entered.pop();
        assert!(
            matches!(waiting[0].as_mut().poll(&mut context), Poll::Ready(Ok(_))),
            "the first in line is next"
        );
        waiting.pop();
        assert!(pin!(gate.enter()).poll(&mut context).is_pending(), "who goes away makes room");
    }
}
