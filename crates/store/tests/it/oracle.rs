//! The model: every record that ever arrived in one list, and every answer computed from it in the most obvious way.
//!
//! It shares no code with the store. Where the two differ, this is the one to believe, so it must stay plain.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tallyhouse_model::tables::{plays, view_segments};
use tallyhouse_model::{
    AccountId, Belongs, By, DAY, Filter, HOUR, Key, Measure, Micros, Names, Point, Range, SECOND, Table,
    TableId, Zone,
};

mod aggregates;
mod spans;

use crate::questions::{Answer, Question};
use crate::rows::{Record, Row, Value};

/// All that arrived, in order.
#[derive(Default)]
pub struct Oracle {
    arrivals: Vec<Arrival>,
}

/// A record that arrived. Without a row it is a deletion.
pub struct Arrival {
    account: AccountId,
    key: Key,
    pub updated_at: Micros,
    pub row: Option<Row>,
}

impl Oracle {
    /// Takes a record in.
    pub fn arrive(&mut self, account: AccountId, record: &Record) {
        let row = match record {
            Record::Segment(segment) => Some(segment.row()),
            Record::Deletion { .. } => None,
        };
        self.arrivals.push(Arrival { account, key: record.key(), updated_at: record.updated_at(), row });
    }

    /// The version of a key that lives now, if any ever arrived.
    pub fn winner(&self, account: AccountId, key: Key) -> Option<&Arrival> {
        let mut winner: Option<&Arrival> = None;
        for arrival in &self.arrivals {
            let same = arrival.account == account && arrival.key == key;
            // The greater version wins, and on a tie the one that arrived later.
            if same && winner.is_none_or(|winner| arrival.updated_at >= winner.updated_at) {
                winner = Some(arrival);
            }
        }
        winner
    }

    /// What an account holds now.
    pub fn state(&self, account: AccountId) -> State {
        let keys: std::collections::BTreeSet<Key> = self
            .arrivals
            .iter()
            .filter(|arrival| arrival.account == account)
            .map(|arrival| arrival.key)
            .collect();
        let mut segments = Vec::new();
        let mut deletions = Vec::new();
        for key in keys {
            let winner = self.winner(account, key).expect("the key comes from an arrival");
            match &winner.row {
                Some(row) => segments.push(row.clone()),
                None => deletions.push((key, winner.updated_at)),
            }
        }
        State::new(segments, deletions)
    }
}

/// The live rows of one account, sorted by (time, key).
#[derive(Debug, PartialEq)]
pub struct State {
    pub segments: Vec<Row>,
    pub plays: Vec<Row>,
    pub deletions: Vec<(Key, Micros)>,
}

impl State {
    /// The state with these live segments; the plays follow from them.
    pub fn new(mut segments: Vec<Row>, deletions: Vec<(Key, Micros)>) -> State {
        segments.sort_by_key(|row| (time(row, Table::TIME), id(row, Table::KEY)));
        let plays = plays_of(&segments);
        State { segments, plays, deletions }
    }

