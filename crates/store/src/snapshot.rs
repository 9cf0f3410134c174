//! What a reader sees: the parts and dead rows of one moment.

use std::io;
use std::sync::Arc;

use tallyhouse_model::{AccountId, Batch, RowsQuery, SeriesQuery, TableId};

use crate::apply::Tables;
use crate::dictionary::Dictionaries;
use crate::query;
use crate::{QueryError, RowsAnswer, SeriesAnswer};

/// The rows that a reader sees, whatever is written meanwhile.
pub struct Snapshot {
    tables: Tables,
    dictionaries: Arc<Dictionaries>,
}

impl Snapshot {
    pub(crate) fn new(tables: Tables, dictionaries: Arc<Dictionaries>) -> Self {
        Self { tables, dictionaries }
    }

    /// Counts rows.
    pub fn series(&self, query: &SeriesQuery) -> Result<SeriesAnswer, QueryError> {
        Ok(query::series(self.tables.of(query.table), &self.dictionaries, query)?)
    }

    /// Answers a page of rows.
    pub fn rows(&self, query: &RowsQuery) -> Result<RowsAnswer, QueryError> {
        Ok(query::rows(self.tables.of(query.table), &self.dictionaries, query)?)
    }

    /// Walks over all live rows of a table in chunks sorted by (time, key), for exports; with `deletions`, the
    /// deletions come behind them. Ends at the first error of the sink, which is the inner result.
    pub fn export(
        &self,
        account: AccountId,
        table: TableId,
        deletions: bool,
        sink: &mut dyn FnMut(&Batch) -> io::Result<()>,
    ) -> Result<io::Result<()>, QueryError> {
        let rows = query::export(self.tables.of(table), &self.dictionaries, account, table, sink)?;
        if rows.is_err() || !deletions {
            return Ok(rows);
        }
        let Some(of_deletions) = table.table().deletions else { return Ok(rows) };
        let mut as_deletions = |batch: &Batch| sink(&query::deletions_as_rows(batch, table.table()));
        Ok(query::export(
            self.tables.of(of_deletions),
            &self.dictionaries,
            account,
            of_deletions,
            &mut as_deletions,
        )?)
    }
}
