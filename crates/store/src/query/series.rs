//! Series: rows are counted per part, and the counts add up. What is counted only once is in `distinct.rs`.

use std::collections::HashMap;

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{
    Belongs, By, ColumnIndex, Measure, Micros, Names, Point, SECOND, SeriesQuery, Table, Unit, Zone,
};

use super::distinct;
use super::filter::Conditions;
use super::limits::BUCKETS_MAX;
use super::points::Points;
use super::select::{Looked, Run, Wanted, each_found, select};
use crate::damage::Damage;
use crate::dictionary::Dictionaries;
use crate::part::{PartView, split};
use crate::{QueryError, SeriesAnswer, Stop};

/// Counts rows.
pub fn series(
    views: &[PartView],
    dictionaries: &Dictionaries,
    query: &SeriesQuery,
    stop: &Stop,
) -> Result<SeriesAnswer, QueryError> {
    let table = query.table.table();
    let conditions = Conditions::new(&query.filters, table, query.account, dictionaries, stop)?;
    let wanted = Wanted::new(query.account, query.range, query.belongs, &conditions);
    if let Measure::Distinct(counted) = query.measure {
        return distinct::count(views, dictionaries, query, counted, &wanted, stop);
    }
    let mut looked = Looked::default();
    let values = match &query.by {
        By::Column(column, names) => {
            let points = Points::new(query.account, table, *column, dictionaries);
            per_point(views, &wanted, *column, &points, names, &mut looked, stop)?
        }
        by => {
            let mut counter = Counter::new(views, query, by)?;
            for view in views {
                let mut selection = select(view, &wanted)?;
                while let Some(run) = selection.next_run(&mut looked, stop)? {
                    counter.add(view, run)?;
                }
            }
            counter.finish()
        }
    };
    Ok(SeriesAnswer { values, scanned: looked.scanned() })
}

/// Numbers are dense ids, so counting is an array index; the array grows up to the greatest id that is met.
fn per_point(
    views: &[PartView],
    wanted: &Wanted<'_>,
    column: ColumnIndex,
    points: &Points<'_>,
    names: &Names,
    looked: &mut Looked,
    stop: &Stop,
) -> Result<Vec<(Point, u64)>, QueryError> {
    let (mut counts, mut numbers): (Vec<u64>, _) = (Vec::new(), Vec::new());
    each_found(views, wanted, looked, stop, |found| {
        found.numbers(column, &mut numbers)?;
        let greatest = numbers.iter().copied().max().unwrap_or(0) as usize;
        counts.resize(counts.len().max(greatest + 1), 0);
        numbers.iter().for_each(|number| counts[*number as usize] += 1);
        Ok(())
    })?;
    let mut values: HashMap<Point, u64> = HashMap::new();
    for (number, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        *values.entry(points.named(number as u64, names)?).or_default() += count;
    }
    Ok(values.into_iter().collect())
}

/// The partial answer that every part adds to.
enum Counter {
    All(u64),
    PerBucket { boundaries: Vec<Micros>, counts: Vec<u64> },
}

impl Counter {
    fn new(views: &[PartView], query: &SeriesQuery, by: &By) -> Result<Self, QueryError> {
        let By::Time(unit, zone) = by else { return Ok(Counter::All(0)) };
        assert_eq!(query.belongs, Belongs::StartsIn, "a row has one bucket only where it starts");
        let boundaries = boundaries(views, query, *unit, zone)?;
        let counts = vec![0; boundaries.len().saturating_sub(1)];
        Ok(Counter::PerBucket { boundaries, counts })
    }

    fn add(&mut self, view: &PartView, run: Run) -> Result<(), Damage> {
        match self {
            Counter::All(count) => *count += run.count(view),
            Counter::PerBucket { boundaries, counts } => add_per_bucket(boundaries, counts, view, &run)?,
        }
        Ok(())
    }

    fn finish(self) -> Vec<(Point, u64)> {
        match self {
            Counter::All(count) => vec![(Point::Absent, count)],
            Counter::PerBucket { boundaries, counts } => {
                let points = boundaries.into_iter().map(Point::Time).zip(counts);
                points.filter(|(_, count)| *count > 0).collect()
            }
        }
    }
}

/// The boundaries of the buckets that can hold rows: those of the part of the range where the account has any.
pub(super) fn boundaries(
    views: &[PartView],
    query: &SeriesQuery,
    unit: Unit,
    zone: &Zone,
) -> Result<Vec<Micros>, QueryError> {
    let accounts = views.iter().filter_map(|view| Some((view, view.part.header.account(query.account)?)));
    let bounds = accounts.flat_map(|(view, rows)| view.part.header.granules_of(rows));
    let (mut from, mut to) = (Micros::MAX, Micros::MIN);
    for (_, _, granule) in bounds {
        from = from.min(granule.time_min);
        to = to.max(granule.time_max + 1);
        if query.belongs == Belongs::Present {
            to = to.max(granule.end_max);
        }
    }
    let (from, to) = (from.max(query.range.from), to.min(query.range.to));
    // Only of minutes there can be too many; all of time has fewer hours than this.
    if unit == Unit::Minute && to.saturating_sub(from) / (60 * SECOND) > BUCKETS_MAX {
        return Err(QueryError::TooManyGroups(BUCKETS_MAX as usize));
    }
    Ok(zone.boundaries(unit, from, to))
}

/// Rows are sorted by time, so each bucket is one stretch of them.
fn add_per_bucket(
    boundaries: &[Micros],
    counts: &mut [u64],
    view: &PartView,
    run: &Run,
) -> Result<(), Damage> {
    let rows = match run {
        Run::Live(rows) if !rows.is_empty() => rows.start..rows.end,
        Run::Rows(rows) if !rows.is_empty() => rows[0]..rows[rows.len() - 1] + 1,
        _ => return Ok(()),
    };
    let (block, _) = split(rows.start);
    let times = view.part.column(block, Table::TIME)?.times();
    let base = (block * BLOCK_ROWS) as u32;
    let mut start = rows.start;
    while start < rows.end {
        let bucket = boundaries.partition_point(|at| *at <= times[(start - base) as usize]) - 1;
        let rest = &times[(start - base) as usize..(rows.end - base) as usize];
        let end = start + rest.partition_point(|time| *time < boundaries[bucket + 1]) as u32;
        counts[bucket] += match run {
            Run::Live(_) => u64::from(end - start) - view.dead.count_in(start, end),
            Run::Rows(rows) => {
                (rows.partition_point(|row| *row < end) - rows.partition_point(|row| *row < start)) as u64
            }
        };
        start = end;
    }
    Ok(())
}