    /// The right answer to a question about this account.
    pub fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Series(query) => {
                let rows = self.matching(query.table, query.belongs, query.range, &query.filters);
                Answer::Series(match query.measure {
                    Measure::Rows => count(&rows, &query.by),
                    Measure::Distinct(column) => spans::distinct(&rows, column, query),
                    Measure::DistinctPairs(one, other) => {
                        let pairs = rows.iter().map(|row| (value(row, one), value(row, other)));
                        let there =
                            pairs.filter(|(one, other)| *one != Point::Absent && *other != Point::Absent);
                        BTreeMap::from([(Point::Absent, there.collect::<BTreeSet<_>>().len() as u64)])
                    }
                })
            }
            Question::Sweep(query) => {
                let rows = self.matching(query.table, Belongs::Present, query.range, &query.filters);
                let rows = spans::sweep(&rows, query);
                let page = rows.iter().skip(query.offset as usize).take(query.limit);
                Answer::Sweep { total: rows.len() as u64, rows: page.cloned().collect() }
            }
            Question::Groups(query) => {
                let rows = self.matching(query.table, query.belongs, query.range, &query.filters);
                let mut groups: BTreeMap<String, Vec<Row>> = BTreeMap::new();
                for row in rows {
                    if let Value::Text(Some(text)) = &row[query.column] {
                        groups.entry(text.clone()).or_default().push(row.clone());
                    }
                }
                let total = groups.len() as u64;
                let page = groups.into_iter().skip(query.offset as usize).take(query.limit);
                Answer::Groups { total, groups: page.collect() }
            }
            Question::Rows(query) | Question::Scan(query) => {
                let rows = self.matching(query.table, query.belongs, query.range, &query.filters);
                let page = rows.iter().skip(query.offset as usize).take(query.limit);
                Answer::Page { total: rows.len() as u64, rows: page.map(|row| (*row).clone()).collect() }
            }
            Question::Export { table: TableId::ViewSegments, .. } => {
                Answer::Export { rows: self.segments.clone(), deletions: self.deletions.clone() }
            }
            Question::Export { table: TableId::Plays, .. } => {
                Answer::Export { rows: self.plays.clone(), deletions: Vec::new() }
            }
            Question::Export { table, .. } => unreachable!("{table:?} is not asked for"),
            Question::Aggregate(query) => {
                let rows = self.matching(query.table, Belongs::StartsIn, query.range, &query.filters);
                Answer::Aggregate(aggregates::aggregate(&rows, query))
            }
        }
    }

    fn matching(&self, table: TableId, how: Belongs, range: Range, filters: &[Filter]) -> Vec<&Row> {
        let rows = match table {
            TableId::ViewSegments => &self.segments,
            TableId::Plays => &self.plays,
            other => unreachable!("{other:?} is not asked for"),
        };
        rows.iter()
            .filter(|row| belongs(row, how, range) && filters.iter().all(|it| holds(row, it)))
            .collect()
    }
}

/// The plays of these segments. Their key is a digest that only the store knows; here it is zeros, and plays that
/// start at the same instant are sorted by their other columns.
pub fn plays_of(segments: &[Row]) -> Vec<Row> {
    let mut first: HashMap<(Value, Value, Value), &Row> = HashMap::new();
    for segment in segments {
        let group = (
            segment[view_segments::CONTENT_TYPE].clone(),
            segment[view_segments::CONTENT_ID].clone(),
            segment[view_segments::VIEW_SESSION_ID].clone(),
        );
        let winner = first.entry(group).or_insert(segment);
        let order = |row: &Row| (time(row, view_segments::STARTED_AT), id(row, view_segments::VIEW_ID));
        if order(segment) < order(winner) {
            *winner = segment;
        }
    }
    let mut plays: Vec<Row> = first.into_values().map(play_of).collect();
    plays.sort_by_key(|play| (time(play, plays::STARTED_AT), play.clone()));
    plays
}

fn play_of(segment: &Row) -> Row {
    let columns = [
        view_segments::STARTED_AT,
        view_segments::VIEW_ID,
        view_segments::CONTENT_TYPE,
        view_segments::CONTENT_ID,
        view_segments::CHANNEL_ID,
        view_segments::COUNTRY,
        view_segments::REGION,
        view_segments::VIEW_TYPE,
        view_segments::DEVICE,
    ];
    let mut play = vec![Value::Id(Key::default())];
    play.extend(columns.map(|column| segment[column].clone()));
    play
}

