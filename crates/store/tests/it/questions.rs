//! What the store and the model are both asked, and the one form in which their answers are compared.
//!
//! The key of a play is a digest that only the store computes. It is checked for order and repetition, and then
//! blanked, on the store's side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tallyhouse_model::tables::{plays, view_segments};
use tallyhouse_model::{
    AccountId, Aggregate, AggregateQuery, Batch, Belongs, By, ColumnIndex, Filter, GroupOrder, GroupsQuery,
    Key, Measure, Micros, Names, Point, Range, RowsQuery, SeriesQuery, SweepMeasure, SweepQuery, SweepRow,
    Table, TableId, Together, Unit, Zone,
};
use tallyhouse_store::{AggregateRow, QueryError, Snapshot, Stop};

use crate::rows::{Row, Value, rows_of};

/// The columns of segments that a series can be broken down by.
pub const SEGMENT_COLUMNS: [ColumnIndex; 11] = [
    view_segments::CONTENT_TYPE,
    view_segments::CONTENT_ID,
    view_segments::CHANNEL_ID,
    view_segments::CLIENT_ID,
    view_segments::VIEWER_IDENTIFIER,
    view_segments::COUNTRY,
    view_segments::REGION,
    view_segments::CITY,
    view_segments::VIEW_TYPE,
    view_segments::DEVICE,
    view_segments::DEVICE_INFO,
];

/// The columns of plays that a series can be broken down by.
pub const PLAY_COLUMNS: [ColumnIndex; 7] = [
    plays::CONTENT_TYPE,
    plays::CONTENT_ID,
    plays::CHANNEL_ID,
    plays::COUNTRY,
    plays::REGION,
    plays::VIEW_TYPE,
    plays::DEVICE,
];

/// Every way to belong.
pub const BELONGS: [Belongs; 4] =
    [Belongs::StartsIn, Belongs::Present, Belongs::TouchesEdge, Belongs::Within];

/// More rows than any test of these has.
pub const ALL_ROWS: usize = 10_000;

/// A question about one account.
#[derive(Debug, Clone)]
pub enum Question {
    Series(SeriesQuery),
    Rows(RowsQuery),
    Scan(RowsQuery),
    Sweep(SweepQuery),
    Groups(GroupsQuery),
    Aggregate(AggregateQuery),
    Export { account: AccountId, table: TableId },
}

/// An answer, in an order of its own.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Series(BTreeMap<Point, u64>),
    Page { total: u64, rows: Vec<Row> },
    Sweep { total: u64, rows: Vec<SweepRow> },
    Groups { total: u64, groups: Vec<(String, Vec<Row>)> },
    Aggregate(Vec<AggregateRow>),
    Export { rows: Vec<Row>, deletions: Vec<(Key, Micros)> },
}

/// What varies between questions of the same kind.
#[derive(Debug, Clone)]
pub struct Probe {
    pub range: Range,
    pub zone: Zone,
    pub segment_filters: Vec<Filter>,
    pub play_filters: Vec<Filter>,
    pub offset: u64,
    pub limit: usize,
}

impl Probe {
    /// All of time, no filters, everything on one page.
    pub fn everything() -> Probe {
        Probe {
            range: Range::ALL,
            zone: Zone::UTC,
            segment_filters: Vec::new(),
            play_filters: Vec::new(),
            offset: 0,
            limit: ALL_ROWS,
        }
    }

