//! Works through tasks on all processors: the thread that asks and some more, which live as long as the query.
//!
//! There is no pool on purpose: a long query would keep its threads from short ones, while the operating system shares
//! processors fairly. To start a thread takes some ten microseconds, so a query of few rows stays on its own. Where no more
//! threads can be had, those that there are do the work.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::limits::ROWS_ALONE_MAX;
use crate::QueryError;

/// Folds tasks of so many rows together, whoever has time taking the next; answers what each thread has made of its own. The
/// first error ends all of them, and so does a panic.
pub fn fold_tasks<T: Sync, A: Send>(
    tasks: &[T],
    rows: u64,
    none: impl Fn() -> A + Sync,
    fold: impl Fn(&mut A, &T) -> Result<(), QueryError> + Sync,
) -> Result<Vec<A>, QueryError> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let _ends_all = SetOnPanic(&failed);
        let mut folded = none();
        while !failed.load(Ordering::Relaxed)
            && let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed))
        {
            fold(&mut folded, task).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        }
        Ok(folded)
    };
    if rows <= ROWS_ALONE_MAX || tasks.len() < 2 {
        return work().map(|folded| vec![folded]);
    }
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let others: Vec<_> = (1..processors.min(tasks.len())).map_while(start).collect();
        let mut folded = vec![work()];
        for other in others {
            folded.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        folded.into_iter().collect()
    })
}

/// Lets the other threads end where one panics.
struct SetOnPanic<'a>(&'a AtomicBool);

impl Drop for SetOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_folded_once() {
        let tasks: Vec<u64> = (1..=1_000).collect();
        let add = |sum: &mut u64, task: &u64| {
            *sum += task;
            Ok(())
        };
        let sums = fold_tasks(&tasks, u64::MAX, || 0, add).unwrap();
        assert_eq!(sums.into_iter().sum::<u64>(), 500_500);
        assert_eq!(
            fold_tasks(&tasks, ROWS_ALONE_MAX, || 0, add).unwrap(),
            [500_500],
            "few rows are folded alone"
        );
        assert_eq!(fold_tasks(&[], u64::MAX, || 7, add).unwrap(), [7]);
    }

    #[test]
    fn an_error_ends_all() {
        let done = AtomicUsize::new(0);
        let tasks: Vec<u64> = (0..1_000_000).collect();
        let folded = fold_tasks(
            &tasks,
            u64::MAX,
            || (),
            |(), task| {
                done.fetch_add(1, Ordering::Relaxed);
                if *task == 0 { Err(QueryError::Cancelled) } else { Ok(()) }
            },
        );
        assert!(matches!(folded, Err(QueryError::Cancelled)));
        assert!(done.into_inner() < tasks.len());
    }

    #[test]
    fn a_panic_is_told() {
        let tasks: Vec<u64> = (0..100).collect();
        let fold = |(): &mut (), task: &u64| {
            assert!(*task != 50, "one task panics");
            Ok(())
        };
        let folding = std::panic::AssertUnwindSafe(|| fold_tasks(&tasks, u64::MAX, || (), fold));
        assert!(std::panic::catch_unwind(folding).is_err());
    }
}
