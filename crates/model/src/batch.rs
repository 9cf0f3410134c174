//! Rows on their way in or out: plain columns with strings, not dictionary ids.
//!
//! Families fill a [`Batch`] from validated records; the store answers rows as one. It is also what the log keeps.

use crate::{Column, ColumnIndex, ColumnKind, DictionaryValues, Key, Micros, Table};

/// "No time" in the values of a [`ColumnKind::Offset`] column.
pub const ABSENT_TIME: Micros = Micros::MIN;

/// "No number" in the values of a dictionary of integers.
pub const ABSENT_INTEGER: u64 = u64::MAX;

/// Rows of one table as columns of equal length. Whoever fills it keeps the rules of the column kinds.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// What the rows look like.
    pub table: &'static Table,
    /// A place per column of the table, in its order.
    pub columns: Vec<Values>,
    /// Per row: it is a deletion, of which only key and version count.
    pub deleted: Vec<bool>,
    /// The rows that these rows own, a place per table that theirs [`owns`](Table::owns), in its order.
    pub owned: Vec<OwnedRows>,
}

/// Rows that belong to rows of another table, and share their fate.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedRows {
    /// The rows. Each has the key of its owner.
    pub rows: Batch,
    /// Per row: its owner's place among the owners, ascending. A deletion owns nothing.
    pub owners: Vec<u32>,
}

impl Batch {
    /// A batch without rows.
    pub fn new(table: &'static Table) -> Self {
        Self {
            table,
            columns: table.columns.iter().map(|column| Values::new(column.kind)).collect(),
            deleted: Vec::new(),
            owned: table.owns.iter().map(|owned| OwnedRows::new(owned.table())).collect(),
        }
    }

    /// How many rows, deletions included.
    pub fn rows(&self) -> usize {
        self.deleted.len()
    }

    /// How many rows, those that they own included: what a batch weighs wherever rows are bounded.
    pub fn rows_with_owned(&self) -> usize {
        self.rows() + self.owned.iter().map(|owned| owned.rows.rows()).sum::<usize>()
    }

    /// Adds a deletion: the other columns get their empty value.
    pub fn push_deletion(&mut self, key: Key, version: Micros) {
        let version_column = self.table.version.expect("only tables that operators write to have deletions");
        for (index, values) in self.columns.iter_mut().enumerate() {
            match values {
                Values::Ids(ids) if index == Table::KEY => ids.push(key),
                Values::Times(times) if index == version_column => times.push(version),
                other => other.push_empty(),
            }
        }
        self.deleted.push(true);
    }

