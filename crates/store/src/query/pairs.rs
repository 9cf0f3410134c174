//! Distinct counts per group where there are many groups and many values: how many different values the rows of each group
//! have, in bounded memory.
//!
//! 1. Count the rows of each group: an array index per row.
//! 2. Cut the groups into spans of at most [`PAIR_ROWS_MAX`] rows. One group that has more is a span of its own, and of very
//!    many rows each span has more.
//! 3. Per span, read the rows again and put the value of each behind the others of its group: the counts say where.
//!    In a group, a value is new if the last group that was marked at its id is another one.
//!
//! Nothing is hashed or sorted, whatever the values are. A large single group marks a bit per value instead.

use std::ops::Range;

use tallyhouse_model::ColumnIndex;

use super::crew::fold_tasks;
use super::id_set::{ABSENT, IdSet};
use super::limits::{PAIR_ROWS_MAX, PAIR_SPANS_MAX};
use super::select::{Looked, Wanted, each_found};
use crate::part::PartView;
use crate::{QueryError, Stop};

/// What is counted: different values of a column per number of another.
pub struct Pairs<'a> {
    /// The parts.
    pub views: &'a [PartView],
    /// Which rows of them.
    pub wanted: &'a Wanted<'a>,
    /// Whose numbers are the groups.
    pub group: ColumnIndex,
    /// Whose different numbers are counted; absent is none.
    pub counted: ColumnIndex,
    /// What ends it.
    pub stop: &'a Stop,
}

impl Pairs<'_> {
    /// Per number of the group's column, how many different values there are.
    pub fn count(&self, looked: &mut Looked) -> Result<Vec<u32>, QueryError> {
        let rows = self.rows_per_group(looked)?;
        let mut distinct = vec![0; rows.len()];
        let all = rows.iter().map(|rows| u64::from(*rows)).sum();
        let count = |counted: &mut Vec<(Range<usize>, Vec<u32>)>, span: &Range<usize>| {
            let counts = match span.len() {
                1 => vec![self.of_one(span.start)?],
                _ => self.of_span(span.clone(), &rows[span.clone()])?,
            };
            counted.push((span.clone(), counts));
            Ok(())
        };
        for (span, counts) in fold_tasks(&spans(&rows), all, Vec::new, count)?.into_iter().flatten() {
            distinct[span].copy_from_slice(&counts);
        }
        Ok(distinct)
    }

    /// How many rows with a value each group has.
    fn rows_per_group(&self, looked: &mut Looked) -> Result<Vec<u32>, QueryError> {
        let count = |(rows, looked): &mut (Vec<u32>, Looked), view: &PartView| {
            self.each(std::slice::from_ref(view), looked, |group, _| {
                let group = group as usize;
                if group >= rows.len() {
                    rows.resize(group + 1, 0);
                }
                rows[group] += 1;
            })
        };
        let of_account = self.views.iter().map(|view| self.wanted.rows_of_account(view)).sum();
        let mut rows: Vec<u32> = Vec::new();
        for (mut more, seen) in fold_tasks(self.views, of_account, Default::default, count)? {
            if rows.len() < more.len() {
                std::mem::swap(&mut rows, &mut more);
            }
            rows.iter_mut().zip(more).for_each(|(rows, more)| *rows += more);
            looked.join(seen);
        }
        Ok(rows)
    }

    /// The different values of the groups of a span, which have these numbers of rows.
    fn of_span(&self, span: Range<usize>, rows: &[u32]) -> Result<Vec<u32>, QueryError> {
        let mut ends = Vec::with_capacity(rows.len());
        let mut end = 0;
        for rows in rows {
            ends.push(end);
            end += rows;
        }
        // Each end moves on as values are put there; in the end it is where the next group begins.
        let mut values = vec![0u32; end as usize];
        let mut greatest = 0;
        self.each(self.views, &mut Looked::default(), |group, value| {
            if let Some(end) = (group as usize).checked_sub(span.start).and_then(|at| ends.get_mut(at)) {
                values[*end as usize] = value;
                *end += 1;
                greatest = greatest.max(value);
            }
        })?;
        self.stop.check()?;
        let mut marks = vec![u32::MAX; greatest as usize + 1];
        let mut start = 0;
        Ok((0..)
            .zip(ends)
            .map(|(group, end)| {
                let of_group = &values[start as usize..end as usize];
                start = end;
                let is_new = |value: &&u32| std::mem::replace(&mut marks[**value as usize], group) != group;
                of_group.iter().filter(is_new).count() as u32
            })
            .collect())
    }

    /// The different values of one group, however many rows it has.
    fn of_one(&self, wanted: usize) -> Result<u32, QueryError> {
        let mut values = IdSet::default();
        self.each(self.views, &mut Looked::default(), |group, value| {
            if group as usize == wanted {
                values.insert(u64::from(value));
            }
        })?;
        Ok(values.count() as u32)
    }

    /// Calls back with group and value of every wanted row that has a value.
    fn each(
        &self,
        views: &[PartView],
        looked: &mut Looked,
        mut take: impl FnMut(u32, u32),
    ) -> Result<(), QueryError> {
        let mut groups = Vec::new();
        each_found(views, self.wanted, looked, self.stop, |found| {
            found.numbers(self.group, &mut groups)?;
            let mut groups = groups.iter();
            found.places.each_number(found.column(self.counted)?, |value| {
                let group = groups.next().expect("a block has as many numbers in every column");
                // Ids of dictionaries have 32 bits.
                if value != ABSENT {
                    take(*group as u32, value as u32);
                }
            });
            Ok(())
        })
    }
}

/// Cuts groups into spans by their rows.
fn spans(rows: &[u32]) -> Vec<Range<usize>> {
    let all: u64 = rows.iter().map(|rows| u64::from(*rows)).sum();
    // Of two spans that follow each other, both have more than this together.
    let rows_max = PAIR_ROWS_MAX.max(2 * all / PAIR_SPANS_MAX);
    let (mut spans, mut start, mut sum) = (Vec::new(), 0, 0);
    for (group, rows) in rows.iter().map(|rows| u64::from(*rows)).enumerate() {
        if sum + rows > rows_max && group > start {
            spans.push(start..group);
            (start, sum) = (group, 0);
        }
        sum += rows;
    }
    if start < rows.len() {
        spans.push(start..rows.len());
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_few_rows_or_one_group() {
        let max = PAIR_ROWS_MAX as u32;
        assert_eq!(spans(&[1, max, 1, max - 1, max + 5]), [0..1, 1..2, 2..4, 4..5]);
        assert!(spans(&[]).is_empty());
        let many = vec![max; 1_000];
        assert!(spans(&many).len() as u64 <= PAIR_SPANS_MAX);
    }
}
