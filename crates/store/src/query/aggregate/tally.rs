//! What is counted, measured or remembered about each group while rows pass by.

use hashbrown::HashSet;
use tallyhouse_model::{ABSENT_TIME, AccountId, Aggregate, ColumnIndex, Micros, Point, Table};

use super::NO_GROUP;
use crate::QueryError;
use crate::damage::Damage;
use crate::dictionary::Dictionaries;
use crate::part::RowRef;
use crate::query::filter::namespace_of;
use crate::query::id_set::ABSENT;
use crate::query::instant::order_in_instant;
use crate::query::limits::PAIRS_MAX;
use crate::query::page::PageReader;
use crate::query::points::Points;
use crate::query::select::Found;

/// One aggregate of every group.
pub struct Tally {
    measure: Measured,
    /// The numbers of a column, as they are needed.
    numbers: Vec<u64>,
}

enum Measured {
    Rows(Vec<u64>),
    /// Without an id, no row has the text.
    RowsWith(ColumnIndex, Option<u64>, Vec<u64>),
    Least(ColumnIndex, Vec<Micros>),
    Greatest(ColumnIndex, Vec<Micros>),
    First(ColumnIndex, Vec<Option<FirstValue>>),
    /// The groups and values that were seen together, and how many values each group has.
    Distinct(ColumnIndex, HashSet<(u32, u32)>, Vec<u64>),
}

/// A value and the row that it is from.
#[derive(Clone, Copy)]
struct FirstValue {
    time: Micros,
    source: u32,
    row: u32,
    number: u32,
}

impl FirstValue {
    /// Whether its row comes earlier: by time, then in the order in which scans answer rows of one instant, as long as they sort them.
    fn is_before(&self, other: &FirstValue, reader: &PageReader<'_>) -> Result<bool, Damage> {
        if self.time != other.time {
            return Ok(self.time < other.time);
        }
        let row = |value: &FirstValue| RowRef { source: value.source, row: value.row };
        Ok(order_in_instant(reader, row(self), row(other))?.is_lt())
    }
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(
        aggregate: &Aggregate,
        table: &Table,
        account: AccountId,
        dictionaries: &Dictionaries,
    ) -> Result<Self, QueryError> {
        let measure = match aggregate {
            Aggregate::Rows => Measured::Rows(Vec::new()),
            Aggregate::RowsWith(column, text) => {
                let dictionary = dictionaries.of(account, namespace_of(table, *column));
                let id = dictionary.id(text.as_bytes())?.map(u64::from);
                Measured::RowsWith(*column, id, Vec::new())
            }
            Aggregate::Least(column) => Measured::Least(*column, Vec::new()),
            Aggregate::Greatest(column) => Measured::Greatest(*column, Vec::new()),
            Aggregate::First(column) => Measured::First(*column, Vec::new()),
            Aggregate::Distinct(column) => Measured::Distinct(*column, HashSet::new(), Vec::new()),
        };
        Ok(Self { measure, numbers: Vec::new() })
    }

    /// Adds rows: a group for each place of `found`, of so many that there are by now.
    pub fn add(
        &mut self,
        found: &Found<'_>,
        groups: &[u32],
        groups_count: usize,
        reader: &PageReader<'_>,
    ) -> Result<(), QueryError> {
        let numbers = &mut self.numbers;
        match &mut self.measure {
            Measured::Rows(counts) => {
                counts.resize(groups_count, 0);
                each_group(groups, |_, group| counts[group] += 1);
            }
            Measured::RowsWith(column, id, counts) => {
                counts.resize(groups_count, 0);
                found.numbers(*column, numbers)?;
                each_group(groups, |row, group| counts[group] += u64::from(Some(numbers[row]) == *id));
            }
            Measured::Least(column, times) => {
                times.resize(groups_count, ABSENT_TIME);
                each_time(found, *column, groups, |group, time| {
                    if times[group] == ABSENT_TIME || time < times[group] {
                        times[group] = time;
                    }
                })?;
            }
            Measured::Greatest(column, times) => {
                times.resize(groups_count, ABSENT_TIME);
                // An absent time is the least of all.
                each_time(found, *column, groups, |group, time| times[group] = times[group].max(time))?;
            }
            Measured::First(column, firsts) => {
                firsts.resize(groups_count, None);
                found.numbers(*column, numbers)?;
                add_first(found, numbers, groups, firsts, reader)?;
            }
            Measured::Distinct(column, pairs, counts) => {
                counts.resize(groups_count, 0);
                found.numbers(*column, numbers)?;
                each_group(groups, |row, group| {
                    let number = numbers[row];
                    let is_new = number != ABSENT && pairs.insert((group as u32, number as u32));
                    counts[group] += u64::from(is_new);
                });
                if pairs.len() > PAIRS_MAX {
                    return Err(QueryError::TooManyGroups(PAIRS_MAX));
                }
            }
        }
        Ok(())
    }