    /// Asks about both tables in every way: exports, series by everything, rows under each rule.
    pub fn questions(&self, account: AccountId) -> Vec<Question> {
        let mut questions: Vec<_> =
            [TableId::ViewSegments, TableId::Plays].map(|table| Question::Export { account, table }).into();
        for how in BELONGS {
            for by in by_nothing_and(&SEGMENT_COLUMNS) {
                questions.push(self.series(account, TableId::ViewSegments, how, by));
            }
            questions.push(self.rows(account, TableId::ViewSegments, how, self.offset, self.limit));
        }
        for by in by_nothing_and(&PLAY_COLUMNS) {
            questions.push(self.series(account, TableId::Plays, Belongs::StartsIn, by));
        }
        for unit in self.units() {
            for table in [TableId::ViewSegments, TableId::Plays] {
                let by = By::Time(unit, self.zone.clone());
                questions.push(self.series(account, table, Belongs::StartsIn, by));
            }
        }
        for by in self.clocks() {
            questions.push(self.series(account, TableId::ViewSegments, Belongs::StartsIn, by));
        }
        self.pairs(account, &mut questions);
        questions.push(self.rows(account, TableId::Plays, Belongs::StartsIn, 0, ALL_ROWS));
        self.distinct(account, &mut questions);
        self.sweeps(account, &mut questions);
        self.aggregates(account, &mut questions);
        let range = self.range;
        let (table, filters) = (TableId::ViewSegments, self.filters(TableId::ViewSegments));
        let (belongs, offset, limit) = (Belongs::Present, self.offset, self.limit);
        questions.push(Question::Scan(RowsQuery { account, table, range, belongs, filters, offset, limit }));
        for (column, belongs) in [
            (view_segments::VIEWER_IDENTIFIER, Belongs::Present),
            (view_segments::VIEWER_IDENTIFIER, Belongs::StartsIn),
            (view_segments::CLIENT_ID, Belongs::TouchesEdge),
        ] {
            questions.push(Question::Groups(GroupsQuery {
                account,
                table: TableId::ViewSegments,
                range: self.range,
                belongs,
                filters: self.filters(TableId::ViewSegments),
                column,
                offset: self.offset,
                limit: self.limit,
            }));
        }
        questions
    }

    /// Everything that can be known about groups by one column and by two, sorted by names, numbers and times.
    fn aggregates(&self, account: AccountId, questions: &mut Vec<Question>) {
        use view_segments::*;
        let aggregates = vec![
            Aggregate::Rows,
            Aggregate::RowsWith(COUNTRY, "HU".to_owned()),
            Aggregate::Least(STARTED_AT),
            Aggregate::Greatest(UPDATED_AT),
            Aggregate::First(VIEWER_IDENTIFIER),
            Aggregate::First(DEVICE),
            Aggregate::First(CHANNEL_ID),
            Aggregate::Distinct(CLIENT_ID),
        ];
        for (by, order) in [
            (vec![CLIENT_ID], GroupOrder::Aggregate(2)),
            (vec![CONTENT_TYPE, CONTENT_ID], GroupOrder::Values),
            (vec![CONTENT_ID], GroupOrder::Any),
            (vec![VIEWER_IDENTIFIER, DEVICE], GroupOrder::Aggregate(0)),
        ] {
            questions.push(Question::Aggregate(AggregateQuery {
                account,
                table: TableId::ViewSegments,
                range: self.range,
                filters: self.filters(TableId::ViewSegments),
                by,
                aggregates: aggregates.clone(),
                order,
                groups_max: ALL_ROWS,
            }));
        }
    }

    /// Different values of a dense and of a sparse column, by everything that they can be broken down by.
    fn distinct(&self, account: AccountId, questions: &mut Vec<Question>) {
        let merged = Names {
            absent: Some("US-CA".to_owned()),
            renamed: vec![("Gy\u{151}r".to_owned(), "US-CA".to_owned())],
        };
        let columns = [view_segments::CONTENT_ID, view_segments::COUNTRY, view_segments::DEVICE];
        let mut bys: Vec<By> = by_nothing_and(&columns).collect();
        bys.push(By::Column(view_segments::REGION, merged));
        bys.extend(self.span_units().into_iter().map(|unit| By::Time(unit, self.zone.clone())));
        for column in [view_segments::CLIENT_ID, view_segments::VIEWER_IDENTIFIER] {
            for belongs in [Belongs::Present, Belongs::StartsIn] {
                let clocks = if belongs == Belongs::StartsIn { self.clocks().to_vec() } else { Vec::new() };
                for by in bys.iter().chain(&clocks) {
                    questions.push(Question::Series(SeriesQuery {
                        account,
                        table: TableId::ViewSegments,
                        range: self.range,
                        belongs,
                        filters: self.filters(TableId::ViewSegments),
                        measure: Measure::Distinct(column),
                        by: by.clone(),
                    }));
                }
            }
        }
    }

