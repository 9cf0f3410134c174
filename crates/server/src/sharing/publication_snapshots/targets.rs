//! `urls`: where people were led to, by how many. Reactions of the kind referral tell that, and clicks on short URLs of this
//! server, which count for the publication that the short URL was made for.

use std::collections::{HashMap, HashSet};

use tallyhouse_model::tables::reactions::TARGET;
use tallyhouse_model::{Aggregate, Cell, Filter, Point, TableId};
use tallyhouse_store::{AggregateRow, Aggregates, QueryError};

use super::shares::Share;
use super::top::Top;
use super::writer::{BodyWriter, Bounds};
use crate::catalog::Publication;
use crate::sharing::reader::Reader;
use crate::sharing::referrals::ReferralCounts;

/// Groups whose names are looked up at once.
const CHUNK_GROUPS: usize = 4_096;

/// Rows that are read at once.
const CHUNK_ROWS: usize = 4_096;

/// How many people each target got.
pub type Counts<'a> = HashMap<&'a str, u64>;

/// Where clicks on the short URLs of a publication led: to where each leads, whatever an imported click says, so that
/// there are no more targets than short URLs.
pub fn clicks_of<'a>(publication: &'a Publication, counts: &ReferralCounts) -> Counts<'a> {
    let mut clicks = Counts::new();
    for shorturl in &publication.shorturls {
        let clicked = counts.of(&shorturl.token).referrals;
        if clicked > 0 {
            *clicks.entry(&shorturl.original_url).or_insert(0) += clicked;
        }
    }
    clicks
}

/// Writes the list of a publication: the targets of most referrals first, and of equal ones by their text; what led nowhere
/// that is known comes last among them.
pub fn write(
    reader: &Reader,
    share: &Share,
    mut clicks: Counts<'_>,
    body: &mut BodyWriter,
) -> Result<(), QueryError> {
    let mut top = Top::new(body.entries_max());
    if !share.is_empty() {
        add_reactions(reader, share.filters("referral"), body.bounds(), &mut clicks, &mut top)?;
    }
    clicks.into_iter().for_each(|(target, clicked)| top.add(clicked, Some(target.to_owned())));
    top.write(body);
    Ok(())
}

/// Adds the targets of reactions, each with its clicks. Where there are more different ones than can be counted at once,
/// those of clicks and the earliest are.
fn add_reactions(
    reader: &Reader,
    filters: Vec<Filter>,
    bounds: Bounds,
    clicks: &mut Counts<'_>,
    top: &mut Top,
) -> Result<(), QueryError> {
    let with_target = match targets(reader, filters.clone(), bounds.groups) {
        Ok(groups) => add_groups(&groups, clicks, top)?,
        Err(QueryError::TooManyGroups(_)) => {
            let different = reader.count_different(TableId::Reactions, filters.clone(), TARGET)?;
            let mut shown = 0;
            for some in some_targets(reader, filters.clone(), bounds, clicks)?.chunks(bounds.groups) {
                let of_these = filters.iter().cloned().chain([Filter::TextIn(TARGET, some.to_vec())]);
                let groups = targets(reader, of_these.collect(), bounds.groups)?;
                shown += groups.len() as u64;
                add_groups(&groups, clicks, top)?;
            }
            top.add_unseen(different.saturating_sub(shown));
            // An empty text is in every one.
            let any = filters.iter().cloned().chain([Filter::TextContains(TARGET, String::new())]);
            reader.count(TableId::Reactions, any.collect())?
        }
        Err(error) => return Err(error),
    };
    let total = reader.count(TableId::Reactions, filters)?;
    if total > with_target {
        top.add(total - with_target, None);
    }
    Ok(())
}

/// How many reactions each target has.
fn targets(reader: &Reader, filters: Vec<Filter>, groups_max: usize) -> Result<Aggregates, QueryError> {
    reader.groups(TableId::Reactions, filters, &[TARGET], vec![Aggregate::Rows], groups_max)
}

/// The targets of clicks, and as many of reactions as a list may show, the earliest first.
fn some_targets(
    reader: &Reader,
    filters: Vec<Filter>,
    bounds: Bounds,
    clicks: &Counts<'_>,
) -> Result<Vec<String>, QueryError> {
    let mut some: HashSet<String> = clicks.keys().map(|target| (*target).to_owned()).collect();
    let (some_max, mut bytes) = (some.len() + bounds.entries, 0);
    let mut found = reader.scan(TableId::Reactions, filters)?;
    for start in (0..found.total()).step_by(CHUNK_ROWS) {
        let rows = found.rows(start..start + CHUNK_ROWS as u64, &[TARGET])?;
        for row in 0..rows.rows() {
            if let Cell::Text(target) = rows.columns[TARGET].cell(row)
                && !some.contains(target)
            {
                if some.len() >= some_max || bytes >= bounds.bytes {
                    return Ok(some.into_iter().collect());
                }
                bytes += target.len();
                some.insert(target.to_owned());
            }
        }
    }
    Ok(some.into_iter().collect())
}

/// Adds these targets, and takes their clicks along. How many reactions they have together.
fn add_groups(groups: &Aggregates, clicks: &mut Counts<'_>, top: &mut Top) -> Result<u64, QueryError> {
    let mut reactions = 0;
    each_group(groups, |group| {
        let ([Point::Text(target)], [Point::Integer(rows)]) = (group.by.as_slice(), group.values.as_slice())
        else {
            unreachable!("targets are texts, and rows are counted");
        };
        reactions += rows;
        let clicked = clicks.remove(target.as_str()).unwrap_or(0);
        top.add(rows + clicked, Some(target.clone()));
    })?;
    Ok(reactions)
}

/// Calls back with every group, a chunk of them in memory at a time.
fn each_group(groups: &Aggregates, mut take: impl FnMut(&AggregateRow)) -> Result<(), QueryError> {
    for start in (0..groups.len()).step_by(CHUNK_GROUPS) {
        let end = groups.len().min(start + CHUNK_GROUPS);
        groups.rows(start..end)?.iter().for_each(&mut take);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