    /// The column whose values it answers with, if it does.
    pub fn column(&self) -> Option<ColumnIndex> {
        match &self.measure {
            Measured::First(column, _) => Some(*column),
            _ => None,
        }
    }

    /// What it says about a group; `points` are those of its [`column`](Self::column).
    pub fn point(&self, group: u32, points: Option<&Points<'_>>) -> Result<Point, Damage> {
        Ok(match &self.measure {
            Measured::Rows(counts) | Measured::RowsWith(.., counts) | Measured::Distinct(.., counts) => {
                Point::Integer(counts[group as usize])
            }
            Measured::Least(_, times) | Measured::Greatest(_, times) => match times[group as usize] {
                ABSENT_TIME => Point::Absent,
                time => Point::Time(time),
            },
            Measured::First(_, firsts) => {
                let number = firsts[group as usize].map_or(ABSENT, |first| u64::from(first.number));
                points.expect("it has a column").point(number)?
            }
        })
    }

    /// What groups are sorted by.
    pub fn number(&self, group: u32) -> i64 {
        match &self.measure {
            Measured::Rows(counts) | Measured::RowsWith(.., counts) | Measured::Distinct(.., counts) => {
                i64::try_from(counts[group as usize]).expect("there are not that many rows")
            }
            Measured::Least(_, times) | Measured::Greatest(_, times) => times[group as usize],
            Measured::First(..) => unreachable!("groups are sorted by times and numbers"),
        }
    }
}

fn each_group(groups: &[u32], mut take: impl FnMut(usize, usize)) {
    for (row, group) in groups.iter().enumerate().filter(|(_, group)| **group != NO_GROUP) {
        take(row, *group as usize);
    }
}

fn each_time(
    found: &Found<'_>,
    column: ColumnIndex,
    groups: &[u32],
    mut take: impl FnMut(usize, Micros),
) -> Result<(), Damage> {
    let times = found.column(column)?.times();
    let mut groups = groups.iter();
    found.places.each(|at| {
        let group = *groups.next().expect("there is a group per place");
        if group != NO_GROUP && times[at] != ABSENT_TIME {
            take(group as usize, times[at]);
        }
    });
    Ok(())
}

fn add_first(
    found: &Found<'_>,
    numbers: &[u64],
    groups: &[u32],
    firsts: &mut [Option<FirstValue>],
    reader: &PageReader<'_>,
) -> Result<(), Damage> {
    let times = found.column(Table::TIME)?.times();
    let mut rows = groups.iter().zip(numbers);
    let mut failed = None;
    found.places.each(|at| {
        let (group, number) = rows.next().expect("there is a group per place");
        if *group == NO_GROUP || *number == ABSENT {
            return;
        }
        let number = u32::try_from(*number).expect("ids and choices are 32 bits wide");
        let value = FirstValue { time: times[at], source: found.source, row: found.row(at), number };
        let first = &mut firsts[*group as usize];
        match first.as_ref().map_or(Ok(true), |first| value.is_before(first, reader)) {
            Ok(true) => *first = Some(value),
            Ok(false) => {}
            Err(damage) => failed = Some(damage),
        }
    });
    failed.map_or(Ok(()), Err)
}
