//! Answers a request: arguments fill the gaps of the plan, the store is asked, and what it answers becomes columns.

use tallyhouse_model::{
    Aggregate, AggregateQuery, Belongs, By, ColumnIndex, GroupOrder, Measure, RowsQuery, SeriesQuery, Zone,
};
use tallyhouse_store::{QueryError, Scanned, SeriesAnswer};

use super::conditions::Wanted;
use super::passed::{Argument, Arguments, last};
use super::plan::{Order, Plan, PlannedColumn, Question, Source, ZoneGap};
use super::points::{Points, PointsSource};
use super::rows::RowsSource;
use super::walk::Walk;
use super::{Parameter, Pipe, Reader, metrics};
use crate::pipes::answer::{Answer, AnswerColumn, AnswerKind, Chunk, Page, RowSource};
use crate::pipes::error::PipesError;

/// Groups, or points of a series, that are counted for one answer at most: a row of either takes some 100 bytes until it
/// is sent.
pub const GROUPS_MAX: usize = 1_000_000;

/// The argument that names the account; it has to be the token's own.
const CLIENT_ID: &str = "client_id";

/// What makes the answer of a pipe.
pub enum Answerer {
    /// A question to the store.
    Plan(Plan),
    /// `replay_metrics`, which folds activities to sessions, and those to links and replays.
    Metrics,
}

/// Answers a request.
pub fn answer(
    pipe: &Pipe,
    sent: &[(String, String)],
    reader: &Reader,
    page: Page,
) -> Result<Answer, PipesError> {
    let arguments = Arguments::read(&pipe.parameters, sent, reader.now)?;
    let is_foreign = is_foreign(&pipe.parameters, sent, &reader.account_name);
    let plan = match &pipe.answerer {
        Answerer::Plan(plan) => plan,
        Answerer::Metrics if is_foreign => return Ok(nothing(pipe.columns.clone())),
        Answerer::Metrics => return metrics::answer(pipe.columns.clone(), &arguments, reader, page),
    };
    // Arguments that are of no use are refused before anything else is said.
    let wanted = Wanted::new(plan.table, &plan.conditions, &arguments, reader.settled)?;
    let by = by(&plan.question, &arguments)?;
    let shown = Shown::new(&pipe.columns, &plan.columns, &arguments);
    if is_foreign {
        return Ok(nothing(shown.columns));
    }
    let asking = Asking { plan, wanted, shown, reader, page };
    Ok(match &plan.question {
        Question::Rows { is_descending } => asking.rows(*is_descending)?,
        Question::Series { measure, order, .. } => asking.series(*measure, by, *order)?,
        Question::Groups { by, aggregates, order } => asking.groups(by, aggregates, *order)?,
    })
}

/// Whether the request names another account. Pipes with a parameter of that name mean something else by it.
fn is_foreign(parameters: &[Parameter], sent: &[(String, String)], account_name: &str) -> bool {
    let is_parameter = parameters.iter().any(|parameter| parameter.name == CLIENT_ID);
    !is_parameter && last(sent, CLIENT_ID).is_some_and(|client_id| client_id != account_name)
}

/// What a series is broken down by.
fn by(question: &Question, arguments: &Arguments<'_>) -> Result<By, PipesError> {
    let Question::Series { unit: Some((unit, zone)), .. } = question else { return Ok(By::Nothing) };
    let zone = match zone {
        ZoneGap::Filled(zone) => zone.clone(),
        ZoneGap::Passed(parameter) => match arguments.get(*parameter) {
            None => Zone::UTC,
            Some(Argument::Text(name)) => Zone::named(name)
                .ok_or_else(|| arguments.refused(*parameter, "is not a time zone such as Europe/Paris"))?,
            Some(other) => unreachable!("{other:?} was checked to be a text"),
        },
    };
    Ok(By::Time(*unit, zone))
}

/// The columns that a request shows.
struct Shown {
    columns: Vec<AnswerColumn>,
    sources: Vec<ShownColumn>,
}

/// Where a column comes from, and what it is shown as.
pub struct ShownColumn {
    /// Where from.
    pub source: Source,
    /// As what.
    pub kind: AnswerKind,
}

