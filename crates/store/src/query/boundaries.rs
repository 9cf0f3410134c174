//! Where the buckets of a series begin and end: only those that can hold rows, so that one row of long ago does not make
//! buckets of all the time since.

use tallyhouse_model::{Belongs, DAY, HOUR, Micros, SECOND, SeriesQuery, Unit, Zone};

use super::limits::BUCKETS_MAX;
use crate::QueryError;
use crate::part::PartView;

/// Buckets without rows that are rather taken along than left out one by one.
const GAP_BUCKETS: i64 = 64;

/// The boundaries of all buckets that can hold rows of a query, ascending. What lies between two of them is a bucket, or a
/// gap in which nothing starts.
pub fn boundaries(
    views: &[PartView],
    query: &SeriesQuery,
    unit: Unit,
    zone: &Zone,
) -> Result<Vec<Micros>, QueryError> {
    let mut stretches = stretches_of_buckets(views, query, unit, GAP_BUCKETS)?;
    // Taking along what has no rows is a convenience that a long time with few rows cannot have.
    if buckets_of(&stretches, unit) > BUCKETS_MAX {
        stretches = stretches_of_buckets(views, query, unit, 1)?;
    }
    if buckets_of(&stretches, unit) > BUCKETS_MAX {
        return Err(QueryError::TooManyGroups(BUCKETS_MAX as usize));
    }
    let mut boundaries: Vec<Micros> =
        stretches.into_iter().flat_map(|(from, to)| zone.boundaries(unit, from, to)).collect();
    // The last bucket of a stretch may reach into the next.
    boundaries.sort_unstable();
    boundaries.dedup();
    Ok(boundaries)
}

/// The stretches that are made into buckets, ascending; up to so many buckets without rows are taken along with one that
/// has any.
fn stretches_of_buckets(
    views: &[PartView],
    query: &SeriesQuery,
    unit: Unit,
    gap_buckets: i64,
) -> Result<Vec<(Micros, Micros)>, QueryError> {
    let mut stretches = stretches(views, query, unit, gap_buckets)?;
    // Rows that are present may reach across any gap.
    if query.belongs == Belongs::Present {
        let from = stretches.iter().map(|(from, _)| *from).min();
        let to = stretches.iter().map(|(_, to)| *to).max();
        stretches = from.zip(to).into_iter().collect();
    }
    Ok(merged(stretches, gap_buckets * length(unit)))
}

/// How many buckets there are at most.
fn buckets_of(stretches: &[(Micros, Micros)], unit: Unit) -> i64 {
    stretches.iter().map(|(from, to)| to.saturating_sub(*from) / length(unit) + 2).sum()
}

/// Stretches of the range in which rows are: a granule each, or, where a granule has many more buckets than rows, each of
/// its rows.
fn stretches(
    views: &[PartView],
    query: &SeriesQuery,
    unit: Unit,
    gap_buckets: i64,
) -> Result<Vec<(Micros, Micros)>, QueryError> {
    let mut stretches = Vec::new();
    let mut add = |from: Micros, to: Micros| {
        let (from, to) = (from.max(query.range.from), to.min(query.range.to));
        if from < to {
            stretches.push((from, to));
        }
    };
    for view in views {
        let Some(rows) = view.part.header.account(query.account) else { continue };
        for (first, last, granule) in view.part.header.granules_of(rows) {
            let present = query.belongs == Belongs::Present;
            let end = if present { granule.end_max.max(granule.time_max + 1) } else { granule.time_max + 1 };
            let buckets = end.saturating_sub(granule.time_min) / length(unit);
            if present || buckets <= i64::from(last - first) * gap_buckets {
                add(granule.time_min, end);
                continue;
            }
            for row in first..last {
                let time = view.part.time(row)?;
                add(time, time + 1);
            }
        }
    }
    Ok(stretches)
}

/// Joins stretches that overlap or are no farther from each other than this.
fn merged(mut stretches: Vec<(Micros, Micros)>, gap_max: Micros) -> Vec<(Micros, Micros)> {
    stretches.sort_unstable();
    let mut merged: Vec<(Micros, Micros)> = Vec::new();
    for (from, to) in stretches {
        match merged.last_mut() {
            Some((_, end)) if from <= end.saturating_add(gap_max) => *end = to.max(*end),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// The least length of a unit.
fn length(unit: Unit) -> Micros {
    match unit {
        Unit::Minute => 60 * SECOND,
        Unit::Hour => HOUR,
        // Days of 23 hours, weeks with one of those, and months of 28 days.
        Unit::Day => 23 * HOUR,
        Unit::Week => 7 * DAY - HOUR,
        Unit::Month => 28 * DAY - HOUR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_joined_where_they_are_close() {
        let stretches = vec![(50, 60), (0, 10), (5, 7), (12, 20), (100, 101)];
        assert_eq!(merged(stretches.clone(), 2), [(0, 20), (50, 60), (100, 101)]);
        assert_eq!(merged(stretches, 40), [(0, 101)]);
        assert!(merged(Vec::new(), 1).is_empty());
    }
}
