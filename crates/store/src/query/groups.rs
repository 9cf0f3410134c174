//! Groups: rows by the text of a column, a page of texts at a time.
//!
//! A first pass over the matching rows finds which texts there are, a second one the rows of those on the page. The
//! rows are read afterwards, a batch at a time. A page with very many of them takes further passes, and a group with
//! very many is read window by window, so that what is kept in memory is bounded.

mod order;

use std::collections::HashMap;
use std::sync::Arc;

use tallyhouse_model::{Batch, GroupsQuery, Key, Micros, Range, Table};

pub use self::order::page_of;
use super::filter::{Conditions, namespace_of};
use super::id_set::{ABSENT, IdSet};
use super::limits::{BATCH_ROWS, PLACES_MAX};
use super::page::PageReader;
use super::select::{Looked, Wanted, each_found};
use super::windows::TimeWindows;
use crate::part::{PartView, RowRef};
use crate::{QueryError, Scanned, Snapshot, Stop};

/// The groups of a page, whose rows are read a bounded batch at a time.
pub struct Groups {
    snapshot: Arc<Snapshot>,
    query: GroupsQuery,
    conditions: Conditions,
    stop: Stop,
    total: u64,
    looked: Looked,
    /// The groups of the page by their text, and how many rows each has.
    groups: Vec<(u32, u64)>,
    /// The rows of the groups before this one are in `places` or were given out.
    next_group: usize,
    /// Rows to give out, the next one last.
    places: Vec<Place>,
    /// The group whose rows are read window by window, and the windows that are left.
    large: Option<LargeGroup>,
    read: ReadRows,
}

/// A group with more rows than are kept at once.
struct LargeGroup {
    group: usize,
    windows: TimeWindows,
}

/// A row of a group of the page. In the order in which rows are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    group: u32,
    time: Micros,
    key: Key,
    source: u32,
    row: u32,
}

/// Rows of one group.
pub struct GroupRows {
    /// The text of the group.
    pub text: String,
    /// Some of its rows among those of other groups.
    pub batch: Arc<Batch>,
    /// Which of the batch; sorted by (time, key) over all batches of the group.
    pub rows: std::ops::Range<usize>,
    /// Whether these are the last ones of the group.
    pub is_last: bool,
}

/// Rows that were read and are given out group by group.
struct ReadRows {
    batch: Arc<Batch>,
    /// The group of each row.
    groups: Vec<u32>,
    next: usize,
}

impl ReadRows {
    fn is_empty(&self) -> bool {
        self.next == self.groups.len()
    }
}

impl Groups {
    pub(crate) fn find(
        snapshot: Arc<Snapshot>,
        query: &GroupsQuery,
        stop: &Stop,
    ) -> Result<Self, QueryError> {
        let table = query.table.table();
        let conditions = Conditions::new(&query.filters, table, query.account, &snapshot.dictionaries, stop)?;
        let mut groups = Self {
            snapshot,
            query: query.clone(),
            conditions,
            stop: stop.clone(),
            total: 0,
            looked: Looked::default(),
            groups: Vec::new(),
            next_group: 0,
            places: Vec::new(),
            large: None,
            read: ReadRows { batch: Arc::new(Batch::new(table)), groups: Vec::new(), next: 0 },
        };
        groups.find_page()?;
        Ok(groups)
    }

    /// Groups on all pages.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Groups on this page.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether the page is empty.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// What finding them took.
    pub fn scanned(&self) -> Scanned {
        self.looked.scanned()
    }

    /// The next rows, group by group; every group of the page has at least one. `None` behind the last.
    pub fn next_rows(&mut self) -> Result<Option<GroupRows>, QueryError> {
        if self.read.is_empty() && !self.read_batch()? {
            return Ok(None);
        }
        let rest = &self.read.groups[self.read.next..];
        let group = rest[0];
        let length = rest.iter().position(|other| *other != group).unwrap_or(rest.len());
        let rows = self.read.next..self.read.next + length;
        self.read.next = rows.end;
        let goes_on = length == rest.len() && self.goes_on(group)?;
        let namespace = namespace_of(self.query.table.table(), self.query.column);
        let dictionary = self.snapshot.dictionaries.of(self.query.account, namespace);
        let text = dictionary.reader()?.text(self.groups[group as usize].0)?.to_owned();
        Ok(Some(GroupRows { text, batch: Arc::clone(&self.read.batch), rows, is_last: !goes_on }))
    }

    /// Whether a group has rows behind those that were read.
    fn goes_on(&mut self, group: u32) -> Result<bool, QueryError> {
        if self.places.is_empty() && self.large.is_some() {
            self.find_places()?;
        }
        Ok(self.places.last().is_some_and(|place| place.group == group))
    }

    /// Reads rows of as many groups as fit; answers whether there were any left.
    fn read_batch(&mut self) -> Result<bool, QueryError> {
        self.stop.check()?;
        if self.places.is_empty() {
            self.find_places()?;
        }
        if self.places.is_empty() {
            return Ok(false);
        }
        let first = self.places.len().saturating_sub(BATCH_ROWS);
        let places: Vec<Place> = self.places.drain(first..).rev().collect();
        let rows: Vec<RowRef> =
            places.iter().map(|place| RowRef { source: place.source, row: place.row }).collect();
        let (table, account) = (self.query.table.table(), self.query.account);
        let batch =
            PageReader::new(self.views(), table, account, &self.snapshot.dictionaries).read_rows(&rows)?;
        let groups = places.iter().map(|place| place.group).collect();
        self.read = ReadRows { batch: Arc::new(batch), groups, next: 0 };
        Ok(true)
    }

