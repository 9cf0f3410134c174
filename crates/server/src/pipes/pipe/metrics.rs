//! `replay_metrics`: activities are folded to sessions, and sessions to one row per link and replay.
//!
//! No form of a pipe file says this, because it takes two steps. All arithmetic is on whole numbers; rounding is half
//! up (nothing is negative) and happens once, at the end.

use std::collections::{BTreeMap, HashMap};

use tallyhouse_model::tables::demo_activity;
use tallyhouse_model::{
    Aggregate, AggregateQuery, Belongs, By, ColumnIndex, Filter, GroupOrder, Measure, Names, Point, Range,
    SeriesQuery, TableId, Texts,
};
use tallyhouse_store::{AggregateRow, QueryError, Scanned};

use super::conditions::{Condition, Gap, Wanted};
use super::passed::{Arguments, DEFAULT_NOW};
use super::points::seconds;
use super::run::{Answerer, GROUPS_MAX};
use super::walk::Walk;
use super::{Parameter, ParameterKind, Pipe, Reader};
use crate::pipes::answer::{Answer, AnswerColumn, AnswerKind, Chunk, ChunkValues, Page, RowSource};
use crate::pipes::error::PipesError;

/// Sessions that are looked up at a time, and rows of a chunk.
const CHUNK_ROWS: usize = 4_096;

/// The kinds of things that are measured, in the order of their words, and the column that names them.
const ENTITIES: [(&str, ColumnIndex); 2] =
    [("link", demo_activity::LINK_ID), ("replay", demo_activity::PUBLISHED_REPLAY_ID)];

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

/// The pipe.
pub fn pipe() -> Pipe {
    let parameter = |name: &str, default: Option<&str>, description: &str| Parameter {
        name: name.to_owned(),
        kind: ParameterKind::DateTime,
        is_required: default.is_none(),
        default: default.map(str::to_owned),
        description: description.to_owned(),
    };
    let columns = [
        ("entity_type", AnswerKind::Text),
        ("entity_id", AnswerKind::Text),
        ("distinct_views", AnswerKind::Integer),
        ("total_sessions", AnswerKind::Integer),
        ("bounce_rate", AnswerKind::Decimal),
        ("mean_seconds", AnswerKind::Decimal),
        ("median_seconds", AnswerKind::Decimal),
        ("mean_click_events", AnswerKind::Decimal),
        ("mean_screen_events", AnswerKind::Decimal),
    ];
    Pipe {
        name: "replay_metrics".to_owned(),
        description:
            "Links and replays with their visitors and sessions, how long those took and what was done in \
                      them, over the sessions that began in a window."
                .to_owned(),
        parameters: vec![
            parameter("start_timestamp", None, "The sessions that began then or later."),
            parameter(
                "end_timestamp",
                Some(DEFAULT_NOW),
                "The sessions that began then or earlier; without it, up to now.",
            ),
        ],
        columns: columns.map(|(name, kind)| AnswerColumn { name: name.to_owned(), kind }).to_vec(),
        answerer: Answerer::Metrics,
    }
}

/// Answers a request.
pub fn answer(
    columns: Vec<AnswerColumn>,
    arguments: &Arguments<'_>,
    reader: &Reader,
    page: Page,
) -> Result<Answer, PipesError> {
    let (from, to) = (Some(Gap::Passed(0)), Some(Gap::Passed(1)));
    let window = Condition::Between { column: demo_activity::SESSION_CREATED_AT, from, to };
    let wanted = Wanted::new(TableId::DemoActivity, &[window], arguments)?;
    let mut found = Found { entities: Vec::new(), scanned: Scanned::default() };
    for (word, column) in ENTITIES {
        found.add(word, column, &wanted.filters, reader)?;
    }
    let Found { entities, scanned } = found;
    let walk = Walk::new(entities.len() as u64, page, false);
    let (rows, total) = (walk.rows(), walk.total());
    let source = Box::new(EntitySource { entities, walk });
    Ok(Answer { columns, rows, total, scanned, source })
}

/// What is known about a link or a replay.
#[derive(Debug, Clone, PartialEq)]
struct Entity {
    word: &'static str,
    id: String,
    visitors: u64,
    sessions: Sessions,
}

