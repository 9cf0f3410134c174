//! Conditions on columns, as sets of the numbers that parts hold.

use tallyhouse_model::{AccountId, ColumnIndex, ColumnKind, Filter, Table};

use crate::column::Column;
use crate::damage::Damage;
use crate::dictionary::Dictionaries;

/// A column has one of these numbers.
pub struct Condition {
    column: ColumnIndex,
    /// Per number; those beyond the end are not wanted.
    wanted: Vec<bool>,
}

/// All conditions of a query.
pub struct Conditions(Vec<Condition>);

impl Conditions {
    /// Looks the values up in the account's dictionaries.
    pub fn new(
        filters: &[Filter],
        table: &Table,
        account: AccountId,
        dictionaries: &Dictionaries,
    ) -> Result<Self, Damage> {
        let condition = |filter: &Filter| {
            let (column, numbers) = match filter {
                Filter::ChoiceIn(column, words) => (*column, choices(table, *column, words)),
                Filter::TextContains(..) => todo!(),
                Filter::FlagIs(column, flag) => (*column, vec![u64::from(*flag)]),
                Filter::IntegerIn(column, integers) => {
                    let strings: Vec<[u8; 8]> =
                        integers.iter().map(|integer| integer.to_le_bytes()).collect();
                    let strings = strings.iter().map(<[u8; 8]>::as_slice);
                    (*column, ids(table, *column, account, dictionaries, strings)?)
                }
                Filter::TextIn(column, texts) => {
                    let strings = texts.iter().map(String::as_bytes);
                    (*column, ids(table, *column, account, dictionaries, strings)?)
                }
            };
            let mut wanted = Vec::new();
            for number in numbers {
                let number = number as usize;
                wanted.resize(wanted.len().max(number + 1), false);
                wanted[number] = true;
            }
            Ok(Condition { column, wanted })
        };
        Ok(Self(filters.iter().map(condition).collect::<Result<_, Damage>>()?))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no row can meet them.
    pub fn is_impossible(&self) -> bool {
        self.0.iter().any(|condition| condition.wanted.is_empty())
    }

    /// Keeps the rows of a block that meet all of them. `rows` count from the start of the part, `base` is the
    /// first row of the block.
    pub fn retain<'a>(
        &self,
        rows: &mut Vec<u32>,
        base: u32,
        column: impl Fn(ColumnIndex) -> Result<&'a Column, Damage>,
    ) -> Result<(), Damage> {
        for condition in &self.0 {
            if rows.is_empty() {
                return Ok(());
            }
            let values = column(condition.column)?;
            let is_wanted = |row: u32| condition.wanted.get(values.number((row - base) as usize) as usize);
            rows.retain(|row| is_wanted(*row) == Some(&true));
        }
        Ok(())
    }
}

fn choices(table: &Table, column: ColumnIndex, words: &[&str]) -> Vec<u64> {
    let ColumnKind::Choice(all) = table.columns[column].kind else {
        unreachable!("{} holds no choices", table.columns[column].name)
    };
    let code = |word: &&str| all.iter().position(|choice| choice == word).map(|at| at as u64 + 1);
    words.iter().filter_map(code).collect()
}

fn ids<'a>(
    table: &Table,
    column: ColumnIndex,
    account: AccountId,
    dictionaries: &Dictionaries,
    strings: impl Iterator<Item = &'a [u8]>,
) -> Result<Vec<u64>, Damage> {
    let ColumnKind::Dictionary { namespace, .. } = table.columns[column].kind else {
        unreachable!("{} holds no dictionary ids", table.columns[column].name)
    };
    let dictionary = dictionaries.of(account, namespace);
    strings.filter_map(|string| dictionary.id(string).map(|id| id.map(u64::from)).transpose()).collect()
}