    /// Different pairs of columns that may be absent and of others, of few and of many values.
    fn pairs(&self, account: AccountId, questions: &mut Vec<Question>) {
        use view_segments::*;
        for (one, other) in [(CLIENT_ID, VIEWER_IDENTIFIER), (COUNTRY, CLIENT_ID), (CONTENT_ID, CHANNEL_ID)] {
            for belongs in BELONGS {
                questions.push(Question::Series(SeriesQuery {
                    account,
                    table: TableId::ViewSegments,
                    range: self.range,
                    belongs,
                    filters: self.filters(TableId::ViewSegments),
                    measure: Measure::DistinctPairs(one, other),
                    by: By::Nothing,
                }));
            }
        }
    }

    /// What clocks and calendars of this probe's zone show, whatever the date.
    fn clocks(&self) -> [By; 2] {
        [By::HourOfDay(self.zone.clone()), By::DayOfWeek(self.zone.clone())]
    }

    fn sweeps(&self, account: AccountId, questions: &mut Vec<Question>) {
        let peak = |together| SweepMeasure::Peak { of: view_segments::VIEW_SESSION_ID, together };
        let units = self.span_units();
        let by_minute =
            units.contains(&Unit::Minute).then(|| peak(Together::WithinMinute(self.zone.clone())));
        let measures = [Some(peak(Together::AtOnce)), Some(SweepMeasure::Seconds), by_minute];
        let buckets = units.into_iter().map(|unit| Some((unit, self.zone.clone()))).chain([None]);
        for buckets in buckets {
            for measure in measures.iter().flatten() {
                questions.push(Question::Sweep(SweepQuery {
                    account,
                    table: TableId::ViewSegments,
                    range: self.range,
                    filters: self.filters(TableId::ViewSegments),
                    measure: measure.clone(),
                    groups: [view_segments::CONTENT_TYPE, view_segments::CONTENT_ID],
                    buckets: buckets.clone(),
                    offset: self.offset,
                    limit: self.limit,
                }));
            }
        }
    }

    /// Units by which rows of any length can be followed through the range without the model taking all day.
    fn span_units(&self) -> Vec<Unit> {
        let days = self.range.to.saturating_sub(self.range.from) / tallyhouse_model::DAY;
        let fine = [(Unit::Minute, 0), (Unit::Hour, 31)].into_iter().filter(|(_, most)| days <= *most);
        [Unit::Day, Unit::Week, Unit::Month].into_iter().chain(fine.map(|(unit, _)| unit)).collect()
    }

    /// A series over the range and filters of this probe.
    pub fn series(&self, account: AccountId, table: TableId, belongs: Belongs, by: By) -> Question {
        let filters = self.filters(table);
        Question::Series(SeriesQuery {
            account,
            table,
            range: self.range,
            belongs,
            filters,
            measure: Measure::Rows,
            by,
        })
    }

    fn rows(
        &self,
        account: AccountId,
        table: TableId,
        belongs: Belongs,
        offset: u64,
        limit: usize,
    ) -> Question {
        let filters = self.filters(table);
        Question::Rows(RowsQuery { account, table, range: self.range, belongs, filters, offset, limit })
    }

    fn filters(&self, table: TableId) -> Vec<Filter> {
        match table {
            TableId::ViewSegments => self.segment_filters.clone(),
            TableId::Plays => self.play_filters.clone(),
            other => unreachable!("{other:?} is not asked for"),
        }
    }

