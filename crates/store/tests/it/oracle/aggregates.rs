//! Aggregates in the most obvious way: rows are put into a map by the values that make their group, and every aggregate
//! is computed from all rows of a group.

use std::collections::{BTreeMap, BTreeSet};

use tallyhouse_model::{Aggregate, AggregateQuery, ColumnKind, GroupOrder, Point, Table};
use tallyhouse_store::AggregateRow;

use super::value;
use crate::rows::{Row, Value};

/// The groups of these rows, which are sorted by (time, key).
pub fn aggregate(rows: &[&Row], query: &AggregateQuery) -> Vec<AggregateRow> {
    let mut groups: BTreeMap<Vec<Point>, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let by: Vec<Point> = query.by.iter().map(|column| value(row, *column)).collect();
        if !by.contains(&Point::Absent) {
            groups.entry(by).or_default().push(row);
        }
    }
    let answered = groups.into_iter().map(|(by, rows)| {
        let values = query.aggregates.iter().map(|it| of_group(&rows, it)).collect();
        AggregateRow { by, values }
    });
    let mut answered: Vec<AggregateRow> = answered.collect();
    let place = |row: &AggregateRow| -> Vec<Point> {
        let columns = query.by.iter().zip(&row.by);
        columns.map(|(column, point)| place_of(query.table.table(), *column, point)).collect()
    };
    answered.sort_by_key(|row| {
        let first = match query.order {
            GroupOrder::Aggregate(at) => Some(row.values[at].clone()),
            GroupOrder::Any | GroupOrder::Values => None,
        };
        (first, place(row))
    });
    answered
}

fn of_group(rows: &[&Row], aggregate: &Aggregate) -> Point {
    let times = |column: usize| {
        rows.iter().filter_map(move |row| match row[column] {
            Value::Time(time) => time,
            ref other => panic!("{other:?} is no time"),
        })
    };
    match aggregate {
        Aggregate::Rows => Point::Integer(rows.len() as u64),
        Aggregate::RowsWith(column, text) => {
            let has = |row: &&&Row| row[*column] == Value::Text(Some(text.clone()));
            Point::Integer(rows.iter().filter(has).count() as u64)
        }
        Aggregate::Least(column) => times(*column).min().map_or(Point::Absent, Point::Time),
        Aggregate::Greatest(column) => times(*column).max().map_or(Point::Absent, Point::Time),
        Aggregate::First(column) => {
            let mut values = rows.iter().map(|row| value(row, *column));
            values.find(|value| *value != Point::Absent).unwrap_or(Point::Absent)
        }
        Aggregate::Distinct(column) => {
            let values: BTreeSet<Point> = rows.iter().map(|row| value(row, *column)).collect();
            Point::Integer(values.iter().filter(|value| **value != Point::Absent).count() as u64)
        }
    }
}

/// Words are sorted in the order of their choice.
fn place_of(table: &Table, column: usize, point: &Point) -> Point {
    match (table.columns[column].kind, point) {
        (ColumnKind::Choice(words), Point::Text(word)) => {
            Point::Integer(words.iter().position(|known| known == word).expect("a known word") as u64)
        }
        _ => point.clone(),
    }
}
