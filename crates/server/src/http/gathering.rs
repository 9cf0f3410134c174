//! Work that is cheaper for many at once: what waits is taken together by one worker, and what comes meanwhile waits for
//! its next turn. There is never more than one worker, and none while nothing waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What waits to be worked on together.
pub struct Gathering<T> {
    state: Mutex<State<T>>,
    waiting_max: usize,
}

struct State<T> {
    waiting: Vec<T>,
    /// Whether somebody works, and will look for what waits before they stop.
    is_worked_on: bool,
}

/// As many wait as may.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl<T: Send + 'static> Gathering<T> {
    /// So many may wait.
    pub fn new(waiting_max: usize) -> Arc<Self> {
        let state = Mutex::new(State { waiting: Vec::new(), is_worked_on: false });
        Arc::new(Self { state, waiting_max })
    }

    /// Adds one. `work` gets all that wait, on a thread that may block, be it now or after what is worked on; it is the
    /// same whoever adds. Where it panics, what it held and what waits is dropped.
    pub fn add(self: &Arc<Self>, one: T, work: impl Fn(Vec<T>) + Send + 'static) -> Result<(), Full> {
        let mut state = self.lock();
        if state.waiting.len() >= self.waiting_max {
            return Err(Full);
        }
        state.waiting.push(one);
        let needs_worker = !std::mem::replace(&mut state.is_worked_on, true);
        // A runtime that stops drops the worker here and now, and that locks as well.
        drop(state);
        if needs_worker {
            let worker = Worker { of: Arc::clone(self), is_done: false };
            tokio::task::spawn_blocking(move || worker.work(work));
        }
        Ok(())
    }

    /// What waits; where nothing does, the worker is taken for gone.
    fn next(&self) -> Option<Vec<T>> {
        let mut state = self.lock();
        let waiting = std::mem::take(&mut state.waiting);
        state.is_worked_on = !waiting.is_empty();
        state.is_worked_on.then_some(waiting)
    }

    /// A panic while the lock was held cannot have left anything half done: nothing in between can fail.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Worker<T: Send + 'static> {
    of: Arc<Gathering<T>>,
    is_done: bool,
}

impl<T: Send + 'static> Worker<T> {
    fn work(mut self, work: impl Fn(Vec<T>)) {
        while let Some(waiting) = self.of.next() {
            work(waiting);
        }
        self.is_done = true;
    }
}

impl<T: Send + 'static> Drop for Worker<T> {
    /// After a panic, or where the worker never began because the server stops: lets go of what waits, and lets another
    /// begin.
    fn drop(&mut self) {
        if !self.is_done {
            let mut state = self.of.lock();
            state.is_worked_on = false;
            state.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_comes_while_others_are_worked_on_is_taken_together() {
        let gathering = Gathering::new(9);
        let (begun, begins) = mpsc::channel();
        let (go, goes) = mpsc::channel::<()>();
        let (sent, taken) = mpsc::channel();
        let goes = Mutex::new(goes);
        let work = move |items: Vec<u8>| {
            begun.send(()).unwrap();
            goes.lock().unwrap().recv().unwrap();
            sent.send(items).unwrap();
        };
        gathering.add(1, work).unwrap();
        tokio::task::spawn_blocking(move || {
            begins.recv().unwrap();
            for item in 2..5 {
                gathering.add(item, |_| unreachable!("somebody works already")).unwrap();
            }
            go.send(()).unwrap();
            go.send(()).unwrap();
            assert_eq!(taken.recv().unwrap(), [1]);
            assert_eq!(taken.recv().unwrap(), [2, 3, 4]);
        })
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn after_a_panic_nobody_waits_in_vain() {
        let gathering = Gathering::new(9);
        let (answer, answered) = oneshot::channel::<()>();
        gathering.add(answer, |_| panic!("a test of what is told then")).unwrap();
        assert!(answered.await.is_err());
        // The next one may come while the panic is still on its way; it is let go as well then, or worked on.
        loop {
            let (answer, answered) = oneshot::channel::<()>();
            let answer_all =
                |items: Vec<oneshot::Sender<()>>| items.into_iter().for_each(|it| it.send(()).unwrap());
            gathering.add(answer, answer_all).unwrap();
            if answered.await.is_ok() {
                break;
            }
        }
    }

    #[test]
    fn what_comes_while_the_runtime_stops_is_let_go() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        let gathering = Gathering::new(9);
        let (answer, mut answered) = oneshot::channel::<()>();
        let _inside = handle.enter();
        gathering.add(answer, |_| unreachable!("nobody works any more")).unwrap();
        assert!(answered.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
        assert!(!gathering.lock().is_worked_on);
    }

    #[tokio::test]
    async fn only_so_many_may_wait() {
        let gathering = Gathering::<u8>::new(2);
        gathering.lock().is_worked_on = true;
        assert_eq!(gathering.add(1, |_| ()), Ok(()));
        assert_eq!(gathering.add(2, |_| ()), Ok(()));
        assert_eq!(gathering.add(3, |_| ()), Err(Full));
    }
}
