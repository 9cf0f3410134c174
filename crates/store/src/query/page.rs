//! Rows of parts, turned back into values with strings.

use tallyhouse_model::{
    ABSENT_INTEGER, ABSENT_TIME, AccountId, Batch, ColumnIndex, ColumnKind, DictionaryValues, Micros, Table,
    Texts, Values,
};

use super::merge::Merge;
use crate::column::Column;
use crate::damage::Damage;
use crate::dictionary::Dictionaries;
use crate::part::{PartView, RowRef, split};

/// Reads rows of one account as batches.
pub struct PageReader<'a> {
    views: &'a [PartView],
    table: &'static Table,
    account: AccountId,
    dictionaries: &'a Dictionaries,
}

impl<'a> PageReader<'a> {
    /// A reader over these parts.
    pub fn new(
        views: &'a [PartView],
        table: &'static Table,
        account: AccountId,
        dictionaries: &'a Dictionaries,
    ) -> Self {
        Self { views, table, account, dictionaries }
    }

    /// What the rows look like.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// Takes up to `limit` rows out of the merge.
    pub fn read(&self, merge: &mut Merge<'_>, limit: usize) -> Result<Batch, Damage> {
        self.read_rows(&merge.next_rows(limit)?)
    }

    /// Reads some columns of these rows; the others stay empty.
    pub fn read_columns(&self, rows: &[RowRef], columns: &[ColumnIndex]) -> Result<Batch, Damage> {
        let mut batch = Batch::new(self.table);
        batch.deleted = vec![false; rows.len()];
        for column in columns {
            batch.columns[*column] = self.values(*column, rows)?;
        }
        Ok(batch)
    }

    /// Reads these rows; their sources are positions in the views.
    pub fn read_rows(&self, rows: &[RowRef]) -> Result<Batch, Damage> {
        let all: Vec<ColumnIndex> = (0..self.table.columns.len()).collect();
        self.read_columns(rows, &all)
    }

    /// Reads one column of these rows.
    pub fn values(&self, index: usize, rows: &[RowRef]) -> Result<Values, Damage> {
        Ok(match self.table.columns[index].kind {
            ColumnKind::Time => {
                let mut times = Vec::with_capacity(rows.len());
                self.each(index, rows, |_, column, at| times.push(column.times()[at]))?;
                Values::Times(times)
            }
            ColumnKind::Offset => {
                let Values::Times(mut times) = self.values(Table::TIME, rows)? else {
                    unreachable!("the second column of every table is its time")
                };
                self.each(index, rows, |place, column, at| {
                    times[place] = match column.number(at) {
                        0 => ABSENT_TIME,
                        distance => times[place].saturating_add(distance as Micros - 1),
                    };
                })?;
                Values::Times(times)
            }
            ColumnKind::Integer => Values::Integers(self.numbers(index, rows)?),
            ColumnKind::Choice(_) => {
                Values::Choices(self.numbers(index, rows)?.into_iter().map(|code| code as u8).collect())
            }
            ColumnKind::Flag => {
                Values::Flags(self.numbers(index, rows)?.into_iter().map(|flag| flag != 0).collect())
            }
            ColumnKind::Id => {
                let mut ids = Vec::with_capacity(rows.len());
                self.each(index, rows, |_, column, at| ids.push(column.ids()[at]))?;
                Values::Ids(ids)
            }
            ColumnKind::Text => {
                let mut texts = Texts::default();
                let mut wrong = false;
                self.each(index, rows, |_, column, at| {
                    let text = std::str::from_utf8(column.text(at));
                    wrong |= text.is_err();
                    texts.push(Some(text.unwrap_or_default()));
                })?;
                if wrong {
                    return Err(Damage::in_database(format!("a text of {} is not UTF-8", self.table.name)));
                }
                Values::Texts(texts)
            }
            ColumnKind::Dictionary { namespace, values } => {
                self.dictionary_values(namespace, values, &self.numbers(index, rows)?)?
            }
        })
    }

    fn dictionary_values(
        &self,
        namespace: &'static str,
        values: DictionaryValues,
        ids: &[u64],
    ) -> Result<Values, Damage> {
        let dictionary = self.dictionaries.of(self.account, namespace);
        let reader = dictionary.reader()?;
        match values {
            DictionaryValues::Texts => {
                let mut texts = Texts::default();
                for id in ids {
                    texts.push(if *id == 0 { None } else { Some(reader.text(*id as u32)?) });
                }
                Ok(Values::Texts(texts))
            }
            DictionaryValues::Integers => {
                let integer =
                    |id: &u64| if *id == 0 { Ok(ABSENT_INTEGER) } else { reader.integer(*id as u32) };
                Ok(Values::Integers(ids.iter().map(integer).collect::<Result<_, _>>()?))
            }
        }
    }

    fn numbers(&self, index: usize, rows: &[RowRef]) -> Result<Vec<u64>, Damage> {
        let mut numbers = Vec::with_capacity(rows.len());
        self.each(index, rows, |_, column, at| numbers.push(column.number(at)))?;
        Ok(numbers)
    }

    fn each(
        &self,
        index: usize,
        rows: &[RowRef],
        mut take: impl FnMut(usize, &Column, usize),
    ) -> Result<(), Damage> {
        for (place, row) in rows.iter().enumerate() {
            let (block, at) = split(row.row);
            take(place, self.views[row.source as usize].part.column(block, index)?, at);
        }
        Ok(())
    }
}

/// Rows of a deletions table as deletions of the table they belong to.
pub fn deletions_as_rows(deletions: &Batch, table: &'static Table) -> Batch {
    let (Values::Ids(keys), Values::Times(versions)) =
        (&deletions.columns[Table::KEY], &deletions.columns[Table::TIME])
    else {
        unreachable!("deletions have a key and a version")
    };
    let kept = &deletions.columns[Table::TIME + 1..];
    let mut batch = Batch::new(table);
    for (row, (key, version)) in keys.iter().zip(versions).enumerate() {
        let cells = kept.iter().map(|values| values.cell(row));
        let identity: Vec<_> = table.identity.iter().copied().zip(cells).collect();
        batch.push_deletion_of(*key, *version, &identity);
    }
    batch
}