    fn views(&self) -> &[PartView] {
        self.snapshot.tables.of(self.query.table)
    }

    /// Finds which texts there are, which of them are on the page, and how many rows those have.
    fn find_page(&mut self) -> Result<(), QueryError> {
        let GroupsQuery { account, range, belongs, column, .. } = self.query;
        let wanted = Wanted::new(account, range, belongs, &self.conditions);
        let (mut looked, mut seen, mut ids) = (Looked::default(), IdSet::default(), Vec::new());
        each_found(self.views(), &wanted, &mut looked, &self.stop, |found| {
            found.numbers(column, &mut ids)?;
            seen.extend(ids.iter().copied());
            Ok(())
        })?;
        self.looked = looked;
        seen.remove(ABSENT);
        self.total = seen.count();
        let namespace = namespace_of(self.query.table.table(), self.query.column);
        let dictionary = self.snapshot.dictionaries.of(self.query.account, namespace);
        let page = page_of(&seen, &dictionary, self.query.offset, self.query.limit, &self.stop)?;
        drop(seen);
        self.groups = page.into_iter().map(|id| (id, 0)).collect();
        if self.groups.is_empty() { Ok(()) } else { self.count_rows() }
    }

    /// Counts the rows of the page's groups, and keeps their places unless they are too many.
    fn count_rows(&mut self) -> Result<(), QueryError> {
        let mut counts = vec![0; self.groups.len()];
        let mut places = Vec::new();
        self.each_place(0..self.groups.len(), Range::ALL, |place| {
            counts[place.group as usize] += 1;
            if places.len() as u64 <= PLACES_MAX {
                places.push(place);
            }
        })?;
        for ((_, rows), count) in self.groups.iter_mut().zip(counts) {
            *rows = count;
        }
        if places.len() as u64 <= PLACES_MAX {
            self.next_group = self.groups.len();
            self.keep(places);
        }
        Ok(())
    }

    /// Finds the places of the next groups, as many as fit; of a group that does not fit, those of the next window.
    fn find_places(&mut self) -> Result<(), QueryError> {
        if self.find_places_of_large()? {
            return Ok(());
        }
        let (first, mut rows) = (self.next_group, 0);
        while let Some((_, more)) = self.groups.get(self.next_group)
            && rows + more <= PLACES_MAX
        {
            rows += more;
            self.next_group += 1;
        }
        if first < self.next_group {
            let mut places = Vec::with_capacity(rows as usize);
            self.each_place(first..self.next_group, Range::ALL, |place| places.push(place))?;
            self.keep(places);
        } else if first < self.groups.len() {
            self.next_group += 1;
            let windows = TimeWindows::new(self.views(), self.query.account, self.query.range);
            self.large = Some(LargeGroup { group: first, windows });
            return self.find_places();
        }
        Ok(())
    }

    /// Finds rows of the large group that was begun; false where none are left.
    fn find_places_of_large(&mut self) -> Result<bool, QueryError> {
        let Some(LargeGroup { group, mut windows }) = self.large.take() else { return Ok(false) };
        let mut places = Vec::new();
        while places.is_empty() {
            let Some(window) = windows.next(self.views(), self.query.account)? else { return Ok(false) };
            self.each_place(group..group + 1, window, |place| places.push(place))?;
        }
        self.keep(places);
        self.large = Some(LargeGroup { group, windows });
        Ok(true)
    }

    fn keep(&mut self, mut places: Vec<Place>) {
        places.sort_unstable_by(|a, b| b.cmp(a));
        self.places = places;
    }

    /// Calls back with every row of these groups of the page that starts in the window.
    fn each_place(
        &mut self,
        groups: std::ops::Range<usize>,
        window: Range,
        mut take: impl FnMut(Place),
    ) -> Result<(), QueryError> {
        let GroupsQuery { account, range, belongs, column, .. } = self.query;
        let ids = self.groups[groups.clone()].iter().map(|(id, _)| u64::from(*id));
        let group_of: HashMap<u64, u32> = ids.clone().zip(groups.start as u32..).collect();
        let conditions = self.conditions.clone().and(column, ids.collect());
        let wanted = Wanted::new(account, range, belongs, &conditions).starting_in(window);
        let (mut looked, mut ids) = (std::mem::take(&mut self.looked), Vec::new());
        each_found(self.views(), &wanted, &mut looked, &self.stop, |found| {
            found.numbers(column, &mut ids)?;
            let (times, keys) = (found.column(Table::TIME)?.times(), found.column(Table::KEY)?.ids());
            let mut ids = ids.iter();
            found.places.each(|at| {
                let group = group_of[ids.next().expect("there is an id per place")];
                let row = found.row(at);
                take(Place { group, time: times[at], key: keys[at], source: found.source, row });
            });
            Ok(())
        })?;
        self.looked = looked;
        Ok(())
    }
}