fn belongs(row: &Row, how: Belongs, range: Range) -> bool {
    if range.to < range.from || (range.to == range.from && how != Belongs::Within) {
        return false;
    }
    let start = time(row, Table::TIME);
    let starts_in = range.from <= start && start < range.to;
    // Plays have no end; they are only ever asked by their start.
    if how == Belongs::StartsIn {
        return starts_in;
    }
    let end = time(row, view_segments::ENDED_AT);
    let finished = row[view_segments::FINISHED] == Value::Flag(true);
    let started_before = start < range.from;
    match how {
        Belongs::StartsIn => starts_in,
        Belongs::Present => starts_in || (started_before && end > range.from),
        Belongs::TouchesEdge => {
            starts_in || (started_before && finished && end > range.from && end <= range.to)
        }
        Belongs::Within => finished && start >= range.from && end <= range.to,
    }
}

fn holds(row: &Row, filter: &Filter) -> bool {
    match filter {
        Filter::ChoiceIn(column, words) => {
            matches!(&row[*column], Value::Word(Some(word)) if words.contains(word))
        }
        Filter::IntegerIn(column, integers) => {
            matches!(&row[*column], Value::Integer(Some(integer)) if integers.contains(integer))
        }
        Filter::TextIn(column, texts) => {
            matches!(&row[*column], Value::Text(Some(text)) if texts.contains(text))
        }
        Filter::TextContains(column, part) => {
            let contains = |text: &String| text.to_lowercase().contains(&part.to_lowercase());
            matches!(&row[*column], Value::Text(Some(text)) if contains(text))
        }
        Filter::FlagIs(column, flag) => row[*column] == Value::Flag(*flag),
        Filter::TimeIn(column, range) => {
            matches!(row[*column], Value::Time(Some(time)) if range.from <= time && time < range.to)
        }
    }
}

fn count(rows: &[&Row], by: &By) -> BTreeMap<Point, u64> {
    let mut counts = BTreeMap::new();
    if matches!(by, By::Nothing) {
        counts.insert(Point::Absent, 0);
    }
    for row in rows {
        *counts.entry(point(row, by)).or_default() += 1;
    }
    counts
}

fn point(row: &Row, by: &By) -> Point {
    match by {
        By::Nothing => Point::Absent,
        By::Time(unit, zone) => Point::Time(zone.bucket_start(*unit, time(row, Table::TIME))),
        By::HourOfDay(zone) => Point::Integer((shown(row, zone).rem_euclid(DAY) / HOUR).cast_unsigned()),
        // The first day of 1970 was a Thursday.
        By::DayOfWeek(zone) => {
            Point::Integer((shown(row, zone).div_euclid(DAY) + 4).rem_euclid(7).cast_unsigned())
        }
        By::Column(column, names) => named(value(row, *column), names),
    }
}

/// What the clocks of a zone show at the time of a row, as microseconds since they showed the start of 1970.
fn shown(row: &Row, zone: &Zone) -> Micros {
    let time = time(row, Table::TIME);
    time + Micros::from(zone.offset_seconds_at(time)) * SECOND
}

fn value(row: &Row, column: usize) -> Point {
    match &row[column] {
        Value::Integer(integer) => integer.map_or(Point::Absent, Point::Integer),
        Value::Word(word) => word.map_or(Point::Absent, |word| Point::Text(word.to_owned())),
        Value::Text(text) => text.clone().map_or(Point::Absent, Point::Text),
        other => panic!("a series is not broken down by {other:?}"),
    }
}

fn named(point: Point, names: &Names) -> Point {
    match point {
        Point::Absent => names.absent.clone().map_or(Point::Absent, Point::Text),
        Point::Text(text) => match names.renamed.iter().find(|(from, _)| *from == text) {
            Some((_, to)) => Point::Text(to.clone()),
            None => Point::Text(text),
        },
        other => other,
    }
}

fn time(row: &Row, column: usize) -> Micros {
    match row[column] {
        Value::Time(Some(time)) => time,
        ref other => panic!("{other:?} is no time"),
    }
}

fn id(row: &Row, column: usize) -> Key {
    match row[column] {
        Value::Id(id) => id,
        ref other => panic!("{other:?} is no id"),
    }
}