    /// Minutes only of ranges that could be asked by minute: all of time has too many.
    fn units(&self) -> Vec<Unit> {
        let days = self.range.to.saturating_sub(self.range.from) / tallyhouse_model::DAY;
        let minutes = (days <= 31).then_some(Unit::Minute);
        [Unit::Hour, Unit::Day, Unit::Week, Unit::Month].into_iter().chain(minutes).collect()
    }
}

fn by_nothing_and(columns: &[ColumnIndex]) -> impl Iterator<Item = By> {
    std::iter::once(By::Nothing).chain(columns.iter().map(|column| By::Column(*column, Names::default())))
}

/// The same page out of a scan, three rows at a time, from the first to the last and then the other way round.
fn scanned_in_chunks(snapshot: &Arc<Snapshot>, query: &RowsQuery) -> Result<Vec<Row>, QueryError> {
    let mut scan = snapshot.scan(query, &Stop::default())?;
    let columns: Vec<ColumnIndex> = (0..query.table.table().columns.len()).collect();
    let end = scan.total().min(query.offset.saturating_add(query.limit as u64));
    let starts: Vec<u64> = (query.offset..end).step_by(3).collect();
    let mut chunk = |start: &u64| -> Result<Batch, QueryError> {
        let batch = scan.rows(*start..end.min(start + 3), &columns)?;
        assert_eq!(batch.rows() as u64, end.min(start + 3) - start);
        Ok(batch)
    };
    let forwards = starts.iter().map(&mut chunk).collect::<Result<Vec<_>, _>>()?;
    let mut backwards = starts.iter().rev().map(&mut chunk).collect::<Result<Vec<_>, _>>()?;
    backwards.reverse();
    assert_eq!(forwards, backwards, "the second reading differs: {query:?}");
    Ok(if forwards.is_empty() { Vec::new() } else { live_rows(&forwards) })
}

/// The store's answer.
pub fn ask(snapshot: &Arc<Snapshot>, question: &Question) -> Result<Answer, QueryError> {
    match question {
        Question::Series(query) => {
            // Some are asked over another range first, and again afterwards: what is remembered must not show.
            let is_repeated = (query.range.from ^ query.range.to) % 3 == 0;
            if is_repeated {
                let other = Range { from: query.range.from, to: query.range.to.saturating_sub(1) };
                snapshot.series(&SeriesQuery { range: other, ..query.clone() }, &Stop::default())?;
            }
            let values = snapshot.series(query, &Stop::default())?.values;
            if is_repeated {
                let again = snapshot.series(query, &Stop::default())?.values;
                assert_eq!(again, values, "asked again: {query:?}");
            }
            let mut counts = BTreeMap::new();
            for (point, count) in values {
                assert!(count > 0 || matches!(query.by, By::Nothing), "{point:?} has no rows: {query:?}");
                assert!(counts.insert(point, count).is_none(), "a point is answered twice: {query:?}");
            }
            Ok(Answer::Series(counts))
        }
        Question::Rows(query) => {
            let answer = snapshot.rows(query, &Stop::default())?;
            assert_eq!(answer.page.table.id, query.table, "rows of another table: {query:?}");
            Ok(Answer::Page { total: answer.total, rows: live_rows(&[answer.page]) })
        }
        Question::Scan(query) => {
            let rows = scanned_in_chunks(snapshot, query)?;
            Ok(Answer::Page { total: snapshot.scan(query, &Stop::default())?.total(), rows })
        }
        Question::Aggregate(query) => {
            let answer = snapshot.aggregate(query, &Stop::default())?;
            let middle = answer.len() / 2;
            let mut rows = [answer.rows(0..middle)?, answer.rows(middle..answer.len())?].concat();
            if query.order == GroupOrder::Any {
                rows.sort_by(|one, other| one.by.cmp(&other.by));
            }
            Ok(Answer::Aggregate(rows))
        }
        Question::Sweep(query) => {
            let answer = snapshot.sweep(query, &Stop::default())?;
            Ok(Answer::Sweep { total: answer.total, rows: answer.rows })
        }
        Question::Groups(query) => groups(snapshot, query),
        Question::Export { account, table } => export(snapshot, *account, *table),
    }
}

