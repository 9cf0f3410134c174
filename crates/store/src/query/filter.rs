//! Conditions on columns, as sets of the numbers that parts hold.

use std::ops::Range;
use std::sync::Arc;

use tallyhouse_model::{AccountId, ColumnIndex, ColumnKind, Filter, Table};

use super::contains::ids_containing;
use super::id_set::IdSet;
use crate::column::Column;
use crate::damage::Damage;
use crate::dictionary::Dictionaries;
use crate::{QueryError, Stop};

/// A column has one of these numbers.
#[derive(Clone)]
struct Condition {
    column: ColumnIndex,
    /// Shared, since conditions are taken along from window to window.
    wanted: Arc<IdSet>,
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
            Ok(Condition { column, wanted: Arc::new(wanted) })
        };
        Ok(Self(filters.iter().map(condition).collect::<Result<_, QueryError>>()?))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no row can meet them.
    pub fn is_impossible(&self) -> bool {
        self.0.iter().any(|condition| condition.wanted.count() == 0)
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
                let mut met = Vec::new();
                column(first.column)?.each_number(places, |place, number| {
                    if first.wanted.contains(number) {
                        met.push(base + place as u32);
                    }
                });
                (met, rest)
            }
        };
        for condition in rest {
            if rows.is_empty() {
                break;
            }
            let values = column(condition.column)?;
            rows.retain(|row| condition.wanted.contains(values.number((row - base) as usize)));
        }
        Ok(rows)
    }

    /// The same with one more that is looked at first: the column has one of these numbers.
    pub fn and(self, column: ColumnIndex, wanted: IdSet) -> Self {
        let mut conditions = vec![Condition { column, wanted: Arc::new(wanted) }];
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
