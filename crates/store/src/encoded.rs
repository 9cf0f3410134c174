//! Rows on their way into a part: ids instead of strings, numbers at full width, accounts side by side.

use tallyhouse_model::{
    ABSENT_INTEGER, ABSENT_TIME, AccountId, Batch, Column, ColumnKind, DictionaryValues, Key, Micros, Table,
    Values,
};

use crate::damage::Damage;
use crate::dictionary::Dictionaries;

/// The values of one column. Which variant follows from the column's kind.
#[derive(Debug, Clone)]
pub enum Wide {
    /// Dictionary ids, choices, flags, integers, and offsets (the distance from the row's time plus one; 0 is
    /// absent).
    Numbers(Vec<u64>),
    /// Times.
    Times(Vec<Micros>),
    /// Ids.
    Ids(Vec<Key>),
    /// Texts: where each ends, and their bytes.
    Texts(Vec<u32>, Vec<u8>),
}

impl Wide {
    fn new(kind: ColumnKind) -> Wide {
        match kind {
            ColumnKind::Time => Wide::Times(Vec::new()),
            ColumnKind::Id => Wide::Ids(Vec::new()),
            ColumnKind::Text => Wide::Texts(Vec::new(), Vec::new()),
            _ => Wide::Numbers(Vec::new()),
        }
    }

    /// The text at a row; for texts only.
    pub fn text(&self, row: usize) -> &[u8] {
        match self {
            Wide::Texts(ends, bytes) => {
                let start = if row == 0 { 0 } else { ends[row - 1] as usize };
                &bytes[start..ends[row] as usize]
            }
            other => unreachable!("{other:?} holds no texts"),
        }
    }

    /// Some of the rows, in this order.
    pub fn picked(&self, rows: &[u32]) -> Wide {
        let places = rows.iter().map(|row| *row as usize);
        match self {
            Wide::Numbers(numbers) => Wide::Numbers(places.map(|row| numbers[row]).collect()),
            Wide::Times(times) => Wide::Times(places.map(|row| times[row]).collect()),
            Wide::Ids(ids) => Wide::Ids(places.map(|row| ids[row]).collect()),
            Wide::Texts(..) => {
                let (mut ends, mut bytes) = (Vec::with_capacity(rows.len()), Vec::new());
                for row in places {
                    bytes.extend_from_slice(self.text(row));
                    ends.push(u32::try_from(bytes.len()).expect("some of the texts are no longer than all"));
                }
                Wide::Texts(ends, bytes)
            }
        }
    }

    /// The number at a row; for numbers only.
    pub fn number(&self, row: usize) -> u64 {
        match self {
            Wide::Numbers(numbers) => numbers[row],
            other => unreachable!("{other:?} holds no numbers"),
        }
    }
}

/// Rows of one table and any number of accounts.
#[derive(Debug, Clone)]
pub struct EncodedRows {
    /// What the rows look like.
    pub table: &'static Table,
    /// Whose each row is.
    pub accounts: Vec<AccountId>,
    /// A place per column of the table.
    pub columns: Vec<Wide>,
}

impl EncodedRows {
    /// No rows.
    pub fn new(table: &'static Table) -> Self {
        let columns = table.columns.iter().map(|column| Wide::new(column.kind)).collect();
        Self { table, accounts: Vec::new(), columns }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.accounts.len()
    }

    /// All keys.
    pub fn keys(&self) -> &[Key] {
        self.ids(Table::KEY)
    }

    /// All times.
    pub fn times(&self) -> &[Micros] {
        self.times_of(Table::TIME)
    }

    /// All ids of a column.
    pub fn ids(&self, column: usize) -> &[Key] {
        match &self.columns[column] {
            Wide::Ids(ids) => ids,
            other => unreachable!("{other:?} holds no ids"),
        }
    }

    /// All times of a column.
    pub fn times_of(&self, column: usize) -> &[Micros] {
        match &self.columns[column] {
            Wide::Times(times) => times,
            other => unreachable!("{other:?} holds no times"),
        }
    }

