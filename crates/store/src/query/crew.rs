//! Works through tasks on all processors: the thread that asks and some more, which live as long as the query.
//!
//! There is no pool on purpose: a long query would keep its threads from short ones, while the operating system shares
//! processors fairly. To start a thread takes some ten microseconds, which is why small queries do not.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::QueryError;

/// Folds the tasks, whoever has time taking the next; answers what each thread has made of its own. The first error ends
/// all of them.
pub fn fold_tasks<T: Sync, A: Send>(
    tasks: &[T],
    none: impl Fn() -> A + Sync,
    fold: impl Fn(&mut A, &T) -> Result<(), QueryError> + Sync,
) -> Result<Vec<A>, QueryError> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let mut folded = none();
        while !failed.load(Ordering::Relaxed)
            && let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed))
        {
            fold(&mut folded, task).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        }
        Ok(folded)
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let others: Vec<_> = (1..processors.min(tasks.len())).map(|_| scope.spawn(work)).collect();
        let own = work();
        let folded = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        std::iter::once(own).chain(folded.collect::<Vec<_>>()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_folded_once() {
        let tasks: Vec<u64> = (1..=1_000).collect();
        let sums = fold_tasks(
            &tasks,
            || 0,
            |sum, task| {
                *sum += task;
                Ok(())
            },
        );
        assert_eq!(sums.unwrap().into_iter().sum::<u64>(), 500_500);
        assert_eq!(fold_tasks(&[], || 7, |_, _: &u64| Ok(())).unwrap(), [7]);
    }

    #[test]
    fn an_error_ends_all() {
        let done = AtomicUsize::new(0);
        let tasks: Vec<u64> = (0..1_000_000).collect();
        let folded = fold_tasks(
            &tasks,
            || (),
            |(), task| {
                done.fetch_add(1, Ordering::Relaxed);
                if *task == 0 { Err(QueryError::Cancelled) } else { Ok(()) }
            },
        );
        assert!(matches!(folded, Err(QueryError::Cancelled)));
        assert!(done.into_inner() < tasks.len());
    }
}
