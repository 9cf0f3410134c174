//! `replay_metrics`: activities are folded to sessions, and sessions to one row per link and replay.
//!
//! No form of a pipe file says this, because it takes two steps. All arithmetic is on whole numbers; rounding is half
//! up (nothing is negative) and happens once, at the end.

mod fold;

use tallyhouse_model::tables::demo_activity;
use tallyhouse_model::{TableId, Texts};
use tallyhouse_store::QueryError;

use self::fold::{Entity, Found, Sessions};
use super::conditions::{Condition, Gap, Wanted};
use super::passed::{Arguments, DEFAULT_NOW};
use super::run::Answerer;
use super::walk::Walk;
use super::{Parameter, ParameterKind, Pipe, Reader};
use crate::pipes::answer::{Answer, AnswerColumn, AnswerKind, Chunk, ChunkValues, Page, RowSource};
use crate::pipes::error::PipesError;

/// Rows of a chunk at most.
const CHUNK_ROWS: u64 = 4_096;

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
    let wanted = Wanted::new(TableId::DemoActivity, &[window], arguments, reader.settled)?;
    let Found { entities, scanned } = Found::of(&wanted.filters, reader)?;
    let walk = Walk::new(entities.len() as u64, page, false);
    let (rows, total) = (walk.rows(), walk.total());
    let source = Box::new(EntitySource { entities, walk });
    Ok(Answer { columns, rows, total, scanned, source })
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
        let places = self.walk.next_places(CHUNK_ROWS);
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
}
