//! Questions that wait, account by account: accounts take turns, and each is asked in the order of its questions.
//!
//! So an account with many waiting requests delays the others by one question each time, and not by all it has.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tallyhouse_model::AccountId;

/// Waiting questions of all accounts. As long as those who ask wait for the answer, there is one per asking thread at
/// most.
#[derive(Debug)]
pub struct Turns<Q> {
    waiting: Mutex<Waiting<Q>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Waiting<Q> {
    /// Accounts with questions, that whose turn is next first. There are few, so they are searched one by one.
    accounts: VecDeque<(AccountId, VecDeque<Q>)>,
    is_closed: bool,
}

impl<Q> Turns<Q> {
    /// Nobody waits.
    pub fn new() -> Self {
        let waiting = Waiting { accounts: VecDeque::new(), is_closed: false };
        Self { waiting: Mutex::new(waiting), changed: Condvar::new() }
    }

    /// Puts a question behind those of its account.
    pub fn push(&self, account: AccountId, question: Q) {
        let mut waiting = self.waiting();
        match waiting.accounts.iter_mut().find(|(known, _)| *known == account) {
            Some((_, questions)) => questions.push_back(question),
            None => waiting.accounts.push_back((account, VecDeque::from([question]))),
        }
        self.changed.notify_one();
    }

    /// Waits for the next question. `None` once the turns are closed.
    pub fn next(&self) -> Option<Q> {
        let mut waiting = self.waiting();
        loop {
            if waiting.is_closed {
                return None;
            }
            if let Some(question) = waiting.take() {
                return Some(question);
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nobody will ask any more. Questions that still wait are dropped.
    pub fn close(&self) {
        let mut waiting = self.waiting();
        waiting.is_closed = true;
        waiting.accounts.clear();
        self.changed.notify_all();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<Q>> {
        // Nothing in here panics half-way.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q> Waiting<Q> {
    fn take(&mut self) -> Option<Q> {
        let (account, mut questions) = self.accounts.pop_front()?;
        let question = questions.pop_front();
        if !questions.is_empty() {
            self.accounts.push_back((account, questions));
        }
        question
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_with_many_questions_delays_another_by_one() {
        let turns = Turns::new();
        let (many, few, late) = (AccountId(1), AccountId(2), AccountId(3));
        for question in ["many 1", "many 2", "many 3", "many 4"] {
            turns.push(many, question);
        }
        turns.push(few, "few 1");
        turns.push(few, "few 2");
        assert_eq!([(); 2].map(|()| turns.next().unwrap()), ["many 1", "few 1"]);
        turns.push(late, "late 1");
        turns.push(many, "many 5");
        let rest = [(); 6].map(|()| turns.next().unwrap());
        assert_eq!(rest, ["many 2", "few 2", "late 1", "many 3", "many 4", "many 5"]);
    }

    #[test]
    fn who_waits_for_questions_gets_them_and_learns_of_the_end() {
        let turns = Turns::new();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| [turns.next(), turns.next()]);
            turns.push(AccountId(1), 5);
            while !turns.waiting().accounts.is_empty() {
                std::thread::yield_now();
            }
            turns.close();
            assert_eq!(waiting.join().unwrap(), [Some(5), None]);
        });
        assert_eq!(turns.next(), None);
    }
}
