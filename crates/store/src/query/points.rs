//! What numbers of a column stand for, and under which name an answer shows it.

use std::cell::OnceCell;
use std::sync::Arc;

use tallyhouse_model::{AccountId, ColumnIndex, ColumnKind, DictionaryValues, Names, Point, Table};

use crate::damage::Damage;
use crate::dictionary::{Dictionaries, Dictionary};

/// Turns numbers of one column into points.
pub struct Points<'a> {
    account: AccountId,
    kind: ColumnKind,
    dictionaries: &'a Dictionaries,
    /// Opened at first use.
    dictionary: OnceCell<Arc<Dictionary>>,
}

impl<'a> Points<'a> {
    /// For a choice or dictionary column of an account's rows.
    pub fn new(
        account: AccountId,
        table: &Table,
        column: ColumnIndex,
        dictionaries: &'a Dictionaries,
    ) -> Self {
        Self { account, kind: table.columns[column].kind, dictionaries, dictionary: OnceCell::new() }
    }

    /// What a number stands for.
    pub fn point(&self, number: u64) -> Result<Point, Damage> {
        Ok(match (self.kind, number) {
            (ColumnKind::Choice(_) | ColumnKind::Dictionary { .. }, 0) => Point::Absent,
            (ColumnKind::Choice(words), code) => {
                let word = words.get(code as usize - 1);
                let unknown = || Damage::in_database(format!("a choice has no word {code}"));
                Point::Text((*word.ok_or_else(unknown)?).to_owned())
            }
            (ColumnKind::Dictionary { namespace, values }, id) => {
                let open = || self.dictionaries.of(self.account, namespace);
                let reader = self.dictionary.get_or_init(open).reader()?;
                match values {
                    DictionaryValues::Texts => Point::Text(reader.text(id as u32)?.to_owned()),
                    DictionaryValues::Integers => Point::Integer(reader.integer(id as u32)?),
                }
            }
            (_, number) => Point::Integer(number),
        })
    }

    /// The same under the name that an answer shows.
    pub fn named(&self, number: u64, names: &Names) -> Result<Point, Damage> {
        Ok(match self.point(number)? {
            Point::Absent => names.absent.clone().map_or(Point::Absent, Point::Text),
            Point::Text(text) => {
                let renamed = names.renamed.iter().find(|(from, _)| *from == text);
                Point::Text(renamed.map_or(text, |(_, to)| to.clone()))
            }
            other => other,
        })
    }

    /// What sorts a number among others of its column: words in the order of their choice, all else by its value.
    pub fn order(&self, number: u64) -> Result<Point, Damage> {
        match self.kind {
            ColumnKind::Choice(_) => Ok(Point::Integer(number)),
            _ => self.point(number),
        }
    }
}