    /// Adds a row: a cell per column of the table, in its order.
    pub fn push_row(&mut self, cells: &[Cell<'_>]) {
        assert_eq!(cells.len(), self.columns.len(), "a row has a cell per column");
        for (values, cell) in self.columns.iter_mut().zip(cells) {
            values.push(*cell);
        }
        self.deleted.push(false);
    }

    /// Adds a deletion with the columns of the table's [`identity`](Table::identity).
    pub fn push_deletion_of(&mut self, key: Key, version: Micros, identity: &[(ColumnIndex, Cell<'_>)]) {
        self.push_deletion(key, version);
        for (column, cell) in identity {
            debug_assert!(self.table.identity.contains(column), "a deletion keeps nothing but its identity");
            self.columns[*column].pop_empty();
            self.columns[*column].push(*cell);
        }
    }

    /// Adds all rows of another batch of the same table behind the own ones.
    pub fn append(&mut self, other: &Batch) {
        debug_assert_eq!(self.table.id, other.table.id);
        for (values, more) in self.columns.iter_mut().zip(&other.columns) {
            values.append(more);
        }
        let first = u32::try_from(self.rows()).expect("a batch has fewer than 2^32 rows");
        for (owned, more) in self.owned.iter_mut().zip(&other.owned) {
            owned.rows.append(&more.rows);
            owned.owners.extend(more.owners.iter().map(|owner| owner + first));
        }
        self.deleted.extend_from_slice(&other.deleted);
    }

    /// These of the rows, in this order, without what they own.
    pub fn picked(&self, rows: &[u32]) -> Batch {
        let mut picked = Batch::new(self.table);
        for (values, from) in picked.columns.iter_mut().zip(&self.columns) {
            rows.iter().for_each(|row| values.push(from.cell(*row as usize)));
        }
        picked.deleted = rows.iter().map(|row| self.deleted[*row as usize]).collect();
        picked
    }

    /// Adds a row that the last row owns, to the owned table at this position: a cell per column but the key, which is
    /// that of its owner.
    pub fn push_owned(&mut self, position: usize, cells: &[Cell<'_>]) {
        let owner = self.rows().checked_sub(1).expect("an owner comes before what it owns");
        let key = self.columns[Table::KEY].cell(owner);
        let owned = &mut self.owned[position];
        owned.rows.push_row(&[&[key], cells].concat());
        owned.owners.push(u32::try_from(owner).expect("a batch has fewer than 2^32 rows"));
    }

    /// Whether all columns have as many values as there are rows, and the kind that the table asks for, and all that is
    /// owned has an owner that is not a deletion.
    pub fn is_consistent(&self) -> bool {
        self.is_consistent_itself()
            && self.owned.len() == self.table.owns.len()
            && self.owned.iter().zip(self.table.owns).all(|(owned, table)| {
                owned.rows.table.id == *table
                    && owned.rows.is_consistent_itself()
                    && owned.owners.len() == owned.rows.rows()
                    && owned.owners.is_sorted()
                    && owned.owners.iter().enumerate().all(|(row, owner)| {
                        let owner = *owner as usize;
                        self.deleted.get(owner) == Some(&false)
                            && self.columns[Table::KEY].cell(owner)
                                == owned.rows.columns[Table::KEY].cell(row)
                    })
            })
    }

    fn is_consistent_itself(&self) -> bool {
        self.columns.len() == self.table.columns.len()
            && self
                .columns
                .iter()
                .zip(self.table.columns)
                .all(|(values, column)| values.len() == self.rows() && values.fits(column))
    }
}

impl OwnedRows {
    /// No rows yet.
    pub fn new(table: &'static Table) -> Self {
        debug_assert!(table.owns.is_empty(), "what is owned owns nothing itself");
        Self { rows: Batch::new(table), owners: Vec::new() }
    }
}

/// A value of one row, for the column kind of the same name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// No value, of a kind that can be absent.
    Absent,
    /// A time, or an end.
    Time(Micros),
    /// A number, in a dictionary or not.
    Integer(u64),
    /// The position of a word plus one.
    Choice(u8),
    /// 16 bytes.
    Id(Key),
    /// A text, in a dictionary or not.
    Text(&'a str),
    /// True or false.
    Flag(bool),
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// [`ColumnKind::Time`], and [`ColumnKind::Offset`] with [`ABSENT_TIME`].
    Times(Vec<Micros>),
    /// [`ColumnKind::Integer`], and dictionaries of integers with [`ABSENT_INTEGER`].
    Integers(Vec<u64>),
    /// [`ColumnKind::Choice`]: 0 is absent, else the position in the list plus one.
    Choices(Vec<u8>),
    /// [`ColumnKind::Id`].
    Ids(Vec<Key>),
    /// [`ColumnKind::Text`], and dictionaries of texts, where a text may be absent.
    Texts(Texts),
    /// [`ColumnKind::Flag`].
    Flags(Vec<bool>),
}

impl Values {
    /// No values of this kind.
    pub fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Time | ColumnKind::Offset => Values::Times(Vec::new()),
            ColumnKind::Integer | ColumnKind::Dictionary { values: DictionaryValues::Integers, .. } => {
                Values::Integers(Vec::new())
            }
            ColumnKind::Choice(_) => Values::Choices(Vec::new()),
            ColumnKind::Dictionary { values: DictionaryValues::Texts, .. } | ColumnKind::Text => {
                Values::Texts(Texts::default())
            }
            ColumnKind::Id => Values::Ids(Vec::new()),
            ColumnKind::Flag => Values::Flags(Vec::new()),
        }
    }

    /// How many values.
    pub fn len(&self) -> usize {
        match self {
            Values::Times(values) => values.len(),
            Values::Integers(values) => values.len(),
            Values::Choices(values) => values.len(),
            Values::Ids(values) => values.len(),
            Values::Texts(values) => values.len(),
            Values::Flags(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a value of the column's kind.
    pub fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Values::Times(values), Cell::Time(time)) => values.push(time),
            (Values::Times(values), Cell::Absent) => values.push(ABSENT_TIME),
            (Values::Integers(values), Cell::Integer(integer)) => values.push(integer),
            (Values::Integers(values), Cell::Absent) => values.push(ABSENT_INTEGER),
            (Values::Choices(values), Cell::Choice(choice)) => values.push(choice),
            (Values::Choices(values), Cell::Absent) => values.push(0),
            (Values::Ids(values), Cell::Id(id)) => values.push(id),
            (Values::Texts(values), Cell::Text(text)) => values.push(Some(text)),
            (Values::Texts(values), Cell::Absent) => values.push(None),
            (Values::Flags(values), Cell::Flag(flag)) => values.push(flag),
            (values, cell) => unreachable!("{cell:?} is no value of {:?}", std::mem::discriminant(values)),
        }
    }

    /// The value of a row; the opposite of [`push`](Self::push).
    pub fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Values::Times(values) if values[row] == ABSENT_TIME => Cell::Absent,
            Values::Times(values) => Cell::Time(values[row]),
            Values::Integers(values) if values[row] == ABSENT_INTEGER => Cell::Absent,
            Values::Integers(values) => Cell::Integer(values[row]),
            Values::Choices(values) if values[row] == 0 => Cell::Absent,
            Values::Choices(values) => Cell::Choice(values[row]),
            Values::Ids(values) => Cell::Id(values[row]),
            Values::Texts(texts) => texts.get(row).map_or(Cell::Absent, Cell::Text),
            Values::Flags(values) => Cell::Flag(values[row]),
        }
    }

