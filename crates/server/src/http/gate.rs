//! Bounds how many requests of one kind are being answered at the same time, in all and of one account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tallyhouse_model::AccountId;

/// Counts the requests that are inside, by account.
#[derive(Debug, Default)]
pub struct Gate(Mutex<HashMap<AccountId, usize>>);

/// Nobody is let in at this moment. Try again in a second.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{requests} such requests{} are being answered already; try again in a second", whose(*.is_own))]
pub struct Crowded {
    /// How many are inside.
    pub requests: usize,
    /// Whether all of these are of the account, which leaves places for others.
    pub is_own: bool,
}

/// A request that is inside, until it is dropped.
#[derive(Debug)]
pub struct Inside {
    gate: Arc<Gate>,
    account: AccountId,
}

impl Gate {
    /// Lets a request in, unless there are that many already, or three quarters of that many of its account: others
    /// get in whatever one of them does.
    pub fn enter(self: &Arc<Self>, account: AccountId, requests_max: usize) -> Result<Inside, Crowded> {
        let mut inside = self.lock();
        let (all, own) = (inside.values().sum::<usize>(), inside.get(&account).copied().unwrap_or(0));
        let own_max = requests_max - requests_max / 4;
        if all >= requests_max || own >= own_max {
            let is_own = all < requests_max;
            return Err(Crowded { requests: if is_own { own } else { all }, is_own });
        }
        *inside.entry(account).or_default() += 1;
        Ok(Inside { gate: Arc::clone(self), account })
    }

    /// A panic while the lock was held cannot have left anything half done: counts change in one step.
    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whose(is_own: bool) -> &'static str {
    if is_own { " of this account" } else { "" }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let mut inside = self.gate.lock();
        if let Some(own) = inside.get_mut(&self.account) {
            *own -= 1;
            if *own == 0 {
                inside.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: AccountId = AccountId(1);
    const SECOND: AccountId = AccountId(2);

    #[test]
    fn one_request_too_many_is_refused_until_another_has_left() {
        let gate = Arc::new(Gate::default());
        let first = gate.enter(FIRST, 2).unwrap();
        let _second = gate.enter(SECOND, 2).unwrap();
        assert!(matches!(gate.enter(FIRST, 2), Err(Crowded { .. })));
        drop(first);
        assert!(gate.enter(FIRST, 2).is_ok());
    }

    #[test]
    fn an_account_leaves_places_for_others() {
        let gate = Arc::new(Gate::default());
        let taken: Vec<_> = (0..6).map(|_| gate.enter(FIRST, 8).unwrap()).collect();
        let refused = gate.enter(FIRST, 8).unwrap_err();
        assert_eq!(refused, Crowded { requests: 6, is_own: true });
        let words = "6 such requests of this account are being answered already; try again in a second";
        assert_eq!(refused.to_string(), words);
        let _others = [gate.enter(SECOND, 8).unwrap(), gate.enter(SECOND, 8).unwrap()];
        assert_eq!(gate.enter(SECOND, 8).unwrap_err(), Crowded { requests: 8, is_own: false });
        drop(taken);
        assert!(gate.lock().keys().eq([&SECOND]), "accounts without requests are forgotten");
        assert!(gate.enter(FIRST, 1).is_err() && gate.enter(FIRST, 3).is_ok());
    }
}