/// A page of groups, put together from the batches they come in.
fn groups(snapshot: &Arc<Snapshot>, query: &GroupsQuery) -> Result<Answer, QueryError> {
    let mut found = snapshot.groups(query, &Stop::default())?;
    let mut groups: Vec<(String, Vec<Row>)> = Vec::new();
    let mut is_open = false;
    while let Some(batch) = found.next_rows()? {
        if !is_open {
            groups.push((batch.text.clone(), Vec::new()));
        }
        let (text, rows) = groups.last_mut().expect("one was just added");
        assert_eq!(*text, batch.text, "a group ends with its last rows");
        let all = live_rows_unsorted(&batch.batch);
        rows.extend_from_slice(&all[batch.rows.clone()]);
        is_open = !batch.is_last;
    }
    assert!(!is_open, "the last group ends");
    groups = groups.into_iter().map(|(text, rows)| (text, ordered(query.table, rows))).collect();
    assert_eq!(groups.len(), found.len(), "every group of the page has rows");
    Ok(Answer::Groups { total: found.total(), groups })
}

/// Everything of a table. Deletions are only asked of the table that has them.
fn export(snapshot: &Snapshot, account: AccountId, table: TableId) -> Result<Answer, QueryError> {
    let mut chunks = Vec::new();
    let with_deletions = table == TableId::ViewSegments;
    snapshot
        .export(account, table, with_deletions, &mut |chunk| {
            chunks.push(chunk.clone());
            Ok(())
        })?
        .expect("the sink takes everything");
    let mut live = Vec::new();
    let mut deletions = Vec::new();
    for chunk in &chunks {
        for (index, row) in rows_of(chunk).into_iter().enumerate() {
            match (chunk.deleted[index], &row[Table::KEY], &row[view_segments::UPDATED_AT]) {
                (true, Value::Id(key), Value::Time(Some(version))) => deletions.push((*key, *version)),
                (true, key, version) => panic!("a deletion without key or version: {key:?}, {version:?}"),
                (false, ..) => {
                    assert!(deletions.is_empty(), "deletions come behind the rows");
                    live.push(row);
                }
            }
        }
    }
    deletions.sort();
    Ok(Answer::Export { rows: ordered(table, live), deletions })
}

fn live_rows_unsorted(page: &Batch) -> Vec<Row> {
    assert!(page.deleted.iter().all(|deleted| !deleted), "a deletion is no row");
    rows_of(page).into_iter().collect()
}

/// The rows of pages that hold live rows only.
fn live_rows(pages: &[Batch]) -> Vec<Row> {
    assert!(pages.iter().all(|page| page.deleted.iter().all(|deleted| !deleted)), "a deletion is no row");
    let table = pages[0].table.id;
    ordered(table, pages.iter().flat_map(rows_of).collect())
}

/// Checks that rows are sorted by (time, key) without repetition, and blanks the keys of plays.
fn ordered(table: TableId, mut rows: Vec<Row>) -> Vec<Row> {
    let order = |row: &Row| (row[Table::TIME].clone(), row[Table::KEY].clone());
    assert!(rows.is_sorted_by_key(order), "rows are sorted by (time, key): {rows:?}");
    let keys: BTreeSet<_> = rows.iter().map(|row| row[Table::KEY].clone()).collect();
    assert_eq!(keys.len(), rows.len(), "a key is answered twice: {rows:?}");
    if table == TableId::Plays {
        for row in &mut rows {
            row[Table::KEY] = Value::Id(Key::default());
        }
        rows.sort_by_key(|row| (row[Table::TIME].clone(), row.clone()));
    }
    rows
}
