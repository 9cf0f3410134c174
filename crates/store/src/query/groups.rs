//! Groups: rows by the text of a column, a page of texts at a time.
//!
//! A first pass over the matching rows finds which texts there are, a second one the rows of those on the page. The
//! rows are read afterwards, a batch at a time; a page with very many of them takes further passes, so that what is
//! kept in memory is bounded.

mod order;

use std::collections::HashMap;
use std::sync::Arc;

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{Batch, GroupsQuery, Key, Micros, Table};

use self::order::page_of;
use super::filter::{Conditions, namespace_of};
use super::id_set::IdSet;
use super::page::PageReader;
use super::select::{Places, Wanted, select};
use crate::part::{PartView, RowRef};
use crate::{QueryError, Scanned, Snapshot, Stop};

/// Rows whose places are kept in memory, unless a single group has more.
const PLACES_MAX: u64 = 262_144;

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
    scanned: Scanned,
    /// The groups of the page by their text, and how many rows each has.
    groups: Vec<(u32, u64)>,
    /// The rows of the groups before this one are in `places` or were given out.
    next_group: usize,
    /// Rows to give out, the next one last.
    places: Vec<Place>,
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
    /// Some of its rows, sorted by (time, key) over all batches of the group.
    pub rows: Batch,
    /// Whether these are the last ones of the group.
    pub is_last: bool,
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
            scanned: Scanned::default(),
            groups: Vec::new(),
            next_group: 0,
            places: Vec::new(),
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
        self.scanned
    }

    /// The next rows, group by group; every group of the page has at least one. `None` behind the last.
    pub fn next_rows(&mut self) -> Result<Option<GroupRows>, QueryError> {
        if self.places.is_empty() {
            if self.next_group == self.groups.len() {
                return Ok(None);
            }
            self.find_places()?;
        }
        let Some(Place { group, .. }) = self.places.last().copied() else { return Ok(None) };
        let mut rows = Vec::new();
        while rows.len() < BATCH_ROWS
            && let Some(place) = self.places.pop_if(|place| place.group == group)
        {
            rows.push(RowRef { source: place.source, row: place.row });
        }
        let is_last = self.places.last().is_none_or(|place| place.group != group);
        let views = self.views();
        let (table, account) = (self.query.table.table(), self.query.account);
        let dictionaries = &self.snapshot.dictionaries;
        let rows = PageReader::new(views, table, account, dictionaries).read_rows(&rows)?;
        let dictionary = dictionaries.of(account, namespace_of(table, self.query.column));
        let text = dictionary.reader()?.text(self.groups[group as usize].0)?.to_owned();
        Ok(Some(GroupRows { text, rows, is_last }))
    }

    fn views(&self) -> &[PartView] {
        self.snapshot.tables.of(self.query.table)
    }

    fn find_page(&mut self) -> Result<(), QueryError> {
        let mut seen = IdSet::default();
        self.each_run(|_, _, _, ids| {
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
    fn each_place(
        &mut self,
        groups: std::ops::Range<usize>,
        mut take: impl FnMut(Place),
    ) -> Result<(), QueryError> {
        let ids = self.groups[groups.clone()].iter().map(|(id, _)| u64::from(*id));
        let wanted: IdSet = ids.clone().collect();
        let group_of: HashMap<u64, u32> = ids.zip(groups.start as u32..).collect();
        self.each_run(|source, block, places, ids| {
            if !ids.iter().any(|id| wanted.contains(*id)) {
                return Ok(());
            }
            let part = &source.1.part;
            let times = part.column(block, Table::TIME)?.times();
            let keys = part.column(block, Table::KEY)?.ids();
            let base = (block * BLOCK_ROWS) as u32;
            let mut ids = ids.iter();
            places.each(|at| {
                let id = ids.next().expect("there is an id per place");
                if wanted.contains(*id) {
                    let (time, key, row) = (times[at], keys[at], base + at as u32);
                    take(Place { group: group_of[id], time, key, source: source.0, row });
                }
            });
            Ok(())
        })
    }

    /// Calls back with the matching rows and the ids of their texts, block by block.
    fn each_run(
        &mut self,
        mut take: impl FnMut((u32, &PartView), usize, &Places, &[u64]) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let GroupsQuery { account, range, belongs, column, .. } = self.query;
        let wanted = Wanted { account, range, belongs, conditions: &self.conditions };
        let (mut scanned, mut ids) = (Scanned::default(), Vec::new());
        for (source, view) in self.views().iter().enumerate() {
            let mut selection = select(view, &wanted)?;
            while let Some(run) = selection.next_run(&mut scanned, &self.stop)? {
                let Some((block, places)) = Places::of(run, view) else { continue };
                places.numbers(view.part.column(block, column)?, &mut ids);
                take((source as u32, view), block, &places, &ids)?;
            }
        }
        self.scanned.rows += scanned.rows;
        self.scanned.parts = scanned.parts;
        Ok(())
    }
}
