//! Aggregates: rows with the same values in one or two columns become one row of what is known about them.
//!
//! Values are dense ids, so a group is named by one or two numbers, and every aggregate is an array with a place per
//! group. What the numbers stand for is looked up for the groups that are asked for.

mod tally;

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;
use tallyhouse_model::{
    AggregateQuery, Belongs, ColumnIndex, ColumnKind, DictionaryValues, GroupOrder, Point,
};

use self::tally::Tally;
use super::filter::Conditions;
use super::groups::page_of;
use super::id_set::{ABSENT, IdSet};
use super::limits::NAMES_AT_ONCE;
use super::page::PageReader;
use super::points::Points;
use super::select::{Found, Looked, Wanted, each_found};
use crate::damage::Damage;
use crate::{AggregateRow, QueryError, Scanned, Snapshot, Stop};

/// Columns that rows are grouped by at most.
const BY_MAX: usize = 2;

/// The row has no value in a column that makes groups.
const NO_GROUP: u32 = u32::MAX;

/// The numbers that name a group; with one column, the second is [`ABSENT`].
type Name = [u64; BY_MAX];

/// The groups of a query, kept as numbers.
pub struct Aggregates {
    snapshot: Arc<Snapshot>,
    query: AggregateQuery,
    names: Vec<Name>,
    tallies: Vec<Tally>,
    /// The groups in the order of the query.
    order: Vec<u32>,
    scanned: Scanned,
}

impl Aggregates {
    pub(crate) fn find(
        snapshot: Arc<Snapshot>,
        query: &AggregateQuery,
        stop: &Stop,
    ) -> Result<Self, QueryError> {
        assert!((1..=BY_MAX).contains(&query.by.len()), "rows are grouped by one column or two");
        let AggregateQuery { account, table, range, .. } = *query;
        let (table, dictionaries) = (table.table(), &snapshot.dictionaries);
        let conditions = Conditions::new(&query.filters, table, account, dictionaries, stop)?;
        let wanted = Wanted::new(account, range, Belongs::StartsIn, &conditions);
        let tallies = query.aggregates.iter().map(|it| Tally::new(it, table, account, dictionaries));
        let mut tallies: Vec<Tally> = tallies.collect::<Result<_, _>>()?;
        let mut groups = Groups::default();
        let views = snapshot.tables.of(query.table);
        let reader = PageReader::new(views, table, account, dictionaries);
        let mut looked = Looked::default();
        each_found(views, &wanted, &mut looked, stop, |found| {
            groups.name(found, query)?;
            for tally in &mut tallies {
                tally.add(found, &groups.of_rows, groups.names.len(), &reader)?;
            }
            Ok(())
        })?;
        let order = (0..groups.names.len() as u32).collect();
        let scanned = looked.scanned();
        let mut found = Self { snapshot, query: query.clone(), names: groups.names, tallies, order, scanned };
        found.sort(stop)?;
        Ok(found)
    }

    /// How many groups.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// What folding them took.
    pub fn scanned(&self) -> Scanned {
        self.scanned
    }

    /// Some of the groups, by their places in the order of the query.
    pub fn rows(&self, places: Range<usize>) -> Result<Vec<AggregateRow>, QueryError> {
        let by: Vec<Points<'_>> = self.query.by.iter().map(|column| self.points(*column)).collect();
        let columns = self.tallies.iter().map(|tally| tally.column().map(|column| self.points(column)));
        let columns: Vec<Option<Points<'_>>> = columns.collect();
        let row = |group: &u32| -> Result<AggregateRow, Damage> {
            let name = &self.names[*group as usize];
            let by = by.iter().zip(name).map(|(points, number)| points.point(*number));
            let values = self.tallies.iter().zip(&columns);
            let values = values.map(|(tally, points)| tally.point(*group, points.as_ref()));
            Ok(AggregateRow { by: by.collect::<Result<_, _>>()?, values: values.collect::<Result<_, _>>()? })
        };
        Ok(self.order[places].iter().map(row).collect::<Result<_, Damage>>()?)
    }