    /// Adds the rows of a batch, making dictionary entries for strings that are new. Deletions become rows too;
    /// only their key, version and identity mean anything.
    pub fn push_batch(
        &mut self,
        account: AccountId,
        batch: &Batch,
        dictionaries: &Dictionaries,
    ) -> Result<(), Damage> {
        let Values::Times(row_times) = &batch.columns[Table::TIME] else {
            unreachable!("the second column of every table is its time");
        };
        let columns = self.columns.iter_mut().zip(&batch.columns).zip(batch.table.columns);
        for (index, ((wide, values), column)) in columns.enumerate() {
            match (wide, values) {
                (Wide::Numbers(numbers), values) => {
                    numbers.reserve(batch.rows());
                    // Of deletions nothing but the identity is kept, so nothing else gets an id.
                    let is_kept = batch.table.identity.contains(&index);
                    let encoder = Encoder { account, row_times, batch, is_kept, dictionaries };
                    encoder.encode(column, values, numbers)?;
                }
                (Wide::Times(times), Values::Times(more)) => times.extend_from_slice(more),
                (Wide::Ids(ids), Values::Ids(more)) => ids.extend_from_slice(more),
                (Wide::Texts(ends, bytes), Values::Texts(more)) => {
                    let base = u32::try_from(bytes.len()).expect("a group's texts fit 32-bit offsets");
                    bytes.extend_from_slice(&more.bytes);
                    ends.extend(more.ends.iter().map(|end| end + base));
                }
                (wide, values) => unreachable!("{values:?} cannot become {wide:?}"),
            }
        }
        self.accounts.resize(self.accounts.len() + batch.rows(), account);
        Ok(())
    }
}

/// Turns the values of one column of a batch into numbers.
struct Encoder<'a> {
    account: AccountId,
    row_times: &'a [Micros],
    batch: &'a Batch,
    /// Whether the values of deletions count.
    is_kept: bool,
    dictionaries: &'a Dictionaries,
}

impl Encoder<'_> {
    fn encode(&self, column: &Column, values: &Values, numbers: &mut Vec<u64>) -> Result<(), Damage> {
        match (column.kind, values) {
            (ColumnKind::Offset, Values::Times(times)) => {
                numbers
                    .extend(times.iter().zip(self.row_times).map(|(time, start)| offset_of(*time, *start)));
            }
            (ColumnKind::Integer, Values::Integers(integers)) => numbers.extend_from_slice(integers),
            (ColumnKind::Choice(_), Values::Choices(choices)) => {
                numbers.extend(choices.iter().map(|choice| u64::from(*choice)));
            }
            (ColumnKind::Flag, Values::Flags(flags)) => {
                numbers.extend(flags.iter().map(|flag| u64::from(*flag)));
            }
            (ColumnKind::Dictionary { namespace, values: DictionaryValues::Texts }, Values::Texts(texts)) => {
                let strings = (0..texts.len()).map(|row| texts.bytes_at(row).filter(|_| self.counts(row)));
                self.dictionaries.of(self.account, namespace).intern_all(strings, numbers)?;
            }
            (
                ColumnKind::Dictionary { namespace, values: DictionaryValues::Integers },
                Values::Integers(integers),
            ) => {
                let bytes: Vec<[u8; 8]> = integers.iter().map(|integer| integer.to_le_bytes()).collect();
                let strings = bytes.iter().enumerate().map(|(row, bytes)| {
                    (integers[row] != ABSENT_INTEGER && self.counts(row)).then_some(bytes.as_slice())
                });
                self.dictionaries.of(self.account, namespace).intern_all(strings, numbers)?;
            }
            (kind, values) => unreachable!("{values:?} cannot be a {kind:?}"),
        }
        Ok(())
    }

    fn counts(&self, row: usize) -> bool {
        self.is_kept || !self.batch.deleted[row]
    }
}

/// A time as the distance from the row's own plus one; 0 is absent.
fn offset_of(time: Micros, start: Micros) -> u64 {
    if time == ABSENT_TIME {
        return 0;
    }
    debug_assert!(time >= start, "an offset is never before the row's own time");
    time.saturating_sub(start).max(0) as u64 + 1
}
