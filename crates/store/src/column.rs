//! Columns and blocks as they are in memory, whether the memory is a heap allocation or a mapped file.

use std::ops::Range;

use arrow_buffer::{Buffer, ScalarBuffer};
use tallyhouse_model::{ColumnKind, Key};

/// How the values of a column are laid out. Numbers are as wide as the greatest value of their part asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Unsigned, 1 byte.
    U8,
    /// Unsigned, 2 bytes.
    U16,
    /// Unsigned, 4 bytes.
    U32,
    /// Unsigned, 8 bytes.
    U64,
    /// Signed microseconds, 8 bytes.
    Time,
    /// 16 bytes.
    Id,
    /// UTF-8 behind 32-bit offsets.
    Text,
}

impl Layout {
    /// The layout of a column of this kind whose numbers are at most `max`.
    pub fn of(kind: ColumnKind, max: u64) -> Layout {
        match kind {
            ColumnKind::Time => Layout::Time,
            ColumnKind::Id => Layout::Id,
            ColumnKind::Text => Layout::Text,
            _ if max <= u64::from(u8::MAX) => Layout::U8,
            _ if max <= u64::from(u16::MAX) => Layout::U16,
            _ if max <= u64::from(u32::MAX) => Layout::U32,
            _ => Layout::U64,
        }
    }
}

/// The values of one column in one block.
#[derive(Debug, Clone)]
pub enum Column {
    /// See [`Layout::U8`].
    U8(ScalarBuffer<u8>),
    /// See [`Layout::U16`].
    U16(ScalarBuffer<u16>),
    /// See [`Layout::U32`].
    U32(ScalarBuffer<u32>),
    /// See [`Layout::U64`].
    U64(ScalarBuffer<u64>),
    /// See [`Layout::Time`].
    Time(ScalarBuffer<i64>),
    /// See [`Layout::Id`].
    Id(Buffer),
    /// See [`Layout::Text`]; one offset more than texts.
    Text(ScalarBuffer<i32>, Buffer),
}

impl Column {
    /// A column of numbers, as narrow as the layout says; every number fits.
    pub fn from_numbers(numbers: &[u64], layout: Layout) -> Column {
        match layout {
            Layout::U8 => Column::U8(numbers.iter().map(|n| *n as u8).collect()),
            Layout::U16 => Column::U16(numbers.iter().map(|n| *n as u16).collect()),
            Layout::U32 => Column::U32(numbers.iter().map(|n| *n as u32).collect()),
            Layout::U64 => Column::U64(numbers.iter().copied().collect()),
            other => unreachable!("numbers are never laid out as {other:?}"),
        }
    }

    /// The number at a row; for number layouts only.
    #[inline]
    pub fn number(&self, row: usize) -> u64 {
        match self {
            Column::U8(values) => u64::from(values[row]),
            Column::U16(values) => u64::from(values[row]),
            Column::U32(values) => u64::from(values[row]),
            Column::U64(values) => values[row],
            other => unreachable!("{other:?} holds no numbers"),
        }
    }

    /// Calls back with the number at each of these rows; for number layouts only. Faster than asking row by row.
    #[inline]
    pub fn each_number(&self, rows: Range<usize>, mut take: impl FnMut(usize, u64)) {
        let places = rows.clone();
        match self {
            Column::U8(values) => places.zip(&values[rows]).for_each(|(at, n)| take(at, u64::from(*n))),
            Column::U16(values) => places.zip(&values[rows]).for_each(|(at, n)| take(at, u64::from(*n))),
            Column::U32(values) => places.zip(&values[rows]).for_each(|(at, n)| take(at, u64::from(*n))),
            Column::U64(values) => places.zip(&values[rows]).for_each(|(at, n)| take(at, *n)),
            other => unreachable!("{other:?} holds no numbers"),
        }
    }

