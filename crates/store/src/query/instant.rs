//! Rows of one instant, in the order of what they are named by.
//!
//! Where keys are digests, rows of the same time would come in an order that nobody outside could make out. So they are
//! sorted by the columns of the table's identity, an instant at a time.

use std::cmp::Ordering;

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{Micros, Table, Values};

use super::limits::INSTANT_ROWS_MAX;
use super::merge::{Merge, PartRows};
use super::page::PageReader;
use crate::damage::Damage;
use crate::part::{PartView, RowRef};
use crate::{QueryError, Stop};

/// The rows of an instant that were sorted last: a chunk may end among them.
#[derive(Default)]
pub struct Instant {
    time: Option<Micros>,
    rows: Vec<RowRef>,
}

/// What rows are read from.
pub struct Sequence<'a> {
    /// All parts of the table.
    pub views: &'a [PartView],
    /// The rows of each that are wanted.
    pub parts: &'a [(u32, PartRows)],
    /// Reads their columns.
    pub reader: &'a PageReader<'a>,
    /// Ends the reading.
    pub stop: &'a Stop,
}

impl Sequence<'_> {
    /// The rows from this rank on, at most so many.
    pub fn rows(&self, rank: u64, rows_max: usize, instant: &mut Instant) -> Result<Vec<RowRef>, QueryError> {
        let (mut merge, before) = Merge::at_instant_of(self.views, self.parts, rank)?;
        // Rows of that instant which the last chunk ended with.
        let mut passed = (rank - before) as usize;
        let mut chunk: Vec<RowRef> = Vec::new();
        if instant.time.is_some() && instant.time == merge.next_time() {
            chunk.extend(instant.rows[passed..].iter().take(rows_max));
            merge = Merge::at_instant_of(self.views, self.parts, before + instant.rows.len() as u64)?.0;
            passed = 0;
        }
        while chunk.len() < rows_max
            && let Some(time) = merge.next_time()
        {
            self.read_instant(&mut merge, time, instant)?;
            let room = rows_max - chunk.len();
            chunk.extend(instant.rows[passed..].iter().take(room));
            passed = 0;
        }
        Ok(chunk)
    }

    /// Takes the rows of one time out of the merge, and sorts them.
    fn read_instant(
        &self,
        merge: &mut Merge<'_>,
        time: Micros,
        instant: &mut Instant,
    ) -> Result<(), QueryError> {
        instant.time = None;
        instant.rows.clear();
        while merge.next_time() == Some(time) {
            if instant.rows.len().is_multiple_of(BLOCK_ROWS) {
                self.stop.check()?;
            }
            instant.rows.extend(merge.next_row()?);
        }
        // Rows that arrived together have one time of receipt, so that there may be many; beyond this they stay in the
        // order of their keys.
        if (2..=INSTANT_ROWS_MAX).contains(&instant.rows.len()) {
            self.stop.check()?;
            instant.rows = self.sorted(&instant.rows)?;
        }
        instant.time = Some(time);
        Ok(())
    }

    fn sorted(&self, rows: &[RowRef]) -> Result<Vec<RowRef>, QueryError> {
        let columns = names_of(self.reader, rows)?;
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        // Stable: what is named alike, which would be a defect, stays in the order of keys.
        order.sort_by(|one, other| order_of(&columns, *one as usize, *other as usize));
        Ok(order.into_iter().map(|at| rows[at as usize]).collect())
    }
}

/// Which of two rows of one instant comes first.
pub fn order_in_instant(reader: &PageReader<'_>, one: RowRef, other: RowRef) -> Result<Ordering, Damage> {
    Ok(order_of(&names_of(reader, &[one, other])?, 0, 1))
}

/// The columns by which rows of one instant are sorted.
fn names_of(reader: &PageReader<'_>, rows: &[RowRef]) -> Result<Vec<Values>, Damage> {
    let table = reader.table();
    let columns = if table.identity.is_empty() { &[Table::KEY] } else { table.identity };
    columns.iter().map(|column| reader.values(*column, rows)).collect()
}

fn order_of(columns: &[Values], one: usize, other: usize) -> Ordering {
    let orders = columns.iter().map(|values| compare(values, one, other));
    orders.fold(Ordering::Equal, Ordering::then)
}

/// Texts are compared byte by byte; an absent value is the least.
fn compare(values: &Values, one: usize, other: usize) -> Ordering {
    match values {
        Values::Times(times) => times[one].cmp(&times[other]),
        Values::Integers(integers) => integers[one].cmp(&integers[other]),
        Values::Choices(choices) => choices[one].cmp(&choices[other]),
        Values::Ids(ids) => ids[one].cmp(&ids[other]),
        Values::Texts(texts) => texts.bytes_at(one).cmp(&texts.bytes_at(other)),
        Values::Flags(flags) => flags[one].cmp(&flags[other]),
    }
}
