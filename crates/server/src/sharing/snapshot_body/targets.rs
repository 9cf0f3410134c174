//! `urls`: where people were led to, by how many. Reactions of the kind referral tell that, and clicks on short URLs of this
//! server, which count for the publication that the short URL was made for.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use serde::Serialize;
use tallyhouse_model::tables::reactions;
use tallyhouse_model::{Aggregate, Point, TableId};
use tallyhouse_store::{AggregateRow, Aggregates, QueryError};

use super::shares::Share;
use super::writer::BodyWriter;
use crate::catalog::Publication;
use crate::sharing::reader::Reader;
use crate::sharing::referrals::ReferralCounts;

/// Groups whose names are looked up at once.
const CHUNK_GROUPS: usize = 4_096;

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

#[derive(Serialize)]
struct Entry<'a> {
    target: Option<&'a str>,
    num_referrals: u64,
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
        let filters = share.filters("referral");
        let total = reader.count(TableId::Reactions, filters.clone())?;
        let mut with_target = 0;
        let groups =
            reader.groups(TableId::Reactions, filters, &[reactions::TARGET], vec![Aggregate::Rows])?;
        each_group(&groups, |group| {
            let ([Point::Text(target)], [Point::Integer(rows)]) =
                (group.by.as_slice(), group.values.as_slice())
            else {
                unreachable!("targets are texts, and rows are counted");
            };
            with_target += rows;
            let clicked = clicks.remove(target.as_str()).unwrap_or(0);
            top.add(rows + clicked, Some(target.clone()));
        })?;
        if total > with_target {
            top.add(total - with_target, None);
        }
    }
    clicks.into_iter().for_each(|(target, clicked)| top.add(clicked, Some(target.to_owned())));
    top.write(body);
    Ok(())
}

/// Calls back with every group, a chunk of them in memory at a time.
fn each_group(groups: &Aggregates, mut take: impl FnMut(&AggregateRow)) -> Result<(), QueryError> {
    for start in (0..groups.len()).step_by(CHUNK_GROUPS) {
        let end = groups.len().min(start + CHUNK_GROUPS);
        groups.rows(start..end)?.iter().for_each(&mut take);
    }
    Ok(())
}

/// A target, by its place in the list: most referrals first, then by text, without one last.
type Ranked = (Reverse<u64>, bool, Option<String>);

/// The first targets of all that were added.
struct Top {
    count: u64,
    entries_max: usize,
    /// The last of those that are kept is at hand.
    kept: BinaryHeap<Ranked>,
}

impl Top {
    fn new(entries_max: usize) -> Self {
        Self { count: 0, entries_max, kept: BinaryHeap::new() }
    }

    fn add(&mut self, num_referrals: u64, target: Option<String>) {
        self.count += 1;
        self.kept.push((Reverse(num_referrals), target.is_none(), target));
        if self.kept.len() > self.entries_max {
            self.kept.pop();
        }
    }

    fn write(self, body: &mut BodyWriter) {
        body.begin_list(self.count);
        for (Reverse(num_referrals), _, target) in self.kept.into_sorted_vec() {
            if !body.entry(&Entry { target: target.as_deref(), num_referrals }) {
                break;
            }
        }
        body.end_list();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Bounds;
    use super::*;

    fn list(entries_max: usize, added: &[(u64, Option<&str>)]) -> String {
        let mut top = Top::new(entries_max);
        added.iter().for_each(|(rows, target)| top.add(*rows, target.map(str::to_owned)));
        let mut body = BodyWriter::new(Bounds { entries: entries_max, bytes: 1_000 });
        top.write(&mut body);
        String::from_utf8(body.into_json()).unwrap()
    }

    #[test]
    fn the_targets_of_most_referrals_are_kept_and_all_are_counted() {
        let added = [(2, Some("b")), (2, None), (9, Some("z")), (2, Some("a")), (1, Some("c"))];
        let entry = |target: &str, rows| format!(r#"{{"target":{target},"num_referrals":{rows}}}"#);
        let all =
            [entry("\"z\"", 9), entry("\"a\"", 2), entry("\"b\"", 2), entry("null", 2), entry("\"c\"", 1)];
        for entries_max in 0..=6 {
            let shown = all[..entries_max.min(5)].join(",");
            assert_eq!(list(entries_max, &added), format!(r#"{{"count":5,"entries":[{shown}]}}"#));
        }
    }
}
