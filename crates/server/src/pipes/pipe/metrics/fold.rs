//! The two steps of `replay_metrics`: the store folds activities to sessions, and here sessions become one entry per
//! link or replay.

use std::collections::{BTreeMap, HashMap};

use tallyhouse_model::tables::demo_activity;
use tallyhouse_model::{
    Aggregate, AggregateQuery, Belongs, By, ColumnIndex, Filter, GroupOrder, Measure, Names, Point, Range,
    SeriesQuery, TableId,
};
use tallyhouse_store::{AggregateRow, Aggregates, QueryError, Scanned};

use crate::pipes::pipe::Reader;
use crate::pipes::pipe::points::seconds;
use crate::pipes::pipe::run::GROUPS_MAX;

/// Sessions that are looked up at a time.
const CHUNK_SESSIONS: usize = 4_096;

/// The kinds of things that are measured, in the order of their words, and the column that names them.
const ENTITIES: [(&str, ColumnIndex); 2] =
    [("link", demo_activity::LINK_ID), ("replay", demo_activity::PUBLISHED_REPLAY_ID)];

/// What is known about a link or a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Which of the two it is.
    pub word: &'static str,
    /// Its id.
    pub id: String,
    /// Different visitors.
    pub visitors: u64,
    /// What was done with it.
    pub sessions: Sessions,
}

/// Sessions of one entity, folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sessions {
    /// How many.
    pub count: u64,
    /// Those of one activity.
    pub bounces: u64,
    /// How long they took together.
    pub seconds: u64,
    /// Twice the median of that, which is a whole number.
    pub median_twice: u64,
    /// Activities of the type `click`.
    pub clicks: u64,
    /// Activities of the type `screen`.
    pub screens: u64,
}

/// What is folded per entity and session, in this order.
fn aggregates() -> Vec<Aggregate> {
    let activities_of = |kind: &str| Aggregate::RowsWith(demo_activity::ACTIVITY_TYPE, kind.to_owned());
    vec![
        Aggregate::Rows,
        Aggregate::Least(demo_activity::CREATE_AT),
        Aggregate::Greatest(demo_activity::CREATE_AT),
        activities_of("click"),
        activities_of("screen"),
    ]
}

/// All that was found.
pub struct Found {
    /// By word, then by id.
    pub entities: Vec<Entity>,
    /// What finding them took.
    pub scanned: Scanned,
}

impl Found {
    /// Folds the activities that meet these conditions.
    pub fn of(filters: &[Filter], reader: &Reader) -> Result<Self, QueryError> {
        let mut found = Self { entities: Vec::new(), scanned: Scanned::default() };
        for (word, column) in ENTITIES {
            found.add(word, column, filters, reader)?;
        }
        Ok(found)
    }

    /// Adds the entities that this column names.
    fn add(
        &mut self,
        word: &'static str,
        column: ColumnIndex,
        filters: &[Filter],
        reader: &Reader,
    ) -> Result<(), QueryError> {
        let mut visitors = self.visitors(column, filters, reader)?;
        let sessions = self.sessions(column, filters, reader)?;
        // Sorted, since entities are answered in the order of their ids.
        let mut folds: BTreeMap<Point, Fold> = BTreeMap::new();
        for start in (0..sessions.len()).step_by(CHUNK_SESSIONS) {
            for mut row in sessions.rows(start..sessions.len().min(start + CHUNK_SESSIONS))? {
                let id = row.by.swap_remove(0);
                folds.entry(id).or_default().add(&row);
            }
        }
        let entities = folds.into_iter().map(|(id, fold)| {
            let visitors = visitors.remove(&id).unwrap_or(0);
            fold.finish(word, id, visitors)
        });
        self.entities.extend(entities);
        Ok(())
    }

    /// A group per entity and session.
    fn sessions(
        &mut self,
        column: ColumnIndex,
        filters: &[Filter],
        reader: &Reader,
    ) -> Result<Aggregates, QueryError> {
        let query = AggregateQuery {
            account: reader.account,
            table: TableId::DemoActivity,
            range: Range::ALL,
            filters: filters.to_vec(),
            by: vec![column, demo_activity::SESSION_ID],
            aggregates: aggregates(),
            order: GroupOrder::Any,
            groups_max: GROUPS_MAX,
        };
        let sessions = reader.snapshot.aggregate(&query, &reader.stop)?;
        self.count(sessions.scanned());
        Ok(sessions)
    }

    /// Different visitors per entity.
    fn visitors(
        &mut self,
        column: ColumnIndex,
        filters: &[Filter],
        reader: &Reader,
    ) -> Result<HashMap<Point, u64>, QueryError> {
        let query = SeriesQuery {
            account: reader.account,
            table: TableId::DemoActivity,
            range: Range::ALL,
            belongs: Belongs::StartsIn,
            filters: filters.to_vec(),
            measure: Measure::Distinct(demo_activity::VISITOR_KEY),
            by: By::Column(column, Names::default()),
        };
        let counted = reader.snapshot.series(&query, &reader.stop)?;
        self.count(counted.scanned);
        Ok(counted.values.into_iter().collect())
    }

    fn count(&mut self, scanned: Scanned) {
        self.scanned.rows += scanned.rows;
        self.scanned.bytes += scanned.bytes;
        self.scanned.parts += scanned.parts;
    }
}

/// The sessions of an entity while they are folded.
#[derive(Default)]
struct Fold {
    sessions: Sessions,
    /// How long each took; of all entities together there are GROUPS_MAX at most.
    durations: Vec<u64>,
}

impl Fold {
    fn add(&mut self, session: &AggregateRow) {
        let [Point::Integer(rows), from, to, Point::Integer(clicks), Point::Integer(screens)] =
            &session.values[..]
        else {
            unreachable!("{session:?} is not what was asked for");
        };
        let duration = seconds(from, to).expect("every activity has a time");
        self.sessions.count += 1;
        self.sessions.bounces += u64::from(*rows == 1);
        self.sessions.seconds += duration;
        self.sessions.clicks += clicks;
        self.sessions.screens += screens;
        self.durations.push(duration);
    }

    fn finish(mut self, word: &'static str, id: Point, visitors: u64) -> Entity {
        let Point::Text(id) = id else { unreachable!("entities have texts for ids") };
        self.sessions.median_twice = median_twice(&mut self.durations);
        Entity { word, id, visitors, sessions: self.sessions }
    }
}

/// Twice the median: of an even number, the sum of the two in the middle.
fn median_twice(durations: &mut [u64]) -> u64 {
    durations.sort_unstable();
    let middle = durations.len() / 2;
    match durations.len() % 2 {
        1 => durations[middle] * 2,
        _ => durations.get(middle.wrapping_sub(1)).map_or(0, |lower| lower + durations[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle() {
        for (durations, twice) in
            [(vec![], 0), (vec![7], 14), (vec![9, 2], 11), (vec![9, 1, 2], 4), (vec![4, 1, 3, 2], 5)]
        {
            assert_eq!(median_twice(&mut durations.clone()), twice, "{durations:?}");
        }
    }
}
