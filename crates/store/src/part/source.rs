//! Where the rows of a new part come from: freshly encoded rows, or other parts.

use tallyhouse_model::limits::BLOCK_ROWS;
use tallyhouse_model::{ColumnKind, Key, Micros, Table};

use super::{Part, RowRef, split};
use crate::column::{Block, Column, Layout};
use crate::damage::Damage;
use crate::encoded::{EncodedRows, Wide};

/// Rows that can be picked by number.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// Rows on their way in.
    Encoded(&'a EncodedRows),
    /// Rows of a part.
    Part(&'a Part),
}

impl Source<'_> {
    /// The greatest number of a column, or more.
    pub fn number_max(&self, column: usize) -> u64 {
        match self {
            Source::Encoded(rows) => match &rows.columns[column] {
                Wide::Numbers(numbers) => numbers.iter().copied().max().unwrap_or(0),
                _ => 0,
            },
            Source::Part(part) => part.header.number_max[column],
        }
    }

    fn times(&self, column: usize, picks: &[Pick], out: &mut [Micros]) -> Result<(), Damage> {
        self.each(column, picks, |place, values, row| {
            out[place] = match values {
                Values::Wide(Wide::Times(times)) => times[row],
                Values::Column(column) => column.times()[row],
                Values::Wide(other) => unreachable!("{other:?} holds no times"),
            };
        })
    }

    fn ids(&self, column: usize, picks: &[Pick], out: &mut [Key]) -> Result<(), Damage> {
        self.each(column, picks, |place, values, row| {
            out[place] = match values {
                Values::Wide(Wide::Ids(ids)) => ids[row],
                Values::Column(column) => column.ids()[row],
                Values::Wide(other) => unreachable!("{other:?} holds no ids"),
            };
        })
    }

    fn numbers(&self, column: usize, picks: &[Pick], out: &mut [u64]) -> Result<(), Damage> {
        self.each(column, picks, |place, values, row| {
            out[place] = match values {
                Values::Wide(wide) => wide.number(row),
                Values::Column(column) => column.number(row),
            };
        })
    }

    /// Calls `take` for each picked row with its place in the new block and its column.
    #[inline]
    fn each(
        &self,
        column: usize,
        picks: &[Pick],
        mut take: impl FnMut(usize, Values<'_>, usize),
    ) -> Result<(), Damage> {
        match self {
            Source::Encoded(encoded) => {
                let wide = &encoded.columns[column];
                picks
                    .iter()
                    .for_each(|pick| take(pick.place as usize, Values::Wide(wide), pick.row as usize));
            }
            Source::Part(part) => {
                let mut current: Option<(usize, &Column)> = None;
                for pick in picks {
                    let (block, row) = split(pick.row);
                    let values = match current {
                        Some((open, values)) if open == block => values,
                        _ => part.column(block, column)?,
                    };
                    current = Some((block, values));
                    take(pick.place as usize, Values::Column(values), row);
                }
            }
        }
        Ok(())
    }
}

/// A row of one source and its place in the new block.
#[derive(Clone, Copy)]
struct Pick {
    place: u32,
    row: u32,
}

enum Values<'a> {
    Wide(&'a Wide),
    Column(&'a Column),
}

/// Copies the rows into a new block.
pub fn gather(
    table: &'static Table,
    layouts: &[Layout],
    sources: &[Source<'_>],
    rows: &[RowRef],
) -> Result<Block, Damage> {
    debug_assert!(rows.len() <= BLOCK_ROWS);
    let mut picks: Vec<Vec<Pick>> = vec![Vec::new(); sources.len()];
    for (place, row) in rows.iter().enumerate() {
        picks[row.source as usize].push(Pick { place: place as u32, row: row.row });
    }
    let picked = || sources.iter().zip(&picks);
    let columns = table.columns.iter().enumerate().map(|(index, column)| {
        Ok(match column.kind {
            ColumnKind::Time => {
                let mut times = vec![0; rows.len()];
                for (source, picks) in picked() {
                    source.times(index, picks, &mut times)?;
                }
                Column::Time(times.into())
            }
            ColumnKind::Id => {
                let mut ids = vec![Key::default(); rows.len()];
                for (source, picks) in picked() {
                    source.ids(index, picks, &mut ids)?;
                }
                Column::Id(ids.into_flattened().into())
            }
            ColumnKind::Text => gather_texts(index, sources, rows)?,
            _ => {
                let mut numbers = vec![0; rows.len()];
                for (source, picks) in picked() {
                    source.numbers(index, picks, &mut numbers)?;
                }
                Column::from_numbers(&numbers, layouts[index])
            }
        })
    });
    Ok(Block { columns: columns.collect::<Result<_, Damage>>()?, rows: rows.len() })
}

fn gather_texts(column: usize, sources: &[Source<'_>], rows: &[RowRef]) -> Result<Column, Damage> {
    let mut offsets = Vec::with_capacity(rows.len() + 1);
    let mut bytes = Vec::new();
    offsets.push(0);
    for row in rows {
        match sources[row.source as usize] {
            Source::Encoded(encoded) => {
                bytes.extend_from_slice(encoded.columns[column].text(row.row as usize))
            }
            Source::Part(part) => {
                let (block, row) = split(row.row);
                bytes.extend_from_slice(part.column(block, column)?.text(row));
            }
        }
        offsets.push(
            i32::try_from(bytes.len()).expect("a block's texts of at most 1,024 bytes fit 32-bit offsets"),
        );
    }
    Ok(Column::Text(offsets.into(), bytes.into()))
}
