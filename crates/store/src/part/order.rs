//! In which order the rows of a new part stand, and of which month each is.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use tallyhouse_model::{AccountId, Key, Micros, Table, Unit, Zone};

use super::{PartView, split};
use crate::damage::Damage;
use crate::encoded::EncodedRows;

/// A row of one of the sources of a new part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowRef {
    /// Which source.
    pub source: u32,
    /// Which of its rows.
    pub row: u32,
}

/// Rows in the order (account, time, key), and where all of that is alike, in that of their arrival.
#[derive(Debug, Default)]
pub struct Order {
    /// Each account and where its rows end in `rows`.
    pub accounts: Vec<(AccountId, usize)>,
    /// The rows.
    pub rows: Vec<RowRef>,
}

impl Order {
    fn push(&mut self, account: AccountId, row: RowRef) {
        self.rows.push(row);
        match self.accounts.last_mut() {
            Some((last, end)) if *last == account => *end = self.rows.len(),
            _ => self.accounts.push((account, self.rows.len())),
        }
    }
}

/// The order of some of the rows of `encoded`, which becomes source 0.
pub fn order_of_encoded(encoded: &EncodedRows, mut rows: Vec<u32>) -> Order {
    let (accounts, times, keys) = (&encoded.accounts, encoded.times(), encoded.keys());
    // The last is the order of arrival, for owned rows: those of one owner and time stay as they came.
    rows.sort_unstable_by_key(|row| {
        let at = *row as usize;
        (accounts[at], times[at], keys[at], *row)
    });
    let mut order = Order::default();
    for row in rows {
        order.push(accounts[row as usize], RowRef { source: 0, row });
    }
    order
}

/// The order of the live rows of some parts, each a source.
pub fn order_of_parts(views: &[PartView]) -> Result<Order, Damage> {
    let mut order = Order::default();
    merge(views, |account, _, row| order.push(account, row))?;
    Ok(order)
}

/// As [`order_of_parts`], an order per UTC month.
pub fn order_of_parts_by_month(views: &[PartView]) -> Result<BTreeMap<i32, Order>, Damage> {
    let mut months: BTreeMap<i32, Order> = BTreeMap::new();
    let (mut month, mut from, mut to) = (0, 0, 0);
    merge(views, |account, time, row| {
        if !(from..to).contains(&time) {
            let bounds = Zone::UTC.boundaries(Unit::Month, time, time + 1);
            (month, from, to) = (month_of(time), bounds[0], bounds[1]);
        }
        months.entry(month).or_default().push(account, row);
    })?;
    Ok(months)
}

/// The UTC month of a time, counted from January 1970.
pub fn month_of(time: Micros) -> i32 {
    // 1970 to 9999 in steps of a month is little; records lie between 1990 and tomorrow.
    const DAYS_TO_YEAR_ZERO: i64 = 719_468;
    let days = time.div_euclid(tallyhouse_model::DAY) + DAYS_TO_YEAR_ZERO;
    // Years begin in March here, so that the leap day is the last of its year (Hinnant's civil_from_days).
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let (year, month) = (year_of_era + era * 400, if month < 10 { month + 2 } else { month - 10 });
    ((if month <= 1 { year + 1 } else { year } - 1970) * 12 + month) as i32
}

/// Merges the live rows of the parts, account by account. Rows alike in time and key keep the order in which they are in
/// their part, and never are in two: only owned rows can be alike, they come with one version of their owner, those of
/// one month stay together from then on, and they are dead before others of that key come.
fn merge(views: &[PartView], mut push: impl FnMut(AccountId, Micros, RowRef)) -> Result<(), Damage> {
    let mut accounts: Vec<u32> =
        views.iter().flat_map(|view| view.part.header.accounts.iter().map(|rows| rows.account)).collect();
    accounts.sort_unstable();
    accounts.dedup();
    for account in accounts.into_iter().map(AccountId) {
        let mut cursors: Vec<Cursor<'_>> = views
            .iter()
            .enumerate()
            .map(|(source, view)| Cursor::new(source as u32, view, account))
            .collect();
        let mut heap: BinaryHeap<Reverse<(Micros, Key, u32)>> = BinaryHeap::with_capacity(cursors.len());
        for cursor in &mut cursors {
            heap.extend(cursor.next()?.map(|(time, key)| Reverse((time, key, cursor.source))));
        }
        while let Some(mut least) = heap.peek_mut() {
            let Reverse((time, _, source)) = *least;
            let cursor = &mut cursors[source as usize];
            push(account, time, RowRef { source, row: cursor.row });
            match cursor.next()? {
                Some((time, key)) => *least = Reverse((time, key, source)),
                None => drop(std::collections::binary_heap::PeekMut::pop(least)),
            }
        }
    }
    Ok(())
}

/// Walks over the live rows of one account in one part.
struct Cursor<'a> {
    source: u32,
    view: &'a PartView,
    /// The row that was answered last.
    row: u32,
    next: u32,
    end: u32,
    block: usize,
    times: &'a [Micros],
    keys: &'a [Key],
}

impl<'a> Cursor<'a> {
    fn new(source: u32, view: &'a PartView, account: AccountId) -> Self {
        let rows = view.part.account_rows(account);
        Self {
            source,
            view,
            row: 0,
            next: rows.start,
            end: rows.end,
            block: usize::MAX,
            times: &[],
            keys: &[],
        }
    }

    fn next(&mut self) -> Result<Option<(Micros, Key)>, Damage> {
        while self.next < self.end {
            self.row = self.next;
            self.next += 1;
            if self.view.dead.contains(self.row) {
                continue;
            }
            let (block, at) = split(self.row);
            if block != self.block {
                self.times = self.view.part.column(block, Table::TIME)?.times();
                self.keys = self.view.part.column(block, Table::KEY)?.ids();
                self.block = block;
            }
            return Ok(Some((self.times[at], self.keys[at])));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyhouse_model::parse_record_time;

    #[test]
    fn months_are_counted_from_january_1970() {
        for (time, month) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-31T23:59:59.999999Z", 0),
            ("1970-02-01T00:00:00Z", 1),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:00:00Z", 361),
            ("2024-02-29T23:59:59Z", 649),
            ("2024-03-01T00:00:00Z", 650),
            ("2026-12-31T23:59:59Z", 683),
            ("2027-01-01T00:00:00Z", 684),
        ] {
            assert_eq!(month_of(parse_record_time(time).unwrap()), month, "{time}");
        }
    }
}
