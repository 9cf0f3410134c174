//! Rows: which of all parts, in order, a page or all of them.

use std::io;

use tallyhouse_model::{AccountId, Batch, Belongs, Filter, Range, RowsQuery, Table, TableId};

use super::filter::Conditions;
use super::merge::{Merge, PartRows};
use super::page::PageReader;
use super::select::{Looked, Wanted, select};
use crate::dictionary::Dictionaries;
use crate::part::PartView;
use crate::{QueryError, RowsAnswer, Stop};

/// Rows per chunk of an export: large enough for fast columns, small next to memory.
const EXPORT_ROWS: usize = 16_384;

/// The same of rows that own others, whose texts hold what those are made from.
const EXPORT_OWNERS: usize = 1_024;

/// Answers a page.
pub fn rows(
    views: &[PartView],
    dictionaries: &Dictionaries,
    query: &RowsQuery,
    stop: &Stop,
) -> Result<RowsAnswer, QueryError> {
    let table = query.table.table();
    let conditions = Conditions::new(&query.filters, table, query.account, dictionaries, stop)?;
    let mut looked = Looked::default();
    let wanted = Wanted::new(query.account, query.range, query.belongs, &conditions);
    let parts = matches(views, &wanted, &mut looked, stop)?;
    let total = parts.iter().map(|(_, rows)| rows.len() as u64).sum();
    let mut merge = Merge::new(views, &parts, query.offset, stop)?;
    let page = PageReader::new(views, table, query.account, dictionaries).read(&mut merge, query.limit)?;
    Ok(RowsAnswer { total, page, scanned: looked.scanned() })
}

/// Walks over all live rows of an account in chunks.
pub fn export(
    views: &[PartView],
    dictionaries: &Dictionaries,
    account: AccountId,
    table: TableId,
    stop: &Stop,
    sink: &mut dyn FnMut(&Batch) -> io::Result<()>,
) -> Result<io::Result<()>, QueryError> {
    let conditions = Conditions::new(&[], table.table(), account, dictionaries, stop)?;
    let wanted = Wanted::new(account, Range::ALL, Belongs::StartsIn, &conditions);
    let parts = matches(views, &wanted, &mut Looked::default(), stop)?;
    let mut merge = Merge::new(views, &parts, 0, stop)?;
    let reader = PageReader::new(views, table.table(), account, dictionaries);
    let chunk_rows = if table.table().owns.is_empty() { EXPORT_ROWS } else { EXPORT_OWNERS };
    loop {
        let chunk = reader.read(&mut merge, chunk_rows)?;
        if chunk.rows() == 0 {
            return Ok(Ok(()));
        }
        if let Err(error) = sink(&chunk) {
            return Ok(Err(error));
        }
    }
}

/// Whether an account has any row that meets the filters.
pub fn any(
    views: &[PartView],
    dictionaries: &Dictionaries,
    account: AccountId,
    table: &Table,
    filters: &[Filter],
    stop: &Stop,
) -> Result<bool, QueryError> {
    let conditions = Conditions::new(filters, table, account, dictionaries, stop)?;
    let wanted = Wanted::new(account, Range::ALL, Belongs::StartsIn, &conditions);
    for view in views {
        let mut selection = select(view, &wanted)?;
        while let Some(run) = selection.next_run(&mut Looked::default(), stop)? {
            if run.count(view) > 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The rows of every part that has any.
pub(super) fn matches(
    views: &[PartView],
    wanted: &Wanted<'_>,
    looked: &mut Looked,
    stop: &Stop,
) -> Result<Vec<(u32, PartRows)>, QueryError> {
    let mut parts = Vec::new();
    for (at, view) in views.iter().enumerate() {
        let mut selection = select(view, wanted)?;
        let mut runs = Vec::new();
        while let Some(run) = selection.next_run(looked, stop)? {
            runs.push(run);
        }
        let rows = PartRows::new(view, runs);
        if rows.len() > 0 {
            parts.push((at as u32, rows));
        }
    }
    Ok(parts)
}
