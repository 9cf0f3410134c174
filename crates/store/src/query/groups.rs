//! Groups: rows by the text of a column, a page of texts at a time.
//!
//! A first pass over the matching rows finds which texts there are, a second one the rows of those on the page. The
//! rows are read afterwards, a batch at a time; a page with very many of them takes further passes, so that what is
//! kept in memory is bounded.

mod order;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{Batch, GroupsQuery, Key, Micros, Table};

use self::order::page_of;
use super::filter::{Conditions, namespace_of};
use super::id_set::IdSet;
use super::page::PageReader;
use super::select::{Looked, Places, Wanted, select};
use crate::part::{PartView, RowRef};
use crate::{QueryError, Scanned, Snapshot, Stop};

/// Rows whose places are kept in memory, unless a single group has more.
const PLACES_MAX: u64 = 65_536;

/// Rows of one batch.
const BATCH_ROWS: usize = 4_096;

/// Stands for no text.
const ABSENT: u64 = 0;

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
    read: ReadRows,
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
    pub rows: Range<usize>,
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
        let goes_on = length == rest.len() && self.places.last().is_some_and(|place| place.group == group);
        let namespace = namespace_of(self.query.table.table(), self.query.column);
        let dictionary = self.snapshot.dictionaries.of(self.query.account, namespace);
        let text = dictionary.reader()?.text(self.groups[group as usize].0)?.to_owned();
        Ok(Some(GroupRows { text, batch: Arc::clone(&self.read.batch), rows, is_last: !goes_on }))
    }

    /// Reads rows of as many groups as fit; answers whether there were any left.
    fn read_batch(&mut self) -> Result<bool, QueryError> {
        if self.places.is_empty() {
            if self.next_group == self.groups.len() {
                return Ok(false);
            }
            self.find_places()?;
        }
        self.stop.check()?;
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

    fn find_page(&mut self) -> Result<(), QueryError> {
        let mut seen = IdSet::default();
        let conditions = self.conditions.clone();
        self.each_run(&conditions, |_, _, _, ids| {
            ids.iter().for_each(|id| {
                seen.insert(*id);
            });
            Ok(())
        })?;
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
        self.each_place(0..self.groups.len(), |place| {
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

    /// Finds the places of the next groups, as many as fit, at least one.
    fn find_places(&mut self) -> Result<(), QueryError> {
        let (first, mut rows) = (self.next_group, 0);
        while let Some((_, more)) = self.groups.get(self.next_group)
            && (self.next_group == first || rows + more <= PLACES_MAX)
        {
            rows += more;
            self.next_group += 1;
        }
        let mut places = Vec::with_capacity(rows as usize);
        self.each_place(first..self.next_group, |place| places.push(place))?;
        self.keep(places);
        Ok(())
    }

    fn keep(&mut self, mut places: Vec<Place>) {
        places.sort_unstable_by(|a, b| b.cmp(a));
        self.places = places;
    }

    /// Calls back with every row of these groups of the page.
    fn each_place(&mut self, groups: Range<usize>, mut take: impl FnMut(Place)) -> Result<(), QueryError> {
        let ids = self.groups[groups.clone()].iter().map(|(id, _)| u64::from(*id));
        let group_of: HashMap<u64, u32> = ids.clone().zip(groups.start as u32..).collect();
        let conditions = self.conditions.clone().and(self.query.column, ids.collect());
        self.each_run(&conditions, |(source, view), block, places, ids| {
            let part = &view.part;
            let times = part.column(block, Table::TIME)?.times();
            let keys = part.column(block, Table::KEY)?.ids();
            let base = (block * BLOCK_ROWS) as u32;
            let mut ids = ids.iter();
            places.each(|at| {
                let group = group_of[ids.next().expect("there is an id per place")];
                take(Place { group, time: times[at], key: keys[at], source, row: base + at as u32 });
            });
            Ok(())
        })
    }

    /// Calls back with the matching rows and the ids of their texts, block by block.
    fn each_run(
        &mut self,
        conditions: &Conditions,
        mut take: impl FnMut((u32, &PartView), usize, &Places, &[u64]) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let GroupsQuery { account, range, belongs, column, .. } = self.query;
        let wanted = Wanted { account, range, belongs, conditions };
        let (mut looked, mut ids) = (std::mem::take(&mut self.looked), Vec::new());
        for (source, view) in self.views().iter().enumerate() {
            let mut selection = select(view, &wanted)?;
            while let Some(run) = selection.next_run(&mut looked, &self.stop)? {
                let Some((block, places)) = Places::of(run, view) else { continue };
                places.numbers(view.part.column(block, column)?, &mut ids);
                take((source as u32, view), block, &places, &ids)?;
            }
        }
        self.looked = looked;
        Ok(())
    }
}
