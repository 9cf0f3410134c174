//! Answers that are counted: groups, and the points of a series.

use std::ops::Range;

use tallyhouse_model::{ABSENT_TIME, Point, SECOND, Texts};
use tallyhouse_store::{Aggregates, QueryError};

use super::plan::Source;
use super::run::ShownColumn;
use super::walk::Walk;
use crate::pipes::answer::{AnswerKind, Chunk, ChunkValues, RowSource};

/// Rows of a chunk at most: what groups stand for is looked up a chunk at a time.
const CHUNK_ROWS: u64 = 4_096;

/// Rows of points: what they are grouped by, then what is told about the group.
pub enum Points {
    /// Groups of the store.
    Aggregates(Aggregates),
    /// The numbers of a series, each with the time that it is of.
    Counts(Vec<(Point, u64)>),
    /// The one number of a series that is not broken down.
    Total(u64),
}

impl Points {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Points::Aggregates(groups) => groups.len(),
            Points::Counts(counts) => counts.len(),
            Points::Total(_) => 1,
        }
    }

    fn rows(&self, places: Range<usize>) -> Result<Vec<Vec<Point>>, QueryError> {
        match self {
            Points::Aggregates(groups) => {
                let joined = groups.rows(places)?.into_iter().map(|row| [row.by, row.values].concat());
                Ok(joined.collect())
            }
            Points::Counts(counts) => {
                let row = |(point, count): &(Point, u64)| vec![point.clone(), Point::Integer(*count)];
                Ok(counts[places].iter().map(row).collect())
            }
            Points::Total(count) => Ok(places.map(|_| vec![Point::Integer(*count)]).collect()),
        }
    }
}

/// Rows of points, as the columns of an answer.
pub struct PointsSource {
    points: Points,
    walk: Walk,
    columns: Vec<ShownColumn>,
    account_name: String,
}

impl PointsSource {
    /// The rows of a page.
    pub fn new(points: Points, walk: Walk, columns: Vec<ShownColumn>, account_name: String) -> Self {
        Self { points, walk, columns, account_name }
    }

    fn values(&self, rows: &[Vec<Point>], column: &ShownColumn) -> ChunkValues {
        match column.source {
            Source::Account => ChunkValues::Constant(self.account_name.clone()),
            Source::Point(place) => of_kind(column.kind, rows.iter().map(|row| &row[place])),
            Source::Seconds { from, to } => {
                ChunkValues::Integers(rows.iter().map(|row| seconds(&row[from], &row[to])).collect())
            }
            Source::Column(_) => unreachable!("points have no columns of a table"),
        }
    }
}

impl RowSource for PointsSource {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, QueryError> {
        let Some(places) = self.walk.next_places(CHUNK_ROWS) else { return Ok(None) };
        let mut rows = self.points.rows(places.start as usize..places.end as usize)?;
        if self.walk.is_descending() {
            rows.reverse();
        }
        let columns = self.columns.iter().map(|column| self.values(&rows, column)).collect();
        Ok(Some(Chunk { rows: rows.len(), columns }))
    }

    fn rewind(&mut self) {
        self.walk.rewind();
    }
}

/// The points of a column, which are all of one kind.
fn of_kind<'a>(kind: AnswerKind, points: impl Iterator<Item = &'a Point>) -> ChunkValues {
    match kind {
        AnswerKind::Text | AnswerKind::NullableText => {
            let mut texts = Texts::default();
            points.for_each(|point| texts.push(text(point)));
            ChunkValues::Texts(texts)
        }
        AnswerKind::Time | AnswerKind::NullableTime | AnswerKind::Second => {
            ChunkValues::Times(points.map(time).collect())
        }
        AnswerKind::Integer | AnswerKind::NullableInteger => {
            ChunkValues::Integers(points.map(integer).collect())
        }
        AnswerKind::Decimal | AnswerKind::Flag => unreachable!("no point is a {kind:?}"),
    }
}

fn text(point: &Point) -> Option<&str> {
    match point {
        Point::Text(text) => Some(text),
        Point::Absent => None,
        other => unreachable!("{other:?} is in a column of texts"),
    }
}

fn time(point: &Point) -> i64 {
    match point {
        Point::Time(time) => *time,
        Point::Absent => ABSENT_TIME,
        other => unreachable!("{other:?} is in a column of times"),
    }
}

fn integer(point: &Point) -> Option<u64> {
    match point {
        Point::Integer(number) => Some(*number),
        Point::Absent => None,
        other => unreachable!("{other:?} is in a column of numbers"),
    }
}

/// Whole seconds from the least to the greatest time of a group; none where it has no time.
pub fn seconds(from: &Point, to: &Point) -> Option<u64> {
    match (from, to) {
        (Point::Time(from), Point::Time(to)) => {
            Some(u64::try_from((to - from) / SECOND).expect("the least time is not behind the greatest"))
        }
        _ => None,
    }
}
