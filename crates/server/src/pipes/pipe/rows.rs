//! Answers that are rows of a table.

use tallyhouse_model::{ABSENT_INTEGER, Batch, ColumnIndex, ColumnKind, Texts, Values};
use tallyhouse_store::{QueryError, RowScan};

use super::plan::Source;
use super::run::ShownColumn;
use super::walk::Walk;
use crate::ingest::render_uuid;
use crate::pipes::answer::{Chunk, ChunkValues, RowSource};

/// Rows of a chunk at most: 38 texts of 1,024 bytes each make 40 MB of them in the worst case, half a megabyte as a rule.
const CHUNK_ROWS: u64 = 1_024;

/// The rows of a scan, as the columns of an answer.
pub struct RowsSource {
    scan: RowScan,
    walk: Walk,
    columns: Vec<ShownColumn>,
    /// The columns of the table that are needed for them.
    read: Vec<ColumnIndex>,
    account_name: String,
}

impl RowsSource {
    /// The rows of this walk over a scan.
    pub fn new(scan: RowScan, walk: Walk, columns: Vec<ShownColumn>, account_name: String) -> Self {
        let read = columns.iter().filter_map(|column| match column.source {
            Source::Column(column) => Some(column),
            Source::Account | Source::Point(_) | Source::Seconds { .. } => None,
        });
        Self { read: read.collect(), scan, walk, columns, account_name }
    }

    /// The values of the column at this place of the answer.
    fn values(&self, batch: &mut Batch, place: usize) -> ChunkValues {
        match self.columns[place].source {
            Source::Column(column) => {
                let is_wanted_again =
                    self.columns[place + 1..].iter().any(|other| other.source == Source::Column(column));
                let nothing = Values::Flags(Vec::new());
                let values = match is_wanted_again {
                    true => batch.columns[column].clone(),
                    false => std::mem::replace(&mut batch.columns[column], nothing),
                };
                stored(values, batch.table.columns[column].kind)
            }
            Source::Account => ChunkValues::Constant(self.account_name.clone()),
            Source::Point(_) | Source::Seconds { .. } => unreachable!("rows have no points"),
        }
    }
}

impl RowSource for RowsSource {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, QueryError> {
        let Some(places) = self.walk.next_places(CHUNK_ROWS) else { return Ok(None) };
        let mut batch = self.scan.rows(places, &self.read)?;
        let mut columns: Vec<_> =
            (0..self.columns.len()).map(|place| self.values(&mut batch, place)).collect();
        if self.walk.is_descending() {
            columns.iter_mut().for_each(reverse);
        }
        Ok(Some(Chunk { rows: batch.rows(), columns }))
    }

    fn rewind(&mut self) {
        self.walk.rewind();
    }
}

/// The values of a column as they are shown.
fn stored(values: Values, kind: ColumnKind) -> ChunkValues {
    match (values, kind) {
        (Values::Times(times), _) => ChunkValues::Times(times),
        (Values::Integers(numbers), _) => {
            let number = |number: u64| (number != ABSENT_INTEGER).then_some(number);
            ChunkValues::Integers(numbers.into_iter().map(number).collect())
        }
        (Values::Flags(flags), _) => ChunkValues::Flags(flags),
        (Values::Texts(texts), _) => ChunkValues::Texts(texts),
        (Values::Choices(choices), ColumnKind::Choice(words)) => {
            let mut texts = Texts::default();
            for choice in choices {
                texts.push(usize::from(choice).checked_sub(1).map(|place| words[place]));
            }
            ChunkValues::Texts(texts)
        }
        (Values::Ids(ids), _) => {
            let mut texts = Texts::default();
            ids.iter().for_each(|id| texts.push(Some(&render_uuid(id))));
            ChunkValues::Texts(texts)
        }
        (Values::Choices(_), kind) => unreachable!("choices are of a column of choices, not of {kind:?}"),
    }
}

/// The last row first.
fn reverse(values: &mut ChunkValues) {
    match values {
        ChunkValues::Texts(texts) => {
            let mut reversed = Texts::default();
            (0..texts.len()).rev().for_each(|place| reversed.push(texts.get(place)));
            *texts = reversed;
        }
        ChunkValues::Times(times) => times.reverse(),
        ChunkValues::Integers(numbers) => numbers.reverse(),
        ChunkValues::Decimals(numbers) => numbers.reverse(),
        ChunkValues::Flags(flags) => flags.reverse(),
        ChunkValues::Constant(_) => {}
    }
}