    fn points(&self, column: ColumnIndex) -> Points<'_> {
        Points::new(self.query.account, self.query.table.table(), column, &self.snapshot.dictionaries)
    }

    /// Sorts by the aggregate, and groups that are alike in it by what they stand for.
    fn sort(&mut self, stop: &Stop) -> Result<(), QueryError> {
        let first = match self.query.order {
            GroupOrder::Any => return Ok(()),
            GroupOrder::Values => None,
            GroupOrder::Aggregate(at) => Some(&self.tallies[at]),
        };
        let mut order: Vec<u32> = (0..self.names.len() as u32).collect();
        if let Some(tally) = first {
            order.sort_unstable_by_key(|group| tally.number(*group));
        }
        let alike =
            |one: &u32, other: &u32| first.is_none_or(|tally| tally.number(*one) == tally.number(*other));
        for run in order.chunk_by_mut(alike).filter(|run| run.len() > 1) {
            stop.check()?;
            self.sort_by_name(run, stop)?;
        }
        self.order = order;
        Ok(())
    }

    /// Few groups are sorted by what they stand for, many by the ranks of their values, which take less memory.
    fn sort_by_name(&self, groups: &mut [u32], stop: &Stop) -> Result<(), QueryError> {
        if groups.len() > NAMES_AT_ONCE {
            return self.sort_by_ranks(groups, stop);
        }
        let points: Vec<Points<'_>> = self.query.by.iter().map(|column| self.points(*column)).collect();
        let named = |group: &u32| {
            let numbers = points.iter().zip(&self.names[*group as usize]);
            let name = numbers.map(|(points, number)| points.order(*number));
            Ok((name.collect::<Result<Vec<Point>, Damage>>()?, *group))
        };
        let names = groups.iter().map(named).collect::<Result<Vec<_>, Damage>>()?;
        put_sorted(groups, names);
        Ok(())
    }

    fn sort_by_ranks(&self, groups: &mut [u32], stop: &Stop) -> Result<(), QueryError> {
        let mut ranks = Vec::with_capacity(self.query.by.len());
        for (place, column) in self.query.by.iter().enumerate() {
            let numbers: IdSet = groups.iter().map(|group| self.names[*group as usize][place]).collect();
            ranks.push(self.ranks_of(&numbers, *column, stop)?);
        }
        let ranked = groups.iter().map(|group| {
            let mut name = [0; BY_MAX];
            for (place, ranks) in ranks.iter().enumerate() {
                name[place] = ranks[&self.names[*group as usize][place]];
            }
            (name, *group)
        });
        let ranked = ranked.collect();
        put_sorted(groups, ranked);
        Ok(())
    }

    /// The places that the values of a column have when they are sorted.
    fn ranks_of(
        &self,
        numbers: &IdSet,
        column: ColumnIndex,
        stop: &Stop,
    ) -> Result<HashMap<u64, u32>, QueryError> {
        let sorted: Vec<u64> = match self.query.table.table().columns[column].kind {
            ColumnKind::Dictionary { namespace, values: DictionaryValues::Texts } => {
                let dictionary = self.snapshot.dictionaries.of(self.query.account, namespace);
                let ids = page_of(numbers, &dictionary, 0, usize::MAX, stop)?;
                ids.into_iter().map(u64::from).collect()
            }
            _ => {
                let points = self.points(column);
                let ordered = numbers.iter().map(|number| Ok((points.order(number)?, number)));
                let mut ordered = ordered.collect::<Result<Vec<_>, Damage>>()?;
                ordered.sort_unstable();
                ordered.into_iter().map(|(_, number)| number).collect()
            }
        };
        Ok(sorted.into_iter().zip(0..).collect())
    }
}

/// Puts the groups in the order of what comes with them.
fn put_sorted<K: Ord>(groups: &mut [u32], mut named: Vec<(K, u32)>) {
    named.sort_unstable();
    for (place, (_, group)) in groups.iter_mut().zip(named) {
        *place = group;
    }
}

/// Gives every group a place, in the order in which they are met.
#[derive(Default)]
struct Groups {
    places: HashMap<Name, u32>,
    names: Vec<Name>,
    /// The groups of the rows at hand.
    of_rows: Vec<u32>,
    numbers: [Vec<u64>; BY_MAX],
}

impl Groups {
    /// Finds the group of each row.
    fn name(&mut self, found: &Found<'_>, query: &AggregateQuery) -> Result<(), QueryError> {
        for (column, numbers) in query.by.iter().zip(&mut self.numbers) {
            found.numbers(*column, numbers)?;
        }
        self.of_rows.clear();
        let [first, second] = &self.numbers;
        for (row, number) in first.iter().enumerate() {
            let name = [*number, second.get(row).copied().unwrap_or(ABSENT)];
            let group = if name[..query.by.len()].contains(&ABSENT) {
                NO_GROUP
            } else {
                *self.places.entry(name).or_insert_with(|| {
                    self.names.push(name);
                    self.names.len() as u32 - 1
                })
            };
            self.of_rows.push(group);
        }
        match self.names.len() <= query.groups_max {
            true => Ok(()),
            false => Err(QueryError::TooManyGroups(query.groups_max)),
        }
    }
}
