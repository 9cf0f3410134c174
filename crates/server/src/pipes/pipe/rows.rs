//! Answers that are rows of a table.

use tallyhouse_model::{ABSENT_INTEGER, Batch, ColumnIndex, ColumnKind, Texts, Values};
use tallyhouse_store::{QueryError, RowScan};

use super::plan::Source;
use super::run::ShownColumn;
use crate::ingest::render_uuid;
use crate::pipes::answer::{Chunk, ChunkValues, RowSource};

/// Rows of a chunk at most: 40 texts of 1,024 bytes each make 160 MB of them in the worst case, some 2 MB as a rule.
const CHUNK_ROWS: usize = 4_096;

/// The rows of a scan, as the columns of an answer.
pub struct RowsSource {
    scan: RowScan,
    columns: Vec<ShownColumn>,
    account_name: String,
}

impl RowsSource {
    /// The rows of this scan.
    pub fn new(scan: RowScan, columns: Vec<ShownColumn>, account_name: String) -> Self {
        Self { scan, columns, account_name }
    }

    fn values(&self, batch: &Batch, source: Source) -> ChunkValues {
        match source {
            Source::Column(column) => stored(batch, column),
            Source::Account => ChunkValues::Constant(self.account_name.clone()),
            Source::Point(_) | Source::Seconds { .. } => unreachable!("rows have no points"),
        }
    }
}

impl RowSource for RowsSource {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, QueryError> {
        let Some(batch) = self.scan.next_rows(CHUNK_ROWS)? else { return Ok(None) };
        let columns = self.columns.iter().map(|column| self.values(&batch, column.source)).collect();
        Ok(Some(Chunk { rows: batch.rows(), columns }))
    }

    fn rewind(&mut self) {
        self.scan.rewind();
    }
}

/// The values of a column as they are shown.
fn stored(batch: &Batch, column: ColumnIndex) -> ChunkValues {
    match (&batch.columns[column], batch.table.columns[column].kind) {
        (Values::Times(times), _) => ChunkValues::Times(times.clone()),
        (Values::Integers(numbers), _) => {
            let number = |number: &u64| (*number != ABSENT_INTEGER).then_some(*number);
            ChunkValues::Integers(numbers.iter().map(number).collect())
        }
        (Values::Flags(flags), _) => ChunkValues::Flags(flags.clone()),
        (Values::Texts(texts), _) => ChunkValues::Texts(texts.clone()),
        (Values::Choices(choices), ColumnKind::Choice(words)) => {
            let mut texts = Texts::default();
            for choice in choices {
                texts.push(usize::from(*choice).checked_sub(1).map(|place| words[place]));
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
