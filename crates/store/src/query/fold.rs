//! Folds rows that start in a range to a tally: part by part, on all processors, with what is remembered of parts and slices of them.
//!
//! 1. Of every part, the rows in the range are one stretch, found by binary search.
//! 2. Where that is all the account has in the part, the part's partial answer is taken, or made and remembered.
//! 3. Of other parts, those at the ends of the range, the same is done slice by slice; what is left at either end of the
//!    range, less than a slice, is folded each time.

use std::ops::Range;
use std::sync::Arc;

use tallyhouse_model::{AccountId, Range as TimeRange};

use super::crew::fold_tasks;
use super::limits::MEMO_ROWS;
use super::memo::{Memo, Question, Stretch};
use super::partial::{Fold, Partial, Tally};
use super::select::{Looked, Wanted, rows_in_range, select_rows};
use crate::damage::Damage;
use crate::part::{AccountRows, PartView};
use crate::{QueryError, Stop};

/// A fold over the parts of a table.
pub struct Folding<'a> {
    /// What is asked, but for the range.
    pub question: Arc<Question>,
    /// Which rows are wanted; they start in its range.
    pub wanted: &'a Wanted<'a>,
    /// What is remembered.
    pub memo: &'a Memo,
    /// What ends it.
    pub stop: &'a Stop,
}

/// Rows of a part that are in the range.
struct Task<'v> {
    view: &'v PartView,
    account: AccountRows,
    rows: Range<u32>,
}

impl Folding<'_> {
    /// The tally of all wanted rows.
    pub fn run(&self, views: &[PartView], range: TimeRange) -> Result<(Tally, Looked), QueryError> {
        let none = || (Tally::new(&self.question.fold), Looked::default());
        if self.wanted.is_impossible() {
            return Ok(none());
        }
        let tasks = tasks(views, self.question.account, range)?;
        let rows: u64 = tasks.iter().map(|task| task.rows.len() as u64).sum();
        let fold =
            |(tally, looked): &mut (Tally, Looked), task: &Task<'_>| self.fold_task(task, tally, looked);
        let mut folded = none();
        for (more, seen) in fold_tasks(&tasks, rows, none, fold)? {
            folded.0.join(more)?;
            folded.1.join(seen);
        }
        Ok(folded)
    }

    fn fold_task(&self, task: &Task<'_>, tally: &mut Tally, looked: &mut Looked) -> Result<(), QueryError> {
        let all = task.account.start..task.account.end;
        // Without conditions, rows are counted without being looked at.
        if task.view.part.is_in_memory() || (self.question.fold == Fold::Rows && self.wanted.is_anything()) {
            return self.add(task.view, task.rows.clone(), tally, looked);
        }
        if task.rows == all {
            return self.remembered(task.view, None, all, tally, looked);
        }
        if !self.question.fold.is_small_by_slice(&task.view.part.header) {
            return self.add(task.view, task.rows.clone(), tally, looked);
        }
        let mut rest = task.rows.clone();
        while rest.start < rest.end {
            let slice = rest.start / MEMO_ROWS;
            let of_slice = slice * MEMO_ROWS..(slice + 1).saturating_mul(MEMO_ROWS);
            let rows = rest.start..rest.end.min(of_slice.end);
            if rows == (all.start.max(of_slice.start)..all.end.min(of_slice.end)) {
                self.remembered(task.view, Some(slice), rows.clone(), tally, looked)?;
            } else {
                self.add(task.view, rows.clone(), tally, looked)?;
            }
            rest.start = rows.end;
        }
        Ok(())
    }

    /// Adds rows whose partial answer is kept.
    fn remembered(
        &self,
        view: &PartView,
        slice: Option<u32>,
        rows: Range<u32>,
        tally: &mut Tally,
        looked: &mut Looked,
    ) -> Result<(), QueryError> {
        self.stop.check()?;
        let dead = view.dead.count_in(rows.start, rows.end);
        let stretch = Stretch { part: view.part.id, slice, dead };
        let partial = match self.memo.partial(&self.question, &stretch) {
            Some(partial) => partial,
            None => {
                let partial = Arc::new(self.partial(view, rows, looked)?);
                self.memo.remember_partial(&self.question, stretch, Arc::clone(&partial));
                partial
            }
        };
        tally.merge(&partial)
    }

    fn partial(&self, view: &PartView, rows: Range<u32>, looked: &mut Looked) -> Result<Partial, QueryError> {
        let mut tally = Tally::new(&self.question.fold);
        self.add(view, rows, &mut tally, looked)?;
        Ok(tally.packed())
    }

    fn add(
        &self,
        view: &PartView,
        rows: Range<u32>,
        tally: &mut Tally,
        looked: &mut Looked,
    ) -> Result<(), QueryError> {
        let mut selection = select_rows(view, self.wanted, rows);
        while let Some(run) = selection.next_run(looked, self.stop)? {
            tally.add(&self.question.fold, view, run)?;
        }
        Ok(())
    }
}

/// The parts that have rows in the range, those with the most first, so that no processor is left with them alone.
fn tasks(views: &[PartView], account: AccountId, range: TimeRange) -> Result<Vec<Task<'_>>, Damage> {
    let mut tasks = Vec::new();
    for view in views {
        let Some(account) = view.part.header.account(account) else { continue };
        let rows = rows_in_range(&view.part, account, range)?;
        if !rows.is_empty() {
            tasks.push(Task { view, account, rows });
        }
    }
    tasks.sort_by_key(|task| std::cmp::Reverse(task.rows.len()));
    Ok(tasks)
}