impl Shown {
    fn new(columns: &[AnswerColumn], planned: &[PlannedColumn], arguments: &Arguments<'_>) -> Self {
        let all = columns.iter().zip(planned);
        let shown = all.filter(|(_, planned)| planned.flag.is_none_or(|flag| arguments.is_set(flag)));
        let both = shown.map(|(column, planned)| {
            (column.clone(), ShownColumn { source: planned.source, kind: column.kind })
        });
        let (columns, sources) = both.unzip();
        Self { columns, sources }
    }
}

/// A question with all gaps filled.
struct Asking<'a> {
    plan: &'a Plan,
    wanted: Wanted,
    shown: Shown,
    reader: &'a Reader,
    page: Page,
}

impl Asking<'_> {
    fn rows(self, is_descending: bool) -> Result<Answer, QueryError> {
        let query = RowsQuery {
            account: self.reader.account,
            table: self.plan.table,
            range: self.wanted.range,
            belongs: Belongs::StartsIn,
            filters: self.wanted.filters,
            offset: 0,
            limit: usize::MAX,
        };
        let scan = self.reader.snapshot.scan(&query, &self.reader.stop)?;
        let scanned = scan.scanned();
        let walk = Walk::new(scan.total(), self.page, is_descending);
        let (rows, total) = (walk.rows(), walk.total());
        let account_name = self.reader.account_name.clone();
        let source = Box::new(RowsSource::new(scan, walk, self.shown.sources, account_name));
        Ok(Answer { columns: self.shown.columns, rows, total, scanned, source })
    }

    fn series(self, measure: Measure, by: By, order: Order) -> Result<Answer, QueryError> {
        let is_by_time = matches!(by, By::Time(..));
        let query = SeriesQuery {
            account: self.reader.account,
            table: self.plan.table,
            range: self.wanted.range,
            belongs: Belongs::StartsIn,
            filters: self.wanted.filters.clone(),
            measure,
            by,
        };
        let SeriesAnswer { values: mut counts, scanned } =
            self.reader.snapshot.series(&query, &self.reader.stop)?;
        if counts.len() > GROUPS_MAX {
            return Err(QueryError::TooManyGroups(GROUPS_MAX));
        }
        counts.sort_unstable();
        if order.by.is_some() {
            counts.sort_by_key(|(_, count)| *count);
        }
        let points = match is_by_time {
            true => Points::Counts(counts),
            false => Points::Total(counts.into_iter().map(|(_, count)| count).sum()),
        };
        Ok(self.points(points, scanned, order))
    }

    fn groups(
        self,
        by: &[ColumnIndex],
        aggregates: &[Aggregate],
        order: Order,
    ) -> Result<Answer, QueryError> {
        let query = AggregateQuery {
            account: self.reader.account,
            table: self.plan.table,
            range: self.wanted.range,
            filters: self.wanted.filters.clone(),
            by: by.to_vec(),
            aggregates: aggregates.to_vec(),
            order: order.by.map_or(GroupOrder::Values, GroupOrder::Aggregate),
            groups_max: GROUPS_MAX,
        };
        let groups = self.reader.snapshot.aggregate(&query, &self.reader.stop)?;
        let scanned = groups.scanned();
        Ok(self.points(Points::Aggregates(groups), scanned, order))
    }

    fn points(self, points: Points, scanned: Scanned, order: Order) -> Answer {
        let walk = Walk::new(points.len() as u64, self.page, order.is_descending);
        let (rows, total) = (walk.rows(), walk.total());
        let account_name = self.reader.account_name.clone();
        let source = Box::new(PointsSource::new(points, walk, self.shown.sources, account_name));
        Answer { columns: self.shown.columns, rows, total, scanned, source }
    }
}

/// The answer without rows.
fn nothing(columns: Vec<AnswerColumn>) -> Answer {
    Answer { columns, rows: 0, total: 0, scanned: Scanned::default(), source: Box::new(Nothing) }
}

struct Nothing;

impl RowSource for Nothing {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, QueryError> {
        Ok(None)
    }

    fn rewind(&mut self) {}
}