    /// Takes the last value away again, which has no bytes.
    fn pop_empty(&mut self) {
        match self {
            Values::Times(values) => drop(values.pop()),
            Values::Integers(values) => drop(values.pop()),
            Values::Choices(values) => drop(values.pop()),
            Values::Ids(values) => drop(values.pop()),
            Values::Texts(texts) => {
                texts.ends.pop();
                texts.present.pop();
            }
            Values::Flags(values) => drop(values.pop()),
        }
    }

    fn push_empty(&mut self) {
        match self {
            Values::Times(values) => values.push(0),
            Values::Integers(values) => values.push(0),
            Values::Choices(values) => values.push(0),
            Values::Ids(values) => values.push(Key::default()),
            Values::Texts(values) => values.push(None),
            Values::Flags(values) => values.push(false),
        }
    }

    fn append(&mut self, other: &Values) {
        match (self, other) {
            (Values::Times(values), Values::Times(more)) => values.extend_from_slice(more),
            (Values::Integers(values), Values::Integers(more)) => values.extend_from_slice(more),
            (Values::Choices(values), Values::Choices(more)) => values.extend_from_slice(more),
            (Values::Ids(values), Values::Ids(more)) => values.extend_from_slice(more),
            (Values::Texts(values), Values::Texts(more)) => values.append(more),
            (Values::Flags(values), Values::Flags(more)) => values.extend_from_slice(more),
            (own, other) => unreachable!("columns of one table differ in kind: {own:?} and {other:?}"),
        }
    }

    fn fits(&self, column: &Column) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(&Values::new(column.kind))
    }
}

/// Texts, one behind the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Texts {
    /// All texts without anything between them.
    pub bytes: Vec<u8>,
    /// Where each text ends in `bytes`.
    pub ends: Vec<u32>,
    /// Whether each text is there; one that is not has no bytes.
    pub present: Vec<bool>,
}

impl Texts {
    /// How many texts, absent ones included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a text, or an absent one.
    pub fn push(&mut self, text: Option<&str>) {
        self.bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
        self.ends
            .push(u32::try_from(self.bytes.len()).expect("a batch's texts stay under BATCH_TEXT_BYTES_MAX"));
        self.present.push(text.is_some());
    }

    /// The bytes of a text; `None` when it is absent.
    pub fn bytes_at(&self, index: usize) -> Option<&[u8]> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        self.present[index].then(|| &self.bytes[start..self.ends[index] as usize])
    }

    /// A text; `None` when it is absent.
    pub fn get(&self, index: usize) -> Option<&str> {
        self.bytes_at(index).map(|bytes| std::str::from_utf8(bytes).expect("only whole texts are pushed"))
    }

    fn append(&mut self, other: &Texts) {
        let base = u32::try_from(self.bytes.len()).expect("a batch's texts stay under BATCH_TEXT_BYTES_MAX");
        assert!(
            self.bytes.len() + other.bytes.len() <= u32::MAX as usize,
            "a batch's texts outgrow 32-bit offsets"
        );
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| end + base));
        self.present.extend_from_slice(&other.present);
    }
}