/// Sessions of one entity, folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sessions {
    count: u64,
    /// Those of one activity.
    bounces: u64,
    seconds: u64,
    /// Twice the median, which is a whole number.
    median_twice: u64,
    clicks: u64,
    screens: u64,
}

struct Found {
    entities: Vec<Entity>,
    scanned: Scanned,
}

impl Found {
    /// Adds the entities that this column names.
    fn add(
        &mut self,
        word: &'static str,
        column: ColumnIndex,
        filters: &[Filter],
        reader: &Reader,
    ) -> Result<(), QueryError> {
        let mut visitors = self.visitors(column, filters, reader)?;
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
        // Sorted, since entities are answered in the order of their ids.
        let mut folds: BTreeMap<Point, Fold> = BTreeMap::new();
        for start in (0..sessions.len()).step_by(CHUNK_ROWS) {
            for mut row in sessions.rows(start..sessions.len().min(start + CHUNK_ROWS))? {
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

/// A fraction as a number with so many decimals, half of the last one rounded up.
fn rounded(numerator: u64, denominator: u64, decimals: u32) -> f64 {
    let scale = 10_u128.pow(decimals);
    let (numerator, denominator) = (u128::from(numerator), u128::from(denominator.max(1)));
    let scaled = (numerator * scale * 2 + denominator) / (denominator * 2);
    // The nearest floating-point number to a short decimal is printed as that decimal.
    scaled as f64 / scale as f64
}

/// The entities of a page.
struct EntitySource {
    entities: Vec<Entity>,
    walk: Walk,
}

impl RowSource for EntitySource {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, QueryError> {
        let places = self.walk.next_places(CHUNK_ROWS as u64);
        Ok(places.map(|places| chunk(&self.entities[places.start as usize..places.end as usize])))
    }

    fn rewind(&mut self) {
        self.walk.rewind();
    }
}

fn chunk(entities: &[Entity]) -> Chunk {
    let texts = |text: fn(&Entity) -> &str| {
        let mut texts = Texts::default();
        entities.iter().for_each(|entity| texts.push(Some(text(entity))));
        ChunkValues::Texts(texts)
    };
    let integers = |number: fn(&Entity) -> u64| {
        ChunkValues::Integers(entities.iter().map(|entity| Some(number(entity))).collect())
    };
    let decimals = |number: fn(&Sessions) -> f64| {
        ChunkValues::Decimals(entities.iter().map(|entity| number(&entity.sessions)).collect())
    };
    let columns = vec![
        texts(|entity| entity.word),
        texts(|entity| &entity.id),
        integers(|entity| entity.visitors),
        integers(|entity| entity.sessions.count),
        decimals(|all| rounded(all.bounces, all.count, 4)),
        decimals(|all| rounded(all.seconds, all.count, 2)),
        decimals(|all| rounded(all.median_twice, 2, 2)),
        decimals(|all| rounded(all.clicks, all.count, 2)),
        decimals(|all| rounded(all.screens, all.count, 2)),
    ];
    Chunk { rows: entities.len(), columns }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_rounded_half_away_from_zero_on_exact_numbers() {
        for (numerator, denominator, decimals, expected) in [
            (1, 8, 2, 0.13),
            (201, 200, 2, 1.01),
            (1, 3, 4, 0.3333),
            (2, 3, 4, 0.6667),
            (1, 20_000, 4, 0.0001),
            (1, 20_001, 4, 0.0),
            (0, 7, 2, 0.0),
            (7, 7, 4, 1.0),
            (i64::MAX as u64, 1, 2, i64::MAX as f64),
        ] {
            assert_eq!(rounded(numerator, denominator, decimals), expected, "{numerator}/{denominator}");
        }
        assert_eq!(rounded(10_075, 10_000, 2).to_string(), "1.01");
    }

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle() {
        for (durations, twice) in
            [(vec![], 0), (vec![7], 14), (vec![9, 2], 11), (vec![9, 1, 2], 4), (vec![4, 1, 3, 2], 5)]
        {
            assert_eq!(median_twice(&mut durations.clone()), twice, "{durations:?}");
        }
    }
}
