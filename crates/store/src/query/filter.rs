//! Conditions on columns, as sets of the numbers that parts hold, or as ranges of times.

use std::ops::Range;
use std::sync::Arc;

use tallyhouse_model::{
    ABSENT_TIME, AccountId, ColumnIndex, ColumnKind, Filter, Micros, Range as TimeRange, Table,
};

use super::contains::ids_containing;
use super::id_set::IdSet;
use crate::column::Column;
use crate::damage::Damage;
use crate::dictionary::Dictionaries;
use crate::{QueryError, Stop};

/// What a column has to hold.
#[derive(Clone)]
struct Condition {
    column: ColumnIndex,
    test: Test,
}

#[derive(Clone)]
enum Test {
    /// One of these numbers. Shared, since conditions are taken along from window to window.
    Numbers(Arc<IdSet>),
    /// A time in this range.
    Times(TimeRange),
}

impl Test {
    fn is_impossible(&self) -> bool {
        match self {
            Test::Numbers(wanted) => wanted.count() == 0,
            Test::Times(range) => range.to <= range.from,
        }
    }

    /// An absent time is in no range, though as a number it is in that of all time.
    fn has_time(range: &TimeRange, time: Micros) -> bool {
        range.from <= time && time < range.to && time != ABSENT_TIME
    }

    /// The rows of a stretch of a block that meet it; the first of them is number `first`.
    fn rows_met(&self, column: &Column, places: Range<usize>, first: u32) -> Vec<u32> {
        match self {
            Test::Numbers(wanted) => match wanted.only() {
                Some(only) => column.rows_where(places, first, |number| number == only),
                None => column.rows_where(places, first, |number| wanted.contains(number)),
            },
            Test::Times(range) => {
                let times = (first..).zip(&column.times()[places]);
                times.filter(|(_, time)| Self::has_time(range, **time)).map(|(row, _)| row).collect()
            }
        }
    }

    fn is_met(&self, column: &Column, place: usize) -> bool {
        match self {
            Test::Numbers(wanted) => wanted.contains(column.number(place)),
            Test::Times(range) => Self::has_time(range, column.times()[place]),
        }
    }
}

/// All conditions of a query.
#[derive(Clone)]
pub struct Conditions(Vec<Condition>);

impl Conditions {
    /// Looks the values up in the account's dictionaries.
    pub fn new(
        filters: &[Filter],
        table: &Table,
        account: AccountId,
        dictionaries: &Dictionaries,
        stop: &Stop,
    ) -> Result<Self, QueryError> {
        let of_column = |column| dictionaries.of(account, namespace_of(table, column));
        let condition = |filter: &Filter| {
            let (column, wanted) = match filter {
                Filter::ChoiceIn(column, words) => (*column, choices(table, *column, words)),
                Filter::TimeIn(column, range) => {
                    return Ok(Condition { column: *column, test: Test::Times(*range) });
                }
                Filter::FlagIs(column, flag) => (*column, [u64::from(*flag)].into_iter().collect()),
                Filter::IntegerIn(column, integers) => {
                    let dictionary = of_column(*column);
                    let ids = integers.iter().map(|integer| dictionary.id(&integer.to_le_bytes()));
                    (*column, known(ids)?)
                }
                Filter::TextIn(column, texts) => {
                    let dictionary = of_column(*column);
                    (*column, known(texts.iter().map(|text| dictionary.id(text.as_bytes())))?)
                }
                Filter::TextContains(column, part) => {
                    (*column, ids_containing(&of_column(*column), part, stop)?)
                }
            };
            Ok(Condition { column, test: Test::Numbers(Arc::new(wanted)) })
        };
        Ok(Self(filters.iter().map(condition).collect::<Result<_, QueryError>>()?))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no row can meet them.
    pub fn is_impossible(&self) -> bool {
        self.0.iter().any(|condition| condition.test.is_impossible())
    }

    /// The rows of a block that meet all of them. `rows` count from the start of the part, `base` is the first row of
    /// the block.
    pub fn filter<'a>(
        &self,
        rows: Candidates,
        base: u32,
        column: impl Fn(ColumnIndex) -> Result<&'a Column, Damage>,
    ) -> Result<Vec<u32>, Damage> {
        let (mut rows, rest) = match (rows, self.0.as_slice()) {
            (Candidates::List(rows), all) => (rows, all),
            (Candidates::Stretch(rows), []) => (rows.collect(), &[][..]),
            (Candidates::Stretch(rows), [first, rest @ ..]) => {
                let places = (rows.start - base) as usize..(rows.end - base) as usize;
                (first.test.rows_met(column(first.column)?, places, rows.start), rest)
            }
        };
        for condition in rest {
            if rows.is_empty() {
                break;
            }
            let values = column(condition.column)?;
            rows.retain(|row| condition.test.is_met(values, (row - base) as usize));
        }
        Ok(rows)
    }

    /// The same with one more that is looked at first: the column has one of these numbers.
    pub fn and(self, column: ColumnIndex, wanted: IdSet) -> Self {
        let mut conditions = vec![Condition { column, test: Test::Numbers(Arc::new(wanted)) }];
        conditions.extend(self.0);
        Self(conditions)
    }
}

/// Rows of a block that may be wanted.
pub enum Candidates {
    /// All of these.
    Stretch(Range<u32>),
    /// Exactly these.
    List(Vec<u32>),
}

/// The dictionary that a column of texts or integers takes its ids from.
pub fn namespace_of(table: &Table, column: ColumnIndex) -> &'static str {
    match table.columns[column].kind {
        ColumnKind::Dictionary { namespace, .. } => namespace,
        _ => unreachable!("{} holds no dictionary ids", table.columns[column].name),
    }
}

fn choices(table: &Table, column: ColumnIndex, words: &[&str]) -> IdSet {
    let ColumnKind::Choice(all) = table.columns[column].kind else {
        unreachable!("{} holds no choices", table.columns[column].name)
    };
    let code = |word: &&str| all.iter().position(|choice| choice == word).map(|at| at as u64 + 1);
    words.iter().filter_map(code).collect()
}

/// The ids that there are.
fn known(ids: impl Iterator<Item = Result<Option<u32>, Damage>>) -> Result<IdSet, Damage> {
    ids.filter_map(|id| id.map(|id| id.map(u64::from)).transpose()).collect()
}