    /// Those of these rows whose number passes a test, each as its distance from the first plus `base`; for number layouts
    /// only.
    #[inline]
    pub fn rows_where(&self, rows: Range<usize>, base: u32, passes: impl Fn(u64) -> bool) -> Vec<u32> {
        match self {
            Column::U8(values) => numbered(&values[rows], base, |n| passes(u64::from(n))),
            Column::U16(values) => numbered(&values[rows], base, |n| passes(u64::from(n))),
            Column::U32(values) => numbered(&values[rows], base, |n| passes(u64::from(n))),
            Column::U64(values) => numbered(&values[rows], base, passes),
            other => unreachable!("{other:?} holds no numbers"),
        }
    }

    /// Calls back with the numbers at these rows; for number layouts only. Faster than asking row by row.
    #[inline]
    pub fn each_number_at(&self, rows: &[u32], mut take: impl FnMut(u64)) {
        match self {
            Column::U8(values) => rows.iter().for_each(|row| take(u64::from(values[*row as usize]))),
            Column::U16(values) => rows.iter().for_each(|row| take(u64::from(values[*row as usize]))),
            Column::U32(values) => rows.iter().for_each(|row| take(u64::from(values[*row as usize]))),
            Column::U64(values) => rows.iter().for_each(|row| take(values[*row as usize])),
            other => unreachable!("{other:?} holds no numbers"),
        }
    }

    /// The greatest number; 0 for layouts that hold none.
    pub fn number_max(&self) -> u64 {
        match self {
            Column::U8(values) => values.iter().copied().max().map_or(0, u64::from),
            Column::U16(values) => values.iter().copied().max().map_or(0, u64::from),
            Column::U32(values) => values.iter().copied().max().map_or(0, u64::from),
            Column::U64(values) => values.iter().copied().max().unwrap_or(0),
            Column::Time(_) | Column::Id(_) | Column::Text(..) => 0,
        }
    }

    /// All times; for [`Layout::Time`] only.
    #[inline]
    pub fn times(&self) -> &[i64] {
        match self {
            Column::Time(values) => values,
            other => unreachable!("{other:?} holds no times"),
        }
    }

    /// All ids; for [`Layout::Id`] only.
    #[inline]
    pub fn ids(&self) -> &[Key] {
        match self {
            Column::Id(bytes) => bytemuck::cast_slice(bytes.as_slice()),
            other => unreachable!("{other:?} holds no ids"),
        }
    }

    /// The bytes of the text at a row; for [`Layout::Text`] only.
    #[inline]
    pub fn text(&self, row: usize) -> &[u8] {
        match self {
            Column::Text(offsets, bytes) => &bytes[offsets[row] as usize..offsets[row + 1] as usize],
            other => unreachable!("{other:?} holds no texts"),
        }
    }

    /// The memory it lies in, for checksums.
    pub fn slices(&self) -> [&[u8]; 2] {
        match self {
            Column::U8(values) => [values.inner(), &[]],
            Column::U16(values) => [values.inner(), &[]],
            Column::U32(values) => [values.inner(), &[]],
            Column::U64(values) => [values.inner(), &[]],
            Column::Time(values) => [values.inner(), &[]],
            Column::Id(bytes) => [bytes, &[]],
            Column::Text(offsets, bytes) => [offsets.inner(), bytes],
        }
    }
}

/// The positions of the values that pass, counted from `base`. Each is written before it is known whether it passes: a
/// branch that is taken for some of the rows costs several times as much.
#[inline]
fn numbered<T: Copy>(values: &[T], base: u32, passes: impl Fn(T) -> bool) -> Vec<u32> {
    let mut passed = vec![0; values.len()];
    let mut count = 0;
    for (row, value) in (base..).zip(values) {
        passed[count] = row;
        count += usize::from(passes(*value));
    }
    passed.truncate(count);
    passed
}

/// Consecutive rows of a part, column by column.
#[derive(Debug, Clone)]
pub struct Block {
    /// A place per column of the table.
    pub columns: Vec<Column>,
    /// How many rows.
    pub rows: usize,
}
